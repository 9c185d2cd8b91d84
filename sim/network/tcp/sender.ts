/**
 * The sending half of an end: what goes out when, and the timer.
 *
 * One timer serves the retransmission timeout, the tail-loss probe, the wait for reordering and the window
 * probe, as in Linux: only one of them is ever due next. Left out: segmentation offload and its deferral,
 * and pacing. Keep-alive probes are the end's (`keep-alive.ts`).
 */
import type { Kernel } from '../../kernel/kernel.ts'
import { LossRecovery } from './loss-recovery.ts'
import { RestartableTimer } from './restartable-timer.ts'
import { RTO_MAX_US } from './rto.ts'
import type { Segment } from './segment.ts'
import { ACK, FIN, MSS_BYTES, PROBE, PUSH } from './segment.ts'
import { PACKET_KIND, resentKey } from './segment-keys.ts'
import type { SegmentKeys } from './segment-keys.ts'
import type { SentSegment } from './sent-segments.ts'

/**
 * Linux tcp_retries2 = 15: what fifteen doublings of 200 ms, capped at 120 s, add up to. The connection ends
 * at the first timeout after it.
 */
export const GIVE_UP_US = 924_600_000
/** The same for a connection that its program has closed (Linux `tcp_orphan_retries`: eight doublings). */
const ORPHAN_GIVE_UP_US = 102_200_000

/** What the sender needs of its end. */
export interface SenderPort {
  transmit(key: readonly number[], flags: number, start: number, end: number): void
  gaveUp(): void
}

export class TcpSender {
  readonly #recovery = new LossRecovery()
  readonly #kernel: Kernel
  readonly #keys: SegmentKeys
  readonly #port: SenderPort
  readonly #userTimeoutUs: number | null
  readonly #timer: RestartableTimer
  #due: 'timeout' | 'probe' | 'reorder' | 'window' = 'timeout'
  #next = 0
  #written = 0
  #isFinished = false
  #windowEnd = 0
  #windowWaitUs = 0
  #lastSentUs = 0
  /** Since when retransmissions or window probes go without an answer, or -1. */
  #stalledSinceUs = -1
  #segmentsSent = 0
  #retransmissions = 0

  /** @param userTimeoutUs see `TcpOptions` */
  constructor(kernel: Kernel, keys: SegmentKeys, userTimeoutUs: number | null, port: SenderPort) {
    this.#kernel = kernel
    this.#keys = keys
    this.#port = port
    this.#userTimeoutUs = userTimeoutUs
    this.#timer = new RestartableTimer(kernel, () => this.#fired())
  }

  /** Bytes written and not acknowledged. */
  get bufferedBytes(): number { return this.#written - Math.min(this.#recovery.acknowledged, this.#written) }
  /** Data segments sent, repetitions included. */
  get segmentsSent(): number { return this.#segmentsSent }
  get retransmissions(): number { return this.#retransmissions }
  /** The first position not sent. */
  get next(): number { return this.#next }
  get rtoUs(): number { return this.#recovery.roundTrips.rtoUs }
  get smoothedUs(): number { return this.#recovery.roundTrips.smoothedUs }
  get congestionWindow(): number { return this.#recovery.congestion.window }
  get isFinished(): boolean { return this.#isFinished }
  get isFinAcknowledged(): boolean { return this.#isFinished && this.#recovery.acknowledged > this.#written }

  /** Starts with what the handshake has found out. @param roundTripUs -1 if unknown */
  open(windowEnd: number, roundTripUs: number, wasSynLost: boolean): void {
    this.#windowEnd = windowEnd
    this.#lastSentUs = this.#kernel.nowUs
    if (roundTripUs >= 0) this.#recovery.roundTrips.sample(roundTripUs, 0, 0)
    if (wasSynLost) this.#recovery.congestion.startWithOne()
  }

  /** @param end position after the last byte written so far; `push` is to follow */
  write(end: number): void {
    this.#written = end
  }

  /** A FIN goes out after all that was written; `push` is to follow. */
  finish(): void {
    this.#isFinished = true
  }

  /** Nothing is sent from now on. */
  stop(): void {
    this.#timer.clear()
  }

  /** Takes the acknowledgement, SACK and window of a segment received; `push` is to follow. */
  receive(segment: Segment): void {
    if (segment.windowEnd > this.#windowEnd) {
      this.#windowEnd = segment.windowEnd
      this.#windowWaitUs = 0
    }
    const isAdvance = this.#recovery.receive(segment, this.#next, this.#kernel.nowUs)
    if (isAdvance || this.#recovery.sent.out === 0) this.#stalledSinceUs = -1
    if (this.#recovery.suspectsForUs > 0) this.#start('reorder', this.#recovery.suspectsForUs)
    else if (isAdvance && !this.#startProbe(this.rtoUs)) this.#restartTimeout()
  }

  /** Sends what window and congestion window allow, what was lost first. */
  push(): void {
    const { sent, congestion } = this.#recovery
    this.#resendLost()
    const hadOut = sent.out > 0
    const before = this.#next
    while (sent.unrepaired === 0 && this.#recovery.hasRoom && this.#sendNext());
    if (this.#next !== before) this.#sentNew(hadOut)
    if (sent.out > 0) congestion.used(sent.out, !this.#recovery.hasRoom, this.#recovery.acknowledged, this.#next)
    else if (this.#next < this.#written && !(this.#timer.isSet && this.#due === 'window')) this.#awaitWindow()
  }

  #resendLost(): void {
    if (this.#recovery.sent.unrepaired === 0) return
    for (let lost = this.#recovery.nextToResend(); lost !== null; lost = this.#recovery.nextToResend()) {
      this.#resend(lost)
      if (lost === this.#recovery.sent.head && this.#due !== 'reorder') this.#start('timeout', this.rtoUs)
    }
  }

  #sendNext(): boolean {
    const start = this.#next
    const left = this.#written - start
    const length = Math.min(left, MSS_BYTES, this.#windowEnd - start)
    if (left > 0) {
      if (length <= 0) return false
      // No silly little segment because the window ends here, while others are out (RFC 1122, 4.2.3.4).
      if (length < left && length < MSS_BYTES && this.#recovery.sent.out > 0) return false
    } else if (left < 0 || !this.#isFinished) {
      return false
    }
    this.#sendRange(start, Math.min(left, Math.max(length, 0)), left)
    return true
  }

  #sendRange(start: number, length: number, left: number): void {
    const { nowUs } = this.#kernel
    const { sent, congestion } = this.#recovery
    const idleUs = nowUs - this.#lastSentUs
    if (sent.out === 0 && idleUs > this.rtoUs) congestion.restartAfterIdle(idleUs, this.rtoUs)
    const isEnd = length === left
    const hasFin = isEnd && this.#isFinished
    const flags = ACK | (isEnd ? PUSH : 0) | (hasFin ? FIN : 0)
    const end = start + length + (hasFin ? 1 : 0)
    const key = this.#keys.next(PACKET_KIND.data)
    sent.append(start, end, flags, key, nowUs)
    this.#next = end
    this.#lastSentUs = nowUs
    this.#segmentsSent++
    this.#port.transmit(key, flags, start, end)
  }

  #resend(segment: SentSegment): void {
    const { nowUs } = this.#kernel
    if (this.#stalledSinceUs < 0) this.#stalledSinceUs = nowUs
    this.#recovery.sent.markResent(segment, nowUs)
    this.#lastSentUs = nowUs
    this.#segmentsSent++
    this.#retransmissions++
    this.#port.transmit(resentKey(segment.key, segment.attempts), segment.flags, segment.start, segment.end)
  }

  #sentNew(hadOut: boolean): void {
    if (this.#startProbe(this.#timeoutLeftUs())) return
    if (!hadOut || !this.#timer.isSet) this.#restartTimeout()
  }

  /** @returns false where a probe is not the way to find a loss now */
  #startProbe(capUs: number): boolean {
    if (!this.#recovery.mayProbe) return false
    const probeUs = this.#recovery.probeTimeoutUs()
    this.#start('probe', capUs > 0 ? Math.min(probeUs, capUs) : probeUs)
    return true
  }

  #restartTimeout(): void {
    if (this.#recovery.sent.out === 0) return this.#timer.clear()
    this.#start('timeout', this.rtoUs) // RFC 6298 section 5.3
  }

  #timeoutLeftUs(): number {
    const { head } = this.#recovery.sent
    return head === null ? 0 : head.sentAtUs + this.rtoUs - this.#kernel.nowUs
  }

  #awaitWindow(): void {
    if (this.#windowWaitUs === 0) this.#windowWaitUs = this.rtoUs
    this.#start('window', this.#windowWaitUs)
  }

  #start(due: 'timeout' | 'probe' | 'reorder' | 'window', delayUs: number): void {
    this.#due = due
    const isClamped = this.#userTimeoutUs !== null && this.#stalledSinceUs >= 0
    const leftUs = isClamped ? this.#stalledSinceUs + this.#giveUpUs() - this.#kernel.nowUs : delayUs
    this.#timer.set(Math.max(Math.min(delayUs, leftUs), 0))
  }

  #giveUpUs(): number {
    const limitUs = this.#userTimeoutUs ?? GIVE_UP_US
    return this.#isFinished ? Math.min(limitUs, ORPHAN_GIVE_UP_US) : limitUs
  }

  #fired(): void {
    const { nowUs } = this.#kernel
    if (this.#stalledSinceUs >= 0 && nowUs - this.#stalledSinceUs >= this.#giveUpUs()) return this.#port.gaveUp()
    switch (this.#due) {
      case 'reorder': return this.#reorderingWaited()
      case 'probe': return this.#probeTail()
      case 'timeout': return this.#timedOut()
      case 'window': return this.#probeWindow()
    }
  }

  #reorderingWaited(): void {
    this.#recovery.detect(this.#next, this.#kernel.nowUs)
    this.#due = 'timeout'
    this.push()
    if (this.#recovery.suspectsForUs > 0) this.#start('reorder', this.#recovery.suspectsForUs)
    else if (!this.#timer.isSet) this.#start('timeout', this.rtoUs)
  }

  /** RFC 8985 section 7.3: new data if there is any, else the last segment again, once. */
  #probeTail(): void {
    const { sent } = this.#recovery
    const { tail } = sent
    if (!this.#sendNext() && tail !== null && !this.#recovery.hasTailProbe) {
      this.#resend(tail)
      this.#recovery.tailProbed(this.#next)
    }
    this.#start('timeout', this.rtoUs)
  }

  #timedOut(): void {
    const { sent, roundTrips } = this.#recovery
    this.#recovery.timedOut(this.#next, this.#kernel.nowUs)
    const { head } = sent
    if (head === null) return
    this.#resend(head)
    roundTrips.backOff()
    this.#start('timeout', this.rtoUs)
  }

  /** RFC 1122 section 4.2.2.17: asks a closed window again and again, for its opening may have been lost. */
  #probeWindow(): void {
    if (this.#stalledSinceUs < 0) this.#stalledSinceUs = this.#kernel.nowUs
    this.#port.transmit(this.#keys.next(PACKET_KIND.acknowledgement), ACK | PROBE, this.#next, this.#next)
    this.#windowWaitUs = Math.min(this.#windowWaitUs * 2, RTO_MAX_US)
    this.#start('window', this.#windowWaitUs)
  }
}
