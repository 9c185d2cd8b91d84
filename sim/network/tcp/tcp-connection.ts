/**
 * A TCP connection between two hosts: two ends over two directed paths. Both ends live in one process here,
 * yet what one knows of the other has come in segments; only the boundaries of messages are looked up.
 */
import type { Kernel } from '../../kernel/kernel.ts'
import type { PacketPath } from './packet-path.ts'
import { forgedReset } from './segment.ts'
import { TcpEnd } from './tcp-end.ts'
import type { TcpEvents } from './tcp-events.ts'
import { DEFAULT_TCP_OPTIONS } from './tcp-options.ts'
import type { TcpOptions } from './tcp-options.ts'

export interface TcpConnectionSetup<M> {
  /** Names the connection in its packets' keys: a number of its own in the run. */
  readonly id: number
  /** From the client to the server. */
  readonly up: PacketPath
  readonly down: PacketPath
  readonly client: TcpEvents<M>
  readonly server: TcpEvents<M>
  readonly clientOptions?: Partial<TcpOptions>
  readonly serverOptions?: Partial<TcpOptions>
}

/**
 * @example
 * const connection = new TcpConnection(kernel, { id: 1, up, down, client, server })
 * connection.client.connect()              // client.opened() one round trip later
 * connection.client.send(payload, 120)     // server.message(payload, 120)
 */
export class TcpConnection<M> {
  readonly client: TcpEnd<M>
  readonly server: TcpEnd<M>

  /** @throws RangeError for options with which nothing could be sent, or only one end with TLS */
  constructor(kernel: Kernel, setup: TcpConnectionSetup<M>) {
    const { id: connection } = setup
    const clientOptions = { ...DEFAULT_TCP_OPTIONS, ...setup.clientOptions }
    const serverOptions = { ...DEFAULT_TCP_OPTIONS, ...setup.serverOptions }
    for (const options of [clientOptions, serverOptions]) assertUsable(options)
    if (clientOptions.tls !== serverOptions.tls) throw new RangeError('both ends of a connection use TLS, or none')
    const way = setup.up.access?.enter({
      reset: (end) => this[end].arrive(forgedReset(kernel.nowUs)),
      keepAlive: (idleUs) => this.client.keepAlive(idleUs),
    })
    const { up, down } = way ?? setup
    this.client = new TcpEnd(kernel, {
      role: 'client', connection, path: up, options: clientOptions, events: setup.client, lookUp: way?.lookUp, released: way?.released,
    })
    this.server = new TcpEnd(kernel, { role: 'server', connection, path: down, options: serverOptions, events: setup.server })
    this.client.join(this.server)
    this.server.join(this.client)
  }
}

function assertUsable(options: TcpOptions): void {
  const { sendBufferBytes, receiveBufferBytes, connectTimeoutUs, synLinearTimeouts, userTimeoutUs } = options
  const least = { sendBufferBytes: 1, receiveBufferBytes: 1, connectTimeoutUs: 1, synLinearTimeouts: 0, userTimeoutUs: 1 }
  const given = { sendBufferBytes, receiveBufferBytes, connectTimeoutUs, synLinearTimeouts, userTimeoutUs: userTimeoutUs ?? 1 }
  for (const name of ['sendBufferBytes', 'receiveBufferBytes', 'connectTimeoutUs', 'synLinearTimeouts', 'userTimeoutUs'] as const) {
    if (Number.isSafeInteger(given[name]) && given[name] >= least[name]) continue
    throw new RangeError(`${name} must be a whole number from ${least[name]} on, got ${given[name]}`)
  }
}
