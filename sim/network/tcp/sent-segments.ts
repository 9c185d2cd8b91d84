/**
 * The sender's scoreboard: segments sent and not acknowledged, in order, each with what is known of it
 * (RFC 6675 and Linux's counters): reported by SACK, believed lost, sent again and that one still out.
 *
 * Segments keep the boundaries they were first sent with. Left out: Linux joins small neighbours when it
 * sends them again, and splits what grew out of a smaller MSS. Records are recycled: they never leave here.
 */

export class SentSegment {
  start = 0
  end = 0
  flags = 0
  key: readonly number[] = []
  /** When it was sent the last time. */
  sentAtUs = 0
  /** How often it was sent again. */
  attempts = 0
  isSacked = false
  isLost = false
  /** Sent again since it was last believed lost. */
  isResent = false
  next: SentSegment | null = null
}

export class SentSegments {
  #head: SentSegment | null = null
  #tail: SentSegment | null = null
  #free: SentSegment | null = null
  #out = 0
  #sacked = 0
  #lost = 0
  #resent = 0

  get head(): SentSegment | null { return this.#head }
  get tail(): SentSegment | null { return this.#tail }
  /** Sent and not cumulatively acknowledged. */
  get out(): number { return this.#out }
  get sacked(): number { return this.#sacked }
  /** Believed lost and not sent again. */
  get unrepaired(): number { return this.#lost - this.#resent }
  /** Believed to be on the way (RFC 6675 "pipe"). */
  get inFlight(): number { return this.#out - this.#sacked - this.#lost + this.#resent }

  append(start: number, end: number, flags: number, key: readonly number[], nowUs: number): void {
    const segment = this.#free ?? new SentSegment()
    this.#free = segment.next
    segment.start = start
    segment.end = end
    segment.flags = flags
    segment.key = key
    segment.sentAtUs = nowUs
    segment.attempts = 0
    segment.isSacked = segment.isLost = segment.isResent = false
    segment.next = null
    if (this.#tail === null) this.#head = segment
    else this.#tail.next = segment
    this.#tail = segment
    this.#out++
  }

  /** Removes the first segment, which was acknowledged. Its record stays readable until the next `append`. */
  shift(): void {
    const segment = this.#head
    if (segment === null) return
    if (segment.isSacked) this.#sacked--
    this.#unmark(segment)
    this.#out--
    this.#head = segment.next
    if (this.#head === null) this.#tail = null
    segment.next = this.#free
    this.#free = segment
  }

  markSacked(segment: SentSegment): void {
    this.#unmark(segment)
    segment.isSacked = true
    this.#sacked++
  }

  /** Believes a segment lost, or lost once more after it was sent again. */
  markLost(segment: SentSegment): void {
    if (segment.isSacked) return
    if (segment.isResent) this.#clearResent(segment)
    if (segment.isLost) return
    segment.isLost = true
    this.#lost++
  }

  /** A tail-loss probe repeats what nobody believes lost: it is not on the way twice (Linux `tcp_send_loss_probe`). */
  markResent(segment: SentSegment, nowUs: number): void {
    segment.sentAtUs = nowUs
    segment.attempts++
    if (segment.isResent || !segment.isLost) return
    segment.isResent = true
    this.#resent++
  }

  /** The first segment believed lost and not sent again. */
  firstUnrepaired(): SentSegment | null {
    let segment = this.#head
    while (segment !== null && (!segment.isLost || segment.isResent)) segment = segment.next
    return segment
  }

  #unmark(segment: SentSegment): void {
    if (segment.isResent) this.#clearResent(segment)
    if (!segment.isLost) return
    segment.isLost = false
    this.#lost--
  }

  #clearResent(segment: SentSegment): void {
    segment.isResent = false
    this.#resent--
  }
}
