/**
 * Keeps one stream open: dials, dials again after a loss with exponential backoff and jitter (B01), and
 * forgets earlier failures only once a connection has lasted (B13). Never gives up in this release (B02).
 */
import type { CloseReason } from '../contract.ts'
import type { Host } from '../host/host.ts'
import type { StreamEnd, Transport } from '../network/transport.ts'
import { ReconnectBackoff, type BackoffConfig } from './reconnect-backoff.ts'

export interface ConnectionUser {
  /** A stream is open. `isFirst`: the first of this process. The returned events belong to it. */
  connected(end: StreamEnd, isFirst: boolean): { frame(bytes: Uint8Array): void; closed(why: CloseReason): void }
}

export class ConnectionManager {
  #connections = 0
  readonly #backoff: ReconnectBackoff
  readonly #host: Host
  readonly #transport: Transport

  constructor(host: Host, config: BackoffConfig, transport: Transport) {
    this.#host = host
    this.#transport = transport
    this.#backoff = new ReconnectBackoff(config, () => host.random.unit())
  }

  start(user: ConnectionUser): void {
    this.#host.world.quiescence.begin(this.#host.index, 'offline')
    this.#dial(user)
  }

  #record(state: 'connecting' | 'open' | 'closed'): void {
    const { kernel, recorder } = this.#host.world
    recorder.record({ kind: 'connection', atUs: kernel.nowUs, device: this.#host.id, state })
  }

  #dial(user: ConnectionUser): void {
    this.#record('connecting')
    this.#transport.dial({
      opened: (end) => this.#host.dispatch(null, () => {
        this.#record('open')
        this.#host.world.quiescence.end(this.#host.index, 'offline')
        const forget = this.#host.timer(this.#backoff.settledAfterUs, () => this.#backoff.settled(), true)
        const events = user.connected(end, this.#connections++ === 0)
        return {
          frame: (bytes, cause) => this.#host.dispatch(cause, () => events.frame(bytes)),
          closed: (why) => this.#host.dispatch(null, () => {
            forget()
            this.#host.world.quiescence.begin(this.#host.index, 'offline')
            this.#record('closed')
            events.closed(why)
            this.#dialLater(user)
          }),
        }
      }),
      failed: () => this.#host.dispatch(null, () => {
        this.#record('closed')
        this.#dialLater(user)
      }),
    })
  }

  #dialLater(user: ConnectionUser): void {
    this.#host.timer(this.#backoff.next(), () => this.#dial(user))
  }
}
