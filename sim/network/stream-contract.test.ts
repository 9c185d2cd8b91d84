/**
 * What every stream transport does, whatever is below it (A16). A line in `VARIANTS` puts another one to the test.
 *
 * `bridges`: its streams outlive their connections, so that a break is a delay; otherwise it ends the stream, and
 * what was in flight is lost at both ends.
 */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { jitteredLink, type LinkPlan } from '../scenario/link-plan.ts'
import { DEFAULT_WIRE, type WireConfig } from '../scenario/wire-config.ts'
import { bytesOf, StreamHarness, textsOf, type EndLog } from '../testing/stream-harness.ts'
import { tinyPlan } from '../testing/tiny-plan.ts'
import { makeTestWorld, type TestWorld } from '../testing/test-world.ts'
import { makeTransport, type TransportChoice } from './make-transport.ts'
import type { Transport } from './transport.ts'

/** Patience that a test can outlast; longer than any request takes over the links below. */
const WIRE: WireConfig = {
  ...DEFAULT_WIRE, tcpKeepAliveUs: 3_000_000, retryUs: 300_000, keepAliveUs: 1_000_000, livenessUs: 2_500_000,
  holdUs: 2_000_000, pollUs: 250_000, exchangeTimeoutUs: 4_000_000, sessionUs: 20_000_000,
}
interface Variant { readonly name: string; readonly plan: TransportChoice; readonly bridges: boolean }
const VARIANTS: readonly Variant[] = [
  { name: 'websocket', plan: { transport: 'websocket', wire: WIRE }, bridges: false },
  { name: 'sse', plan: { transport: 'sse', wire: WIRE }, bridges: true },
  { name: 'long-poll', plan: { transport: 'long-poll', wire: WIRE }, bridges: true },
  { name: 'http', plan: { transport: 'http', wire: WIRE }, bridges: true },
  { name: 'sse over HTTP/2', plan: { transport: 'sse', wire: { ...WIRE, httpVersion: '2' } }, bridges: true },
  { name: 'long-poll over HTTP/2', plan: { transport: 'long-poll', wire: { ...WIRE, httpVersion: '2' } }, bridges: true },
  { name: 'http over HTTP/2', plan: { transport: 'http', wire: { ...WIRE, httpVersion: '2' } }, bridges: true },
  {
    name: 'websocket with sse to fall back to', bridges: false,
    plan: { transport: 'websocket', wire: WIRE, client: { fallback: { to: ['sse'], connectTimeoutUs: 10_000_000, memoryUs: 60_000_000 } } },
  },
]

const LATENCY_US = 20_000
/** Longer than every patience together: whoever must hear of something has heard of it. */
const LONG_US = 60_000_000

interface Net extends TestWorld { readonly harness: StreamHarness; readonly transport: Transport; wait(us: number): void }

function makeNet({ plan }: Variant, link: LinkPlan = jitteredLink(LATENCY_US, 0), seed = '1'): Net {
  const world = makeTestWorld({ link, seed })
  const [device, server] = world.hosts
  const harness = new StreamHarness(device)
  const transport = makeTransport({ ...tinyPlan(), ...plan }, { device, server, link: world.link, listener: harness })
  return { ...world, harness, transport, wait: (us) => world.until(world.kernel.nowUs + us) }
}

function openNet(variant: Variant, link?: LinkPlan): Net & { readonly client: EndLog; readonly server: EndLog } {
  const net = makeNet(variant, link)
  net.harness.dial(net.transport)
  net.wait(2_000_000)
  return { ...net, client: net.harness.clients[0], server: net.harness.servers[0] }
}

const send = (log: EndLog, ...texts: readonly string[]): void => { for (const text of texts) log.end.send(bytesOf(text), 'data') }
const LOST = { kind: 'lost' }

/** Nothing keeps the world from being quiet, and each frame that matters has ended once. */
function expectSettled(net: Net): void {
  expect(net.world.quiescence.pending()).toEqual([])
  const ended = [...net.frames('delivered'), ...net.frames('lost')].map(({ frame }) => frame)
  expect(new Set(ended).size).toBe(ended.length)
  expect(net.frames('sent').filter(({ traffic, frame }) => traffic !== 'control' && !ended.includes(frame))).toEqual([])
}

describe.each(VARIANTS)('the contract of stream transports: $name', (variant) => {
  it('A01: a dial opens both ends, the server\'s first; nothing is pending then', () => {
    const net = openNet(variant)
    expect([net.harness.clients.length, net.harness.servers.length, net.harness.failedAtUs]).toEqual([1, 1, []])
    expect(net.client.openedAtUs).toBe(6 * LATENCY_US) // TCP, TLS, and the request that opens it
    expect(net.server.openedAtUs).toBe(5 * LATENCY_US)
    expectSettled(net)
  })

  it('A01, R7: keeps order in both directions whatever the jitter, and copies what is sent', () => {
    fc.assert(fc.property(fc.array(fc.nat(40_000), { minLength: 1, maxLength: 20 }), (gaps) => {
      const net = openNet(variant, jitteredLink(1_000, 100_000))
      const bytes = new Uint8Array(1)
      let atUs = net.kernel.nowUs
      gaps.forEach((gap, index) => {
        atUs += gap
        net.kernel.at(atUs, () => {
          bytes[0] = 65 + index
          net.client.end.send(bytes, 'data')
          net.server.end.send(bytes, 'data')
        })
      })
      net.wait(20_000_000)
      const expected = gaps.map((_, index) => String.fromCharCode(65 + index))
      expect([textsOf(net.server), textsOf(net.client)]).toEqual([expected, expected])
      expectSettled(net)
    }), { numRuns: 25 })
  })

  it('frames of no bytes, and of many, arrive as they were sent', () => {
    const net = openNet(variant)
    const large = 'x'.repeat(300_000)
    send(net.client, '', large, 'end')
    send(net.server, '', large, 'end')
    net.wait(20_000_000)
    expect([textsOf(net.server), textsOf(net.client)]).toEqual([['', large, 'end'], ['', large, 'end']])
  })

  it('what is sent while an end is being opened arrives', () => {
    const net = makeNet(variant)
    net.harness.onOpen = (side, end) => end.send(bytesOf(`from ${side}`), 'data')
    net.harness.dial(net.transport)
    net.wait(3_000_000)
    expect([textsOf(net.harness.clients[0]), textsOf(net.harness.servers[0])]).toEqual([['from server'], ['from client']])
  })

  it('the cause of a frame arrives with it', () => {
    const net = openNet(variant)
    for (const [end, cause] of [[net.client.end, 'up'], [net.server.end, 'down']] as const) {
      net.world.cause.current = cause
      end.send(bytesOf('x'), 'data')
    }
    net.world.cause.current = null
    net.wait(3_000_000)
    expect([net.server.frames[0].cause, net.client.frames[0].cause]).toEqual(['up', 'down'])
  })

  it.each(['client', 'server'] as const)('A01: a code with which the %s closes reaches the peer after every frame before it, and nothing is sent after', (closing) => {
    const net = openNet(variant, jitteredLink(1_000, 50_000))
    const [own, peer] = closing === 'client' ? [net.client, net.server] : [net.server, net.client]
    send(own, 'first', 'second')
    own.end.close(4001)
    expect(own.closed?.why).toEqual({ kind: 'closed', code: 4001 })
    send(own, 'too late')
    send(peer, 'crossing')
    net.wait(LONG_US)
    expect([textsOf(peer), textsOf(own)]).toEqual([['first', 'second'], []])
    expect(peer.closed?.why).toEqual({ kind: 'closed', code: 4001 })
    expectSettled(net)
  })

  it.each(['client', 'server'] as const)('an end closed while it is being opened at the %s is closed once, and its peer hears the code', (closing) => {
    const net = makeNet(variant)
    net.harness.onOpen = (side, end) => { if (side === closing) end.close(4000) }
    net.harness.dial(net.transport)
    net.wait(LONG_US)
    const ends = [net.harness.clients[0], net.harness.servers[0]]
    expect(ends.map(({ closed }) => closed?.why)).toEqual([{ kind: 'closed', code: 4000 }, { kind: 'closed', code: 4000 }])
    expect(net.harness.failedAtUs).toEqual([])
  })

  it('R1: a partition closes nothing at once; what both ends sent meanwhile arrives after it, in order', () => {
    const net = openNet(variant)
    net.link.partition()
    send(net.client, '1', '2')
    send(net.server, '3')
    net.wait(1_500_000)
    expect([textsOf(net.server), textsOf(net.client), net.client.closed, net.server.closed]).toEqual([[], [], null, null])
    expect(net.client.end.bufferedBytes).toBeGreaterThan(0)
    expect(net.server.end.bufferedBytes).toBeGreaterThan(0)
    net.link.heal()
    send(net.client, '4')
    net.wait(15_000_000)
    expect([textsOf(net.server), textsOf(net.client)]).toEqual([['1', '2', '4'], ['3']])
    expect([net.client.end.bufferedBytes, net.server.end.bufferedBytes]).toEqual([0, 0])
    expectSettled(net)
  })

  it.each([true, false])('R1, A08: a break (the server is told: %s) loses what is in flight, or brings it again once', (serverIsTold) => {
    const net = openNet(variant)
    send(net.client, 'up')
    send(net.server, 'down')
    net.wait(LATENCY_US / 2)
    net.transport.reset(serverIsTold)
    expect(net.client.closed?.why).toEqual(variant.bridges ? undefined : LOST)
    net.wait(LONG_US)
    expect([textsOf(net.server), textsOf(net.client)]).toEqual(variant.bridges ? [['up'], ['down']] : [[], []])
    if (!variant.bridges) return
    expect([net.client.closed, net.server.closed]).toEqual([null, null])
    send(net.client, 'more')
    send(net.server, 'more')
    net.wait(3_000_000)
    expect([textsOf(net.server), textsOf(net.client)]).toEqual([['up', 'more'], ['down', 'more']])
    expectSettled(net)
  })

  it('R4: a device that vanishes leaves a half-open stream: the server sends into it and hears nothing, until the device dials again', () => {
    const net = openNet(variant)
    net.link.goOffline()
    net.transport.deviceGone(null)
    net.wait(500_000)
    send(net.server, 'void', 'void')
    net.wait(5_000_000)
    expect(net.server.closed).toBeNull()
    expect(net.server.end.bufferedBytes).toBeGreaterThan(0)
    net.link.comeOnline()
    net.harness.dial(net.transport)
    net.wait(5_000_000)
    expect(net.server.closed).toEqual({ why: LOST, atUs: net.harness.servers[1].openedAtUs })
    send(net.harness.servers[1], 'again')
    net.wait(3_000_000)
    expect([textsOf(net.client), textsOf(net.harness.clients[1]), net.client.closed]).toEqual([[], ['again'], null])
    expectSettled(net)
  })

  it('offline: a dial fails once, at once, and a dial under way when the radio goes off', () => {
    const net = makeNet(variant)
    net.link.goOffline()
    net.harness.dial(net.transport)
    net.wait(1)
    expect(net.harness.failedAtUs).toEqual([0])
    net.link.comeOnline()
    net.harness.dial(net.transport)
    net.wait(3 * LATENCY_US)
    net.link.goOffline()
    net.transport.reset(false)
    net.wait(LONG_US)
    expect([net.harness.failedAtUs, net.harness.servers.length]).toEqual([[0, 1 + 3 * LATENCY_US], 0])
    expectSettled(net)
  })

  it('A01, R2: a dial that the server\'s edge refuses fails when its answer comes, and leaves nothing open', () => {
    const net = makeNet(variant)
    net.harness.isOpen = false
    net.harness.dial(net.transport)
    net.wait(LONG_US)
    expect([net.harness.failedAtUs, net.harness.clients, net.harness.servers]).toEqual([[6 * LATENCY_US], [], []])
    expectSettled(net)
    net.harness.isOpen = true
    net.harness.dial(net.transport)
    net.wait(2_000_000)
    expect([net.harness.clients.length, net.harness.servers.length]).toEqual([1, 1])
  })

  it('R2: an open stream bears an edge that refuses for a while: what both ends send meanwhile arrives, once', () => {
    const net = openNet(variant)
    net.harness.isOpen = false
    send(net.client, 'up')
    send(net.server, 'down')
    net.wait(3_000_000)
    // A WebSocket and an event stream are no requests any more; everything else is.
    expect(textsOf(net.server)).toEqual(variant.bridges ? [] : ['up'])
    net.harness.isOpen = true
    net.wait(3_000_000)
    expect([textsOf(net.server), textsOf(net.client), net.client.closed, net.server.closed]).toEqual([['up'], ['down'], null, null])
    expectSettled(net)
  })

  it('R2: a connection that breaks meanwhile ends an event stream, for which an error is final, and no polls', () => {
    const net = openNet(variant)
    net.harness.isOpen = false
    net.transport.reset(true)
    net.wait(3_000_000)
    const isEventStream = variant.plan.transport === 'sse'
    expect(net.client.closed?.why ?? null).toEqual(isEventStream || !variant.bridges ? LOST : null)
    net.harness.isOpen = true
    if (isEventStream) {
      net.harness.dial(net.transport)
      net.wait(3_000_000)
      expect([net.harness.clients.length, net.server.closed?.why]).toEqual([2, LOST])
    }
    net.wait(3_000_000)
    expectSettled(net)
  })

  it('A16: an end that is closed by the server with a code hears it, whatever carries the stream', () => {
    const net = openNet(variant)
    send(net.client, 'a token')
    net.wait(1_000_000)
    net.server.end.close(4401)
    net.wait(LONG_US)
    expect([net.client.closed?.why, net.server.closed?.why]).toEqual([{ kind: 'closed', code: 4401 }, { kind: 'closed', code: 4401 }])
    expectSettled(net)
  })

  it('R5: of a device whose process is killed the server gets what was written, and hears that the stream is lost', () => {
    const net = openNet(variant)
    send(net.client, 'first')
    net.wait(1_100_000) // a connection is idle
    send(net.client, 'written')
    net.transport.deviceGone({ kind: 'lost' })
    send(net.server, 'nobody reads this')
    net.wait(LONG_US)
    expect([textsOf(net.server), net.server.closed?.why, net.client.closed]).toEqual([['first', 'written'], LOST, null])
    expectSettled(net)
  })

  it('A15: a device whose process ends in order leaves no stream behind, and the server hears its code if it can be said at once', () => {
    const net = openNet(variant)
    send(net.client, 'written')
    net.wait(1_100_000) // a connection is idle
    net.transport.deviceGone({ kind: 'closed', code: 1001 })
    net.wait(LONG_US)
    expect([textsOf(net.server), net.server.closed?.why, net.client.closed]).toEqual([['written'], { kind: 'closed', code: 1001 }, null])
    expectSettled(net)
  })

  it.each([null, { kind: 'lost' as const }, { kind: 'closed' as const, code: 1012 }])('K02, R4: a server whose process ends (heard: %j) is missed, and can be dialled again', (heard) => {
    const net = openNet(variant)
    send(net.server, 'before')
    net.wait(1_000_000)
    send(net.client, 'up')
    net.transport.serverGone(heard)
    const [server] = [net.server]
    net.wait(LONG_US)
    const told = heard?.kind === 'closed' && net.client.closed?.why.kind === 'closed' ? heard : LOST
    expect(net.client.closed?.why).toEqual(told)
    expect([textsOf(net.client), textsOf(server), server.closed]).toEqual([['before'], [], null])
    net.harness.dial(net.transport)
    net.wait(3_000_000)
    send(net.harness.clients[1], 'again')
    net.wait(3_000_000)
    expect(textsOf(net.harness.servers[1])).toEqual(['again'])
    expectSettled(net)
  })

  it('R4: a dial whose answer is lost with the server\'s power fails in the end', () => {
    const net = makeNet(variant)
    net.harness.dial(net.transport)
    net.wait(5 * LATENCY_US + LATENCY_US / 2)
    expect([net.harness.servers.length, net.harness.clients.length]).toEqual([1, 0])
    net.transport.serverGone(null)
    net.wait(LONG_US)
    expect([net.harness.failedAtUs.length, net.harness.clients.length]).toEqual([1, 0])
    expectSettled(net)
  })

  it('H3: a device whose stream the server has forgotten counts as not connected until it knows', () => {
    const net = openNet(variant)
    net.transport.serverGone(null)
    expect(net.world.quiescence.pending()).toEqual(['A: 1 x not connected'])
    net.wait(LONG_US)
    expect(net.world.quiescence.pending()).toEqual([])
  })

  it('I07: a stream that a middlebox has forgotten ends, or is found again', () => {
    const net = openNet(variant)
    net.transport.forgetStreams()
    net.wait(LONG_US)
    if (!variant.bridges) expect(net.client.closed?.why).toEqual(LOST)
    else {
      send(net.server, 'still there')
      net.wait(5_000_000)
      expect(textsOf(net.client)).toEqual(['still there'])
    }
    expectSettled(net)
  })

  it('a device that dials again has one stream: the server ends the older one', () => {
    const net = openNet(variant)
    net.harness.dial(net.transport)
    net.wait(LONG_US)
    expect([net.server.closed?.why, net.client.closed?.why]).toEqual([LOST, LOST])
    send(net.harness.clients[1], 'up')
    send(net.harness.servers[1], 'down')
    net.wait(3_000_000)
    expect([textsOf(net.harness.servers[1]), textsOf(net.harness.clients[1])]).toEqual([['up'], ['down']])
    expectSettled(net)
  })

  it('requests go beside a stream, and fail when connections break', () => {
    const net = openNet(variant)
    const results: unknown[] = []
    const ask = (): void => { net.transport.request({ method: 'GET', path: '/d', document: 'd', body: new Uint8Array(0) }, 5_000_000, (result) => results.push(result)) }
    ask()
    net.wait(1_000_000)
    net.harness.requests[0].respond({ status: 200, body: bytesOf('body'), version: 3 })
    net.wait(1_000_000)
    ask()
    net.wait(1_000_000)
    net.transport.reset(true)
    expect(results).toEqual([{ status: 200, body: bytesOf('body'), version: 3 }, { failed: 'network' }])
  })

  it('R1, A08, A09: over lossy links with random faults each end gets a beginning of what its peer sent, once, and a stream that stays open gets all', () => {
    const fault = fc.record({ what: fc.constantFrom('partition', 'break', 'untold break', 'offline', 'server restart', 'server power', 'forget'), atMs: fc.nat(20_000), lengthMs: fc.nat(6_000) })
    const from = fc.constantFrom('client', 'server')
    const run = fc.record({
      seed: fc.nat(1_000_000), loss: fc.constantFrom(0, 0.02, 0.1), faults: fc.array(fault, { maxLength: 5 }),
      sends: fc.array(fc.record({ atMs: fc.nat(24_000), from }), { minLength: 1, maxLength: 40 }),
    })
    fc.assert(fc.property(run, ({ seed, loss, faults, sends }) => {
      const direction = { delay: { latencyUs: LATENCY_US, jitterUs: 5_000 }, ...(loss === 0 ? {} : { loss: { model: 'random' as const, probability: loss } }) }
      const net = makeNet(variant, { up: direction, down: direction }, String(seed))
      const { kernel, link, transport, harness } = net
      const sent = { client: new Map<EndLog, string[]>(), server: new Map<EndLog, string[]>() }
      const redial = (): void => {
        const last = harness.clients.at(-1)
        const dials = harness.clients.length + harness.failedAtUs.length
        if (dials === attempts && (last === undefined || last.closed !== null || harness.failedAtUs.length > failures)) {
          attempts += 1
          failures = harness.failedAtUs.length
          harness.dial(transport)
        }
      }
      let [attempts, failures] = [0, 0]
      for (let atMs = 0; atMs < 120_000; atMs += 500) kernel.at(atMs * 1_000, redial)
      for (const { what, atMs, lengthMs } of faults) {
        const [atUs, untilUs] = [atMs * 1_000, (atMs + lengthMs) * 1_000]
        const lasting = (begin: () => void, end: () => void): void => {
          kernel.at(atUs, begin)
          kernel.at(untilUs, end)
        }
        if (what === 'partition') lasting(() => link.partition(), () => link.heal())
        else if (what === 'offline') lasting(() => { link.goOffline(); transport.reset(false) }, () => link.comeOnline())
        else if (what === 'forget') kernel.at(atUs, () => transport.forgetStreams())
        else if (what === 'server restart') kernel.at(atUs, () => transport.serverGone({ kind: 'closed', code: 1012 }))
        else if (what === 'server power') kernel.at(atUs, () => transport.serverGone(null))
        else kernel.at(atUs, () => transport.reset(what === 'break'))
      }
      sends.forEach(({ atMs, from: side }, index) => kernel.at(atMs * 1_000 + 1, () => {
        const end = harness[side === 'client' ? 'clients' : 'servers'].at(-1)
        if (end === undefined || end.closed !== null) return
        const texts = sent[side === 'client' ? 'client' : 'server']
        texts.set(end, [...texts.get(end) ?? [], String(index)])
        send(end, String(index))
      }))
      net.until(180_000_000)
      const pair = (received: readonly EndLog[], of: ReadonlyMap<EndLog, readonly string[]>, senders: readonly EndLog[]): void => {
        const all = senders.map((end) => of.get(end) ?? [])
        for (const log of received) {
          const got = textsOf(log)
          // Streams are not matched by number, since a dial may reach one end only: values are, being unique.
          const own = all.find((texts) => got.length > 0 && texts.includes(got[0])) ?? []
          expect(got).toEqual(own.slice(0, got.length))
        }
      }
      pair(harness.servers, sent.client, harness.clients)
      pair(harness.clients, sent.server, harness.servers)
      const [client, server] = [harness.clients.at(-1), harness.servers.at(-1)]
      expect([client?.closed, server?.closed]).toEqual([null, null])
      if (client === undefined || server === undefined) return
      expect(textsOf(server)).toEqual(sent.client.get(client) ?? [])
      expect(textsOf(client)).toEqual(sent.server.get(server) ?? [])
      expectSettled(net)
    }), { numRuns: 40 })
  })
})
