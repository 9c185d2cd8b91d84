import { fc, test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import type { TransportName } from '../../contract.ts'
import { makeTestWorld, type TestWorld } from '../../testing/test-world.ts'
import type { Dialer, StreamEnd, Transport } from '../transport.ts'
import { LIVES, SelectingTransport } from './selecting-transport.ts'

const CONNECT_TIMEOUT_US = 10_000_000
const MEMORY_US = 100_000_000
const NAMES = ['websocket', 'sse', 'http'] as const

/** A transport whose dials wait for the test to decide them. */
class Double implements Transport {
  readonly dials: Dialer[] = []
  readonly calls: string[] = []
  readonly name: TransportName
  constructor(name: TransportName) { this.name = name }
  dial(dialer: Dialer): void { this.dials.push(dialer) }
  request(): () => void { this.calls.push('request'); return () => undefined }
  reset(serverIsTold: boolean): void { this.calls.push(`reset ${serverIsTold}`) }
  deviceGone(): number { return 1 }
  serverGone(): number { return 2 }
  forgetStreams(): void { this.calls.push('forget') }
}

interface Net extends TestWorld {
  readonly doubles: readonly Double[]
  readonly selecting: SelectingTransport
  /** What the stack above was handed, and how often it heard of a failure. */
  readonly ends: StreamEnd[]
  readonly failures: number[]
  dial(): void
  /** The index of the transport that was dialled last, and its dialer. */
  last(): { readonly at: number; readonly dialer: Dialer }
  fail(times?: number): void
}

function makeNet(): Net {
  const world = makeTestWorld()
  const [device] = world.hosts
  const doubles = NAMES.map((name) => new Double(name))
  const selecting = new SelectingTransport([doubles[0], ...doubles.slice(1)], { connectTimeoutUs: CONNECT_TIMEOUT_US, memoryUs: MEMORY_US }, device, world.link)
  const ends: StreamEnd[] = []
  const failures: number[] = []
  const dialled: { at: number; dialer: Dialer }[] = []
  doubles.forEach((double, at) => { double.dial = (dialer) => { dialled.push({ at, dialer }) } })
  const dial = (): void => selecting.dial({
    opened: (end) => { ends.push(end); return { frame: () => undefined, closed: () => undefined } },
    failed: () => { failures.push(world.kernel.nowUs) },
  })
  const last = (): { at: number; dialer: Dialer } => dialled[dialled.length - 1]
  return {
    ...world, doubles, selecting, ends, failures, dial, last,
    fail: (times = 1) => { for (let time = 0; time < times; time++) { dial(); last().dialer.failed() } },
  }
}

const end: StreamEnd = { bufferedBytes: 7, send: () => undefined, close: () => undefined }

describe('SelectingTransport (A11, A12)', () => {
  it('is called what the scenario calls it, and begins with that', () => {
    const net = makeNet()
    net.dial()
    expect([net.selecting.name, net.last().at]).toEqual(['websocket', 0])
    net.last().dialer.opened(end)
    expect(net.ends).toEqual([end])
  })

  it('the next one is tried after two failures in a row, and the first again after the last', () => {
    const net = makeNet()
    const tried = Array.from({ length: 7 }, () => { net.fail(); return net.last().at })
    expect(tried).toEqual([0, 0, 1, 1, 2, 2, 0])
    expect(net.failures).toHaveLength(7)
  })

  it('a success in between forgives', () => {
    const net = makeNet()
    net.fail()
    net.dial()
    net.last().dialer.opened(end)
    net.fail()
    net.dial()
    expect(net.last().at).toBe(0)
  })

  it('what is not open in time has failed, once, and is closed if it opens after all', () => {
    const net = makeNet()
    net.dial()
    const { dialer } = net.last()
    net.until(CONNECT_TIMEOUT_US - 1)
    expect(net.failures).toEqual([])
    net.until(CONNECT_TIMEOUT_US)
    expect(net.failures).toEqual([CONNECT_TIMEOUT_US])
    const closed: number[] = []
    dialer.opened({ ...end, close: (code) => closed.push(code) }).closed({ kind: 'lost' })
    dialer.failed()
    expect([closed, net.ends, net.failures]).toEqual([[1001], [], [CONNECT_TIMEOUT_US]])
    net.fail()
    net.dial()
    expect(net.last().at).toBe(1)
  })

  it('an open stream is not timed', () => {
    const net = makeNet()
    net.dial()
    net.last().dialer.opened(end)
    net.until(10 * CONNECT_TIMEOUT_US)
    expect(net.failures).toEqual([])
  })

  it('R5: a process that has ended hears of no timeout', () => {
    const net = makeNet()
    net.dial()
    net.hosts[0].stop('lost')
    net.selecting.deviceGone(null)
    net.until(2 * CONNECT_TIMEOUT_US)
    expect(net.failures).toEqual([])
  })

  it('failures without a network say nothing about a transport', () => {
    const net = makeNet()
    net.link.goOffline()
    net.fail(5)
    net.link.comeOnline()
    net.dial()
    expect(net.last().at).toBe(0)
  })

  it('A16: the history alone is told what carries a stream; the rest of the end is as it was', () => {
    const net = makeNet()
    net.fail(LIVES)
    net.dial()
    const sent: string[] = []
    net.last().dialer.opened({ bufferedBytes: 7, send: (bytes, traffic) => sent.push(`${bytes.length} ${traffic}`), close: (code) => sent.push(`close ${code}`) })
    const [carried] = net.ends
    carried.send(new Uint8Array(3), 'data')
    carried.close(4000)
    expect([carried.via, carried.bufferedBytes, sent]).toEqual(['sse', 7, ['3 data', 'close 4000']])
  })

  it('A06: requests go over the connections of the transport in use', () => {
    const net = makeNet()
    const request = { method: 'GET', path: '/', document: 'd', body: new Uint8Array(0) } as const
    net.selecting.request(request, 1, () => undefined)
    net.fail(LIVES)
    net.selecting.request(request, 1, () => undefined)
    expect(net.doubles.map(({ calls }) => calls.length)).toEqual([1, 1, 0])
  })

  it('everything else concerns all of them, the one in use first', () => {
    const net = makeNet()
    net.fail(LIVES)
    const order: string[] = []
    for (const double of net.doubles) double.reset = (isTold) => { order.push(`${double.name} ${isTold}`) }
    net.selecting.reset(true)
    expect(order).toEqual(['sse true', 'websocket true', 'http true'])
    expect([net.selecting.deviceGone(null), net.selecting.serverGone(null)]).toEqual([3, 6])
    net.selecting.forgetStreams()
    expect(net.doubles.every(({ calls }) => calls.includes('forget'))).toBe(true)
  })

  const happening = fc.constantFrom('fail', 'open', 'wait', 'break', 'new network', 'new process')
  test.prop([fc.array(happening, { maxLength: 40 })])('which one is dialled is what a list of rules says', (happenings) => {
    const net = makeNet()
    let [at, failures, sinceUs] = [0, 0, 0]
    for (const one of happenings) {
      const nowUs = net.kernel.nowUs
      if (one === 'wait') net.until(nowUs + MEMORY_US / 2)
      if (one === 'break') net.selecting.reset(true)
      if (one === 'new network') net.selecting.reset(false)
      if (one === 'new process') net.selecting.deviceGone(null)
      if (one === 'new network' || one === 'new process') [at, failures] = [0, 0]
      if (one !== 'fail' && one !== 'open') continue
      if (at > 0 && nowUs - sinceUs >= MEMORY_US) [at, failures] = [0, 0]
      net.dial()
      expect(net.last().at).toBe(at)
      if (one === 'open') net.last().dialer.opened(end)
      else net.last().dialer.failed()
      failures = one === 'open' ? 0 : failures + 1
      if (failures === LIVES) [at, failures, sinceUs] = [(at + 1) % NAMES.length, 0, nowUs]
    }
  })
})
