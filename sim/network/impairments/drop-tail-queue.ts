/**
 * The queue in front of a bottleneck: first in, first out, and full means the newcomer is dropped.
 *
 * It holds packets that wait; the one being transmitted has left it. Since transmission is in order and its
 * times are known at entry, the queue needs no events: it forgets on the next look whatever has started since.
 * Active queue management (CoDel and its kin) is not modelled.
 */
export interface QueueLimit {
  readonly maxPackets?: number
  readonly maxBytes?: number
}

/** Below this, a byte limit would let no full packet through. */
const MIN_BYTES = 1500
const COMPACT_AT = 1024

export class DropTailQueue {
  readonly #maxPackets: number
  readonly #maxBytes: number
  readonly #startsUs: number[] = []
  readonly #sizes: number[] = []
  #head = 0
  #waitingBytes = 0

  /** @throws RangeError for a limit under one packet */
  constructor({ maxPackets = Infinity, maxBytes = Infinity }: QueueLimit) {
    if (!(maxPackets >= 1)) throw new RangeError(`maxPackets must be at least 1, got ${maxPackets}`)
    if (!(maxBytes >= MIN_BYTES)) throw new RangeError(`maxBytes must be at least ${MIN_BYTES}, one packet, got ${maxBytes}`)
    this.#maxPackets = maxPackets
    this.#maxBytes = maxBytes
  }

  /** Whether one more packet of this size fits now. */
  hasRoom(nowUs: number, sizeBytes: number): boolean {
    this.#forgetStarted(nowUs)
    return this.#startsUs.length - this.#head < this.#maxPackets && this.#waitingBytes + sizeBytes <= this.#maxBytes
  }

  /** A packet that leaves the queue for transmission at `startUs`; not before those pushed earlier. */
  push(startUs: number, sizeBytes: number): void {
    this.#startsUs.push(startUs)
    this.#sizes.push(sizeBytes)
    this.#waitingBytes += sizeBytes
  }

  #forgetStarted(nowUs: number): void {
    while (this.#head < this.#startsUs.length && this.#startsUs[this.#head] <= nowUs) {
      this.#waitingBytes -= this.#sizes[this.#head]
      this.#head++
    }
    if (this.#head > COMPACT_AT && this.#head * 2 > this.#startsUs.length) {
      this.#startsUs.splice(0, this.#head)
      this.#sizes.splice(0, this.#head)
      this.#head = 0
    }
  }
}
