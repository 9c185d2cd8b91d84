/** The cases on the real wire. */
import { setTimeout as sleep } from 'node:timers/promises'
import { BLACK_HOLE, CONNECT_GAP_MS, CONNECTS, PAYLOAD_BYTES, RESETS } from './cases.ts'
import type { StreamCase } from './cases.ts'
import type { Delivery, Ended, Opened } from './peer-messages.ts'
import type { RelayStats, Wire } from './wire.ts'

const QUIET_MS = 300
/** How long to wait for what is still being repaired. */
const STRAGGLERS_MS = 12_000

export interface RealStream {
  readonly opened: readonly Opened[]
  readonly deliveries: readonly Delivery[]
  readonly taken: number
  readonly relay: RelayStats
}

export interface RealBlackHole extends RealStream {
  /** Connections that ended while the path was black, and messages that came through it. */
  readonly endedInside: number
  readonly deliveredInside: number
}

export class RealCases {
  readonly #wire: Wire
  #nextConnection = 0

  constructor(wire: Wire) { this.#wire = wire }

  /** Connections opened at this loss. */
  async connect(lossProbability: number): Promise<readonly Opened[]> {
    await this.#wire.relay({ lossProbability, isBlackHole: false })
    const opened = await this.#open(CONNECTS, CONNECT_GAP_MS)
    await this.#close()
    return opened
  }

  async stream({ lossProbability, connections, gapMs, durationMs }: StreamCase): Promise<RealStream> {
    await this.#wire.relay({ lossProbability: 0, isBlackHole: false })
    const opened = await this.#open(connections, 10)
    await sleep(QUIET_MS)
    await this.#wire.relay({ lossProbability, stats: true })
    const taken = await this.#wire.client({ ask: 'stream', gapMs, durationMs, payloadBytes: PAYLOAD_BYTES }) as number
    const deliveries = await this.#collectAll(taken)
    const relay = await this.#wire.relay({ stats: true })
    await this.#close()
    return { opened, deliveries, taken, relay }
  }

  /** A path that takes everything and forwards nothing, for a while. */
  async blackHole(): Promise<RealBlackHole> {
    const { connections, gapMs, durationMs } = BLACK_HOLE
    await this.#wire.relay({ lossProbability: 0 })
    const opened = await this.#open(connections, 10)
    await sleep(QUIET_MS)
    await this.#wire.relay({ isBlackHole: true, stats: true })
    const taken = await this.#wire.client({ ask: 'stream', gapMs, durationMs, payloadBytes: PAYLOAD_BYTES }) as number
    const inside = await this.#wire.server({ ask: 'collect' }) as readonly Delivery[]
    const ended = await this.#wire.client({ ask: 'ended' }) as readonly Ended[]
    await this.#wire.relay({ isBlackHole: false })
    const deliveries = await this.#collectAll(taken)
    const relay = await this.#wire.relay({ stats: true })
    await this.#close()
    return { opened, deliveries, taken, relay, endedInside: ended.length, deliveredInside: inside.length }
  }

  /** @returns from the server's reset to the client's end, in microseconds */
  async reset(): Promise<readonly number[]> {
    await this.#wire.relay({ lossProbability: 0 })
    const opened = await this.#open(RESETS, 10)
    await sleep(QUIET_MS)
    const resets = await this.#wire.server({ ask: 'reset' }) as readonly Ended[]
    await sleep(QUIET_MS)
    const ended = await this.#wire.client({ ask: 'ended' }) as readonly Ended[]
    if (ended.length !== opened.length) throw new Error(`${opened.length - ended.length} connections did not notice a reset`)
    await this.#close()
    const resetUs = new Map(resets.map(({ connection, endedUs }) => [connection, endedUs]))
    return ended.map(({ connection, endedUs }) => endedUs - (resetUs.get(connection) ?? NaN))
  }

  async #open(count: number, gapMs: number): Promise<readonly Opened[]> {
    const connections = Array.from({ length: count }, () => this.#nextConnection++)
    return await this.#wire.client({ ask: 'open', connections, gapMs }) as readonly Opened[]
  }

  async #close(): Promise<void> {
    await this.#wire.relay({ lossProbability: 0 })
    await this.#wire.client({ ask: 'close' })
    await sleep(QUIET_MS)
    await this.#wire.server({ ask: 'collect' })
  }

  async #collectAll(taken: number): Promise<readonly Delivery[]> {
    const deliveries: Delivery[] = []
    for (let waitedMs = 0; waitedMs <= STRAGGLERS_MS; waitedMs += QUIET_MS) {
      await sleep(QUIET_MS)
      deliveries.push(...await this.#wire.server({ ask: 'collect' }) as readonly Delivery[])
      if (deliveries.length >= taken) return deliveries
    }
    throw new Error(`${taken - deliveries.length} of ${taken} messages did not come within ${STRAGGLERS_MS} ms`)
  }
}
