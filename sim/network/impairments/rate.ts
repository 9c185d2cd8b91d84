/**
 * A bottleneck of constant rate: packets pass one after another, each for its size divided by the rate.
 *
 * Everything sent in the direction shares it. Times come out in whole microseconds, rounded up, but the
 * remainder is carried while the link is busy, so that the rate is exact however small the packets. Bytes below
 * the packet (cells, link-layer framing) are the sender's to count; netem's overhead parameters are left out.
 */

/** When a packet's bytes start to go, and when the last one has gone. */
export interface Transmission {
  readonly startUs: number
  readonly endUs: number
}

/** Something with a capacity that serves packets in order. */
export interface Bottleneck {
  /** Takes the next packet, which comes now; the caller has made sure that there is room to wait. */
  transmit(nowUs: number, sizeBytes: number): Transmission
}

const US_PER_SECOND = 1_000_000
const MAX_KBPS = 1_000_000_000

export class ConstantRate implements Bottleneck {
  readonly #bitsPerSecond: number
  /** Busy until `#freeUs` and `#remainder / #bitsPerSecond` microseconds. */
  #freeUs = 0
  #remainder = 0

  /** @throws RangeError unless the rate is from 0.001 kbit/s to 1 Tbit/s */
  constructor(rateKbps: number) {
    if (!(rateKbps >= 0.001 && rateKbps <= MAX_KBPS)) throw new RangeError(`rateKbps must be from 0.001 to ${MAX_KBPS}, got ${rateKbps}`)
    this.#bitsPerSecond = Math.floor(rateKbps * 1000 + 0.5)
  }

  transmit(nowUs: number, sizeBytes: number): Transmission {
    if (this.#freeUs < nowUs) {
      this.#freeUs = nowUs
      this.#remainder = 0
    }
    const startUs = this.#freeUs
    const work = sizeBytes * 8 * US_PER_SECOND + this.#remainder
    const wholeUs = Math.floor(work / this.#bitsPerSecond)
    this.#remainder = work - wholeUs * this.#bitsPerSecond
    this.#freeUs += wholeUs
    return { startUs, endUs: this.#freeUs + (this.#remainder > 0 ? 1 : 0) }
  }
}
