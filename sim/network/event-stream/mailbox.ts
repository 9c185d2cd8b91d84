/**
 * The log of what a server sends into a stream: entries under rising numbers. What has not left yet waits here as
 * long as the stream lives; of what has left, the newest are kept for whoever comes back without them (A09).
 *
 * The window counts only what has left: otherwise a burst larger than it would end every stream that is polled,
 * and the next one with it, since the stack sends again what was lost.
 */
import type { Entry, EntryContent } from './entry.ts'

export class Mailbox {
  #kept: Entry[] = []
  #last = 0
  #sent = 0
  readonly #window: number

  /** @param window how many entries are kept that have left */
  constructor(window: number) { this.#window = window }

  append(content: EntryContent): Entry {
    const entry = { ...content, number: ++this.#last }
    this.#kept.push(entry)
    return entry
  }

  /** Everything up to `number` has left, for the first time or again. */
  sent(number: number): void {
    this.#sent = Math.max(this.#sent, number)
    const first = this.#kept.findIndex((entry) => entry.number > this.#sent - this.#window)
    if (first !== 0) this.#kept.splice(0, first < 0 ? this.#kept.length : first)
  }

  /** Everything behind `number`, oldest first; null if something of it is no longer kept, or never was there. */
  after(number: number): readonly Entry[] | null {
    const missing = this.#last - number
    if (missing < 0 || missing > this.#kept.length) return null
    return missing === 0 ? [] : this.#kept.slice(-missing)
  }
}
