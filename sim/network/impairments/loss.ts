/**
 * netem's three models of loss: `random`, `gemodel` (Gilbert-Elliott) and `state` (four states).
 *
 * Both chains are those of net/sched/sch_netem.c, after Salsano, Ludovici and Ordine, "Definition of a general
 * and intuitive loss model for packet networks and its implementation in the Netem module", 2009. They advance
 * per step of time, not per packet (`step.ts`): that keeps bursts where they are when a packet is taken out,
 * and makes a burst last in time, as an outage does. netem lets the state before a transition decide a
 * Gilbert-Elliott packet, here the state after it does: the same process, one step earlier.
 */
import { DRAW } from '../../kernel/draw-purposes.ts'
import { Chance, type ChanceOptions } from './chance.ts'
import { type Dice, threshold } from './dice.ts'
import { MarkovChain } from './markov-chain.ts'
import type { PacketKey } from './packet-key.ts'
import { checkedStepUs, type Stepped } from './step.ts'

export interface RandomLoss extends ChanceOptions {
  readonly model: 'random'
}

/** Share of bad steps p / (p + r), mean run of bad steps 1 / r, loss (p lossInBad + r lossInGood) / (p + r). */
export interface GilbertElliottLoss extends Stepped {
  readonly model: 'gilbert-elliott'
  /** Good to bad, per step. */
  readonly p: number
  /** Bad to good, per step. */
  readonly r: number
  /** netem's `1-h`; 1 unless given. */
  readonly lossInBad?: number
  /** netem's `1-k`; 0 unless given. */
  readonly lossInGood?: number
}

/** States: 1 received in a gap, 2 received in a burst, 3 lost in a burst, 4 lost alone in a gap. */
export interface FourStateLoss extends Stepped {
  readonly model: 'four-state'
  readonly p13: number
  readonly p31: number
  readonly p32: number
  readonly p23: number
  readonly p14: number
}

export type LossOptions = RandomLoss | GilbertElliottLoss | FourStateLoss

export interface Loss {
  takes(nowUs: number, key: PacketKey): boolean
}

/** @throws RangeError for what is no probability, and for exits of one state that add up to more than 1 */
export function makeLoss(dice: Dice, options: LossOptions): Loss {
  switch (options.model) {
    case 'random': return randomLoss(dice, options)
    case 'gilbert-elliott': return gilbertElliott(dice, options)
    case 'four-state': return fourState(dice, options)
  }
}

function randomLoss(dice: Dice, options: RandomLoss): Loss {
  const chance = new Chance(dice, 'loss', { packet: DRAW.loss, state: DRAW.lossState }, options)
  return { takes: (nowUs, key) => chance.happens(nowUs, key) }
}

function gilbertElliott(dice: Dice, options: GilbertElliottLoss): Loss {
  const stepUs = checkedStepUs(options)
  const begins = threshold('p', options.p)
  const lasts = threshold('1 - r', 1 - checked('r', options.r))
  const inGood = threshold('lossInGood', options.lossInGood ?? 0)
  const inBad = threshold('lossInBad', options.lossInBad ?? 1)
  const chain = new MarkovChain(dice, DRAW.lossState, 2, (state, draw) => draw < (state === 1 ? lasts : begins) ? 1 : 0)
  return {
    takes: (nowUs, key) => {
      const below = chain.stateAt(Math.floor(nowUs / stepUs)) === 1 ? inBad : inGood
      return dice.ofPacket(DRAW.loss, key) < below
    },
  }
}

const RECEIVED_IN_GAP = 0
const RECEIVED_IN_BURST = 1
const LOST_IN_BURST = 2
const LOST_IN_GAP = 3

function fourState(dice: Dice, options: FourStateLoss): Loss {
  const stepUs = checkedStepUs(options)
  const p14 = threshold('p14', options.p14)
  const p14or13 = threshold('p14 + p13', options.p14 + checked('p13', options.p13))
  const p23 = threshold('p23', options.p23)
  const p32 = threshold('p32', options.p32)
  const p32or31 = threshold('p32 + p31', options.p32 + checked('p31', options.p31))
  const chain = new MarkovChain(dice, DRAW.lossState, 4, (state, draw) => {
    if (state === RECEIVED_IN_GAP) return draw < p14 ? LOST_IN_GAP : draw < p14or13 ? LOST_IN_BURST : RECEIVED_IN_GAP
    if (state === RECEIVED_IN_BURST) return draw < p23 ? LOST_IN_BURST : RECEIVED_IN_BURST
    if (state === LOST_IN_BURST) return draw < p32 ? RECEIVED_IN_BURST : draw < p32or31 ? RECEIVED_IN_GAP : LOST_IN_BURST
    return RECEIVED_IN_GAP // a loss in a gap is always a single one
  })
  return { takes: (nowUs) => chain.stateAt(Math.floor(nowUs / stepUs)) >= LOST_IN_BURST }
}

function checked(name: string, probability: number): number {
  threshold(name, probability)
  return probability
}
