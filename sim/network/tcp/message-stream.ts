/**
 * One direction's bytes: messages end to end, each a range of positions. A message is whole at the receiver
 * when everything up to its last byte has arrived in order; several share a segment only if they wait in
 * the buffer together (TCP_NODELAY, as browsers and the `ws` package set it: no Nagle).
 *
 * The receiver reads the boundaries here instead of parsing frame headers; the positions are the same.
 */

interface Written<M> {
  readonly message: M
  readonly sizeBytes: number
  readonly end: number
}

/** Delivered messages are dropped in batches of this size, so that dropping costs O(1) each. */
const BATCH = 256

export class MessageStream<M> {
  #messages: Written<M>[] = []
  #head = 0
  #end = 0

  /** The position after the last byte written. */
  get end(): number { return this.#end }

  /** @param wireBytes the bytes the message takes in the stream @param sizeBytes what its writer calls its size */
  write(message: M, sizeBytes: number, wireBytes: number): void {
    this.#end += wireBytes
    this.#messages.push({ message, sizeBytes, end: this.#end })
  }

  /** The next message that is whole when all before `position` has arrived, removed; undefined if none is. */
  take(position: number): Written<M> | undefined {
    const next = this.#messages.at(this.#head)
    if (this.#head === this.#messages.length || next === undefined || next.end > position) return undefined
    this.#head++
    if (this.#head === BATCH) {
      this.#messages = this.#messages.slice(BATCH)
      this.#head = 0
    }
    return next
  }
}
