/** What is particular to streams made of exchanges; what every stream does is in `stream-contract.test.ts`. */
import { describe, expect, it } from 'vitest'
import type { FrameEvent } from '../../history/events.ts'
import { jitteredLink, type LinkPlan } from '../../scenario/link-plan.ts'
import { DEFAULT_WIRE, type WireConfig } from '../../scenario/wire-config.ts'
import { bytesOf, StreamHarness, textsOf, type EndLog } from '../../testing/stream-harness.ts'
import { makeTestWorld, type TestWorld } from '../../testing/test-world.ts'
import type { EventStreamName } from './downlink.ts'
import { EventStreamTransport } from './event-stream-transport.ts'

const LATENCY_US = 20_000

interface Net extends TestWorld {
  readonly harness: StreamHarness; readonly transport: EventStreamTransport; readonly client: EndLog; readonly server: EndLog
  wait(us: number): void
  /** Frames sent from here on, as `who traffic bytes`. */
  sentIn(us: number): readonly string[]
}

function openNet(name: EventStreamName, wire: Partial<WireConfig> = {}, link: LinkPlan = jitteredLink(LATENCY_US, 0), seed = '1'): Net {
  const world = makeTestWorld({ link, seed })
  const [device, server] = world.hosts
  const harness = new StreamHarness(device)
  const transport = new EventStreamTransport(name, { device, server, link: world.link, listener: harness }, { ...DEFAULT_WIRE, ...wire })
  harness.dial(transport)
  const wait = (us: number): void => world.until(world.kernel.nowUs + us)
  for (let left = 500; left > 0 && harness.clients.length === 0; left--) wait(6 * LATENCY_US)
  const sentIn = (us: number): readonly string[] => {
    const before = world.frames('sent').length
    wait(us)
    return world.frames('sent').slice(before).map(({ from, traffic, bytes }) => `${from} ${traffic} ${bytes}`)
  }
  return { ...world, harness, transport, client: harness.clients[0], server: harness.servers[0], wait, sentIn }
}

const send = (log: EndLog, ...texts: readonly string[]): void => { for (const text of texts) log.end.send(bytesOf(text), 'data') }
const streams = (net: Net): readonly string[] => net.world.recorder.events.flatMap((event) => event.kind === 'stream' ? [event.state] : [])
const sum = (frames: readonly FrameEvent[], from: string): number => frames.reduce((total, frame) => total + (frame.from === from ? frame.bytes : 0), 0)
const PATH = '/streams/'.length + 22
const GET = 70 + PATH
/** One entry in a batch: its kind and its length before it. And the batch's head. */
const ENTRY = 2
const BATCH = 2

describe('bytes on the wire (A02, R7)', () => {
  it('A08: an event stream pays for base64, the event and the chunk, frame by frame; the way up for a POST', () => {
    const net = openNet('sse')
    expect(net.frames('sent').map(({ from, bytes }) => [from, bytes])).toEqual([
      ['A', GET + 27 + 25],
      // `retry: 3000`, `id: 0` and a blank line, in a chunk, behind the head.
      ['server', 60 + 58 + 10 + (12 + 6 + 1) + 6],
    ])
    send(net.server, 'x'.repeat(90)) // 120 characters; `id: 1`, `data: `, line ends; a chunk of 0x86 bytes
    expect(net.sentIn(1)).toEqual([])
    expect(net.frames('sent').at(-1)).toMatchObject({ from: 'server', traffic: 'data', bytes: 120 + 14 + 6 })
    send(net.client, 'y'.repeat(90))
    expect(net.frames('sent').at(-1)).toMatchObject({ from: 'A', traffic: 'data', bytes: 90 + ENTRY })
    expect(net.sentIn(1_000_000)).toEqual([`A control ${GET + 40 + BATCH}`, 'server control 60'])
    expect([textsOf(net.client)[0]?.length, textsOf(net.server)[0]?.length]).toEqual([90, 90])
  })

  it('A10: a poll pays for its heads each time, and carries frames as they are', () => {
    const net = openNet('long-poll')
    net.wait(1_000_000) // the first held poll is at the server
    send(net.server, 'x'.repeat(90), 'y'.repeat(10))
    expect(net.frames('sent').slice(-4).map(({ from, traffic, bytes }) => `${from} ${traffic} ${bytes}`)).toEqual([
      `A control ${GET + '?since=0'.length}`, `server data ${90 + ENTRY}`, `server control ${60 + 65 + BATCH}`, `server data ${10 + ENTRY}`,
    ])
    expect(net.sentIn(1_000_000)).toEqual([`A control ${GET + '?since=1'.length}`, `server control ${60 + 65 + BATCH}`, `A control ${GET + '?since=2'.length}`])
    expect(textsOf(net.client)).toHaveLength(2)
  })

  it('R7: what is sent again is counted again, as control: a frame that is lost and repeated costs its bytes twice', () => {
    const net = openNet('sse')
    send(net.server, 'x'.repeat(90))
    net.transport.reset(true)
    const before = net.frames('sent').length
    net.wait(10_000_000)
    const again = net.frames('sent').slice(before)
    expect(again.filter(({ bytes }) => bytes === 140)).toMatchObject([{ from: 'server', traffic: 'control' }])
    expect(net.frames('delivered').filter(({ traffic }) => traffic === 'data')).toHaveLength(1)
    expect(sum(again, 'A')).toBe(GET + 27 + 25 + 'Last-Event-ID: 0\r\n'.length)
  })
})

describe('sse (A08)', () => {
  it('comes back with Last-Event-ID after the reconnection time that the server has set: no gap, nothing twice', () => {
    const net = openNet('sse', { retryUs: 1_000_000 })
    send(net.server, '1')
    net.wait(LATENCY_US)
    send(net.server, '2')
    net.transport.reset(false)
    send(net.server, '3')
    expect(net.world.quiescence.pending()).toContain('A: 1 x not connected')
    net.wait(1_000_000 + 5 * LATENCY_US)
    expect(textsOf(net.client)).toEqual(['1'])
    net.wait(LATENCY_US)
    expect([textsOf(net.client), streams(net), net.client.closed, net.server.closed]).toEqual([['1', '2', '3'], ['resumed'], null, null])
    expect(net.world.quiescence.pending()).toEqual([])
  })

  it('a comment goes out when nothing else has for 15 s; comments keep an idle stream alive', () => {
    const net = openNet('sse')
    expect(net.sentIn(16_000_000)).toEqual(['server control 8']) // `:`, two line ends, a chunk of 3 bytes
    send(net.server, 'x')
    expect(net.sentIn(14_900_000)).toEqual([])
    net.wait(120_000_000)
    expect([streams(net), textsOf(net.client)]).toEqual([[], ['x']])
  })

  it('R4: a stream that has died silently is missed after the liveness timeout, and found again', () => {
    const net = openNet('sse')
    net.wait(1_000_000) // its last acknowledgement is through: nothing is sent that a reset could answer
    net.transport.forgetStreams()
    send(net.server, 'into the void')
    net.wait(43_900_000)
    expect([textsOf(net.client), net.world.quiescence.pending()]).toEqual([[], ['A: 1 x not connected', 'server: 1 x data frame in flight']])
    net.wait(100_000 + 3_000_000 + 10 * LATENCY_US)
    expect([textsOf(net.client), streams(net), net.world.quiescence.pending()]).toEqual([['into the void'], ['resumed'], []])
  })

  it('A06: holds one of the six connections', () => {
    const net = openNet('sse')
    for (let index = 0; index < 6; index++) net.transport.request({ method: 'GET', path: '/d', document: 'd', body: new Uint8Array(0) }, 60_000_000, () => undefined)
    net.wait(1_000_000)
    expect(net.harness.requests).toHaveLength(5)
    send(net.server, 'still there')
    net.wait(LATENCY_US)
    expect(textsOf(net.client)).toEqual(['still there'])
  })

  it('A09: an id older than the window is answered with a reset: both ends hear that the stream is lost', () => {
    const net = openNet('sse', { replayEvents: 2 })
    net.transport.forgetStreams()
    send(net.server, '1', '2', '3') // sent, as far as the server knows
    net.wait(60_000_000)
    expect([streams(net), net.client.closed?.why, net.server.closed?.why]).toEqual([['reset'], { kind: 'lost' }, { kind: 'lost' }])
    expect(net.frames('lost').filter(({ traffic }) => traffic === 'data')).toHaveLength(3)
    expect(net.world.quiescence.pending()).toEqual([])
  })

  it('A09: what the window still has is replayed', () => {
    const net = openNet('sse', { replayEvents: 3 })
    net.transport.forgetStreams()
    send(net.server, '1', '2', '3')
    net.wait(60_000_000)
    expect([streams(net), textsOf(net.client)]).toEqual([['resumed'], ['1', '2', '3']])
  })

  it('A09: a server that started anew does not know the stream, and says so', () => {
    const net = openNet('sse')
    net.transport.serverGone({ kind: 'lost' })
    net.wait(10_000_000)
    expect([streams(net), net.client.closed?.why]).toEqual([['reset'], { kind: 'lost' }])
  })

  it('A09: a device that stays away longer than the lease is no longer expected, and hears so when it is back', () => {
    const net = openNet('sse', { sessionUs: 5_000_000, exchangeTimeoutUs: 2_000_000 })
    net.transport.reset(true)
    net.wait(LATENCY_US)
    net.link.goOffline()
    send(net.server, 'x')
    net.wait(4_900_000)
    expect([net.client.closed, net.server.closed]).toEqual([null, null])
    net.wait(200_000)
    expect([net.client.closed, net.server.closed?.why]).toEqual([null, { kind: 'lost' }])
    net.link.comeOnline()
    net.wait(5_000_000)
    expect([streams(net), net.client.closed?.why, textsOf(net.client)]).toEqual([['reset'], { kind: 'lost' }, []])
  })
})

describe('long-poll (A10)', () => {
  it('a poll is held until there is something, and the next one follows at once: one at a time, nothing lost between', () => {
    const net = openNet('long-poll')
    const startUs = net.kernel.nowUs
    for (let index = 0; index < 100; index++) net.kernel.at(startUs + index * 7_000, () => send(net.server, String(index)))
    net.wait(2_000_000)
    expect(textsOf(net.client)).toEqual(Array.from({ length: 100 }, (_, index) => String(index)))
    const polls = net.frames('sent').filter(({ from, traffic, atUs }) => from === 'A' && traffic === 'control' && atUs >= startUs).map(({ atUs }) => atUs)
    for (const [index, atUs] of polls.entries()) if (index > 0) expect(atUs - polls[index - 1]).toBeGreaterThanOrEqual(2 * LATENCY_US)
    expect(polls.length).toBeGreaterThan(10)
  })

  it('an idle poll is held for 30 s and asked again; it keeps nobody from being quiet (H3)', () => {
    const net = openNet('long-poll')
    const since = (us: number): number => net.frames('sent').filter(({ from, atUs }) => from === 'A' && atUs > net.kernel.nowUs - us).length
    net.wait(29_900_000)
    expect([since(29_900_000), net.world.quiescence.pending()]).toEqual([0, []])
    net.wait(100_000 + 2 * LATENCY_US)
    expect(since(200_000)).toBe(1)
  })
})

describe('http (plain polling)', () => {
  it('news waits for the next poll; a gap between two polls is no lost connection (H3)', () => {
    const net = openNet('http', { pollUs: 2_000_000 })
    expect(net.world.quiescence.pending()).toEqual([])
    send(net.server, 'news')
    net.wait(2_000_000)
    expect([textsOf(net.client), net.world.quiescence.pending()]).toEqual([[], ['server: 1 x data frame in flight']])
    net.wait(2 * LATENCY_US)
    expect([textsOf(net.client), net.world.quiescence.pending()]).toEqual([['news'], []])
  })
})

describe('the way up', () => {
  it('gathers what is sent while a POST is under way', () => {
    const net = openNet('sse')
    send(net.client, '1', '2', '3')
    net.wait(1_000_000)
    const posts = net.frames('sent').filter(({ from, traffic }) => from === 'A' && traffic === 'control')
    expect(posts).toHaveLength(3) // the GET, and two POSTs
    expect(textsOf(net.server)).toEqual(['1', '2', '3'])
  })

  it('R2: a POST that was executed and is repeated after its time-out is applied once, in order', () => {
    const net = openNet('sse', { exchangeTimeoutUs: 500_000, retryUs: 100_000 })
    send(net.client, 'warm')
    net.wait(1_000_000)
    send(net.client, '1')
    net.wait(LATENCY_US)
    expect(textsOf(net.server)).toEqual(['warm', '1'])
    net.link.down.cut() // the answer gets lost
    net.wait(200_000)
    send(net.client, '2')
    net.wait(1_000_000)
    net.link.down.heal()
    net.wait(20_000_000)
    expect(textsOf(net.server)).toEqual(['warm', '1', '2'])
    expect(net.frames('delivered').filter(({ from, traffic }) => from === 'A' && traffic === 'data')).toHaveLength(3)
  })

  it('A07: up and down race: what the server sends on a POST arrives before its answer, or after it', () => {
    let [eventFirst, answerFirst] = [0, 0]
    for (let seed = 0; seed < 40; seed++) {
      const lossy = { delay: { latencyUs: LATENCY_US }, loss: { model: 'random' as const, probability: 0.2 } }
      const net = openNet('sse', { exchangeTimeoutUs: 600_000_000, sessionUs: 900_000_000 }, { up: lossy, down: lossy }, String(seed))
      send(net.client, 'write')
      for (let left = 60_000; left > 0 && net.server.frames.length === 0; left--) net.wait(1_000)
      send(net.server, 'echo')
      net.wait(20_000_000)
      const delivered = net.frames('delivered').filter(({ from }) => from === 'server')
      const [echo, answer] = [delivered.find(({ traffic }) => traffic === 'data'), delivered.find(({ bytes }) => bytes === 60)]
      if ((echo?.atUs ?? 0) < (answer?.atUs ?? 0)) eventFirst += 1
      else answerFirst += 1
    }
    expect(eventFirst).toBeGreaterThan(0)
    expect(answerFirst).toBeGreaterThan(0)
  })

  it('what cannot be brought for too long ends the stream as lost', () => {
    const net = openNet('sse', { sessionUs: 10_000_000, exchangeTimeoutUs: 2_000_000 })
    send(net.client, 'warm')
    net.wait(1_000_000) // a connection is idle, so that the next POST goes out
    net.link.up.cut()
    send(net.client, 'x')
    net.wait(9_900_000)
    expect(net.client.closed).toBeNull()
    net.wait(200_000)
    expect(net.client.closed?.why).toEqual({ kind: 'lost' })
    expect(net.frames('lost').some(({ traffic }) => traffic === 'data')).toBe(false) // it may still arrive (R2)
    net.link.up.heal()
    net.wait(300_000_000)
    expect(net.world.quiescence.pending()).toEqual([])
  })
})
