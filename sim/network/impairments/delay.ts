/**
 * netem's `delay TIME JITTER CORRELATION distribution D`: a sample of the distribution, scaled by the jitter,
 * around the latency; below zero it is zero.
 *
 * For `uniform` the jitter is the half width, [latency - jitter, latency + jitter]; for the others it is their
 * sigma. Without correlation every packet draws for itself; with it, the packets of one step of time share one
 * level (`CorrelatedLevel`). netem cuts its normal table at four sigma; here the normal tail goes on to 6.3.
 */
import { normal, pareto, paretonormal, uniformBetween } from '../../kernel/distributions.ts'
import { DRAW } from '../../kernel/draw-purposes.ts'
import { CorrelatedLevel } from './correlated-level.ts'
import type { Dice } from './dice.ts'
import type { PacketKey } from './packet-key.ts'
import { checkedStepUs, type Stepped } from './step.ts'

export const DELAY_DISTRIBUTIONS = ['uniform', 'normal', 'pareto', 'paretonormal'] as const
export type DelayDistribution = (typeof DELAY_DISTRIBUTIONS)[number]

export interface DelayOptions extends Stepped {
  /** One way. */
  readonly latencyUs: number
  readonly jitterUs?: number
  /** `uniform` unless given, as in netem. */
  readonly distribution?: DelayDistribution
  /** Of neighbouring steps, from 0 (default) to 0.999. */
  readonly correlation?: number
}

/** A packet takes less than this: an hour, more than any stated latency and its tail. */
const MAX_LATENCY_US = 3_600_000_000

export class Delay {
  readonly latencyUs: number
  readonly #dice: Dice
  readonly #jitterUs: number
  readonly #distribution: DelayDistribution
  readonly #stepUs: number
  readonly #level: CorrelatedLevel | null

  /** @throws RangeError for negative or fractional times and an impossible correlation */
  constructor(dice: Dice, options: DelayOptions) {
    const { latencyUs, jitterUs = 0, distribution = 'uniform', correlation = 0 } = options
    for (const [name, value] of [['latencyUs', latencyUs], ['jitterUs', jitterUs]] as const) {
      if (!(value >= 0 && value <= MAX_LATENCY_US) || !Number.isInteger(value)) {
        throw new RangeError(`${name} must be a whole number of microseconds from 0 to ${MAX_LATENCY_US}, got ${value}`)
      }
    }
    this.latencyUs = latencyUs
    this.#dice = dice
    this.#jitterUs = jitterUs
    this.#distribution = distribution
    this.#stepUs = checkedStepUs(options)
    this.#level = correlation === 0 ? null : new CorrelatedLevel(dice, DRAW.delayLevel, correlation)
  }

  /** @param purpose `DRAW.packetDelay`, or `DRAW.copyDelay` for the copy of a packet, which travels on its own */
  sampleUs(nowUs: number, key: PacketKey, purpose: number): number {
    if (this.#jitterUs === 0) return this.latencyUs
    const draw = this.#level?.at(Math.floor(nowUs / this.#stepUs)) ?? this.#dice.ofPacket(purpose, key)
    return Math.max(0, sample(this.#distribution, draw, this.latencyUs, this.#jitterUs))
  }
}

function sample(distribution: DelayDistribution, draw: number, latencyUs: number, jitterUs: number): number {
  switch (distribution) {
    case 'uniform': return uniformBetween(draw, latencyUs - jitterUs, latencyUs + jitterUs)
    case 'normal': return normal(draw, latencyUs, jitterUs)
    case 'pareto': return pareto(draw, latencyUs, jitterUs)
    case 'paretonormal': return paretonormal(draw, latencyUs, jitterUs)
  }
}
