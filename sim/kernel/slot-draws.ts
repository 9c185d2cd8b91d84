/**
 * Per-message draws for one thing (a link's direction, a worker, a way through the bus), keyed by 10 ms slot
 * and ordinal in the slot (D4): what happens in one slot never moves the draws of another.
 */
import type { Kernel } from './kernel.ts'
import type { KeyedRandom } from './keyed-random.ts'

const SLOT_US = 10_000

export class SlotDraws {
  #slot = -1
  #ordinal = 0
  readonly #kernel: Kernel
  readonly #random: KeyedRandom
  readonly #purpose: number
  readonly #entity: number

  constructor(kernel: Kernel, random: KeyedRandom, purpose: number, entity: number) {
    this.#kernel = kernel
    this.#random = random
    this.#purpose = purpose
    this.#entity = entity
  }

  /** A uniform integer in [min, max]. */
  between(min: number, max: number): number {
    const slot = Math.floor(this.#kernel.nowUs / SLOT_US)
    if (slot !== this.#slot) {
      this.#slot = slot
      this.#ordinal = 0
    }
    const ordinal = this.#ordinal++
    return min === max ? min : min + this.#random.below(max - min + 1, this.#purpose, this.#entity, slot, ordinal)
  }
}
