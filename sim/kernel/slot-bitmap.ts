/**
 * Which slots of a timing wheel are occupied: per level 1,024 bits and a 32-bit summary of them, so that the
 * first occupied slot of a level is found in two steps.
 */

/** Slots of one level: 32 words of 32 bits, which one summary word covers exactly. */
export const SLOT_BITS = 10
export const SLOTS_PER_LEVEL = 1 << SLOT_BITS
export const SLOT_MASK = SLOTS_PER_LEVEL - 1

export class SlotBitmap {
  readonly #words: Int32Array
  readonly #summaries: Int32Array

  constructor(levels: number) {
    this.#words = new Int32Array(levels * 32)
    this.#summaries = new Int32Array(levels)
  }

  /** @param slot number across all levels: level x 1,024 + slot of the level */
  set(slot: number): void {
    const word = slot >> 5
    this.#words[word] |= 1 << slot
    ;this.#summaries[slot >> SLOT_BITS] |= 1 << word
  }

  clear(slot: number): void {
    const word = slot >> 5
    const left = this.#words[word] & ~(1 << slot)
    this.#words[word] = left
    if (left === 0) this.#summaries[slot >> SLOT_BITS] &= ~(1 << word)
  }

  /** The first occupied slot of a level (0 .. 1,023), or -1. */
  first(level: number): number {
    const summary = this.#summaries[level]
    if (summary === 0) return -1
    const word = 31 - Math.clz32(summary & -summary)
    const bits = this.#words[(level << 5) + word]
    return (word << 5) + 31 - Math.clz32(bits & -bits)
  }
}
