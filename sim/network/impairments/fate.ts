/**
 * What the weather decides about one packet, and how a caller overrules it.
 *
 * Every decision is a function of (seed, link, virtual time of entry, the packet's key): no other packet has a
 * say. Queues and partitions are not weather: they follow from the traffic and from the plan, also for a packet
 * whose fate is overridden.
 */
import { DRAW } from '../../kernel/draw-purposes.ts'
import type { KeyedRandom } from '../../kernel/keyed-random.ts'
import type { Chance, ChanceOptions } from './chance.ts'
import { makeCorruption } from './corrupt.ts'
import { Delay, type DelayOptions } from './delay.ts'
import { Dice } from './dice.ts'
import { makeDuplication } from './duplicate.ts'
import { type Loss, type LossOptions, makeLoss } from './loss.ts'
import type { PacketKey } from './packet-key.ts'
import { Reorder, type ReorderOptions } from './reorder.ts'

export interface Impairments {
  readonly delay: DelayOptions
  readonly loss?: LossOptions
  readonly duplicate?: ChanceOptions
  readonly corrupt?: ChanceOptions
  readonly reorder?: ReorderOptions
}

/** What was drawn for a packet. */
export interface DrawnFate {
  readonly lostBy: 'loss' | 'corrupt' | null
  /** One way, after the bottleneck. */
  readonly delayUs: number
  readonly isReordered: boolean
  /** Delay of the packet's copy; null where there is none. */
  readonly copyDelayUs: number | null
}

/**
 * What an override makes of a packet: lost; delivered at the link's plain latency, as if it had no weather; or
 * delayed by so much. An overridden packet is neither copied, corrupted nor reordered.
 */
export type Fate =
  | { readonly fate: 'lost' }
  | { readonly fate: 'delivered' }
  | { readonly fate: 'delayed'; readonly delayUs: number }

/** Asked for every packet with its id and what was drawn; `undefined` leaves it at that. */
export type FateOverride = (fateId: string, drawn: DrawnFate) => Fate | undefined

export class LinkWeather {
  readonly #delay: Delay
  readonly #loss: Loss | null
  readonly #corrupt: Chance | null
  readonly #duplicate: Chance | null
  readonly #reorder: Reorder | null

  /**
   * @param link a number of its own for each direction of each link
   * @throws RangeError for impossible numbers
   */
  constructor(random: KeyedRandom, link: number, { delay, loss, duplicate, corrupt, reorder }: Impairments) {
    const dice = new Dice(random, link)
    this.#delay = new Delay(dice, delay)
    this.#loss = loss === undefined ? null : makeLoss(dice, loss)
    this.#corrupt = corrupt === undefined ? null : makeCorruption(dice, corrupt)
    this.#duplicate = duplicate === undefined ? null : makeDuplication(dice, duplicate)
    this.#reorder = reorder === undefined ? null : new Reorder(dice, reorder)
  }

  /** The fate of the packet with this key that enters now. */
  draw(nowUs: number, key: PacketKey): DrawnFate {
    const isLost = this.#loss?.takes(nowUs, key) ?? false
    const isCorrupt = !isLost && (this.#corrupt?.happens(nowUs, key) ?? false)
    const isReordered = this.#reorder?.skipsDelay(nowUs, key) ?? false
    const isCopied = this.#duplicate?.happens(nowUs, key) ?? false
    return {
      lostBy: isLost ? 'loss' : isCorrupt ? 'corrupt' : null,
      delayUs: isReordered ? 0 : this.#delay.sampleUs(nowUs, key, DRAW.packetDelay),
      isReordered,
      copyDelayUs: isCopied ? this.#delay.sampleUs(nowUs, key, DRAW.copyDelay) : null,
    }
  }

  /** @throws RangeError for a delay that is no whole number of microseconds from 0 on */
  overridden(fate: Fate): DrawnFate {
    switch (fate.fate) {
      case 'lost': return { lostBy: 'loss', delayUs: 0, isReordered: false, copyDelayUs: null }
      case 'delivered': return { lostBy: null, delayUs: this.#delay.latencyUs, isReordered: false, copyDelayUs: null }
      case 'delayed':
        if (!(fate.delayUs >= 0) || !Number.isSafeInteger(fate.delayUs)) throw new RangeError(`delayUs must be a whole number of microseconds, got ${fate.delayUs}`)
        return { lostBy: null, delayUs: fate.delayUs, isReordered: false, copyDelayUs: null }
    }
  }
}
