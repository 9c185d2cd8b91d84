/** Streams over links that lose, wait and fill up: what TCP makes of it, seen through the whole WebSocket. */
import { describe, expect, it } from 'vitest'
import { DEFAULT_WIRE } from '../../scenario/wire-config.ts'
import type { LinkDescription } from '../../scenario/link-plan.ts'
import { bytesOf, StreamHarness, textsOf, type EndLog } from '../../testing/stream-harness.ts'
import { makeTestWorld, type TestWorld } from '../../testing/test-world.ts'
import { WebSocketTransport } from './websocket-transport.ts'

const LATENCY_US = 25_000

interface Net extends TestWorld { readonly harness: StreamHarness; readonly transport: WebSocketTransport; readonly client: EndLog; readonly server: EndLog }

function openNet(link: LinkDescription, seed = '1', openedUs = 30_000_000): Net {
  const world = makeTestWorld({ link: { up: link, down: link }, seed })
  const [device, server] = world.hosts
  const harness = new StreamHarness(device)
  const transport = new WebSocketTransport({ device, server, link: world.link, listener: harness }, DEFAULT_WIRE)
  harness.dial(transport)
  world.until(openedUs)
  return { ...world, harness, transport, client: harness.clients[0], server: harness.servers[0] }
}

/** Times from sending to arrival of so many messages, one every `everyUs`, sorted. */
function latenciesUs(everyUs: number, messages: number, loss: number): readonly number[] {
  const net = openNet({ delay: { latencyUs: LATENCY_US }, loss: { model: 'random', probability: loss } })
  const startUs = net.kernel.nowUs
  for (let message = 0; message < messages; message++) {
    net.kernel.at(startUs + message * everyUs, () => net.client.end.send(bytesOf(String(message)), 'data'))
  }
  net.kernel.run()
  expect(textsOf(net.server)).toEqual(Array.from({ length: messages }, (_, message) => String(message)))
  return net.server.frames.map(({ atUs }, message) => atUs - startUs - message * everyUs).sort((a, b) => a - b)
}
const share = (sorted: readonly number[], of: number): number => sorted[Math.floor(sorted.length * of)] ?? 0

describe('a WebSocket over links that lose packets (R1)', () => {
  it('R1: at 1 % loss an idle and a busy connection have different tails: a timer finds the loss, or what comes behind it', () => {
    const idle = latenciesUs(2_000_000, 6_000, 0.01)
    const busy = latenciesUs(20_000, 6_000, 0.01)
    for (const sorted of [idle, busy]) expect(share(sorted, 0.5)).toBe(LATENCY_US)
    // One message in a hundred is lost. Alone it waits for the probe or the timeout; with traffic behind it, for three more.
    expect(share(idle, 0.995)).toBeGreaterThan(LATENCY_US + 100_000)
    expect(share(busy, 0.995)).toBeGreaterThan(LATENCY_US + 30_000)
    expect(share(busy, 0.995)).toBeLessThan(LATENCY_US + 100_000)
    // Head of line: a loss holds up those behind it, so that more of the busy messages are late.
    const late = (sorted: readonly number[]): number => sorted.filter((us) => us > LATENCY_US).length / sorted.length
    expect(late(idle)).toBeLessThan(0.015)
    expect(late(busy)).toBeGreaterThan(0.02)
  })

  it('R1: without loss no message is late', () => {
    expect(new Set(latenciesUs(20_000, 500, 0))).toEqual(new Set([LATENCY_US]))
  })

  it('R7: the connections of a device share its rate: a large frame delays a request of the same device', () => {
    const net = openNet({ delay: { latencyUs: LATENCY_US }, bottleneck: { rateKbps: 400 }, queue: { maxPackets: 50 } })
    const answeredUs = (): number => {
      const startUs = net.kernel.nowUs
      const before = net.harness.requests.length
      net.transport.request({ method: 'GET', path: '/d', document: 'd', body: new Uint8Array(0) }, 60_000_000, () => undefined)
      while (net.harness.requests.length === before) net.until(net.kernel.nowUs + 1_000)
      const tookUs = net.kernel.nowUs - startUs
      net.harness.requests[before].respond({ status: 200, body: new Uint8Array(0), version: 1 })
      net.until(net.kernel.nowUs + 5_000_000)
      return tookUs
    }
    answeredUs() // opens the connection
    const aloneUs = answeredUs()
    net.client.end.send(new Uint8Array(40_000), 'data')
    const besideUs = answeredUs()
    expect(aloneUs).toBeLessThan(35_000)
    // An initial window of ten full packets at 400 kbit/s is 300 ms of queue.
    expect(besideUs - aloneUs).toBeGreaterThan(200_000)
  })

  it('A04, R4: sends into a black hole succeed; they wait in TCP\'s buffer and beyond it, until TCP gives up', () => {
    const net = openNet({ delay: { latencyUs: LATENCY_US } })
    net.link.partition()
    const frame = new Uint8Array(1_000_000)
    for (let count = 0; count < 8; count++) net.client.end.send(frame, 'data')
    expect(net.client.end.bufferedBytes).toBeGreaterThan(8_000_000)
    net.until(net.kernel.nowUs + 600_000_000)
    expect(net.client.closed).toBeNull()
    net.until(net.kernel.nowUs + 900_000_000)
    expect(net.client.closed?.why).toEqual({ kind: 'lost' })
    expect(net.server.closed).toBeNull() // half-open: it has sent nothing and heard nothing
    expect(net.frames('lost').filter(({ from }) => from === 'A')).toHaveLength(8)
    expect(net.world.quiescence.pending()).toEqual([])
  })

  it('A04: what does not fit TCP\'s buffer is sent when there is room, whole and in order', () => {
    const net = openNet({ delay: { latencyUs: LATENCY_US } })
    const sizes = [3_000_000, 2_000_000, 1_000_000, 10]
    for (const size of sizes) net.client.end.send(new Uint8Array(size), 'data')
    net.client.end.close(1000)
    net.kernel.run()
    expect(net.server.frames.map(({ text }) => text.length)).toEqual(sizes)
    expect(net.server.closed?.why).toEqual({ kind: 'closed', code: 1000 })
    expect(net.client.end.bufferedBytes).toBe(0)
  })

  it('R4: a half-open server hears nothing while silent, and learns by its own sending when the device is back', () => {
    const net = openNet({ delay: { latencyUs: LATENCY_US } })
    net.link.goOffline()
    net.transport.reset(false)
    net.link.comeOnline()
    net.until(net.kernel.nowUs + 3_600_000_000)
    expect(net.server.closed).toBeNull()
    const sentUs = net.kernel.nowUs
    net.server.end.send(bytesOf('anyone?'), 'data')
    net.kernel.run()
    expect(net.server.closed).toEqual({ why: { kind: 'lost' }, atUs: sentUs + 2 * LATENCY_US })
    expect(net.frames('lost').map(({ from }) => from)).toEqual(['server'])
  })
})
