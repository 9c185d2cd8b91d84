import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bytesOf, StreamHarness, textsOf, type EndLog } from '../../testing/stream-harness.ts'
import { makeTestWorld, type TestWorld } from '../../testing/test-world.ts'
import { DEFAULT_WIRE, type WireConfig } from '../../scenario/wire-config.ts'
import { jitteredLink, type LinkPlan } from '../../scenario/link-plan.ts'
import { compressedBytes, framingBytes } from './framing.ts'
import { WebSocketTransport } from './websocket-transport.ts'

const LATENCY_US = 10_000
const HANDSHAKE_US = 6 * LATENCY_US
/** Header, content type and tag of a record (RFC 8446 section 5.2). */
const TLS_RECORD_BYTES = 22

interface Net extends TestWorld { readonly harness: StreamHarness; readonly transport: WebSocketTransport }

function makeNet(link: LinkPlan = jitteredLink(LATENCY_US, 0), seed = '1', wire: Partial<WireConfig> = {}): Net {
  const world = makeTestWorld({ link, seed })
  const [device, server] = world.hosts
  const harness = new StreamHarness(device)
  return { ...world, harness, transport: new WebSocketTransport({ device, server, link: world.link, listener: harness }, { ...DEFAULT_WIRE, ...wire }) }
}

/** A net with one open stream, at the moment both ends know of it. */
function openNet(link?: LinkPlan, seed?: string, wire?: Partial<WireConfig>): Net & { readonly client: EndLog; readonly server: EndLog } {
  const net = makeNet(link, seed, wire)
  net.harness.dial(net.transport)
  net.until(link === undefined ? HANDSHAKE_US : 10_000_000)
  return { ...net, client: net.harness.clients[0], server: net.harness.servers[0] }
}

const send = (log: EndLog, ...texts: readonly string[]): void => { for (const text of texts) log.end.send(bytesOf(text), 'data') }

describe('WebSocket framing (A02)', () => {
  it('is 2 to 14 bytes: by length, and 4 more from the client', () => {
    const sizes = [0, 125, 126, 65_535, 65_536, 1_000_000]
    expect(sizes.map((size) => framingBytes(size, false))).toEqual([2, 2, 4, 4, 10, 10])
    expect(sizes.map((size) => framingBytes(size, true))).toEqual([6, 6, 8, 8, 14, 14])
  })

  it('R7: what is recorded is payload plus framing, by direction', () => {
    const net = openNet()
    const before = net.frames('sent').length
    net.client.end.send(new Uint8Array(200), 'data')
    net.server.end.send(new Uint8Array(100), 'control')
    expect(net.frames('sent').slice(before)).toMatchObject([
      { from: 'A', to: 'server', bytes: 200 + 8, traffic: 'data' }, { from: 'server', to: 'A', bytes: 100 + 2, traffic: 'control' },
    ])
  })
})

describe('permessage-deflate as a factor (A02, RFC 7692)', () => {
  it('makes payloads smaller, not headers, and a payload never vanishes; 1 is off', () => {
    expect([0, 1, 100, 1_000].map((bytes) => compressedBytes(bytes, 0.25))).toEqual([1, 1, 25, 250])
    expect([0, 1, 100, 1_000].map((bytes) => compressedBytes(bytes, 1))).toEqual([0, 1, 100, 1_000])
  })

  it('A02: bytes on the wire are payload x factor + a header for the compressed length, the offer and its acceptance; content is whole', () => {
    const [plain, deflated] = [openNet(), openNet(undefined, '1', { deflate: 0.25 })].map((net) => {
      net.client.end.send(bytesOf('x'.repeat(400)), 'data')
      net.server.end.send(bytesOf('y'.repeat(400)), 'data')
      net.client.end.close(1000)
      net.until(1_000_000)
      expect([textsOf(net.server), net.client.closed?.why]).toEqual([['x'.repeat(400)], { kind: 'closed', code: 1000 }])
      return net.frames('sent').map(({ bytes }) => bytes)
    })
    const close = 2 + 2 + 4
    expect(plain).toEqual([220, 160, 400 + 8, 400 + 4, close])
    expect(deflated).toEqual([220 + 70, 160 + 46, 100 + 6, 100 + 2, close])
  })
})

describe('a page that does not read (A03, A04)', () => {
  const MESSAGES = 60
  const flood = (backpressure: boolean): Net & { readonly client: EndLog; readonly server: EndLog } => {
    const net = openNet(undefined, '1', { backpressure })
    net.hosts[0].stall({ bytes: Infinity, exceeded: () => undefined })
    for (let message = 0; message < MESSAGES; message++) net.server.end.send(new Uint8Array(1_000_000), 'data')
    net.until(net.kernel.nowUs + 30_000_000)
    return net
  }

  it('A03: without backpressure all of it arrives in the page\'s memory, and the sender sees nothing', () => {
    const net = flood(false)
    expect(net.client.frames).toHaveLength(MESSAGES)
    expect(net.server.end.bufferedBytes).toBe(0)
  })

  it('A04: a page that pulls holds one message, TCP\'s window closes, the sender\'s buffer grows; once the page reads, all comes and `writable` is called', () => {
    const net = flood(true)
    expect(net.client.frames).toHaveLength(1)
    // TCP's receive buffer takes 6 MiB, and not a byte more in half a minute of probing.
    expect(net.server.end.bufferedBytes).toBeGreaterThan(MESSAGES * 1_000_000 - 8_000_000)
    expect(net.server.writableAtUs).toEqual([])
    const resumedUs = net.kernel.nowUs
    net.hosts[0].resume()
    net.until(resumedUs + 30_000_000)
    expect(net.client.frames.map(({ text }) => text.length)).toEqual(Array.from({ length: MESSAGES }, () => 1_000_000))
    expect(net.server.end.bufferedBytes).toBe(0)
    expect(net.server.writableAtUs).toHaveLength(1)
    expect(net.server.writableAtUs[0]).toBeGreaterThan(resumedUs)
    expect(net.frames('lost')).toEqual([])
  })

  it('A04: a sender that stays within TCP\'s buffer hears no `writable`', () => {
    const net = openNet()
    send(net.server, 'a', 'b')
    net.server.end.send(new Uint8Array(1_000_000), 'data')
    net.until(net.kernel.nowUs + 5_000_000)
    expect(net.server.writableAtUs).toEqual([])
  })

  it('A04, R4: a pulling page that is closed without having read leaves a reset, not a FIN, and the rest is lost', () => {
    const net = flood(true)
    net.transport.deviceGone({ kind: 'lost' })
    net.kernel.run()
    expect(net.server.closed?.why).toEqual({ kind: 'lost' })
    expect([...net.frames('delivered'), ...net.frames('lost')]).toHaveLength(net.frames('sent').length)
    expect(net.frames('lost')).toHaveLength(MESSAGES - 1)
  })
})

describe('WebSocketStream: an upgrade that is never answered', () => {
  it('R4: whenever a server loses power in a handshake, the device hears of it, at the latest from the keep-alive probe', () => {
    const silent: number[] = []
    for (let seed = 1; seed <= 40; seed++) {
      const net = makeNet(jitteredLink(LATENCY_US, LATENCY_US), String(seed))
      net.harness.dial(net.transport)
      net.until(4 * LATENCY_US + seed * 2_000)
      net.transport.serverGone(null)
      net.link.partition() // nobody is there, for a second
      net.until(1_000_000)
      net.link.heal()
      net.until(2 * DEFAULT_WIRE.tcpKeepAliveUs)
      const [heardUs] = [...net.harness.failedAtUs, ...net.harness.clients.map(({ closed }) => closed?.atUs ?? Infinity)]
      expect(heardUs).toBeLessThan(DEFAULT_WIRE.tcpKeepAliveUs + 1_000_000)
      expect(net.world.quiescence.pending()).toEqual([])
      if (net.harness.clients.length === 0 && heardUs > DEFAULT_WIRE.tcpKeepAliveUs) silent.push(seed)
    }
    // The upgrade was acknowledged, and its answer lost: nothing is left to send again.
    expect(silent.length).toBeGreaterThan(0)
  })
})

describe('WebSocketStream: an upgrade that the server refuses', () => {
  it('A01, R2: fails for the device after three round trips, leaves nothing open, and the next dial succeeds', () => {
    const net = makeNet()
    net.harness.isOpen = false
    net.harness.dial(net.transport)
    net.until(10 * HANDSHAKE_US)
    expect([net.harness.failedAtUs, net.harness.clients, net.harness.servers]).toEqual([[HANDSHAKE_US], [], []])
    expect(net.world.quiescence.pending()).toEqual([])
    net.harness.isOpen = true
    net.harness.dial(net.transport)
    net.until(20 * HANDSHAKE_US)
    expect([net.harness.clients.length, net.harness.servers.length]).toEqual([1, 1])
  })
})

describe('WebSocketStream', () => {
  it('A01: the upgrade is one round trip more than TLS: a request over HTTP on a fresh connection is at the server when the upgrade request is', () => {
    const net = makeNet()
    net.harness.dial(net.transport)
    net.transport.request({ method: 'GET', path: '/d', document: 'd', body: bytesOf('') }, 10_000_000, () => undefined)
    net.until(HANDSHAKE_US)
    expect(net.harness.requests).toMatchObject([{ atUs: 5 * LATENCY_US }])
    expect(net.harness.servers[0].openedAtUs).toBe(5 * LATENCY_US)
    expect(net.harness.clients[0].openedAtUs).toBe(6 * LATENCY_US)
  })

  it('A01: a stream that has ended, in order or not, is not opened again by itself', () => {
    for (const ending of ['close', 'break', 'server'] as const) {
      const net = openNet()
      if (ending === 'close') net.client.end.close(1000)
      if (ending === 'break') net.transport.reset(true)
      if (ending === 'server') net.transport.serverGone({ kind: 'closed', code: 1012 })
      net.until(600_000_000)
      expect([net.harness.clients.length, net.harness.servers.length, net.harness.failedAtUs], ending).toEqual([1, 1, []])
      expect(net.client.closed?.why, ending).toEqual(
        { close: { kind: 'closed', code: 1000 }, break: { kind: 'lost' }, server: { kind: 'closed', code: 1012 } }[ending])
      const frames = net.frames('sent').length
      net.client.end.send(bytesOf('into the void'), 'data')
      expect(net.frames('sent')).toHaveLength(frames)
    }
  })

  it('A01: takes three round trips to open; the server is open half a round trip before the device', () => {
    const net = openNet()
    expect([net.server.openedAtUs, net.client.openedAtUs]).toEqual([5 * LATENCY_US, 6 * LATENCY_US])
    expect(net.frames('delivered').map(({ from, traffic }) => `${from} ${traffic}`)).toEqual(
      ['A control', 'server control'])
  })

  it('what the server sends while accepting arrives right after the handshake', () => {
    const net = makeNet()
    net.harness.onOpen = (side, end) => { if (side === 'server') end.send(bytesOf('welcome'), 'data') }
    net.harness.dial(net.transport)
    net.kernel.run()
    expect(textsOf(net.harness.clients[0])).toEqual(['welcome'])
  })

  it('A01: keeps order in both directions whatever the jitter, and copies what is sent (R7)', () => {
    fc.assert(fc.property(fc.array(fc.nat(5_000), { minLength: 1, maxLength: 30 }), (gaps) => {
      const net = openNet(jitteredLink(1_000, 100_000))
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
      net.kernel.run()
      const expected = gaps.map((_, index) => String.fromCharCode(65 + index))
      expect(textsOf(net.server)).toEqual(expected)
      expect(textsOf(net.client)).toEqual(expected)
    }), { numRuns: 60 })
  })

  it('R1: a frame that meets a partition holds up those behind it (head of line), and none is missing', () => {
    const net = openNet()
    const { kernel, link } = net
    const startUs = kernel.nowUs
    send(net.client, 'lost once')
    kernel.at(startUs + 5_000, () => link.partition())
    kernel.at(startUs + 15_000, () => {
      link.heal()
      send(net.client, 'in time')
    })
    kernel.run()
    expect(textsOf(net.server)).toEqual(['lost once', 'in time'])
    const [lost, behind] = net.server.frames.map(({ atUs }) => atUs - startUs)
    expect(behind).toBe(lost)
    // What comes behind it gives the loss away: sooner than any timeout, later than its own arrival at 25 ms.
    expect(lost).toBeGreaterThan(25_000)
    expect(lost).toBeLessThan(200_000)
  })

  it('R1, R4: a partition closes nothing; what both ends sent meanwhile arrives after it, in order', () => {
    const net = openNet()
    const { kernel, link } = net
    link.partition()
    send(net.client, '1', '2')
    send(net.server, '3')
    net.until(kernel.nowUs + 30_000_000)
    expect([textsOf(net.server), textsOf(net.client), net.client.closed]).toEqual([[], [], null])
    expect(net.client.end.bufferedBytes).toBe(2 * (1 + 6 + TLS_RECORD_BYTES))
    const healedUs = kernel.nowUs
    link.heal()
    send(net.client, '4')
    kernel.run()
    expect([textsOf(net.server), textsOf(net.client)]).toEqual([['1', '2', '4'], ['3']])
    expect(net.server.frames[0].atUs).toBeGreaterThan(healedUs)
    expect(net.client.end.bufferedBytes).toBe(0)
  })

  it('R1: a break loses what is in flight at both ends without notice, and the server hears of it later', () => {
    const net = openNet()
    send(net.client, 'up')
    send(net.server, 'down')
    const atUs = net.kernel.nowUs
    net.transport.reset(true)
    expect(net.client.closed).toEqual({ why: { kind: 'lost' }, atUs })
    expect(net.server.closed).toBeNull()
    net.kernel.run()
    expect(net.server.closed).toEqual({ why: { kind: 'lost' }, atUs: atUs + LATENCY_US })
    expect([textsOf(net.server), textsOf(net.client)]).toEqual([[], []])
    expect(net.frames('lost').map(({ from }) => from)).toEqual(['A', 'server'])
  })

  it('R4: a device that vanishes leaves a half-open stream: the server keeps sending into it until the device dials again', () => {
    const net = openNet()
    const { kernel, link, transport, harness } = net
    link.goOffline()
    transport.reset(false)
    net.until(kernel.nowUs + 5_000_000)
    send(net.server, 'void', 'void')
    net.until(kernel.nowUs + 5_000_000)
    expect(net.server.closed).toBeNull()
    expect(net.frames('lost').filter(({ from }) => from === 'server')).toHaveLength(2)
    link.comeOnline()
    harness.dial(transport)
    kernel.run()
    expect(net.server.closed?.why).toEqual({ kind: 'lost' })
    expect(net.server.closed?.atUs).toBe(harness.servers[1].openedAtUs)
    send(harness.servers[1], 'again')
    kernel.run()
    expect([textsOf(net.client), textsOf(harness.clients[1])]).toEqual([[], ['again']])
  })

  it('offline: a dial fails at once, and a handshake under way fails when the radio goes off', () => {
    const net = makeNet()
    const { kernel, link, transport, harness } = net
    link.goOffline()
    harness.dial(transport)
    kernel.run()
    expect([harness.failedAtUs, harness.servers.length]).toEqual([[0], 0])
    link.comeOnline()
    harness.dial(transport)
    net.until(3 * LATENCY_US)
    link.goOffline()
    transport.reset(false)
    kernel.run()
    expect([harness.failedAtUs, harness.servers.length]).toEqual([[0, 3 * LATENCY_US], 0])
  })

  it('A01: a close code reaches the peer after every frame sent before it, and nothing is sent after', () => {
    const net = openNet(jitteredLink(1_000, 50_000))
    send(net.client, 'first', 'second')
    net.client.end.close(4001)
    send(net.client, 'too late')
    const sent = net.frames('sent').length
    net.kernel.run()
    expect(textsOf(net.server)).toEqual(['first', 'second'])
    expect(net.server.closed?.why).toEqual({ kind: 'closed', code: 4001 })
    expect(net.client.closed?.why).toEqual({ kind: 'closed', code: 4001 })
    expect(net.frames('sent')).toHaveLength(sent)
  })

  it('after close nothing is handed over: frames of the peer that were on their way go nowhere', () => {
    const net = openNet()
    send(net.server, 'crossing')
    net.client.end.close(1000)
    net.kernel.run()
    expect(textsOf(net.client)).toEqual([])
    expect(net.server.closed?.why).toEqual({ kind: 'closed', code: 1000 })
  })

  it('an end closed while it is being opened is closed, once, and its peer hears the code', () => {
    for (const closing of ['client', 'server'] as const) {
      const net = makeNet()
      net.harness.onOpen = (side, end) => { if (side === closing) end.close(4000) }
      net.harness.dial(net.transport)
      net.kernel.run()
      const [client, server] = [net.harness.clients[0], net.harness.servers[0]]
      expect([client.closed?.why, server.closed?.why], closing).toEqual([{ kind: 'closed', code: 4000 }, { kind: 'closed', code: 4000 }])
      expect(net.harness.failedAtUs).toEqual([])
    }
  })

  it('a break during a partition does not reach the server before the partition ends', () => {
    const net = openNet()
    net.link.partition()
    net.transport.reset(true)
    net.until(net.kernel.nowUs + 3_000_000)
    expect([net.client.closed?.why, net.server.closed]).toEqual([{ kind: 'lost' }, null])
    net.link.heal()
    const healedUs = net.kernel.nowUs
    net.kernel.run()
    expect(net.server.closed?.atUs).toBeGreaterThan(healedUs)
  })
})
