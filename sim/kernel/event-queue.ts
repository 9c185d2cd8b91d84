/**
 * The event queue: a hierarchical timing wheel over integer microseconds (Varghese and Lauck, "Hashed and
 * hierarchical timing wheels", SOSP 1987), with O(1) schedule and cancel and exact FIFO among equal times.
 *
 * A time has 53 bits. Three near levels of 1,024 slots read its low 30 bits (17.9 minutes), ten bits each;
 * three far levels of the same kind read the high 23 bits and hold what is due after the current 30-bit
 * epoch, promoting it as its epoch comes. One rule places every event: it lies at the level of the highest
 * ten-bit group in which its time differs from the cursor, in the slot of that group's value.
 *
 * FIFO follows from that rule: at any moment all events of one time lie in one slot, in the order in which
 * they were scheduled. When the cursor enters a slot, all lower levels are empty and the slot's list is
 * dealt out from its head, so a cascade keeps the order; and an event scheduled later finds the earlier
 * ones already there. No sequence numbers are needed or kept.
 *
 * The cursor never passes an event, nor the limit given to `take`, so anything at or after both can be
 * scheduled at any time, also from inside the event being handled.
 */
import { NEXT, NodePool, PREVIOUS, TIME_LOW } from './node-pool.ts'
import type { EventRun } from './node-pool.ts'
import { SLOT_BITS, SLOT_MASK, SLOTS_PER_LEVEL, SlotBitmap } from './slot-bitmap.ts'

export type { EventRun } from './node-pool.ts'

/** Names a scheduled event; never 0. Stale once the event was handled or cancelled. */
export type Timer = number

const LEVELS = 6
const NEAR_LEVELS = 3
const EPOCH_BITS = NEAR_LEVELS * SLOT_BITS
const EPOCH_US = 1 << EPOCH_BITS

export class EventQueue {
  readonly #pool = new NodePool(LEVELS * SLOTS_PER_LEVEL)
  readonly #occupied = new SlotBitmap(LEVELS)
  #pending = 0
  /** The cursor: epoch (high 23 bits), the epoch's start, and the position inside the epoch (low 30 bits). */
  #epoch = 0
  #epochUs = 0
  #low = 0

  get pending(): number { return this.#pending }

  /** The cursor: the time of the event that `take` returned last, or a time between it and the next one. */
  get cursorUs(): number { return this.#epochUs + this.#low }

  /** @param atUs a safe integer, not before the cursor (checked by the kernel) */
  schedule(atUs: number, run: EventRun): Timer {
    const pool = this.#pool
    const node = pool.take(run)
    this.#pending++
    let low = atUs - this.#epochUs
    if (low < EPOCH_US) {
      pool.words[node + TIME_LOW] = low
      this.#append(node, this.#nearSlot(low))
    } else {
      const epoch = Math.floor(atUs / EPOCH_US)
      low = atUs - epoch * EPOCH_US
      pool.words[node + TIME_LOW] = low
      pool.high[node >> 2] = epoch
      this.#append(node, this.#farSlot(epoch))
    }
    return pool.handleOf(node)
  }

  /** True if the event was pending and now never happens. */
  cancel(timer: Timer): boolean {
    const node = this.#pool.nodeOf(timer)
    if (node === 0) return false
    this.#unlink(node)
    this.#pool.release(node)
    this.#pending--
    return true
  }

  /** Takes the first event if it is due at or before `limitUs`; the cursor is then its time. */
  take(limitUs: number): EventRun | null {
    const { words } = this.#pool
    for (;;) {
      let slot = this.#occupied.first(0)
      if (slot >= 0) return this.#takeAt(words[(slot << 2) + NEXT], (this.#low & ~SLOT_MASK) | slot, limitUs)
      slot = this.#occupied.first(1)
      if (slot >= 0) {
        const node = words[((SLOTS_PER_LEVEL | slot) << 2) + NEXT]
        // Alone in the first occupied slot: no need to deal it out, it is next.
        if (words[node + NEXT] === words[node + PREVIOUS]) return this.#takeAt(node, words[node + TIME_LOW], limitUs)
      }
      if (!this.#descend(limitUs)) return null
    }
  }

  #takeAt(node: number, low: number, limitUs: number): EventRun | null {
    if (this.#epochUs + low > limitUs) return null
    this.#low = low
    return this.#remove(node)
  }

  /** Moves the cursor into the next occupied slot above level 0 and deals out its events. */
  #descend(limitUs: number): boolean {
    for (let level = 1; level < NEAR_LEVELS; level++) {
      const slot = this.#occupied.first(level)
      if (slot < 0) continue
      const shift = level * SLOT_BITS
      const low = (((this.#low >> (shift + SLOT_BITS)) << SLOT_BITS) | slot) << shift
      if (this.#epochUs + low > limitUs) return false
      this.#low = low
      this.#dealNear((level << SLOT_BITS) | slot)
      return true
    }
    for (let level = NEAR_LEVELS; level < LEVELS; level++) {
      const slot = this.#occupied.first(level)
      if (slot < 0) continue
      const shift = (level - NEAR_LEVELS) * SLOT_BITS
      const epoch = (((this.#epoch >> (shift + SLOT_BITS)) << SLOT_BITS) | slot) << shift
      if (epoch * EPOCH_US > limitUs) return false
      this.#epoch = epoch
      this.#epochUs = epoch * EPOCH_US
      this.#low = 0
      this.#dealFar((level << SLOT_BITS) | slot)
      return true
    }
    return false
  }

  #dealNear(slot: number): void {
    const words = this.#pool.words
    const head = slot << 2
    let node = words[head + NEXT]
    this.#empty(slot)
    while (node !== head) {
      const next = words[node + NEXT]
      this.#append(node, this.#nearSlot(words[node + TIME_LOW]))
      node = next
    }
  }

  #dealFar(slot: number): void {
    const { words, high } = this.#pool
    const head = slot << 2
    let node = words[head + NEXT]
    this.#empty(slot)
    while (node !== head) {
      const next = words[node + NEXT]
      const epoch = high[node >> 2]
      const isNear = epoch === this.#epoch
      this.#append(node, isNear ? this.#nearSlot(words[node + TIME_LOW]) : this.#farSlot(epoch))
      node = next
    }
  }

  #nearSlot(low: number): number {
    const differs = low ^ this.#low
    if (differs < SLOTS_PER_LEVEL) return low & SLOT_MASK
    if (differs < 1 << (2 * SLOT_BITS)) return SLOTS_PER_LEVEL | ((low >> SLOT_BITS) & SLOT_MASK)
    return (2 * SLOTS_PER_LEVEL) | (low >> (2 * SLOT_BITS))
  }

  #farSlot(epoch: number): number {
    const differs = epoch ^ this.#epoch
    if (differs < SLOTS_PER_LEVEL) return (3 * SLOTS_PER_LEVEL) | (epoch & SLOT_MASK)
    if (differs < 1 << (2 * SLOT_BITS)) return (4 * SLOTS_PER_LEVEL) | ((epoch >> SLOT_BITS) & SLOT_MASK)
    return (5 * SLOTS_PER_LEVEL) | (epoch >> (2 * SLOT_BITS))
  }

  #append(node: number, slot: number): void {
    const words = this.#pool.words
    const head = slot << 2
    const last = words[head + PREVIOUS]
    words[node + NEXT] = head
    words[node + PREVIOUS] = last
    words[last + NEXT] = node
    words[head + PREVIOUS] = node
    if (last === head) this.#occupied.set(slot)
  }

  #unlink(node: number): void {
    const words = this.#pool.words
    const next = words[node + NEXT]
    const previous = words[node + PREVIOUS]
    words[previous + NEXT] = next
    words[next + PREVIOUS] = previous
    // Only the list's head is left, and its offset says which slot it is.
    if (next === previous) this.#occupied.clear(next >> 2)
  }

  #empty(slot: number): void {
    const words = this.#pool.words
    const head = slot << 2
    words[head + NEXT] = head
    words[head + PREVIOUS] = head
    this.#occupied.clear(slot)
  }

  #remove(node: number): EventRun {
    this.#unlink(node)
    this.#pending--
    return this.#pool.release(node)
  }
}
