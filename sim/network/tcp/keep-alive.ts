/**
 * Keep-alive probes of one end: SO_KEEPALIVE with TCP_KEEPIDLE and TCP_KEEPINTVL set to the same time, as Chromium's
 * sockets do (RFC 9293 section 3.8.4).
 *
 * They are started only on a connection whose peer is known to be out of reach: elsewhere they would be answered,
 * and say nothing. While something is under way TCP's own timer probes.
 */
import type { Kernel } from '../../kernel/kernel.ts'
import { RestartableTimer } from './restartable-timer.ts'

/** Linux tcp_keepalive_probes: unanswered, the connection ends one interval after the last of them. */
export const KEEP_ALIVE_PROBES = 9

export interface KeepAlivePort {
  /** Nothing was written that is not acknowledged. */
  readonly isIdle: boolean
  probe(): void
  gaveUp(): void
}

export class KeepAlive {
  readonly #port: KeepAlivePort
  readonly #timer: RestartableTimer
  #idleUs = 0
  #probes = 0

  constructor(kernel: Kernel, port: KeepAlivePort) {
    this.#port = port
    this.#timer = new RestartableTimer(kernel, () => this.#due())
  }

  /** Probes after every `idleUs` from now on. */
  start(idleUs: number): void {
    this.#idleUs = idleUs
    this.#timer.set(idleUs)
  }

  stop(): void {
    this.#timer.clear()
  }

  /** The peer is there. */
  heard(): void {
    this.#probes = 0
  }

  #due(): void {
    if (this.#port.isIdle) {
      if (this.#probes === KEEP_ALIVE_PROBES) return this.#port.gaveUp()
      this.#probes++
      this.#port.probe()
    }
    this.#timer.set(this.#idleUs)
  }
}
