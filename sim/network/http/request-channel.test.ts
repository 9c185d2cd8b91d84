import { describe, expect, it } from 'vitest'
import type { Request, RequestResult } from '../../contract.ts'
import { bytesOf, StreamHarness } from '../../testing/stream-harness.ts'
import { makeTestWorld, type TestWorld } from '../../testing/test-world.ts'
import { jitteredLink, type LinkPlan } from '../../scenario/link-plan.ts'
import { DEFAULT_WIRE, type WireConfig } from '../../scenario/wire-config.ts'
import { CONNECTIONS_PER_ORIGIN, RequestChannel } from './request-channel.ts'

const LATENCY_US = 10_000
const TIMEOUT_US = 500_000

interface Net extends TestWorld {
  readonly channel: RequestChannel
  readonly harness: StreamHarness
  readonly results: { readonly name: string; readonly result: RequestResult; readonly atUs: number; readonly cause: string | null }[]
  send(name: string, timeoutUs?: number): () => void
}

function makeNet(link: LinkPlan = jitteredLink(LATENCY_US, 0), seed = '1', wire: Partial<WireConfig> = {}): Net {
  const world = makeTestWorld({ link, seed })
  const [device, server] = world.hosts
  const harness = new StreamHarness(device)
  const channel = new RequestChannel({ device, server, link: world.link, listener: harness }, { ...DEFAULT_WIRE, ...wire })
  const results: Net['results'] = []
  return {
    ...world, channel, harness, results,
    send: (name, timeoutUs = TIMEOUT_US) => channel.send(post(name), timeoutUs,
      (result, cause) => { results.push({ name, result, atUs: world.kernel.nowUs, cause }) }),
  }
}

/** TCP and TLS, two round trips. */
const CONNECT_US = 4 * LATENCY_US

/** A net whose device has one idle connection, at time `WARM_US`, and has recorded nothing yet that a test looks at. */
function makeWarmNet(): Net {
  const net = makeNet()
  net.send('warm')
  net.until(CONNECT_US + LATENCY_US)
  answer(net)
  net.until(WARM_US)
  net.results.splice(0)
  net.harness.requests.splice(0)
  return net
}
const WARM_US = 500_000

const post = (name: string): Request => ({ method: 'POST', path: '/documents/doc', document: 'doc', body: bytesOf(name) })
const answer = (net: Net, index = 0): void => net.harness.requests[index].respond({ status: 200, body: bytesOf('ok'), version: 1 })
/** What became of the frames sent after the net was warm. */
const legs = (net: Net): readonly string[] => net.world.recorder.events.flatMap((event) =>
  (event.kind === 'frame' && event.state !== 'sent' && event.atUs > WARM_US ? [`${event.traffic} ${event.state}`] : []))

/** Nothing is open or on its way, and each frame sent has ended once. */
function expectAllDone(net: Net): void {
  expect(net.world.quiescence.pending()).toEqual([])
  const ended = [...net.frames('delivered'), ...net.frames('lost')].map(({ frame }) => frame).sort((a, b) => a - b)
  expect(ended).toEqual(net.frames('sent').map(({ frame }) => frame))
}

describe('RequestChannel: what the server\'s edge does', () => {
  it('R2: a connection that is cut under a request tells the device at once, and the next request opens another', () => {
    const net = makeNet()
    net.send('a')
    net.until(CONNECT_US + LATENCY_US)
    net.harness.requests[0].cut()
    net.until(CONNECT_US + 2 * LATENCY_US)
    expect(net.results).toMatchObject([{ name: 'a', result: { failed: 'network' }, atUs: CONNECT_US + 2 * LATENCY_US }])
    net.send('b')
    net.until(2 * CONNECT_US + 3 * LATENCY_US)
    answer(net, 1)
    net.until(WARM_US)
    expect(net.results[1]).toMatchObject({ name: 'b', result: { status: 200 } })
    expectAllDone(net)
  })

  it('R2: if it had carried an answer before, the request is made again, once and unasked', () => {
    const net = makeWarmNet()
    net.send('a')
    net.until(WARM_US + LATENCY_US)
    net.harness.requests[0].cut()
    net.until(WARM_US + 3 * LATENCY_US + CONNECT_US)
    expect([net.harness.requests.length, net.results]).toEqual([2, []])
    net.harness.requests[1].cut()
    net.until(2 * WARM_US)
    expect([net.harness.requests.length, net.results.map(({ result }) => result)]).toEqual([2, [{ failed: 'network' }]])
    expectAllDone(net)
  })

  it('B04, A16, R7: Retry-After and an access token cost their headers\' bytes', () => {
    const bytesWith = (extra: Partial<Request>, retryAfterMs?: number): readonly number[] => {
      const net = makeWarmNet()
      const before = net.frames('sent').length
      net.channel.send({ ...post('a'), ...extra }, TIMEOUT_US, () => undefined)
      net.until(WARM_US + LATENCY_US)
      net.harness.requests[0].respond({ status: 429, body: bytesOf(''), retryAfterMs })
      return net.frames('sent').slice(before).map(({ bytes }) => bytes)
    }
    const [request, response] = bytesWith({})
    expect(bytesWith({ authorization: 'x'.repeat(100) }, 12_000)).toEqual([request + 100 + 'Authorization: Bearer \r\n'.length, response + 'Retry-After: 12\r\n'.length])
  })
})

describe('RequestChannel', () => {
  it('carries a request and its answer, each in one leg, with bytes and causes (R7); the first pays for the connection', () => {
    const net = makeNet()
    net.world.cause.current = 'edit-1'
    net.send('write')
    net.world.cause.current = null
    net.until(CONNECT_US + LATENCY_US)
    expect(net.harness.requests).toMatchObject([{ atUs: CONNECT_US + LATENCY_US, cause: 'edit-1', request: post('write') }])
    net.world.cause.current = 'edit-2'
    answer(net)
    net.world.cause.current = null
    net.kernel.run()
    expect(net.results).toMatchObject([{ result: { status: 200, version: 1 }, atUs: CONNECT_US + 2 * LATENCY_US, cause: 'edit-2' }])
    expect(net.frames('sent')).toMatchObject([
      { from: 'A', to: 'server', traffic: 'request', bytes: 5 + '/documents/doc'.length + 70, cause: 'edit-1' },
      { from: 'server', to: 'A', traffic: 'response', bytes: 2 + 60, cause: 'edit-2' },
    ])
    expectAllDone(net)
  })

  it('A06: a kept-alive connection takes the next request at once', () => {
    const net = makeWarmNet()
    net.send('next')
    net.until(WARM_US + LATENCY_US)
    expect(net.harness.requests).toMatchObject([{ atUs: WARM_US + LATENCY_US }])
    expect(net.channel.connections.length).toBe(1)
  })

  it('A06: at most six connections, one request at a time on each; the others wait for the first that is free', () => {
    const net = makeNet()
    for (let index = 0; index < 9; index++) net.send(`r${index}`, 10_000_000)
    net.until(200_000)
    expect(net.harness.requests).toHaveLength(CONNECTIONS_PER_ORIGIN)
    expect(net.channel.connections.length).toBe(6)
    answer(net, 3)
    net.until(300_000)
    expect(net.harness.requests.map(({ request }) => new TextDecoder().decode(request.body))).toEqual(['r0', 'r1', 'r2', 'r3', 'r4', 'r5', 'r6'])
    expect(net.results.map(({ name }) => name)).toEqual(['r3'])
    for (let index = 0; index < 9; index++) {
      if (index !== 3) answer(net, index)
      net.until(net.kernel.nowUs + 100_000)
    }
    expect(net.results).toHaveLength(9)
    expectAllDone(net)
  })

  it('R3, C01, C12: of requests sent one after the other some overtake, on the connections\' own losses', () => {
    let overtaken = 0
    for (let seed = 0; seed < 40; seed++) {
      const lossy = { delay: { latencyUs: 20_000 }, loss: { model: 'random' as const, probability: 0.1 } }
      const net = makeNet({ up: lossy, down: lossy }, String(seed))
      net.send('first', 60_000_000)
      net.kernel.at(1_000, () => { net.send('second', 60_000_000) })
      net.until(30_000_000)
      const order = net.harness.requests.map(({ request }) => new TextDecoder().decode(request.body))
      expect([...order].sort()).toEqual(['first', 'second'])
      if (order[0] === 'second') overtaken += 1
    }
    expect(overtaken).toBeGreaterThan(4)
    expect(overtaken).toBeLessThan(30)
  })

  it('R2: a timeout hides a request that is executed afterwards; its answer is lost', () => {
    const net = makeWarmNet()
    net.send('slow', 5_000)
    net.until(WARM_US + LATENCY_US)
    expect(net.results).toMatchObject([{ result: { failed: 'timeout' }, atUs: WARM_US + 5_000 }])
    expect(net.harness.requests).toHaveLength(1)
    answer(net)
    net.kernel.run()
    expect(net.results).toHaveLength(1)
    expect(legs(net)).toEqual(['request delivered', 'response lost'])
    expectAllDone(net)
  })

  it('R2: an answer that comes after the timeout is not handed over, and its connection is not used again', () => {
    const net = makeWarmNet()
    net.send('write', 15_000)
    net.until(WARM_US + LATENCY_US)
    answer(net)
    net.kernel.run()
    expect(net.results).toMatchObject([{ result: { failed: 'timeout' }, atUs: WARM_US + 15_000 }])
    expect(legs(net)).toEqual(['request delivered', 'response lost'])
    expect(net.channel.connections.length).toBe(0)
    expectAllDone(net)
  })

  it('a timeout while the connection is being made: no frame, and the connection serves the next request', () => {
    const net = makeNet()
    net.send('hasty', CONNECT_US - 1)
    net.until(CONNECT_US + LATENCY_US)
    expect(net.results).toMatchObject([{ result: { failed: 'timeout' }, atUs: CONNECT_US - 1 }])
    expect(net.frames('sent')).toEqual([])
    const atUs = net.kernel.nowUs
    net.send('next')
    net.until(atUs + LATENCY_US)
    expect(net.harness.requests).toMatchObject([{ request: post('next'), atUs: atUs + LATENCY_US }])
    answer(net)
    net.until(net.kernel.nowUs + 1_000_000)
    expect(net.channel.connections.length).toBe(1)
    expectAllDone(net)
  })

  it('a connection that cannot be made is tried anew for whoever waits', () => {
    const net = makeNet()
    net.link.partition()
    net.send('patient', 600_000_000)
    net.until(32_000_000) // the first attempt has been given up, and another begun
    net.link.heal()
    net.until(36_000_000)
    expect(net.harness.requests).toHaveLength(1)
  })

  it('R2: the kernel repeats a request whose caller has long given up: after a partition it is executed all the same', () => {
    const net = makeWarmNet()
    net.link.partition()
    net.send('write')
    net.until(WARM_US + 3 * TIMEOUT_US)
    expect(net.results).toMatchObject([{ result: { failed: 'timeout' }, atUs: WARM_US + TIMEOUT_US }])
    expect(net.harness.requests).toEqual([])
    net.link.heal()
    net.until(net.kernel.nowUs + 3_000_000)
    expect(net.harness.requests).toHaveLength(1)
    answer(net)
    net.kernel.run()
    expect(net.results).toHaveLength(1)
    expect(legs(net)).toEqual(['request delivered', 'response lost'])
    expectAllDone(net)
  })

  it('R2, H3: a request that never gets through ends as lost when the kernel gives it up', () => {
    const net = makeWarmNet()
    net.link.partition()
    net.send('write')
    net.kernel.run()
    expect(legs(net)).toEqual(['request lost'])
    expect(net.kernel.nowUs).toBeGreaterThan(60_000_000)
    expectAllDone(net)
  })

  it('R1: a request that a short partition delays arrives after it and is answered', () => {
    const net = makeWarmNet()
    net.link.partition()
    net.send('write')
    net.kernel.at(WARM_US + 100_000, () => net.link.heal())
    net.until(WARM_US + 350_000)
    answer(net)
    net.kernel.run()
    expect(net.results).toMatchObject([{ result: { status: 200 } }])
    expectAllDone(net)
  })

  it('a reset before the request arrived: it fails at once and is never executed', () => {
    const net = makeWarmNet()
    net.send('write')
    net.until(WARM_US + 5_000)
    net.channel.reset(true)
    expect(net.results).toMatchObject([{ result: { failed: 'network' }, atUs: WARM_US + 5_000 }])
    net.kernel.run()
    expect(net.harness.requests).toEqual([])
    expect(legs(net)).toEqual(['request lost'])
    expectAllDone(net)
  })

  it('R2: a reset while the server works: executed, and its answer has no way back', () => {
    for (const serverIsTold of [true, false]) {
      const net = makeWarmNet()
      net.send('write')
      net.until(WARM_US + LATENCY_US)
      net.channel.reset(serverIsTold)
      answer(net)
      net.kernel.run()
      expect(net.results).toMatchObject([{ result: { failed: 'network' } }])
      expect(legs(net)).toEqual(['request delivered', 'response lost'])
      expectAllDone(net)
    }
  })

  it('R2: a reset while the answer travels: executed, and the answer is lost', () => {
    const net = makeWarmNet()
    net.send('write')
    net.until(WARM_US + LATENCY_US)
    answer(net)
    net.until(WARM_US + LATENCY_US + 5_000)
    net.channel.reset(true)
    net.kernel.run()
    expect(net.results).toMatchObject([{ result: { failed: 'network' }, atUs: WARM_US + LATENCY_US + 5_000 }])
    expect(legs(net)).toEqual(['request delivered', 'response lost'])
    expectAllDone(net)
  })

  it('a reset also loses the leg of a request that the device gave up before', () => {
    for (const giveUp of ['timeout', 'cancel'] as const) {
      const net = makeWarmNet()
      const cancel = net.send('write', giveUp === 'timeout' ? 4_000 : TIMEOUT_US)
      net.kernel.at(WARM_US + 4_000, () => { if (giveUp === 'cancel') cancel() })
      net.kernel.at(WARM_US + 5_000, () => net.channel.reset(true))
      net.kernel.run()
      expect([net.harness.requests, legs(net)], giveUp).toEqual([[], ['request lost']])
      expectAllDone(net)
    }
  })

  it('what a caller starts from within a failure is a request of its own', () => {
    const net = makeWarmNet()
    net.channel.send(post('first'), TIMEOUT_US, () => { net.send('again') })
    net.channel.reset(true)
    net.until(WARM_US + CONNECT_US + LATENCY_US)
    expect(net.harness.requests.map(({ request }) => new TextDecoder().decode(request.body))).toEqual(['again'])
    answer(net)
    net.kernel.run()
    expect(net.results).toMatchObject([{ name: 'again', result: { status: 200 } }])
    expectAllDone(net)
  })

  it('offline: a request fails without a frame, and after the call that made it', () => {
    const net = makeNet()
    net.link.goOffline()
    net.send('write')
    expect(net.results).toEqual([])
    net.kernel.run()
    expect(net.results).toMatchObject([{ result: { failed: 'network' }, atUs: 0 }])
    expect(net.frames('sent')).toEqual([])
    expectAllDone(net)
  })

  it('a cancelled request calls nobody back: online, offline, waiting for a connection, and answered', () => {
    for (const state of ['online', 'offline', 'waiting', 'answering'] as const) {
      const net = state === 'waiting' ? makeNet() : makeWarmNet()
      if (state === 'offline') net.link.goOffline()
      const cancel = net.send('write')
      if (state === 'answering') {
        net.until(WARM_US + LATENCY_US)
        answer(net)
      }
      cancel()
      cancel()
      net.kernel.run()
      expect(net.results, state).toEqual([])
      expectAllDone(net)
    }
  })
})
