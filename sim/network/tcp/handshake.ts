/**
 * The segments before the data, sent again until answered: SYN from the client, SYN and ACK from the server
 * (RFC 6298: first after 1 s, then doubling, so at 1, 3 and 7 s).
 *
 * Left out: TCP Fast Open, SYN cookies, full accept queues.
 */
import type { Kernel } from '../../kernel/kernel.ts'
import { RestartableTimer } from './restartable-timer.ts'
import { RTO_INITIAL_US, RTO_MAX_US } from './rto.ts'
import { PACKET_KIND, resentKey } from './segment-keys.ts'
import type { SegmentKeys } from './segment-keys.ts'

const SYN_RETRIES = 6 // Linux tcp_syn_retries
const SYN_ACK_RETRIES = 5 // Linux tcp_synack_retries

export interface HandshakePort {
  transmit(key: readonly number[], flags: number): void
  gaveUp(): void
}

export class Handshake {
  readonly #keys: SegmentKeys
  readonly #port: HandshakePort
  readonly #linearTimeouts: number
  readonly #timer: RestartableTimer
  #flags = 0
  #key: readonly number[] = []
  #attempt = 0
  #retriesMax = 0

  constructor(kernel: Kernel, keys: SegmentKeys, synLinearTimeouts: number, port: HandshakePort) {
    this.#keys = keys
    this.#port = port
    this.#linearTimeouts = synLinearTimeouts
    this.#timer = new RestartableTimer(kernel, () => this.#retry())
  }

  /** Linux starts with one segment if more than one retransmission was needed (RFC 5681 asks it of any). */
  get wasLost(): boolean { return this.#attempt > 1 }

  /** Sends the first segment. @param flags SYN, or SYN and ACK */
  begin(flags: number, isAnswer: boolean): void {
    this.#flags = flags
    this.#retriesMax = isAnswer ? SYN_ACK_RETRIES : SYN_RETRIES + this.#linearTimeouts
    this.#key = this.#keys.next(PACKET_KIND.handshake)
    this.#port.transmit(this.#key, flags)
    this.#timer.set(RTO_INITIAL_US)
  }

  /** Sends it once more out of turn: the peer has shown that it did not get it. */
  repeat(): void {
    this.#attempt++
    this.#port.transmit(resentKey(this.#key, this.#attempt), this.#flags)
  }

  stop(): void {
    this.#timer.clear()
  }

  #retry(): void {
    if (this.#attempt >= this.#retriesMax) return this.#port.gaveUp()
    this.repeat()
    const doublings = Math.max(this.#attempt - this.#linearTimeouts, 0)
    this.#timer.set(Math.min(RTO_INITIAL_US * (1 << doublings), RTO_MAX_US))
  }
}
