/**
 * What transport `datagram` adds to the bounds of a run: nothing below a strategy repeats what is lost, so news
 * comes as late as the strategy's own repetitions, which the contract paces, make it.
 *
 * Likelihood, as over TCP: as many repetitions as make it less than one in a million that all of them were lost, for the question
 * or for its answer. Bursts of loss are taken at their average; a channel that loses its consent by chance is not
 * known to the other end for as long as consent lasts.
 */
import { CONSENT_CHECK_US, CONSENT_EXPIRY_US, DIAL_TIMEOUT_US, REPEAT_PROMISE_US } from '../network/datagram/datagram-times.ts'
import { FAULT_TRAITS } from '../scenario/fault-traits.ts'
import type { LinkDescription } from '../scenario/link-plan.ts'
import { networksOf, type Plan } from '../scenario/plan.ts'

export interface DatagramCosts {
  /** On top of the bound on staleness. */
  readonly newsUs: number
  /** On top of the horizon. */
  readonly healUs: number
}

/** From one host to the server, and from there to the next. */
const HOPS = 2
const UNLIKELY = 1e-6
/** A link that loses everything is no link; the sum stays finite. */
const REPETITIONS_MAX = 1_000

export function datagramCosts(plan: Plan, backoffUs: number): DatagramCosts {
  if (plan.transport !== 'datagram') return { newsUs: 0, healUs: 0 }
  const repetitions = Math.max(...networksOf(plan).map((link) => repetitionsFor((1 - lossOf(link.up)) * (1 - lossOf(link.down)))))
  const isRough = repetitions > 1 || plan.faults.some(({ type }) => FAULT_TRAITS[type].cutsPackets)
  const newsUs = HOPS * repetitions * REPEAT_PROMISE_US + (isRough ? CONSENT_EXPIRY_US + CONSENT_CHECK_US : 0)
  // A dial that fails, one that succeeds late, and what is then to be told.
  return { newsUs, healUs: CONSENT_EXPIRY_US + CONSENT_CHECK_US + 2 * (DIAL_TIMEOUT_US + backoffUs) + newsUs }
}

function repetitionsFor(arrives: number): number {
  let repetitions = 1
  for (let missing = 1 - arrives; missing > UNLIKELY && repetitions < REPETITIONS_MAX; repetitions++) missing *= 1 - arrives
  return repetitions
}

/** The share of packets that a direction loses, by and large. */
function lossOf({ loss, corrupt }: LinkDescription): number {
  return Math.min(1, (corrupt?.probability ?? 0) + (loss === undefined ? 0 : averageLoss(loss)))
}

function averageLoss(loss: NonNullable<LinkDescription['loss']>): number {
  switch (loss.model) {
    case 'random': return loss.probability
    case 'gilbert-elliott': {
      const { p, r, lossInBad = 1, lossInGood = 0 } = loss
      return p + r === 0 ? lossInGood : (p * lossInBad + r * lossInGood) / (p + r)
    }
    // A burst is taken as lost whole.
    case 'four-state': return loss.p13 + loss.p31 === 0 ? loss.p14 : Math.min(1, loss.p14 + loss.p13 / (loss.p13 + loss.p31))
  }
}
