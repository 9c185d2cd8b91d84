/**
 * The receiving half of an end: positions, the window it grants, and its acknowledgements.
 *
 * A program that reads gets every byte as it arrives in order; one that has paused leaves them in the buffer,
 * and the window closes as the buffer fills (R1, A04). The right edge never moves back. Left out: the
 * window's slow opening at the start of a connection, and buffer autotuning.
 */
import type { Kernel } from '../../kernel/kernel.ts'
import { DelayedAck } from './delayed-ack.ts'
import { Reassembly } from './reassembly.ts'
import { RestartableTimer } from './restartable-timer.ts'
import type { Segment } from './segment.ts'
import { DUPLICATE, FIN, MSS_BYTES, PROBE, PUSH } from './segment.ts'

/** What the receiver needs of its end. */
export interface ReceiverPort {
  readonly rtoUs: number
  readonly smoothedUs: number
  /** Sends an acknowledgement that carries no data. */
  acknowledge(): void
}

export class TcpReceiver {
  readonly #reassembly = new Reassembly()
  readonly #delayed = new DelayedAck()
  readonly #kernel: Kernel
  readonly #bufferBytes: number
  readonly #port: ReceiverPort
  readonly #timer: RestartableTimer
  #acknowledged = 0
  #readUpTo = 0
  #isPaused = false
  #grantedEnd: number
  #finAt = -1
  #echoUs = -1
  #isDue = false
  #isDueNow = false
  #isDuplicate = false

  constructor(kernel: Kernel, bufferBytes: number, port: ReceiverPort) {
    this.#kernel = kernel
    this.#bufferBytes = bufferBytes
    this.#port = port
    this.#grantedEnd = bufferBytes
    this.#timer = new RestartableTimer(kernel, () => {
      this.#delayed.expired(this.#port.rtoUs)
      this.#port.acknowledge()
    })
  }

  /** The first position that has not arrived: what an acknowledgement says. */
  get next(): number { return this.#reassembly.next }
  get windowEnd(): number { return this.#readUpTo + this.#bufferBytes }
  /** What the peer sent when, for its round trips (RFC 7323 section 4.3). */
  get echoUs(): number { return this.#echoUs }
  get isPaused(): boolean { return this.#isPaused }
  /** Up to where the program may read now. */
  get readUpTo(): number { return this.#readUpTo }
  /** The peer's FIN has arrived, and all before it, and all is read. */
  get isAtEnd(): boolean { return this.#finAt >= 0 && this.next > this.#finAt && !this.#isPaused }

  /** What the next segment has to report besides its acknowledgement. */
  get flags(): number { return this.#isDuplicate ? DUPLICATE : 0 }
  sacks(): readonly number[] | null { return this.#reassembly.sacks() }

  /** Takes the handshake's timestamp. */
  open(echoUs: number): void {
    this.#echoUs = echoUs
  }

  /** Takes a segment; `acknowledgeIfDue` is to follow. */
  receive(segment: Segment): void {
    if (segment.start <= this.#acknowledged && segment.sentAtUs > this.#echoUs) this.#echoUs = segment.sentAtUs
    if (segment.start === segment.end) {
      if ((segment.flags & PROBE) !== 0) this.#isDueNow = this.#isDue = true
      return
    }
    if (segment.end > this.#grantedEnd + 1) { // beyond the window, a FIN aside
      this.#isDueNow = this.#isDue = true
      return
    }
    const arrival = this.#reassembly.take(segment.start, segment.end)
    this.#isDue = true
    if (arrival !== 'in-order') this.#isDueNow = true
    if (arrival === 'duplicate') {
      this.#isDuplicate = true
      this.#delayed.hurry()
      return
    }
    if ((segment.flags & FIN) !== 0) {
      this.#finAt = segment.end - 1
      this.#isDueNow = true
    }
    this.#delayed.received(this.#kernel.nowUs, this.#port.rtoUs, segment.end - segment.start, (segment.flags & PUSH) !== 0)
    if (!this.#isPaused) this.#read()
  }

  /** Acknowledges now, or starts to wait for something to carry it. */
  acknowledgeIfDue(): void {
    if (!this.#isDue) return
    if (this.#isDueNow || this.#delayed.isDueNow(this.next - this.#acknowledged, !this.#isPaused)) {
      this.#port.acknowledge()
    } else if (!this.#timer.isSet) {
      this.#timer.set(this.#delayed.waitUs(this.#port.smoothedUs))
    }
  }

  /** Notes that a segment went out, which says all there is to say. */
  sent(hasData: boolean): void {
    if (hasData) this.#delayed.answered(this.#kernel.nowUs)
    if (this.#isDue) this.#delayed.acknowledged()
    this.#acknowledged = this.next
    this.#grantedEnd = this.windowEnd
    this.#isDue = this.#isDueNow = this.#isDuplicate = false
    this.#timer.clear()
  }

  pause(): void {
    this.#isPaused = true
  }

  /** Reads what has waited, and tells the peer if its window opens by much (RFC 1122 section 4.2.3.3). */
  resume(): void {
    this.#isPaused = false
    this.#read()
    const opensBy = this.windowEnd - this.#grantedEnd
    if (opensBy >= Math.min(MSS_BYTES, this.#bufferBytes >> 1)) this.#port.acknowledge()
  }

  stop(): void {
    this.#timer.clear()
  }

  #read(): void {
    this.#readUpTo = this.#finAt < 0 ? this.next : Math.min(this.next, this.#finAt)
  }
}
