/**
 * A05: a WebSocket carries one stream. Two channels (two documents, say) need two connections, or multiplexing by
 * the application over one; only the latter makes one channel wait for what the other has lost.
 */
import { describe, expect, it } from 'vitest'
import type { Host } from '../../host/host.ts'
import type { LinkDescription } from '../../scenario/link-plan.ts'
import { DEFAULT_WIRE } from '../../scenario/wire-config.ts'
import { bytesOf, type EndLog, StreamHarness } from '../../testing/stream-harness.ts'
import { makeTestWorld, type TestWorld } from '../../testing/test-world.ts'
import { WebSocketStream } from './websocket-stream.ts'

const LATENCY_US = 25_000
const START_US = 20_000_000

interface Channels extends TestWorld {
  readonly servers: readonly EndLog[]
  send(channel: 'a' | 'b', text: string): void
  /** Sending to arrival of this channel's messages, in the order in which they were sent. */
  delaysUs(channel: 'a' | 'b'): readonly number[]
}

/** Two channels of one device over so many connections, all open. */
function openChannels(connections: 1 | 2, link: LinkDescription, seed = '1'): Channels {
  const world = makeTestWorld({ link: { up: link, down: link }, seed })
  const [device, server]: readonly Host[] = world.hosts
  const harness = new StreamHarness(device)
  const ends: EndLog['end'][] = []
  for (let connection = 0; connection < connections; connection++) {
    new WebSocketStream({ device, server, link: world.link, connection, wire: DEFAULT_WIRE }, {
      opened: (end) => {
        ends[connection] = end
        return { frame: () => undefined, closed: () => undefined }
      },
      failed: () => { throw new Error('no connection') },
    }, harness)
  }
  world.until(START_US)
  const sentUs = new Map<string, number>()
  return {
    ...world, servers: harness.servers,
    send: (channel, text) => {
      sentUs.set(channel + text, world.kernel.nowUs)
      ends[connections === 1 || channel === 'a' ? 0 : 1].send(bytesOf(channel + text), 'data')
    },
    delaysUs: (channel) => harness.servers.flatMap(({ frames }) => frames)
      .filter(({ text }) => text.startsWith(channel)).map(({ text, atUs }) => atUs - (sentUs.get(text) ?? Infinity)),
  }
}

describe('multiplexing over WebSockets (A05)', () => {
  it('A05: a packet that channel a loses holds up channel b over one connection, and not over two', () => {
    const worstOfB = ([1, 2] as const).map((connections) => {
      const net = openChannels(connections, { delay: { latencyUs: LATENCY_US } })
      const { kernel, link } = net
      kernel.at(START_US + 1_000, () => {
        link.up.cut()
        net.send('a', 'lost once')
        link.up.heal()
      })
      for (let message = 0; message < 10; message++) kernel.at(START_US + 2_000 + message * 5_000, () => net.send('b', String(message)))
      net.until(START_US + 5_000_000)
      expect(net.servers).toHaveLength(connections)
      expect(net.delaysUs('a')).toHaveLength(1)
      expect(net.delaysUs('a')[0]).toBeGreaterThan(LATENCY_US)
      expect(net.delaysUs('b')).toHaveLength(10)
      return Math.max(...net.delaysUs('b'))
    })
    expect(worstOfB[0]).toBeGreaterThan(1.5 * LATENCY_US)
    expect(worstOfB[1]).toBe(LATENCY_US)
  })

  it('A05: at 2 % loss more of a quiet channel\'s messages are late beside a busy one over one connection than over its own', () => {
    const late = ([1, 2] as const).map((connections) => {
      const net = openChannels(connections, { delay: { latencyUs: LATENCY_US }, loss: { model: 'random', probability: 0.02 } })
      for (let message = 0; message < 5_000; message++) net.kernel.at(START_US + message * 10_000, () => net.send('a', String(message)))
      for (let message = 0; message < 500; message++) net.kernel.at(START_US + 3_000 + message * 100_000, () => net.send('b', String(message)))
      net.until(START_US + 120_000_000)
      const delaysUs = net.delaysUs('b')
      expect(delaysUs).toHaveLength(500)
      return delaysUs.filter((us) => us > LATENCY_US).length / delaysUs.length
    })
    // Alone, its own losses (2 %) and little more; multiplexed, each of the busy channel's losses holds up some 60 ms of it.
    expect(late[1]).toBeLessThan(0.05)
    expect(late[0]).toBeGreaterThan(2 * late[1])
  })
})
