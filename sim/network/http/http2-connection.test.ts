/** Requests over HTTP/2, beside what the same requests do over HTTP/1.1. */
import { describe, expect, it } from 'vitest'
import type { FrameEvent } from '../../history/events.ts'
import type { LinkPlan } from '../../scenario/link-plan.ts'
import type { HttpAnswer, HttpEvents, HttpExchange, HttpPart } from './exchange.ts'
import { CONNECT_US, expectAllDone, type HttpNet, LATENCY_US, makeHttpNet, makeWarmHttpNet, WARM_US } from '../../testing/http-net.ts'

const TWO = { httpVersion: '2' } as const
const bytesOf = (net: HttpNet, traffic: FrameEvent['traffic']): readonly number[] =>
  net.frames('sent').filter((frame) => frame.traffic === traffic).map(({ bytes }) => bytes)
const names = (net: HttpNet): readonly string[] => net.results.map(({ name }) => name)
const legs = (net: HttpNet): readonly string[] => net.world.recorder.events.flatMap((event) =>
  (event.kind === 'frame' && event.state !== 'sent' && event.traffic !== 'control' && event.atUs > WARM_US ? [`${event.traffic} ${event.state}`] : []))

describe('HTTP/2: one connection, many streams (A06)', () => {
  it('A06: twenty requests at once take one handshake; over HTTP/1.1 six do, each with its own, and the others wait', () => {
    const [one, two] = ([{}, TWO] as const).map((wire) => {
      const net = makeHttpNet(wire)
      for (let index = 0; index < 20; index++) net.send(`r${index}`)
      net.until(CONNECT_US + LATENCY_US)
      return net
    })
    expect([one.channel.connections.length, one.harness.requests.length]).toEqual([6, 6])
    expect(two.harness.requests[0].atUs).toBe(CONNECT_US + LATENCY_US)
    two.until(CONNECT_US + 3 * LATENCY_US) // an initial window takes ten packets, the rest goes a round trip later
    expect([two.channel.connections.length, two.harness.requests.length]).toEqual([1, 20])
    for (let index = 0; index < 20; index++) two.answer(index)
    two.kernel.run()
    expect(names(two)).toHaveLength(20)
    expectAllDone(two)
  })

  it('A06: beyond SETTINGS_MAX_CONCURRENT_STREAMS they wait for the first stream that ends', () => {
    const net = makeHttpNet({ ...TWO, maxConcurrentStreams: 3 })
    for (let index = 0; index < 5; index++) net.send(`r${index}`)
    net.until(200_000)
    expect(net.arrived()).toEqual(['r0', 'r1', 'r2'])
    net.answer(1)
    net.until(300_000)
    expect(net.arrived()).toEqual(['r0', 'r1', 'r2', 'r3'])
    expect(net.channel.connections.length).toBe(1)
  })

  it('R7, RFC 7541: the first header blocks of a connection are large, repeated ones small; HTTP/1.1 pays every time', () => {
    const [one, two] = ([{ httpVersion: '1.1' }, TWO] as const).map((version) => {
      const net = makeHttpNet({ ...version, requestHeaderBytes: 600 })
      for (let index = 0; index < 3; index++) {
        net.send('same')
        net.until(net.kernel.nowUs + 1_000_000)
        net.answer(index)
        net.until(net.kernel.nowUs + 1_000_000)
      }
      expect(net.results).toHaveLength(3)
      return net
    })
    const same = 4 + '/documents/doc'.length + 70 + 600
    expect(bytesOf(one, 'request')).toEqual([same, same, same])
    const [first, ...repeated] = bytesOf(two, 'request')
    // Two frame headers, the body, and Huffman's 7 bits for each of the 600 characters.
    expect(first).toBeGreaterThan(9 + 9 + 4 + 600 * 7 / 8)
    expect(first).toBeLessThan(same)
    expect(repeated).toEqual([repeated[0], repeated[0]])
    expect(repeated[0]).toBeLessThan(9 + 9 + 4 + 20)
    expect(bytesOf(two, 'response')[1]).toBe(9 + 9 + 2 + 3)
  })

  it('B04, A16, R7: a token is paid for once until it is renewed, Retry-After by the second', () => {
    const net = makeWarmHttpNet(TWO)
    const before = bytesOf(net, 'request').length
    const ask = (token: string | undefined, retryAfterMs?: number): void => {
      net.channel.send({ method: 'POST', path: '/documents/doc', document: 'doc', body: new Uint8Array(4), authorization: token }, 60_000_000, () => undefined)
      net.until(net.kernel.nowUs + 100_000)
      net.harness.requests.at(-1)?.respond({ status: 200, body: new Uint8Array(2), version: 1, retryAfterMs })
      net.until(net.kernel.nowUs + 100_000)
    }
    for (const token of [undefined, 'a'.repeat(200), 'a'.repeat(200), 'b'.repeat(200)]) ask(token)
    const [plain, ...withToken] = bytesOf(net, 'request').slice(before)
    // Huffman codes: 5 bits for a, 6 for b.
    expect(withToken.map((bytes) => bytes - plain)).toEqual([expect.closeTo(125 + 8, -1), 1, expect.closeTo(150 + 8, -1)])
    ask(undefined, 12_000)
    ask(undefined, 12_000)
    const [usual, first, again] = bytesOf(net, 'response').slice(-3)
    expect([first - usual, again - usual]).toEqual([4, 1])
  })

  it('R2: what cuts a connection under a request resets its stream only', () => {
    const net = makeWarmHttpNet(TWO)
    for (const name of ['first', 'second']) net.send(name)
    net.until(WARM_US + LATENCY_US)
    net.harness.requests[0].cut()
    net.answer(1)
    net.kernel.run()
    expect(net.results.map(({ name, result }) => [name, 'failed' in result ? result.failed : result.status])).toEqual([['first', 'network'], ['second', 200]])
    expectAllDone(net)
  })

  it('C01: requests overtake one another in the server, and answers come as they are given', () => {
    const net = makeWarmHttpNet(TWO)
    for (const name of ['first', 'second', 'third']) net.send(name)
    net.until(WARM_US + LATENCY_US)
    for (const index of [2, 0, 1]) net.answer(index)
    net.kernel.run()
    expect(names(net)).toEqual(['third', 'first', 'second'])
    expectAllDone(net)
  })

  it('a short answer passes a long one, frame by frame, but not what TCP has taken', () => {
    const rate = { delay: { latencyUs: LATENCY_US }, bottleneck: { rateKbps: 8_000 }, queue: { maxPackets: 200 } }
    const net = makeHttpNet(TWO, { up: rate, down: rate })
    net.send('long')
    net.send('short')
    net.until(1_000_000)
    net.answer(0, new Uint8Array(2_000_000)) // two seconds at 1 MB/s
    net.until(1_500_000)
    net.answer(1)
    net.until(20_000_000)
    const [short, long] = net.results
    expect([short.name, long.name]).toEqual(['short', 'long'])
    expect(long.atUs - 1_000_000).toBeGreaterThan(2_000_000)
    expect(short.atUs - 1_500_000).toBeGreaterThan(2 * LATENCY_US)
    expect(short.atUs - 1_500_000).toBeLessThan(900_000)
    const headBytes = bytesOf(net, 'response')[0] - 2_000_000 - 9 * Math.ceil(2_000_000 / 16_384)
    expect([headBytes > 9, headBytes < 40]).toEqual([true, true])
  })

  it('A05, R1: a packet that one request loses holds up the others; over connections of their own it does not', () => {
    const [one, two] = ([{}, TWO] as const).map((wire) => {
      const net = makeHttpNet(wire)
      for (const name of ['a', 'b']) net.send(name)
      net.until(CONNECT_US + LATENCY_US)
      for (const index of [0, 1]) net.answer(index)
      net.until(WARM_US)
      net.harness.requests.splice(0)
      net.link.up.cut()
      net.send('lost once')
      net.link.up.heal()
      net.kernel.at(WARM_US + 1_000, () => net.send('behind'))
      net.until(WARM_US + 2_000_000)
      return net
    })
    expect(one.arrived()).toEqual(['behind', 'lost once'])
    expect(one.harness.requests[0].atUs).toBe(WARM_US + 1_000 + LATENCY_US)
    expect(two.arrived()).toEqual(['lost once', 'behind'])
    expect(two.harness.requests[1].atUs).toBeGreaterThan(WARM_US + 1_000 + 2 * LATENCY_US)
    expect(two.harness.requests[1].atUs).toBe(two.harness.requests[0].atUs)
  })
})

describe('HTTP/2: what becomes of requests (R2)', () => {
  it('R2: a caller that gives up resets its stream: the request is executed, its answer dropped, and the connection stays', () => {
    for (const how of ['timeout', 'cancel'] as const) {
      const net = makeWarmHttpNet(TWO)
      const cancel = net.send('slow', how === 'timeout' ? 25_000 : undefined)
      if (how === 'cancel') net.kernel.at(WARM_US + 25_000, cancel)
      net.until(WARM_US + 100_000)
      expect(net.arrived()).toEqual(['slow'])
      net.answer(0)
      const atUs = net.kernel.nowUs
      net.send('next')
      net.until(atUs + LATENCY_US)
      expect(net.harness.requests[1]).toMatchObject({ atUs: atUs + LATENCY_US })
      net.answer(1)
      net.kernel.run()
      expect(names(net)).toEqual(how === 'timeout' ? ['slow', 'next'] : ['next'])
      expect(legs(net)).toEqual(['request delivered', 'request delivered', 'response delivered'])
      expectAllDone(net)
    }
  })

  it('R2: an answer that crosses the reset is lost', () => {
    const net = makeWarmHttpNet(TWO)
    net.send('slow', 15_000)
    net.until(WARM_US + LATENCY_US)
    net.answer(0)
    net.kernel.run()
    expect(net.results).toMatchObject([{ result: { failed: 'timeout' } }])
    expect(legs(net)).toEqual(['request delivered', 'response lost'])
    expectAllDone(net)
  })

  it('a request that is given up before it is written wholly never reaches the server', () => {
    const rate = { delay: { latencyUs: LATENCY_US }, bottleneck: { rateKbps: 800 }, queue: { maxPackets: 1000 } }
    const net = makeHttpNet(TWO, { up: rate, down: rate })
    net.send('x'.repeat(1_000_000), 3_000_000) // ten seconds
    net.send('beside')
    net.until(20_000_000)
    expect(net.arrived()).toEqual(['beside'])
    net.answer(0)
    net.kernel.run()
    expect(net.results.map(({ result }) => 'failed' in result ? result.failed : result.status)).toEqual(['timeout', 200])
    expectAllDone(net)
  })

  it('R2: a connection that breaks fails all its requests at once, executed or not', () => {
    for (const serverIsTold of [true, false]) {
      const net = makeWarmHttpNet(TWO)
      for (const name of ['a', 'b', 'c']) net.send(name)
      net.kernel.at(WARM_US + 5_000, () => net.send('d'))
      net.until(WARM_US + LATENCY_US)
      net.channel.reset(serverIsTold)
      expect(net.results.map(({ name, result, atUs }) => [name, 'failed' in result && result.failed, atUs - WARM_US])).toEqual(
        ['a', 'b', 'c', 'd'].map((name) => [name, 'network', LATENCY_US]))
      for (const index of [0, 1, 2]) net.answer(index)
      net.kernel.run()
      expect(net.arrived()).toEqual(['a', 'b', 'c'])
      expectAllDone(net)
    }
  })

  it('R2: the kernel brings what a dead process has written; the answer meets a reset', () => {
    const net = makeWarmHttpNet(TWO)
    net.send('write')
    expect(net.channel.deviceGone(true)).toBe(1)
    net.until(WARM_US + LATENCY_US)
    expect(net.arrived()).toEqual(['write'])
    net.answer(0)
    net.kernel.run()
    expect(net.results).toEqual([])
    expectAllDone(net)
  })

  it('R4: of a server without power nobody hears; requests time out', () => {
    const net = makeWarmHttpNet(TWO)
    net.send('write', 3_000_000)
    net.until(WARM_US + LATENCY_US)
    net.link.partition()
    expect(net.channel.serverGone(null)).toBe(1)
    net.kernel.run()
    expect(net.results).toMatchObject([{ result: { failed: 'timeout' }, atUs: WARM_US + 3_000_000 }])
    expectAllDone(net)
  })
})

describe('HTTP/2: a server that ends', () => {
  /** `executed`: at the server when it ends. `crossing`: on its way to it. */
  const ending = (heard: { readonly kind: 'lost' } | { readonly kind: 'closed'; readonly code: number }): HttpNet => {
    const net = makeWarmHttpNet(TWO)
    net.send('executed')
    net.kernel.at(WARM_US + 5_000, () => net.send('crossing'))
    net.until(WARM_US + LATENCY_US)
    expect(net.channel.serverGone(heard)).toBe(1)
    net.until(WARM_US + 2_000_000)
    return net
  }

  it('R2: in order, by GOAWAY: what it has not read is repeated and executed once; what it has read may be executed twice', () => {
    const net = ending({ kind: 'closed', code: 1012 })
    expect(net.arrived().filter((name) => name === 'crossing')).toHaveLength(1)
    expect(net.arrived().filter((name) => name === 'executed')).toHaveLength(2)
    for (let index = 1; index < net.harness.requests.length; index++) net.answer(index)
    net.kernel.run()
    expect(net.results.map(({ name, result }) => [name, 'status' in result && result.status]).sort()).toEqual([['crossing', 200], ['executed', 200]])
    expectAllDone(net)
  })

  it('R2: killed, by a reset: all are repeated, and once only', () => {
    const net = ending({ kind: 'lost' })
    expect([...net.arrived()].sort()).toEqual(['crossing', 'executed', 'executed'])
    net.channel.serverGone({ kind: 'lost' })
    net.kernel.run()
    expect(net.results.map(({ result }) => result)).toEqual([{ failed: 'network' }, { failed: 'network' }])
    expectAllDone(net)
  })

  it('RFC 9110 9.2.2: the first request of a connection is not repeated: its end may be the request\'s fault', () => {
    const net = makeHttpNet(TWO)
    net.send('first')
    net.until(CONNECT_US + LATENCY_US)
    net.channel.serverGone({ kind: 'lost' })
    net.kernel.run()
    expect(net.arrived()).toEqual(['first'])
    expect(net.results).toMatchObject([{ result: { failed: 'network' } }])
    expectAllDone(net)
  })
})

describe('HTTP/2: streamed answers (A06, A07)', () => {
  interface Streamed { readonly answer: HttpAnswer; readonly heard: string[]; readonly served: string[]; readonly exchange: HttpExchange }
  const part = (text: string, isLast = false): HttpPart =>
    ({ response: { status: 200, body: new TextEncoder().encode(text) }, fieldBytes: 0, traffic: 'control', carriedBytes: 0, isLast })
  /** An exchange that is at the server. */
  const begun = (net: HttpNet): Streamed => {
    const heard: string[] = []
    const served: string[] = []
    const answers: HttpAnswer[] = []
    const events: HttpEvents = {
      part: ({ body }, isLast) => { heard.push(`${new TextDecoder().decode(body)}${isLast ? '.' : ''} ${net.kernel.nowUs}`) },
      failed: () => { heard.push('failed') }, doomed: () => { heard.push('doomed') },
    }
    const exchange = net.channel.exchange({
      method: 'GET', path: '/streams/1', fieldBytes: 30, body: new Uint8Array(0), traffic: 'control', carriedBytes: () => 0, cause: null,
      serve: (_cause, answer) => {
        answers.push(answer)
        return { writable: () => { served.push('writable') }, gone: () => { served.push('gone') } }
      },
    }, events)
    net.until(net.kernel.nowUs + 100_000)
    return { answer: answers[0], heard, served, exchange }
  }

  it('parts come as they are written, beside other streams, and end with the last one', () => {
    const net = makeWarmHttpNet(TWO)
    const { answer, heard } = begun(net)
    const atUs = net.kernel.nowUs
    expect(answer.write(part('a'))).toBe(true)
    net.send('beside')
    net.until(atUs + LATENCY_US)
    net.answer(0)
    answer.write(part('b'))
    net.until(atUs + 100_000)
    answer.write(part('', true))
    net.kernel.run()
    expect(heard).toEqual([`a ${atUs + LATENCY_US}`, `b ${atUs + 2 * LATENCY_US}`, `. ${atUs + 100_000 + LATENCY_US}`])
    expect([net.results.length, net.channel.connections.length]).toEqual([1, 0]) // closed, being idle
    expectAllDone(net)
  })

  it('A06: a hundred held streams leave no room on the connection, and one that ends makes some', () => {
    const net = makeWarmHttpNet(TWO)
    const streams = Array.from({ length: 100 }, () => begun(net))
    net.send('waits')
    net.until(net.kernel.nowUs + 1_000_000)
    expect([net.arrived(), net.channel.connections.length]).toEqual([[], 1])
    streams[42].answer.write(part('', true))
    net.until(net.kernel.nowUs + 1_000_000)
    expect(net.arrived()).toEqual(['waits'])
  })

  it('a device that abandons a stream resets it: the server hears so, and other streams go on', () => {
    const net = makeWarmHttpNet(TWO)
    const [left, kept] = [begun(net), begun(net)]
    left.answer.write(part('a'))
    net.until(net.kernel.nowUs + 100_000)
    left.exchange.abandon()
    net.until(net.kernel.nowUs + 100_000)
    expect(left.served).toEqual(['gone'])
    expect(left.answer.write(part('into the void'))).toBe(true)
    kept.answer.write(part('kept'))
    net.until(net.kernel.nowUs + 100_000)
    expect([left.heard.length, kept.heard.length, kept.served, net.channel.connections.length]).toEqual([1, 1, [], 1])
  })

  it('a server that gives an exchange up resets its stream only', () => {
    const net = makeWarmHttpNet(TWO)
    const [ended, kept] = [begun(net), begun(net)]
    ended.answer.abort()
    kept.answer.write(part('kept'))
    net.until(net.kernel.nowUs + 100_000)
    expect([ended.heard, kept.heard.length, net.channel.connections.length]).toEqual([['failed'], 1, 1])
  })

  it('A04: a stream takes one part beyond what TCP has room for, refuses the next, and says when there is room', () => {
    const net = makeWarmHttpNet(TWO)
    const { answer, served, heard } = begun(net)
    net.link.partition()
    let taken = 0
    while (answer.write(part('x'.repeat(5_000))) && taken < 1_000) taken++
    expect(taken).toBeGreaterThan(4) // two initial windows of TCP, and one more
    expect(taken).toBeLessThan(10)
    expect(served).toEqual([])
    net.link.heal()
    net.until(net.kernel.nowUs + 2_000_000)
    expect([served, heard.length]).toEqual([['writable'], taken])
  })

  it('R4: what breaks below a stream: the server\'s power (the device cannot know), a reset, a middlebox', () => {
    const net = makeWarmHttpNet(TWO)
    const { heard } = begun(net)
    net.channel.serverGone(null)
    expect(heard).toEqual(['doomed'])
    const broken = makeWarmHttpNet(TWO)
    const stream = begun(broken)
    broken.channel.reset(true)
    broken.until(broken.kernel.nowUs + 1_000_000)
    expect([stream.heard, stream.served]).toEqual([['doomed', 'failed'], ['gone']])
    const forgotten = makeWarmHttpNet(TWO)
    const held = begun(forgotten)
    held.exchange.forget()
    expect(held.heard).toEqual(['doomed'])
    forgotten.send('into it')
    forgotten.until(forgotten.kernel.nowUs + 1_000_000)
    expect(held.heard).toEqual(['doomed', 'failed'])
    expect(forgotten.arrived()).toEqual(['into it']) // again, over a new connection
  })
})

describe('HTTP/2 over links that lose packets (R1)', () => {
  it('R1, R2: every request is answered once, whatever is lost, and no frame is left', () => {
    const lossy: LinkPlan['up'] = { delay: { latencyUs: 20_000, jitterUs: 5_000 }, loss: { model: 'random', probability: 0.05 } }
    for (let seed = 0; seed < 20; seed++) {
      const net = makeHttpNet(TWO, { up: lossy, down: lossy }, String(seed))
      for (let index = 0; index < 30; index++) net.kernel.at(index * 50_000, () => net.send(`r${index}`))
      let answered = 0
      for (let atUs = 0; atUs < 60_000_000; atUs += 100_000) {
        net.until(atUs)
        for (; answered < net.harness.requests.length; answered++) net.answer(answered, new Uint8Array(answered * 2_000))
      }
      net.kernel.run()
      expect([...names(net)].sort()).toEqual(Array.from({ length: 30 }, (_, index) => `r${index}`).sort())
      expect(net.arrived()).toHaveLength(30)
      expectAllDone(net)
    }
  })
})
