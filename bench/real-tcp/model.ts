/**
 * The cases in the model: the same connections, opened and written to at the times at which the real ones were,
 * with packets lost by the same rule. The WebSocket's part is its bytes: the upgrade's, as large as the real
 * one's, and the header of masked frames; no TLS, as on the real wire.
 */
import { Kernel } from '../../sim/kernel/kernel.ts'
import { KeyedRandom } from '../../sim/kernel/keyed-random.ts'
import { PacketLink } from '../../sim/network/packet-link.ts'
import { LinkPath } from '../../sim/network/tcp/link-path.ts'
import { TcpConnection } from '../../sim/network/tcp/tcp-connection.ts'
import { PAYLOAD_BYTES } from './cases.ts'
import { FatedPath } from './fate.ts'
import type { Delivery, Opened } from './peer-messages.ts'

export interface ModelSetup {
  /** One way, calibrated to the real wire without loss. */
  readonly delayUs: number
  readonly seed: number
  readonly synLinearTimeouts: number
}

type Message = 'request' | 'response' | Delivery

interface Line {
  readonly connection: TcpConnection<Message>
  readonly paths: readonly FatedPath[]
  openedUs: number
  endedUs: number
}

/** A frame's header for 126 bytes to 64 kB, and its mask (RFC 6455 section 5.2). */
const FRAME_BYTES = 4 + 4
const MESSAGE_BYTES = PAYLOAD_BYTES + FRAME_BYTES
const FROM_US = 1_000_000
const QUIET_US = 20_000_000

export class ModelCases {
  readonly #setup: ModelSetup
  #kernel = new Kernel()
  #lines = new Map<number, Line>()
  #deliveries: Delivery[] = []
  retransmissions = 0
  dropped = 0

  constructor(setup: ModelSetup) { this.#setup = setup }

  /** @returns microseconds from dialling to open, of connections dialled as the real ones were */
  connect(real: readonly Opened[], lossProbability: number): readonly number[] {
    this.#dial(real, lossProbability)
    this.#kernel.run({ untilUs: this.#kernel.nowUs + 60_000_000 })
    const firstUs = real[0].dialledUs
    return real.map(({ connection, dialledUs }) => this.#line(connection).openedUs - (FROM_US + dialledUs - firstUs))
  }

  /**
   * @param blackUs the path forwards nothing for so long from the first message on
   * @returns what was delivered of messages sent when the real ones were
   */
  stream(real: readonly Opened[], deliveries: readonly Delivery[], lossProbability: number, blackUs = 0): readonly Delivery[] {
    this.#dial(real, 0)
    this.#kernel.run()
    const baseUs = this.#kernel.nowUs + QUIET_US
    const firstUs = firstSentUs(deliveries)
    this.#eachPath((path) => {
      path.lossProbability = lossProbability
      path.isBlackHole = blackUs > 0
    })
    for (const [connection, sentUs] of deliveries.toSorted((a, b) => a[1] - b[1])) {
      this.#kernel.at(baseUs + sentUs - firstUs, () => {
        const message: Delivery = [connection, this.#kernel.nowUs, 0]
        if (!this.#line(connection).connection.client.send(message, MESSAGE_BYTES)) throw new Error('the model refused a message')
      })
    }
    if (blackUs > 0) this.#kernel.at(baseUs + blackUs, () => { this.#eachPath((path) => { path.isBlackHole = false }) })
    this.#kernel.run()
    for (const { connection, paths } of this.#lines.values()) {
      this.retransmissions += connection.client.retransmissions
      for (const path of paths) this.dropped += path.dropped
    }
    return this.#deliveries
  }

  /** @returns microseconds from the server's reset to the client's end */
  reset(connections: number): readonly number[] {
    this.#dial(Array.from({ length: connections }, (_, connection) => ({ connection, dialledUs: 0, openedUs: 0, requestBytes: 200, responseBytes: 130 })), 0)
    this.#kernel.run()
    const atUs = this.#kernel.nowUs
    for (const { connection } of this.#lines.values()) connection.server.abort()
    this.#kernel.run()
    return [...this.#lines.values()].map(({ endedUs }) => endedUs - atUs)
  }

  #dial(real: readonly Opened[], lossProbability: number): void {
    this.#kernel = new Kernel()
    this.#lines = new Map()
    this.#deliveries = []
    for (const opened of real) {
      this.#lines.set(opened.connection, this.#openLine(opened))
      this.#kernel.at(FROM_US + opened.dialledUs - real[0].dialledUs, () => { this.#line(opened.connection).connection.client.connect() })
    }
    this.#eachPath((path) => { path.lossProbability = lossProbability })
  }

  #openLine({ connection: id, requestBytes, responseBytes }: Opened): Line {
    const { delayUs, seed, synLinearTimeouts } = this.#setup
    const kernel = this.#kernel
    const random = new KeyedRandom('real-tcp')
    const paths = ([0, 1] as const).map((direction) =>
      new FatedPath(new LinkPath(new PacketLink(direction, { delay: { latencyUs: delayUs } }, kernel, random)), seed, id, direction))
    const connection: TcpConnection<Message> = new TcpConnection<Message>(kernel, {
      id, up: paths[0], down: paths[1], clientOptions: { synLinearTimeouts }, serverOptions: { synLinearTimeouts },
      client: {
        opened: () => { connection.client.send('request', requestBytes) },
        message: () => { line.openedUs = kernel.nowUs },
        writable: () => undefined,
        closed: () => { line.endedUs = kernel.nowUs },
      },
      server: {
        opened: () => undefined,
        message: (message) => {
          if (message === 'request') connection.server.send('response', responseBytes)
          else if (message !== 'response') this.#deliveries.push([message[0], message[1], kernel.nowUs])
        },
        writable: () => undefined,
        closed: () => undefined,
      },
    })
    const line: Line = { connection, paths, openedUs: -1, endedUs: -1 }
    return line
  }

  #line(connection: number): Line {
    const line = this.#lines.get(connection)
    if (line === undefined) throw new Error(`no connection ${connection}`)
    return line
  }

  #eachPath(change: (path: FatedPath) => void): void {
    for (const { paths } of this.#lines.values()) paths.forEach(change)
  }
}

export const firstSentUs = (deliveries: readonly Delivery[]): number => deliveries.reduce((least, [, sentUs]) => Math.min(least, sentUs), Infinity)
