/** A data channel over links that lose, copy, shuffle and go dark: what arrives of it, how often, and who notices an end. */
import { describe, expect, it } from 'vitest'
import type { LinkDescription } from '../../scenario/link-plan.ts'
import { DEFAULT_WIRE } from '../../scenario/wire-config.ts'
import { bytesOf, StreamHarness, textsOf, type EndLog } from '../../testing/stream-harness.ts'
import { makeTestWorld, type TestWorld } from '../../testing/test-world.ts'
import { messageBytes, PART_BYTES_MAX, partsOf } from './datagram-packets.ts'
import { CONSENT_CHECK_US, CONSENT_EXPIRY_US, DIAL_TIMEOUT_US, HANDSHAKE_REPEAT_US } from './datagram-times.ts'
import { DatagramTransport } from './datagram-transport.ts'

const LATENCY_US = 10_000
const PLAIN: LinkDescription = { delay: { latencyUs: LATENCY_US } }
/** Five round trips. */
const OPEN_US = 10 * LATENCY_US

interface Net extends TestWorld { readonly harness: StreamHarness; readonly transport: DatagramTransport }

function makeNet(up: LinkDescription = PLAIN, down: LinkDescription = PLAIN, seed = '1'): Net {
  const world = makeTestWorld({ link: { up, down }, seed })
  const [device, server] = world.hosts
  const harness = new StreamHarness(device)
  return { ...world, harness, transport: new DatagramTransport({ device, server, link: world.link, listener: harness }, DEFAULT_WIRE) }
}

interface OpenNet extends Net { readonly client: EndLog; readonly server: EndLog }

function openNet(up: LinkDescription = PLAIN, down: LinkDescription = PLAIN, seed = '1'): OpenNet {
  const net = makeNet(up, down, seed)
  net.harness.dial(net.transport)
  while (net.harness.clients.length === 0) net.until(net.kernel.nowUs + 100_000)
  return { ...net, client: net.harness.clients[0], server: net.harness.servers[0] }
}

/** Sends so many messages of so many bytes, one every millisecond, each beginning with its number; hands back which arrived, in order. */
function sendMany(net: OpenNet, messages: number, bytes = 8): readonly number[] {
  const startUs = net.kernel.nowUs
  for (let message = 0; message < messages; message++) {
    net.kernel.at(startUs + message * 1_000, () => net.client.end.send(bytesOf(String(message).padEnd(bytes)), 'data'))
  }
  net.until(startUs + messages * 1_000 + 2_000_000)
  return textsOf(net.server).map(Number)
}

describe('messages on a data channel (R3)', () => {
  it('a message is cut into packets of what the path takes, and costs 28 bytes in each', () => {
    expect([0, 1, PART_BYTES_MAX, PART_BYTES_MAX + 1, 3 * PART_BYTES_MAX].map((bytes) => partsOf(bytes)))
      .toEqual([[0], [1], [PART_BYTES_MAX], [PART_BYTES_MAX, 1], [PART_BYTES_MAX, PART_BYTES_MAX, PART_BYTES_MAX]])
    expect([messageBytes(1), messageBytes(PART_BYTES_MAX), messageBytes(PART_BYTES_MAX + 1)]).toEqual([32, 1_188, 1_188 + 32])
    const net = openNet()
    const before = net.link.up.counters
    const [packets, bytes] = [before.sent, before.sentBytes]
    net.client.end.send(new Uint8Array(2_000), 'data')
    expect([net.link.up.counters.sent - packets, net.link.up.counters.sentBytes - bytes]).toEqual([2, 2_000 + 2 * (28 + 28 + 37)])
  })

  it.each([[0.05, 1], [0.05, 4], [0.2, 1], [0.2, 4], [0.5, 2]])('at %d packet loss a message of %d parts is lost as often as any of its packets', (loss, parts) => {
    const net = openNet({ ...PLAIN, loss: { model: 'random', probability: loss } })
    const messages = 4_000
    const arrived = sendMany(net, messages, (parts - 1) * PART_BYTES_MAX + 40)
    let kept = 1
    for (let part = 0; part < parts; part++) kept *= 1 - loss
    // Four standard deviations of the binomial distribution.
    expect(Math.abs(arrived.length - messages * kept)).toBeLessThan(4 * Math.sqrt(messages * kept * (1 - kept)))
    const sent = net.frames('sent').filter(({ traffic }) => traffic === 'data').map(({ frame }) => frame)
    const ended = [...net.frames('delivered'), ...net.frames('lost')].filter(({ traffic }) => traffic === 'data').map(({ frame }) => frame)
    expect(ended.sort((a, b) => a - b)).toEqual(sent)
  })

  it('R3: messages come in the order of their last packets: shuffled over a link that shuffles, else as sent', () => {
    const jitter = { delay: { latencyUs: 20_000, jitterUs: 15_000 } }
    const inOrder = sendMany(openNet(jitter), 500)
    expect(inOrder).toEqual(Array.from({ length: 500 }, (_, message) => message))
    const shuffled = sendMany(openNet({ ...jitter, keepsOrder: false }), 500)
    expect([...shuffled].sort((a, b) => a - b)).toEqual(inOrder)
    expect(shuffled.filter((message, index) => message < (shuffled[index - 1] ?? 0)).length).toBeGreaterThan(100)
  })

  it('a packet that the link copies is recognised: its message is handed over once', () => {
    const net = openNet({ ...PLAIN, duplicate: { probability: 0.5 } })
    const copied = net.link.up.counters.copied
    expect(sendMany(net, 400, PART_BYTES_MAX + 1)).toEqual(Array.from({ length: 400 }, (_, message) => message))
    expect(net.link.up.counters.copied - copied).toBeGreaterThan(300)
  })

  it('bytes are copied at the sender, causes travel with them, and nothing holds a sender back (R7)', () => {
    const net = openNet()
    const bytes = bytesOf('one')
    net.world.cause.current = 'edit-1'
    net.client.end.send(bytes, 'data')
    net.world.cause.current = null
    bytes.fill(0)
    expect(net.client.end.bufferedBytes).toBe(0)
    net.until(net.kernel.nowUs + LATENCY_US)
    expect(net.server.frames).toMatchObject([{ text: 'one', cause: 'edit-1' }])
    expect(net.world.quiescence.isIdle).toBe(true)
  })

  it('H3: a message that is lost is no longer in flight', () => {
    const net = openNet()
    net.link.partition()
    net.client.end.send(bytesOf('gone'), 'data')
    expect(net.world.quiescence.isIdle).toBe(false)
    net.until(net.kernel.nowUs + LATENCY_US)
    expect([net.world.quiescence.isIdle, net.frames('lost').length, textsOf(net.server)]).toEqual([true, 1, []])
    net.link.heal()
    net.until(net.kernel.nowUs + 10_000_000)
    expect(textsOf(net.server)).toEqual([])
  })
})

describe('opening and ending a data channel', () => {
  it('opens after five round trips: the server with the last question, the device with its answer', () => {
    const net = openNet()
    expect([net.server.openedAtUs, net.client.openedAtUs]).toEqual([OPEN_US - LATENCY_US, OPEN_US])
  })

  it('a flight that is lost is repeated every half second; nobody answers for long, and the dial fails', () => {
    const net = makeNet()
    net.link.partition()
    net.harness.dial(net.transport)
    net.kernel.at(600_000, () => net.link.heal())
    net.until(5_000_000)
    expect(net.harness.clients).toMatchObject([{ openedAtUs: 2 * HANDSHAKE_REPEAT_US + OPEN_US }])
    const dark = makeNet()
    dark.link.partition()
    dark.harness.dial(dark.transport)
    dark.kernel.run()
    expect(dark.harness.failedAtUs).toEqual([DIAL_TIMEOUT_US])
  })

  it('offline: a dial fails at once, and after the call that made it', () => {
    const net = makeNet()
    net.link.goOffline()
    net.harness.dial(net.transport)
    expect(net.harness.failedAtUs).toEqual([])
    net.kernel.run()
    expect(net.harness.failedAtUs).toEqual([0])
  })

  it('a close reaches the peer with its code, and what was sent before it arrives; afterwards nothing does', () => {
    const net = openNet()
    net.client.end.send(bytesOf('last'), 'data')
    net.server.end.send(bytesOf('too late'), 'data')
    net.client.end.close(1001)
    net.client.end.send(bytesOf('never'), 'data')
    net.until(net.kernel.nowUs + 1_000_000)
    expect([textsOf(net.server), textsOf(net.client)]).toEqual([['last'], []])
    expect([net.client.closed?.why, net.server.closed?.why]).toEqual([{ kind: 'closed', code: 1001 }, { kind: 'closed', code: 1001 }])
  })

  it('a lost ABORT is said again to whoever goes on talking', () => {
    const net = openNet()
    net.link.partition()
    net.client.end.close(4001)
    net.link.heal()
    net.until(net.kernel.nowUs + 1_000_000)
    expect(net.server.closed).toBeNull()
    net.server.end.send(bytesOf('hello?'), 'data')
    net.until(net.kernel.nowUs + 1_000_000)
    expect(net.server.closed?.why).toEqual({ kind: 'closed', code: 4001 })
    expect(textsOf(net.client)).toEqual([])
  })

  it('RFC 7675: both ends notice a path that is gone when their consent expires, 30 s after the last answer', () => {
    const net = openNet()
    const checks = 3
    net.until(OPEN_US + checks * CONSENT_CHECK_US + 4 * LATENCY_US)
    net.link.partition()
    net.until(OPEN_US + checks * CONSENT_CHECK_US + CONSENT_EXPIRY_US - 1)
    expect([net.client.closed, net.server.closed]).toEqual([null, null])
    net.until(OPEN_US + 100_000_000)
    const lastAnswerUs = (openedUs: number): number => openedUs + checks * CONSENT_CHECK_US + 2 * LATENCY_US
    for (const { closed, openedAtUs } of [net.client, net.server]) {
      expect(closed).toEqual({ why: { kind: 'lost' }, atUs: lastAnswerUs(openedAtUs) + CONSENT_EXPIRY_US })
    }
    expect(net.world.quiescence.pending()).toEqual([])
  })

  it('a path that is dark for less than that goes on where it was, without what was sent meanwhile', () => {
    const net = openNet()
    net.until(10_000_000)
    net.link.partition()
    net.client.end.send(bytesOf('lost'), 'data')
    net.until(30_000_000)
    net.link.heal()
    net.until(200_000_000)
    net.client.end.send(bytesOf('on'), 'data')
    net.until(201_000_000)
    expect([net.client.closed, net.server.closed, textsOf(net.server)]).toEqual([null, null, ['on']])
  })

  it('RFC 7675: consent outlives 5 % loss each way for minutes, and seldom 50 %, where five answers in a row are often missing', () => {
    const livesFor = (probability: number): number => Array.from({ length: 40 }, (_, seed) => {
      const lossy = { ...PLAIN, loss: { model: 'random' as const, probability } }
      const net = openNet(lossy, lossy, String(seed))
      net.until(net.kernel.nowUs + 300_000_000)
      return net.client.closed === null && net.server.closed === null
    }).filter((lives) => lives).length
    expect([livesFor(0.05), livesFor(0.5) < 5]).toEqual([40, true])
  })

  it('break: in flight is lost, the device knows at once, the server by one ABORT; when that is lost, by its consent', () => {
    const told = openNet()
    told.client.end.send(bytesOf('up'), 'data')
    told.server.end.send(bytesOf('down'), 'data')
    told.transport.reset(true)
    expect(told.client.closed?.why).toEqual({ kind: 'lost' })
    told.until(told.kernel.nowUs + LATENCY_US)
    expect([told.server.closed?.why, textsOf(told.server), textsOf(told.client)]).toEqual([{ kind: 'lost' }, [], []])
    const untold = openNet()
    untold.transport.reset(false)
    untold.until(OPEN_US + CONSENT_EXPIRY_US - LATENCY_US - 1)
    expect(untold.server.closed).toBeNull()
    untold.until(OPEN_US + CONSENT_EXPIRY_US)
    expect(untold.server.closed?.why).toEqual({ kind: 'lost' })
  })

  it('a newer channel of the device ends the older one at the server', () => {
    const net = openNet()
    net.transport.reset(false)
    net.harness.dial(net.transport)
    net.until(net.kernel.nowUs + OPEN_US)
    expect(net.server.closed?.why).toEqual({ kind: 'lost' })
    expect(net.harness.servers.map(({ closed }) => closed === null)).toEqual([false, true])
  })
})

describe('processes at the ends of a data channel (R5)', () => {
  it.each([
    ['a restart says so with a code', { kind: 'closed', code: 1001 }, LATENCY_US],
    ['a kill says nothing: no kernel speaks for a UDP socket', { kind: 'lost' }, CONSENT_EXPIRY_US - LATENCY_US],
    ['a power failure says nothing', null, CONSENT_EXPIRY_US - LATENCY_US],
  ] as const)('the device: %s', (_name, heard, afterUs) => {
    const net = openNet()
    expect(net.transport.deviceGone(heard)).toBe(1)
    expect(net.transport.deviceGone(heard)).toBe(0)
    net.until(OPEN_US + afterUs - 1)
    expect(net.server.closed).toBeNull()
    net.until(OPEN_US + afterUs)
    expect(net.server.closed?.why).toEqual(heard?.kind === 'closed' ? heard : { kind: 'lost' })
    expect(net.client.closed).toBeNull()
  })

  it.each([[{ kind: 'closed', code: 1012 }, LATENCY_US], [{ kind: 'lost' }, CONSENT_EXPIRY_US], [null, CONSENT_EXPIRY_US]] as const)(
    'H3: while the server is gone the device counts as not connected, until it knows: %j', (heard, afterUs) => {
      const net = openNet()
      expect(net.transport.serverGone(heard)).toBe(1)
      expect(net.world.quiescence.isIdle).toBe(false)
      net.until(OPEN_US + afterUs)
      expect(net.client.closed?.why).toEqual(heard?.kind === 'closed' ? heard : { kind: 'lost' })
      expect(net.world.quiescence.pending()).toEqual([])
    })

  it('a server process that did not see the handshake begin does not know its end', () => {
    const net = makeNet()
    net.harness.dial(net.transport)
    net.until(3 * LATENCY_US)
    const [, server] = net.hosts
    server.stop('kept')
    net.transport.serverGone({ kind: 'lost' })
    server.start()
    net.until(DIAL_TIMEOUT_US)
    expect([net.harness.servers.length, net.harness.failedAtUs]).toEqual([0, [DIAL_TIMEOUT_US]])
  })

  it('a flow that a middlebox has forgotten is dead both ways, and counts as such, until consent expires', () => {
    const net = openNet()
    net.transport.forgetStreams()
    net.client.end.send(bytesOf('up'), 'data')
    net.server.end.send(bytesOf('down'), 'data')
    expect(net.world.quiescence.pending()).toEqual(['A: 1 x not connected'])
    net.until(OPEN_US + CONSENT_EXPIRY_US)
    expect([textsOf(net.server), textsOf(net.client)]).toEqual([[], []])
    expect([net.client.closed?.why, net.server.closed?.why]).toEqual([{ kind: 'lost' }, { kind: 'lost' }])
    expect(net.world.quiescence.pending()).toEqual([])
  })

  it('whoever is handed an end and closes it at once is told', () => {
    const net = makeNet()
    net.harness.onOpen = (side, end) => { if (side === 'server') end.close(4000) }
    net.harness.dial(net.transport)
    net.until(1_000_000)
    expect(net.harness.servers[0].closed?.why).toEqual({ kind: 'closed', code: 4000 })
    // The ABORT may overtake nothing here: the answer to the last flight was sent after it, so the device gives the dial up.
    expect(net.harness.clients.length + net.harness.failedAtUs.length).toBe(1)
  })
})
