/** A proxy and the real transports: what it blocks, how a device learns of that, and what goes through untouched (A11). */
import { describe, expect, it } from 'vitest'
import { jitteredLink } from '../../scenario/link-plan.ts'
import type { ProxyPolicy, StreamTransport } from '../../scenario/proxy-policy.ts'
import { DEFAULT_WIRE } from '../../scenario/wire-config.ts'
import { bytesOf, StreamHarness, textsOf } from '../../testing/stream-harness.ts'
import { makeTestWorld, type TestWorld } from '../../testing/test-world.ts'
import { EventStreamTransport } from '../event-stream/event-stream-transport.ts'
import type { Transport } from '../transport.ts'
import { WebSocketTransport } from '../websocket/websocket-transport.ts'
import { UPGRADE_TIMEOUT_US } from '../websocket/websocket-stream.ts'

const LATENCY_US = 10_000
/** TCP and TLS, and a question with its answer: three round trips. */
const ANSWERED_US = 6 * LATENCY_US

interface Net extends TestWorld { readonly harness: StreamHarness; readonly transport: Transport }

function makeNet(name: StreamTransport, proxy: ProxyPolicy = {}): Net {
  const world = makeTestWorld({ link: { ...jitteredLink(LATENCY_US, 0), proxy } })
  const [device, server] = world.hosts
  const harness = new StreamHarness(device)
  const parts = { device, server, link: world.link, listener: harness }
  return { ...world, harness, transport: name === 'websocket' ? new WebSocketTransport(parts, DEFAULT_WIRE) : new EventStreamTransport(name, parts, DEFAULT_WIRE) }
}

function openNet(name: StreamTransport): Net {
  const net = makeNet(name)
  net.harness.dial(net.transport)
  net.until(1_000_000)
  expect(net.harness.clients).toHaveLength(1)
  return net
}

describe('a proxy and WebSockets (A11)', () => {
  it('refuses the upgrade: the dial fails with the answer, and the server hears nothing', () => {
    const net = makeNet('websocket', { websocket: 'refuse' })
    net.harness.dial(net.transport)
    net.until(1_000_000)
    expect([net.harness.failedAtUs, net.harness.clients, net.harness.servers]).toEqual([[ANSWERED_US], [], []])
    expect(net.frames('delivered').map(({ traffic, bytes }) => `${traffic} ${bytes}`)).toEqual(['control 220', 'control 660'])
  })

  it('swallows the upgrade: only the device\'s patience ends the dial', () => {
    const net = makeNet('websocket', { websocket: 'swallow' })
    net.harness.dial(net.transport)
    net.until(UPGRADE_TIMEOUT_US)
    expect([net.harness.failedAtUs, net.harness.servers]).toEqual([[], []])
    net.until(UPGRADE_TIMEOUT_US + 1_000_000)
    expect(net.harness.failedAtUs).toHaveLength(1)
  })

  it('begins to block: an open stream is cut, the server learns at once, the device by the reset', () => {
    const net = openNet('websocket')
    net.harness.clients[0].end.send(bytesOf('in flight'), 'data')
    const unblock = net.link.proxy.block('websocket', 'refuse')
    expect([net.harness.servers[0].closed?.why, net.harness.clients[0].closed]).toEqual([{ kind: 'lost' }, null])
    expect(net.world.quiescence.isIdle).toBe(false)
    net.until(net.kernel.nowUs + LATENCY_US)
    expect([net.harness.clients[0].closed?.why, textsOf(net.harness.servers[0])]).toEqual([{ kind: 'lost' }, []])
    net.harness.dial(net.transport)
    net.until(net.kernel.nowUs + 1_000_000)
    expect([net.harness.failedAtUs.length, net.link.proxy.hits]).toEqual([1, 2])
    unblock()
    net.harness.dial(net.transport)
    net.until(net.kernel.nowUs + 1_000_000)
    expect(net.harness.clients).toHaveLength(2)
    expect(net.world.quiescence.pending()).toEqual([])
  })

  it('R4: when the reset is lost the device believes in its stream until it is probed', () => {
    const net = openNet('websocket')
    net.link.proxy.block('websocket', 'refuse')
    net.link.partition()
    net.kernel.at(net.kernel.nowUs + 1_000_000, () => net.link.heal())
    net.until(net.kernel.nowUs + 2_000_000)
    expect([net.harness.clients[0].closed, net.world.quiescence.pending()]).toEqual([null, ['A: 1 x not connected']])
    net.until(net.kernel.nowUs + DEFAULT_WIRE.tcpKeepAliveUs)
    expect([net.harness.clients[0].closed?.why, net.world.quiescence.pending()]).toEqual([{ kind: 'lost' }, []])
  })

  it('a block of something else is nothing to it, and a stream that has ended is not cut', () => {
    const net = openNet('websocket')
    net.link.proxy.block('sse', 'refuse')
    net.harness.clients[0].end.close(1000)
    net.until(2_000_000)
    net.link.proxy.block('websocket', 'refuse')
    expect([net.harness.servers[0].closed?.why, net.link.proxy.hits]).toEqual([{ kind: 'closed', code: 1000 }, 0])
  })

  it('of several blocks the latest says how, and each ends for itself', () => {
    const { link: { proxy } } = makeNet('websocket', { websocket: 'refuse' })
    const first = proxy.block('websocket', 'swallow')
    const second = proxy.block('websocket', 'refuse')
    first()
    expect(proxy.meets('websocket')).toBe('refuse')
    const third = proxy.block('websocket', 'swallow')
    expect(proxy.meets('websocket')).toBe('swallow')
    third()
    second()
    expect([proxy.meets('websocket'), proxy.meets('sse')]).toEqual(['refuse', null])
  })
})

describe('a proxy and streams of exchanges (A11)', () => {
  it.each(['sse', 'long-poll'] as const)('refuses %s: the dial fails with the answer', (name) => {
    const net = makeNet(name, { [name]: 'refuse' })
    net.harness.dial(net.transport)
    net.until(1_000_000)
    expect([net.harness.failedAtUs, net.harness.servers]).toEqual([[ANSWERED_US], []])
  })

  it.each(['sse', 'long-poll'] as const)('swallows %s: the dial fails when the exchange is given up', (name) => {
    const net = makeNet(name, { [name]: 'swallow' })
    net.harness.dial(net.transport)
    net.until(20_000_000)
    expect([net.harness.failedAtUs, net.harness.servers]).toEqual([[DEFAULT_WIRE.exchangeTimeoutUs], []])
  })

  it('buffers events: the server writes into a stream of which the device never hears', () => {
    const net = makeNet('sse', { sse: 'buffer' })
    net.harness.dial(net.transport)
    net.until(1_000_000)
    expect(net.harness.servers).toHaveLength(1)
    net.harness.servers[0].end.send(bytesOf('unheard'), 'data')
    net.until(20_000_000)
    expect([net.harness.failedAtUs, net.harness.clients]).toEqual([[DEFAULT_WIRE.exchangeTimeoutUs], []])
    net.until(100_000_000)
    expect(net.harness.servers[0].closed?.why).toEqual({ kind: 'lost' })
    expect(net.world.quiescence.pending()).toEqual([])
  })

  it('blocks an event stream that is open: cut, refused when it comes back, and lost for good; requests go on', () => {
    const net = openNet('sse')
    net.link.proxy.block('sse', 'refuse')
    net.until(net.kernel.nowUs + DEFAULT_WIRE.retryUs + 1_000_000)
    expect(net.harness.clients[0].closed?.why).toEqual({ kind: 'lost' })
    const results: unknown[] = []
    net.transport.request({ method: 'GET', path: '/d', document: 'd', body: new Uint8Array(0) }, 1_000_000, (result) => results.push(result))
    net.until(net.kernel.nowUs + 100_000)
    net.harness.requests[0].respond({ status: 200, body: new Uint8Array(0) })
    net.until(net.kernel.nowUs + 100_000)
    expect(results).toMatchObject([{ status: 200 }])
  })

  it.each([['sse', 'buffer'], ['long-poll', 'swallow']] as const)('a block of %s (%s) that ends soon enough costs only time', (name, how) => {
    const net = openNet(name)
    const unblock = net.link.proxy.block(name, how)
    net.harness.servers[0].end.send(bytesOf('late'), 'data')
    net.harness.clients[0].end.send(bytesOf('up'), 'data')
    net.kernel.at(net.kernel.nowUs + 5_000_000, unblock)
    net.until(net.kernel.nowUs + 70_000_000)
    expect([textsOf(net.harness.clients[0]), textsOf(net.harness.servers[0])]).toEqual([['late'], ['up']])
    expect([net.harness.clients[0].closed, net.harness.servers[0].closed]).toEqual([null, null])
    expect(net.world.quiescence.pending()).toEqual([])
  })

  it('plain polling is never blocked', () => {
    const net = makeNet('http', { websocket: 'refuse', sse: 'swallow', 'long-poll': 'refuse' })
    net.harness.dial(net.transport)
    net.until(1_000_000)
    expect(net.harness.clients).toHaveLength(1)
  })
})
