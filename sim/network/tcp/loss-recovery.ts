/**
 * What is out, what of it is lost, and what that does to the congestion window: the state machine of
 * recovery (RFC 6582, 6675, 8985). A fast recovery begins when a segment is found lost and ends when all
 * that was out then is acknowledged; a timeout's recovery likewise, after the window has collapsed.
 *
 * Left out: undoing a recovery that turns out to have been needless (F-RTO, Eifel, DSACK undo), SACK
 * reneging, a second halving when a retransmission is lost too.
 */
import { Congestion } from './congestion.ts'
import { LossDetection } from './loss-detection.ts'
import { RoundTrips } from './rto.ts'
import type { Segment } from './segment.ts'
import { DUPLICATE } from './segment.ts'
import { SentSegments } from './sent-segments.ts'
import type { SentSegment } from './sent-segments.ts'

export class LossRecovery {
  readonly sent = new SentSegments()
  readonly roundTrips = new RoundTrips()
  readonly congestion = new Congestion()
  readonly #detection = new LossDetection(this.sent, this.roundTrips)
  #state: 'none' | 'fast' | 'timeout' = 'none'
  /** What was sent when the recovery began; it ends when this is acknowledged. */
  #end = 0
  /** RFC 6675 section 5, step 4.3: the first retransmission of a fast recovery does not wait for room. */
  #mayResendAtOnce = false
  /** The end of what a tail-loss probe has sent again, until its effect is known, or -1. */
  #tailProbeEnd = -1
  #acknowledged = 0
  /** How long to wait before `detect` may find more; 0 when nothing is suspected. */
  #suspectsForUs = 0

  /** The first position not acknowledged. */
  get acknowledged(): number { return this.#acknowledged }
  get suspectsForUs(): number { return this.#suspectsForUs }
  get hasRoom(): boolean { return this.sent.inFlight < this.congestion.window }
  /** RFC 8985 section 7.1: where a recovery runs or the peer reports holes, other means find the loss. */
  get mayProbe(): boolean { return this.#state === 'none' && this.sent.out > 0 && this.sent.sacked === 0 }
  get hasTailProbe(): boolean { return this.#tailProbeEnd >= 0 }

  /**
   * Takes in what an arriving segment acknowledges and reports.
   * @param sent the first position not sent
   * @returns true if it acknowledges something new
   */
  receive(segment: Segment, sent: number, nowUs: number): boolean {
    if ((segment.flags & DUPLICATE) !== 0) this.#detection.duplicateReported(this.#acknowledged, sent)
    const isAdvance = segment.ack > this.#acknowledged
    const count = isAdvance ? this.#acknowledge(segment, sent, nowUs) : 0
    const isSacked = segment.sacks !== null && this.#markSacked(segment.sacks, nowUs)
    this.#judgeTailProbe(segment, isAdvance || isSacked)
    if (this.#state !== 'none' && this.#acknowledged >= this.#end) {
      this.#state = 'none'
      this.congestion.recovered()
    } else if (this.#state !== 'fast' && count > 0) {
      this.congestion.acknowledged(count)
    }
    this.detect(sent, nowUs)
    return isAdvance
  }

  /** Looks for losses by what is known now. */
  detect(sent: number, nowUs: number): void {
    this.#suspectsForUs = 0
    if (this.sent.sacked === 0 && this.#state === 'none') return
    this.#suspectsForUs = this.#detection.markLost(nowUs, this.#state !== 'none')
    if (this.sent.unrepaired === 0 || this.#state !== 'none') return
    this.#state = 'fast'
    this.#end = sent
    this.#mayResendAtOnce = true
    this.#tailProbeEnd = -1
    this.congestion.halve()
  }

  /** The retransmission timer fired. */
  timedOut(sent: number, nowUs: number): void {
    const isNewEpisode = this.#state === 'none' || this.#acknowledged >= this.#end
    this.#detection.markTimedOut(nowUs, this.#state !== 'none')
    this.congestion.collapse(this.sent.inFlight, isNewEpisode)
    this.#state = 'timeout'
    this.#end = sent
    this.#tailProbeEnd = -1
  }

  /** The next segment to send again, if there is one and the window allows it. */
  nextToResend(): SentSegment | null {
    const mayResend = this.hasRoom || this.#mayResendAtOnce
    this.#mayResendAtOnce = false
    return mayResend ? this.sent.firstUnrepaired() : null
  }

  /** The last segment was sent again although nothing says that it is lost. */
  tailProbed(sent: number): void {
    this.#tailProbeEnd = sent
  }

  /** How long after now a probe is due, before the cap by the timeout. */
  probeTimeoutUs(): number {
    return this.#detection.probeTimeoutUs()
  }

  #acknowledge(segment: Segment, sent: number, nowUs: number): number {
    let count = 0
    let sampleUs = -1
    let isAmbiguous = false
    for (let head = this.sent.head; head !== null && head.end <= segment.ack; head = this.sent.head) {
      if (head.attempts > 0) isAmbiguous = true
      else if (!head.isSacked && sampleUs < 0) sampleUs = nowUs - head.sentAtUs
      if (!head.isSacked) this.#detection.arrived(head, nowUs)
      this.sent.shift()
      count++
    }
    this.#acknowledged = segment.ack
    // Karn's rule; where it leaves nothing, the echoed timestamp (RFC 7323 section 4.3).
    if ((isAmbiguous || sampleUs < 0) && segment.echoUs >= 0) sampleUs = nowUs - segment.echoUs
    if (sampleUs >= 0) this.roundTrips.sample(sampleUs, this.#acknowledged, sent)
    return count
  }

  /** One pass in order of position, so that an acknowledgement with several blocks is not taken for reordering. */
  #markSacked(sacks: readonly number[], nowUs: number): boolean {
    let isNew = false
    let highest = 0
    for (let block = 1; block < sacks.length; block += 2) highest = Math.max(highest, sacks[block])
    for (let segment = this.sent.head; segment !== null && segment.end <= highest; segment = segment.next) {
      if (segment.isSacked || !isCovered(segment, sacks)) continue
      this.#detection.arrived(segment, nowUs)
      this.sent.markSacked(segment)
      isNew = true
    }
    return isNew
  }

  /** RFC 8985 section 7.4.2: a probe that repaired a loss counts as a loss; one that was not needed does not. */
  #judgeTailProbe(segment: Segment, isProgress: boolean): void {
    if (this.#tailProbeEnd < 0 || segment.ack < this.#tailProbeEnd) return
    const wasNeedless = (segment.flags & DUPLICATE) !== 0 || (segment.ack === this.#tailProbeEnd && !isProgress)
    if (wasNeedless) this.#tailProbeEnd = -1
    else if (segment.ack > this.#tailProbeEnd) {
      this.#tailProbeEnd = -1
      if (this.#state === 'none') this.congestion.halve()
    }
  }
}

function isCovered(segment: SentSegment, sacks: readonly number[]): boolean {
  for (let block = 0; block < sacks.length; block += 2) {
    if (sacks[block] <= segment.start && segment.end <= sacks[block + 1]) return true
  }
  return false
}
