import { describe, expect, it } from 'vitest'
import { bytesOf, StreamHarness, textsOf } from '../testing/stream-harness.ts'
import { makeTestWorld, type TestWorld } from '../testing/test-world.ts'
import { ScriptedTransport } from './scripted-transport.ts'
import type { StreamEnd } from './transport.ts'

interface Net extends TestWorld {
  readonly harness: StreamHarness
  readonly transport: ScriptedTransport
  /** Sends, as if while handling an edit (or none). */
  send(end: StreamEnd | undefined, cause: string | null, text: string, traffic?: 'data' | 'control'): void
}

function openNet(): Net {
  const world = makeTestWorld()
  const [device, server] = world.hosts
  const harness = new StreamHarness(device)
  const transport = new ScriptedTransport(device, server, harness)
  harness.dial(transport)
  world.until(0)
  return {
    ...world, harness, transport,
    send: (end, cause, text, traffic = 'data') => {
      world.world.cause.current = cause
      end?.send(bytesOf(text), traffic)
      world.world.cause.current = null
    },
  }
}
const up = (net: Net): readonly string[] => textsOf(net.harness.servers[0])
const down = (net: Net): readonly string[] => textsOf(net.harness.clients[0])

describe('ScriptedTransport', () => {
  it('opens without time, the server first', () => {
    const { harness } = openNet()
    expect([harness.servers.length, harness.clients.length, harness.clients[0].openedAtUs]).toEqual([1, 1, 0])
  })

  it('holds what an edit caused until a delivery, which brings everything before it too and nothing behind it', () => {
    const net = openNet()
    const { end } = net.harness.clients[0]
    for (const [cause, text] of [['e1', '1'], ['e2', '2a'], ['e1', '1 again'], ['e2', '2b'], ['e3', '3']]) net.send(end, cause, text)
    net.until(60_000_000)
    expect(up(net)).toEqual([])
    net.transport.deliver('up', 'e1')
    expect(up(net)).toEqual(['1', '2a', '1 again'])
    net.transport.deliver('up', 'e2')
    expect(up(net)).toEqual(['1', '2a', '1 again', '2b'])
    expect(net.harness.servers[0].frames.map(({ cause }) => cause)).toEqual(['e1', 'e2', 'e1', 'e2'])
    expect(net.world.quiescence.pending()).toEqual(['A: 1 x data frame in flight'])
  })

  it('a delivery moves one way only, and one through an edit without held frames moves nothing', () => {
    const net = openNet()
    net.send(net.harness.clients[0].end, 'e1', 'up')
    net.send(net.harness.servers[0].end, 'e1', 'down')
    net.transport.deliver('up', 'unknown')
    expect([up(net), down(net)]).toEqual([[], []])
    net.transport.deliver('down', 'e1')
    expect([up(net), down(net)]).toEqual([[], ['down']])
    net.transport.deliver('down', 'e1')
    expect(down(net)).toEqual(['down'])
  })

  it('frames without a cause arrive at once, several in one moment too', () => {
    const net = openNet()
    for (const text of ['a', 'b', 'c']) net.send(net.harness.clients[0].end, null, text)
    expect(up(net)).toEqual([])
    net.until(0)
    expect(up(net)).toEqual(['a', 'b', 'c'])
    expect(net.harness.servers[0].frames[2].atUs).toBe(0)
  })

  it('a causeless frame behind a held one keeps its place, and goes with what it waited for', () => {
    const net = openNet()
    const { end } = net.harness.clients[0]
    net.send(end, 'e1', '1')
    net.send(end, null, 'causeless')
    net.send(end, 'e2', '2')
    net.until(1_000)
    expect(up(net)).toEqual([])
    net.transport.deliver('up', 'e1')
    expect(up(net)).toEqual(['1', 'causeless'])
  })

  it('free: what is held arrives, and from then on everything does at once, in order', () => {
    const net = openNet()
    const { end } = net.harness.clients[0]
    net.send(end, 'e1', '1')
    net.transport.free()
    expect(up(net)).toEqual(['1'])
    net.send(end, 'e2', '2')
    net.send(end, null, '3')
    net.send(end, 'e4', '4')
    net.until(0)
    expect(up(net)).toEqual(['1', '2', '3', '4'])
    expect(net.world.quiescence.isIdle).toBe(true)
  })

  it('R7: what is sent is copied', () => {
    const net = openNet()
    const bytes = bytesOf('x')
    net.harness.clients[0].end.send(bytes, 'data')
    bytes[0] = 0
    net.until(0)
    expect(up(net)).toEqual(['x'])
  })

  it('requests are answered without time; timeouts and cancelling work', () => {
    const net = openNet()
    const results: unknown[] = []
    const request = { method: 'GET' as const, path: '/x', document: 'doc', body: bytesOf('') }
    net.world.cause.current = 'e1'
    net.transport.request(request, 1_000_000, (result, cause) => results.push([result, cause]))
    net.world.cause.current = null
    net.until(0)
    expect(net.harness.requests).toMatchObject([{ cause: 'e1' }])
    net.harness.requests[0].respond({ status: 200, body: bytesOf('') })
    net.until(0)
    expect(results).toMatchObject([[{ status: 200 }, null]])
    net.transport.request(request, 1_000_000, (result) => results.push(result))
    net.until(1_000_000)
    expect(results[1]).toEqual({ failed: 'timeout' })
    net.harness.requests[1].respond({ status: 200, body: bytesOf('') })
    const cancel = net.transport.request(request, 1_000_000, (result) => results.push(result))
    cancel()
    cancel()
    net.kernel.run()
    expect(results).toHaveLength(2)
    expect(net.world.quiescence.pending()).toEqual([])
  })

  it('knows neither resets nor an end', () => {
    const net = openNet()
    expect(() => net.transport.reset()).toThrow(/no faults/)
    expect(() => net.harness.clients[0].end.close(1000)).toThrow(/never end/)
  })
})
