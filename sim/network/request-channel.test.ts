import { describe, expect, it } from 'vitest'
import type { Request, RequestResult } from '../contract.ts'
import { bytesOf, StreamHarness } from '../testing/stream-harness.ts'
import { makeTestWorld, type TestWorld } from '../testing/test-world.ts'
import type { LinkProfile } from './link.ts'
import { RequestChannel } from './request-channel.ts'

const LATENCY_US = 10_000
const TIMEOUT_US = 500_000

interface Net extends TestWorld {
  readonly channel: RequestChannel
  readonly harness: StreamHarness
  readonly results: { readonly name: string; readonly result: RequestResult; readonly atUs: number; readonly cause: string | null }[]
  send(name: string, timeoutUs?: number): () => void
}

function makeNet(profile: LinkProfile = { latencyUs: LATENCY_US, jitterUs: 0 }, seed = '1'): Net {
  const world = makeTestWorld({ profile, seed })
  const [device, server] = world.hosts
  const harness = new StreamHarness(device)
  const channel = new RequestChannel(device, server, world.link, harness)
  const results: Net['results'] = []
  return {
    ...world, channel, harness, results,
    send: (name, timeoutUs = TIMEOUT_US) => channel.send(post(name), timeoutUs,
      (result, cause) => { results.push({ name, result, atUs: world.kernel.nowUs, cause }) }),
  }
}

const post = (name: string): Request => ({ method: 'POST', path: '/documents/doc', document: 'doc', body: bytesOf(name) })
const answer = (net: Net, index = 0): void => net.harness.requests[index].respond({ status: 200, body: bytesOf('ok'), version: 1 })
const legs = (net: Net): readonly string[] => net.world.recorder.events.flatMap((event) =>
  (event.kind === 'frame' && event.state !== 'sent' ? [`${event.traffic} ${event.state}`] : []))

/** Nothing is open or on its way, and each frame sent has ended once. */
function expectAllDone(net: Net): void {
  expect(net.world.quiescence.pending()).toEqual([])
  const ended = [...net.frames('delivered'), ...net.frames('lost')].map(({ frame }) => frame).sort((a, b) => a - b)
  expect(ended).toEqual(net.frames('sent').map(({ frame }) => frame))
}

describe('RequestChannel', () => {
  it('carries a request and its answer, each in one leg, with bytes and causes (R7)', () => {
    const net = makeNet()
    net.world.cause.current = 'edit-1'
    net.send('write')
    net.world.cause.current = null
    net.until(LATENCY_US)
    expect(net.harness.requests).toMatchObject([{ atUs: LATENCY_US, cause: 'edit-1', request: post('write') }])
    net.world.cause.current = 'edit-2'
    answer(net)
    net.world.cause.current = null
    net.kernel.run()
    expect(net.results).toMatchObject([{ result: { status: 200, version: 1 }, atUs: 2 * LATENCY_US, cause: 'edit-2' }])
    expect(net.frames('sent')).toMatchObject([
      { from: 'A', to: 'server', traffic: 'request', bytes: 5 + '/documents/doc'.length + 70, cause: 'edit-1' },
      { from: 'server', to: 'A', traffic: 'response', bytes: 2 + 60, cause: 'edit-2' },
    ])
    expectAllDone(net)
  })

  it('R3, C01, C12: of requests sent one after the other some overtake, on jitter alone', () => {
    let overtaken = 0
    for (let seed = 0; seed < 20; seed++) {
      const net = makeNet({ latencyUs: 1_000, jitterUs: 50_000 }, String(seed))
      net.send('first')
      net.kernel.at(1_000, () => { net.send('second') })
      net.until(60_000)
      const order = net.harness.requests.map(({ request }) => new TextDecoder().decode(request.body))
      expect([...order].sort()).toEqual(['first', 'second'])
      if (order[0] === 'second') overtaken += 1
    }
    expect(overtaken).toBeGreaterThan(4)
    expect(overtaken).toBeLessThan(16)
  })

  it('R2: a timeout hides a request that is executed afterwards; its answer is lost', () => {
    const net = makeNet()
    net.send('slow', 5_000)
    net.until(LATENCY_US)
    expect(net.results).toMatchObject([{ result: { failed: 'timeout' }, atUs: 5_000 }])
    expect(net.harness.requests).toHaveLength(1)
    answer(net)
    net.kernel.run()
    expect(net.results).toHaveLength(1)
    expect(legs(net)).toEqual(['request delivered', 'response lost'])
    expectAllDone(net)
  })

  it('R2: an answer that comes after the timeout is not handed over', () => {
    const net = makeNet()
    net.send('write', 15_000)
    net.until(LATENCY_US)
    answer(net)
    net.kernel.run()
    expect(net.results).toMatchObject([{ result: { failed: 'timeout' }, atUs: 15_000 }])
    expectAllDone(net)
  })

  it('R2: a partition delays a request until it times out, and closing the connection ends its repetitions', () => {
    const net = makeNet()
    net.link.partition()
    net.send('write')
    net.until(TIMEOUT_US)
    expect(net.results).toMatchObject([{ result: { failed: 'timeout' }, atUs: TIMEOUT_US }])
    net.link.heal()
    net.kernel.run()
    expect(net.harness.requests).toEqual([])
    expect(legs(net)).toEqual(['request lost'])
    expectAllDone(net)
  })

  it('R1: a request that a short partition delays arrives after it and is answered', () => {
    const net = makeNet()
    net.link.partition()
    net.send('write')
    net.kernel.at(100_000, () => net.link.heal())
    net.until(250_000)
    answer(net)
    net.kernel.run()
    expect(net.results).toMatchObject([{ result: { status: 200 } }])
    expectAllDone(net)
  })

  it('a reset before the request arrived: it fails at once and is never executed', () => {
    const net = makeNet()
    net.send('write')
    net.until(5_000)
    net.channel.reset()
    expect(net.results).toMatchObject([{ result: { failed: 'network' }, atUs: 5_000 }])
    net.kernel.run()
    expect(net.harness.requests).toEqual([])
    expect(legs(net)).toEqual(['request lost'])
    expectAllDone(net)
  })

  it('R2: a reset while the server works: executed, and its answer has no way back', () => {
    const net = makeNet()
    net.send('write')
    net.until(LATENCY_US)
    net.channel.reset()
    answer(net)
    net.kernel.run()
    expect(net.results).toMatchObject([{ result: { failed: 'network' } }])
    expect(legs(net)).toEqual(['request delivered', 'response lost'])
    expectAllDone(net)
  })

  it('R2: a reset while the answer travels: executed, and the answer is lost', () => {
    const net = makeNet()
    net.send('write')
    net.until(LATENCY_US)
    answer(net)
    net.until(LATENCY_US + 5_000)
    net.channel.reset()
    net.kernel.run()
    expect(net.results).toMatchObject([{ result: { failed: 'network' }, atUs: LATENCY_US + 5_000 }])
    expect(legs(net)).toEqual(['request delivered', 'response lost'])
    expectAllDone(net)
  })

  it('a reset also loses the leg of a request that the device gave up before', () => {
    for (const giveUp of ['timeout', 'cancel'] as const) {
      const net = makeNet()
      const cancel = net.send('write', giveUp === 'timeout' ? 4_000 : TIMEOUT_US)
      net.kernel.at(4_000, () => { if (giveUp === 'cancel') cancel() })
      net.kernel.at(5_000, () => net.channel.reset())
      net.kernel.run()
      expect([net.harness.requests, legs(net)], giveUp).toEqual([[], ['request lost']])
      expectAllDone(net)
    }
  })

  it('what a caller starts from within a failure is a request of its own', () => {
    const net = makeNet()
    net.channel.send(post('first'), TIMEOUT_US, () => { net.send('again') })
    net.channel.reset()
    net.until(LATENCY_US)
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

  it('a cancelled request calls nobody back, online, offline and answered', () => {
    for (const state of ['online', 'offline', 'answering'] as const) {
      const net = makeNet()
      if (state === 'offline') net.link.goOffline()
      const cancel = net.send('write')
      if (state === 'answering') {
        net.until(LATENCY_US)
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
