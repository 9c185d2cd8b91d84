/**
 * The receiver's positions: what has arrived in order, and the ranges beyond a hole, most recently touched
 * first, which is the order in which SACK reports them (RFC 2018 section 4). There are few of them, so a
 * plain list serves. Left out: dropping out-of-order data when memory is short (reneging).
 */

/** RFC 2018 section 3: with timestamps three blocks fit. */
const SACK_BLOCKS_MAX = 3

export type Arrival = 'in-order' | 'fills-hole' | 'out-of-order' | 'duplicate'

export class Reassembly {
  #next = 0
  /** Flat pairs of start and end. */
  #ranges: number[] = []

  /** The first position that has not arrived. */
  get next(): number { return this.#next }
  get hasHoles(): boolean { return this.#ranges.length > 0 }

  /** Takes a range of positions; `fills-hole` says that ranges behind it were waiting. */
  take(start: number, end: number): Arrival {
    if (end <= this.#next) return 'duplicate'
    if (start > this.#next) return this.#keep(start, end)
    this.#next = end
    if (this.#ranges.length === 0) return 'in-order'
    this.#absorb()
    return 'fills-hole'
  }

  /** What a segment reports: null without holes. */
  sacks(): readonly number[] | null {
    return this.#ranges.length === 0 ? null : this.#ranges.slice(0, 2 * SACK_BLOCKS_MAX)
  }

  #keep(start: number, end: number): Arrival {
    const kept: number[] = [start, end]
    for (let at = 0; at < this.#ranges.length; at += 2) {
      const from = this.#ranges[at]
      const to = this.#ranges[at + 1]
      if (from <= start && end <= to) return 'duplicate'
      if (to < start || end < from) {
        kept.push(from, to)
      } else {
        kept[0] = Math.min(kept[0], from)
        kept[1] = Math.max(kept[1], to)
      }
    }
    this.#ranges = kept
    return 'out-of-order'
  }

  #absorb(): void {
    // Ranges never touch one another, so at most one begins at or before the new end for each pass.
    for (let at = 0; at < this.#ranges.length;) {
      if (this.#ranges[at] > this.#next) {
        at += 2
        continue
      }
      this.#next = Math.max(this.#next, this.#ranges[at + 1])
      this.#ranges.splice(at, 2)
      at = 0
    }
  }
}
