/**
 * When a receiver acknowledges data on its own, without data to carry it: Linux's rules (RFC 1122 section
 * 4.2.3.2 allows 500 ms and every second full segment).
 *
 * At once: more than one full segment unacknowledged; the first 16 segments, and 16 more after a pause (quick
 * acknowledgements); and a write's last segment when the program has read it, unless the connection is
 * interactive, that is, has answered within the delay (then the acknowledgement is expected to ride on the
 * answer). Else after 40 ms, or longer by what the gaps between segments say. An interactive connection
 * whose answer does not come in time is no longer one. Left out: TCP_QUICKACK, compressed SACKs.
 */

/** Linux TCP_ATO_MIN (HZ / 25). */
const DELAY_MIN_US = 40_000
/** Linux TCP_DELACK_MAX. */
const DELAY_MAX_US = 200_000
/** Linux TCP_MAX_QUICKACKS. */
const QUICK_MAX = 16
/** Linux TCP_MSS_DEFAULT: what a full segment is taken to be until a larger one has come. */
const FULL_SEGMENT_INITIAL_BYTES = 536

export class DelayedAck {
  #quick = 0
  #delayUs = 0
  #isInteractive = false
  #lastReceivedUs = 0
  #fullSegmentBytes = FULL_SEGMENT_INITIAL_BYTES
  /** Ends of writes received and not acknowledged, up to two. */
  #pushed = 0

  /** Notes a segment with data. */
  received(nowUs: number, rtoUs: number, sizeBytes: number, isPushed: boolean): void {
    if (sizeBytes > this.#fullSegmentBytes) this.#fullSegmentBytes = sizeBytes
    if (isPushed) this.#pushed = sizeBytes < this.#fullSegmentBytes ? Math.min(this.#pushed + 1, 2) : Math.max(this.#pushed, 1)
    const gapUs = nowUs - this.#lastReceivedUs
    if (this.#delayUs === 0) {
      this.#quick = QUICK_MAX
      this.#delayUs = DELAY_MIN_US
    } else if (gapUs <= DELAY_MIN_US / 2) {
      this.#delayUs = (this.#delayUs >> 1) + DELAY_MIN_US / 2
    } else if (gapUs < this.#delayUs) {
      this.#delayUs = Math.min((this.#delayUs >> 1) + gapUs, rtoUs)
    } else if (gapUs > rtoUs) {
      this.#quick = QUICK_MAX
    }
    this.#lastReceivedUs = nowUs
  }

  /** Data came twice, so an acknowledgement was lost or late. Data out of order is answered at once and changes nothing else. */
  hurry(): void {
    this.#quick = QUICK_MAX
    this.#isInteractive = false
    this.#delayUs = DELAY_MIN_US
  }

  /** Notes that data goes out, which carries an acknowledgement. */
  answered(nowUs: number): void {
    if (nowUs - this.#lastReceivedUs < this.#delayUs) this.#isInteractive = true
  }

  /** Notes that an acknowledgement goes out, alone or on data. */
  acknowledged(): void {
    this.#pushed = 0
    if (this.#quick === 0) return
    this.#quick--
    if (this.#quick === 0) this.#delayUs = DELAY_MIN_US
  }

  /** @param isRead false while a paused reader leaves data in the buffer */
  isDueNow(unacknowledgedBytes: number, isRead: boolean): boolean {
    if (unacknowledgedBytes > this.#fullSegmentBytes) return true
    if (this.#quick > 0 && !this.#isInteractive) return true
    return isRead && (this.#pushed === 2 || (this.#pushed === 1 && !this.#isInteractive))
  }

  /** How long to wait for something to carry the acknowledgement. */
  waitUs(smoothedUs: number): number {
    const mostUs = smoothedUs > 0 ? Math.min(Math.max(smoothedUs, DELAY_MIN_US), DELAY_MAX_US) : DELAY_MAX_US
    return Math.min(this.#delayUs, mostUs)
  }

  /** Nothing came to carry it. */
  expired(rtoUs: number): void {
    if (this.#isInteractive) {
      this.#isInteractive = false
      this.#delayUs = DELAY_MIN_US
    } else {
      this.#delayUs = Math.min(this.#delayUs * 2, rtoUs)
    }
  }
}
