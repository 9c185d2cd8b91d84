/**
 * netem's `reorder PERCENT CORRELATION gap N`: some packets skip the delay and so overtake those before them.
 *
 * netem counts packets: after N - 1 delayed ones each packet may skip, with the stated probability, until one
 * does. A count of all packets so far would let one packet less change every later fate (D4), so here the count
 * starts anew in each 10 ms slot, at a place drawn for the slot: every Nth packet of a slot may skip. The
 * probability is adjusted so that the long-run share stays netem's, 1 / (N - 1 + 1 / probability).
 */
import { DRAW } from '../../kernel/draw-purposes.ts'
import { Chance, type ChanceOptions } from './chance.ts'
import type { Dice } from './dice.ts'
import { scaledBelow } from '../../kernel/keyed-random.ts'
import type { PacketKey } from './packet-key.ts'

export interface ReorderOptions extends ChanceOptions {
  /** Every packet unless given. */
  readonly gap?: number
}

export class Reorder {
  readonly #dice: Dice
  readonly #gap: number
  readonly #chance: Chance

  /** @throws RangeError for what is no probability or correlation, or a gap that is no whole number from 1 on */
  constructor(dice: Dice, options: ReorderOptions) {
    const { gap = 1, probability } = options
    if (!(gap >= 1) || !Number.isSafeInteger(gap)) throw new RangeError(`gap must be a whole number of packets, at least 1, got ${gap}`)
    this.#dice = dice
    this.#gap = gap
    const purposes = { packet: DRAW.reorder, state: DRAW.reorderState }
    const ofTurn = probability === 0 ? 0 : gap / (gap - 1 + 1 / probability)
    // A probability that is none goes through as it is, to be refused by name.
    const isProbability = probability >= 0 && probability <= 1
    this.#chance = new Chance(dice, 'reorder', purposes, { ...options, probability: isProbability ? ofTurn : probability })
  }

  skipsDelay(nowUs: number, key: PacketKey): boolean {
    if (this.#gap > 1) {
      const turn = scaledBelow(this.#dice.ofStep(DRAW.reorderTurn, key.slot), this.#gap)
      if (key.ordinal % this.#gap !== turn) return false
    }
    return this.#chance.happens(nowUs, key)
  }
}
