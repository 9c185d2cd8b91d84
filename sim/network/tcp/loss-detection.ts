/**
 * Loss detection by time: RACK and the tail-loss probe (RFC 8985), as Linux runs them.
 *
 * A segment is lost when one sent after it has arrived and a reordering window has passed since; the window
 * is nothing once three segments beyond it have arrived (the old rule of three duplicate acknowledgements)
 * and no reordering was ever seen, else a quarter of the shortest round trip, and wider after the peer
 * reported data received twice. Where nothing is behind a segment, a probe goes out after two round trips;
 * with one segment out, 200 ms later for the peer's delayed acknowledgement, which the timeout caps: so the
 * loss of a lone segment costs SRTT + 200 ms. Left out: forgetting a widened window after 16 recoveries.
 */
import type { SentSegment, SentSegments } from './sent-segments.ts'
import type { RoundTrips } from './rto.ts'
import { RTO_INITIAL_US, RTO_MIN_US } from './rto.ts'

const DUPLICATE_THRESHOLD = 3 // RFC 5681, RFC 6675 DupThresh
const WINDOW_STEPS_MAX = 255 // Linux rack.reo_wnd_steps
/** Linux TCP_TIMEOUT_MIN_US. */
const TIMER_MARGIN_US = 2_000

export class LossDetection {
  readonly #segments: SentSegments
  readonly #roundTrips: RoundTrips
  /** The latest sent of all segments that have arrived, and the round trip it made. */
  #latestSentUs = -1
  #latestEnd = 0
  #roundTripUs = 0
  #highestArrived = 0
  #isReordering = false
  #windowSteps = 1
  #widenedAt = -1

  constructor(segments: SentSegments, roundTrips: RoundTrips) {
    this.#segments = segments
    this.#roundTrips = roundTrips
  }

  get isReordering(): boolean { return this.#isReordering }

  /** Learns from a segment now reported as arrived for the first time. */
  arrived(segment: SentSegment, nowUs: number): void {
    if (segment.attempts === 0 && segment.end < this.#highestArrived) this.#isReordering = true
    if (segment.end > this.#highestArrived) this.#highestArrived = segment.end
    const roundTripUs = nowUs - segment.sentAtUs
    // The report may be of the first sending.
    if (segment.attempts > 0 && roundTripUs < this.#roundTrips.minUs) return
    this.#roundTripUs = roundTripUs
    if (isAfter(segment.sentAtUs, segment.end, this.#latestSentUs, this.#latestEnd)) {
      this.#latestSentUs = segment.sentAtUs
      this.#latestEnd = segment.end
    }
  }

  /** The peer received something twice: the window was too narrow. Counts once per window of data. */
  duplicateReported(acknowledged: number, sent: number): void {
    if (acknowledged < this.#widenedAt) return
    this.#widenedAt = sent
    this.#windowSteps = Math.min(this.#windowSteps + 1, WINDOW_STEPS_MAX)
  }

  /** Marks what is lost by now; returns in how long to look again, or 0. */
  markLost(nowUs: number, isRecovering: boolean): number {
    const windowUs = this.#reorderWindowUs(isRecovering)
    let againUs = 0
    for (let segment = this.#segments.head; segment !== null; segment = segment.next) {
      if (segment.isSacked || (segment.isLost && !segment.isResent)) continue
      if (!isAfter(this.#latestSentUs, this.#latestEnd, segment.sentAtUs, segment.end)) {
        if (segment.attempts === 0) break // all behind it were sent later still
        continue
      }
      const leftUs = segment.sentAtUs + this.#roundTripUs + windowUs - nowUs
      if (leftUs <= 0) this.#segments.markLost(segment)
      else againUs = Math.max(againUs, leftUs + TIMER_MARGIN_US)
    }
    return againUs
  }

  /** A timeout: the first segment is lost, and all that were sent longer ago than a round trip and the window. */
  markTimedOut(nowUs: number, isRecovering: boolean): void {
    const freshUs = this.#roundTripUs + this.#reorderWindowUs(isRecovering)
    for (let segment = this.#segments.head; segment !== null; segment = segment.next) {
      if (segment === this.#segments.head || segment.sentAtUs + freshUs <= nowUs) this.#segments.markLost(segment)
    }
  }

  /** RFC 8985 section 7.2, before the cap by the timeout. */
  probeTimeoutUs(): number {
    const { smoothedUs } = this.#roundTrips
    if (smoothedUs === 0) return RTO_INITIAL_US
    return 2 * smoothedUs + (this.#segments.out === 1 ? RTO_MIN_US : TIMER_MARGIN_US)
  }

  #reorderWindowUs(isRecovering: boolean): number {
    if (!this.#isReordering && (isRecovering || this.#segments.sacked >= DUPLICATE_THRESHOLD)) return 0
    const { minUs, smoothedUs } = this.#roundTrips
    if (smoothedUs === 0) return 0
    return Math.min((minUs >> 2) * this.#windowSteps, smoothedUs)
  }
}

function isAfter(sentAtUs: number, end: number, otherSentAtUs: number, otherEnd: number): boolean {
  return sentAtUs > otherSentAtUs || (sentAtUs === otherSentAtUs && end > otherEnd)
}
