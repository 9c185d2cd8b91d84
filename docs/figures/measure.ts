/** What the figures show, measured: messages over every profile's link, and over WebSockets that lose packets. */
import { DEFAULT_WIRE } from '../../sim/scenario/wire-config.ts'
import { Kernel } from '../../sim/kernel/kernel.ts'
import { KeyedRandom } from '../../sim/kernel/keyed-random.ts'
import { PacketLink } from '../../sim/network/packet-link.ts'
import { linksOf, type NetworkProfile, oneWayUs } from '../../sim/network/profiles/index.ts'
import { WebSocketTransport } from '../../sim/network/websocket/websocket-transport.ts'
import { packetLinkOptions } from '../../sim/scenario/link-plan.ts'
import { bytesOf, StreamHarness } from '../../sim/testing/stream-harness.ts'
import { makeTestWorld } from '../../sim/testing/test-world.ts'

export type Direction = 'down' | 'up'
export const DIRECTIONS: readonly Direction[] = ['down', 'up']

export const MESSAGES = 50_000 // each way
const MESSAGE_BYTES = 100
/** Longer than a message's transmission on the slowest link and than any jitter: no message meets another. */
const SPACING_US = 130_000

export interface Measured {
  readonly delaysMs: readonly number[]
  readonly lostShare: number
}

/** One way of a profile, message by message. */
export function measureProfile(profile: NetworkProfile, direction: Direction): Measured {
  const kernel = new Kernel()
  const link = new PacketLink(DIRECTIONS.indexOf(direction), packetLinkOptions(linksOf(profile)[direction]), kernel, new KeyedRandom(`profile ${profile.name}`))
  const delaysMs: number[] = []
  let sent = 0
  const send = (): void => {
    link.send({ sizeBytes: MESSAGE_BYTES }, ({ sentUs }) => { delaysMs.push((kernel.nowUs - sentUs) / 1000) })
    if (++sent < MESSAGES) kernel.after(SPACING_US, send)
  }
  kernel.at(0, send)
  kernel.run()
  return { delaysMs, lostShare: 1 - delaysMs.length / MESSAGES }
}

export interface Stated {
  readonly fromMs: number
  readonly toMs: number
  readonly lostShare: number
}

/** What the profile says of it: a uniform delay between two ends, with the message's transmission. */
export function statedOf(profile: NetworkProfile, direction: Direction): Stated {
  const middleMs = oneWayUs(profile)[direction] / 1000 + MESSAGE_BYTES * 8 / profile.kbps[direction]
  const jitterMs = profile.jitterMs?.[direction] ?? 0
  const { loss } = profile
  const lostShare = loss === undefined ? 0 : loss.model === 'gilbert-elliott' ? loss.p / (loss.p + loss.r) : loss.model === 'random' ? loss.probability : NaN
  return { fromMs: middleMs - jitterMs, toMs: middleMs + jitterMs, lostShare }
}

export const ONE_WAY_MS = 25
export const TAIL_LOSS = 0.01
const OPEN_US = 30_000_000

/** Times in milliseconds, ascending, from sending to arrival over one WebSocket that loses 1 % of its packets each way. */
export function measureTail(everyMs: number, messages: number): readonly number[] {
  const way = { delay: { latencyUs: ONE_WAY_MS * 1000 }, loss: { model: 'random', probability: TAIL_LOSS } } as const
  const { kernel, hosts: [device, server], link, until } = makeTestWorld({ link: { up: way, down: way } })
  const harness = new StreamHarness(device)
  harness.dial(new WebSocketTransport({ device, server, link, listener: harness }, DEFAULT_WIRE))
  until(OPEN_US)
  const [client] = harness.clients
  for (let message = 0; message < messages; message++) {
    kernel.at(OPEN_US + message * everyMs * 1000, () => { client.end.send(bytesOf('a message'), 'data') })
  }
  kernel.run()
  return harness.servers[0].frames.map(({ atUs }, message) => (atUs - OPEN_US) / 1000 - message * everyMs).sort((a, b) => a - b)
}
