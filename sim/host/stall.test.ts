/** The fault `stall`: a page whose main thread is blocked, through whole runs (A03, A04). */
import { describe, expect, it } from 'vitest'
import type { AuthorityContext, ReplicaContext, Session, Strategy } from '../contract.ts'
import type { HistoryEvent } from '../history/events.ts'
import type { Run } from '../history/run-record.ts'
import { Sha256 } from '../kernel/sha256.ts'
import { runPlan } from '../run.ts'
import type { Fault, Plan } from '../scenario/plan.ts'
import { DEFAULT_WIRE } from '../scenario/wire-config.ts'
import { EchoAuthority, EchoReplica, echoModule, echoStrategy } from '../testing/echo-strategy.ts'
import { postModule, postStrategy } from '../testing/post-strategy.ts'
import { makeTestWorld } from '../testing/test-world.ts'
import { tinyPlan } from '../testing/tiny-plan.ts'

const MS = 1000
const fault = (type: 'stall' | 'suspend' | 'kill' | 'break', atMs: number, untilMs: number, id = `${type}-A`): Fault =>
  ({ id, type, atUs: atMs * MS, untilUs: untilMs * MS, devices: ['A'] })
const set = (id: string, device: string, atMs: number): Plan['intentions'][number] =>
  ({ id, atUs: atMs * MS, device, document: 'doc', field: 'price', action: { op: 'set', value: id } })
const run = (faults: readonly Fault[], changes: Partial<Plan> = {}, strategy: Strategy = echoStrategy): Run =>
  runPlan(tinyPlan({ durationUs: 60_000 * MS, faults, intentions: [], ...changes }), echoModule(strategy), strategy, { createHasher: () => new Sha256() })
const eventsOf = <K extends HistoryEvent['kind']>(one: Run, kind: K): readonly Extract<HistoryEvent, { kind: K }>[] =>
  one.history.events.filter((event): event is Extract<HistoryEvent, { kind: K }> => event.kind === kind)
const lives = (one: Run): readonly string[] => eventsOf(one, 'lifecycle').map(({ host, state, atUs }) => `${host} ${state} ${atUs / MS}`)
const hits = (one: Run, id: string): readonly number[] => eventsOf(one, 'fault').filter((event) => event.fault === id).map(({ hit }) => hit)

/** An authority that sends a device this many frames of 100 kB as soon as the device is there. */
function flooding(frames: number): { readonly strategy: Strategy; readonly received: number[]; readonly buffered: number[]; readonly writable: number[] } {
  const [received, buffered, writable]: number[][] = [[], [], []]
  class Flooding extends EchoAuthority {
    override opened(session: Session): void {
      super.opened(session)
      if (session.peer !== 'A') return
      this.context.timer(1_200, () => {
        for (let frame = 0; frame < frames; frame++) session.send(new Uint8Array(100_000), 'data')
        this.context.timer(500, () => buffered.push(session.bufferedBytes))
      })
    }
    writable(session: Session): void { if (session.bufferedBytes < 5_000_000) writable.push(this.context.monotonic()) }
  }
  class Counting extends EchoReplica {
    override received(session: Session, bytes: Uint8Array): void {
      if (bytes.length === 100_000) received.push(this.context.monotonic())
      else super.received(session, bytes)
    }
  }
  return {
    received, buffered, writable,
    strategy: { replica: (context: ReplicaContext) => new Counting(context), authority: (context: AuthorityContext) => new Flooding(context) },
  }
}
/** Fast enough for megabytes within a second. */
const QUICK = { requestTimeoutUs: 1_000_000, reconnect: { initialUs: 200_000, multiplier: 2, capUs: 2_000_000, jitter: 0 }, invalidation: 'immediate', debounceUs: 0, maxWaitUs: 0 } as const

describe('Host: a blocked page', () => {
  it('timers that come due wait and then run in order, others run when they are due; both clocks go on', () => {
    const { hosts: [a], kernel } = makeTestWorld()
    const ran: string[] = []
    const note = (name: string) => (): void => { ran.push(`${name} at ${a.monotonicMs()}`) }
    a.timer(2_000 * MS, note('two'))
    a.timer(1_000 * MS, note('one'))
    const cancel = a.timer(1_500 * MS, note('cancelled'))
    a.timer(9_000 * MS, note('nine'))
    kernel.at(500 * MS, () => a.stall({ bytes: Infinity, exceeded: () => undefined }))
    kernel.at(2_500 * MS, () => a.whenAwake(() => { note('told')() }))
    kernel.at(2_600 * MS, cancel)
    kernel.at(5_000 * MS, () => { expect(a.resume()).toBe(4) })
    kernel.run()
    expect(ran).toEqual(['one at 5000', 'two at 5000', 'told at 5000', 'nine at 9000'])
  })

  it('says once that it holds more than it can, and forgets what it held when its process ends', () => {
    const { hosts: [a], world } = makeTestWorld()
    const exceeded: number[] = []
    a.stall({ bytes: 100, exceeded: () => { exceeded.push(1) } })
    for (const bytes of [60, 40]) a.whenAwake(() => { throw new Error('its process is gone') }, bytes)
    expect(exceeded).toEqual([])
    for (const bytes of [1, 60]) a.whenAwake(() => { throw new Error('its process is gone') }, bytes)
    expect(exceeded).toEqual([1])
    a.stop('kept')
    a.start()
    expect([a.isAwake, world.quiescence.pending()]).toEqual([true, []])
  })
})

describe('stall: a page whose main thread is blocked (A03)', () => {
  it('the user\'s edits and the news wait until it goes on; no connection is touched and nobody is told', () => {
    const one = run([fault('stall', 2000, 8000)], { intentions: [set('news', 'B', 3000), set('tapped', 'A', 4000)] })
    const ofA = (atMs: number): readonly unknown[] => eventsOf(one, 'view').filter(({ host, atUs }) => host === 'A' && atUs === atMs * MS).map(({ change }) => change)
    expect(lives(one)).toEqual(['A stalled 2000', 'A resumed 8000'])
    expect(eventsOf(one, 'view').filter(({ host, atUs }) => host === 'A' && atUs > 2000 * MS && atUs < 8000 * MS)).toEqual([])
    expect(ofA(8000)).toMatchObject([{ value: 'news' }, { value: 'tapped' }])
    expect(eventsOf(one, 'edit').map(({ edit, atUs }) => `${edit} ${atUs / MS}`)).toEqual(['news 3000', 'tapped 8000'])
    expect(eventsOf(one, 'connection').filter(({ state }) => state === 'closed')).toEqual([])
    expect(hits(one, 'stall-A')[1]).toBeGreaterThanOrEqual(2)
    expect(one.quiescent).toBe(true)
  })

  it('a stall in which nothing happens hits nothing', () => {
    expect(hits(run([fault('stall', 20_000, 20_001)]), 'stall-A')).toEqual([0, 0])
  })

  it('a connection that is lost or made meanwhile is heard of afterwards, in order', () => {
    const states = (one: Run): readonly string[] => eventsOf(one, 'connection').filter(({ device }) => device === 'A').map(({ state, atUs }) => `${state} ${atUs / MS}`)
    const lost = run([fault('stall', 2000, 8000), fault('break', 3000, 3000)])
    expect(states(lost).slice(1, 4)).toEqual([expect.stringContaining('open'), 'closed 8000', expect.stringMatching(/^connecting 8[12]/)])
    const made = run([fault('stall', 50, 8000)], { intentions: [set('news', 'B', 3000)] })
    expect(states(made)).toEqual(['connecting 0', 'open 8000'])
    expect([lost.quiescent, made.quiescent]).toEqual([true, true])
  })

  it('R2: an answer that came in time is taken when the page goes on, though the timeout has passed by then', () => {
    const [calm, one] = [[], [fault('stall', 2010, 8000)]].map((faults) =>
      runPlan(tinyPlan({ durationUs: 60_000 * MS, intentions: [set('write', 'A', 2000)], faults }), postModule, postStrategy, { createHasher: () => new Sha256() }))
    const requests = (of: Run): number => eventsOf(of, 'frame').filter(({ traffic, state, cause }) => traffic === 'request' && state === 'sent' && cause === 'write').length
    expect(eventsOf(one, 'settled')).toMatchObject([{ edit: 'write', atUs: 8001 * MS }]) // the outbox forgets it on disk first
    expect(requests(one)).toBe(requests(calm))
  })

  it('A03: what arrives piles up, up to a high-water mark, and is all read when the page goes on', () => {
    const { strategy, received } = flooding(200)
    const one = run([fault('stall', 1000, 20_000)], { client: QUICK }, strategy)
    expect(one.metrics.heldBytesMax).toBeGreaterThan(20_000_000)
    expect(one.metrics.heldBytesMax).toBeLessThan(20_100_000)
    expect(received).toHaveLength(200)
    expect(new Set(received)).toEqual(new Set([20_000]))
    expect(run([]).metrics.heldBytesMax).toBe(0)
  })

  it('A03: above its cap the page crashes: its process is gone, and its user loads it again when the stall would have ended', () => {
    const { strategy, received } = flooding(200)
    const wire = { ...DEFAULT_WIRE, receiveBufferBytes: 5_000_000 }
    const one = run([fault('stall', 1000, 20_000)], { client: QUICK, wire, intentions: [set('tapped', 'A', 1100)] }, strategy)
    const [, crashed, stopped] = eventsOf(one, 'lifecycle')
    expect(lives(one).map((line) => line.replace(/ [\d.]+$/, ''))).toEqual(['A stalled', 'A out-of-memory', 'A stopped', 'A started'])
    expect(crashed.heldBytes).toBeGreaterThan(5_000_000)
    expect(crashed.heldBytes).toBeLessThan(5_200_000)
    expect(stopped.atUs).toBeLessThan(20_000 * MS)
    expect(eventsOf(one, 'skipped')).toMatchObject([{ edit: 'tapped', reason: 'device-down' }])
    expect(received.filter((atMs) => atMs < 1000 && atMs > 0)).toEqual([])
    expect(hits(one, 'stall-A')[1]).toBeGreaterThan(0)
    expect(one.quiescent).toBe(true)
  })

  it('A04: a page that pulls holds one message; the authority sees its buffer grow, hears `writable`, and nothing is lost', () => {
    const { strategy, received, buffered, writable } = flooding(200)
    const wire = { ...DEFAULT_WIRE, backpressure: true, receiveBufferBytes: 5_000_000 }
    const one = run([fault('stall', 1000, 20_000)], { client: QUICK, wire }, strategy)
    expect(lives(one)).toEqual(['A stalled 1000', 'A resumed 20000'])
    expect(one.metrics.heldBytesMax).toBeLessThan(101_000)
    expect(buffered[0]).toBeGreaterThan(13_000_000)
    expect(writable.map((atMs) => atMs > 20_000)).toEqual([true])
    expect(received).toHaveLength(200)
    expect(Math.min(...received)).toBe(20_000)
    expect(eventsOf(one, 'frame').filter(({ state }) => state === 'lost')).toEqual([])
    expect(one.quiescent).toBe(true)
  })

  it('a page that falls asleep or whose process ends in the middle is not blocked any more, and two stalls are one', () => {
    const asleep = run([fault('stall', 1000, 6000), fault('suspend', 2000, 9000)])
    expect(lives(asleep)).toEqual(['A stalled 1000', 'A resumed 2000', 'A asleep 2000', 'A awake 9000'])
    const killed = run([fault('stall', 1000, 6000), fault('kill', 2000, 3000)], { intentions: [set('tapped', 'A', 1500)] })
    expect(lives(killed)).toEqual(['A stalled 1000', 'A stopped 2000', 'A started 3000'])
    expect(eventsOf(killed, 'skipped')).toMatchObject([{ edit: 'tapped', reason: 'device-down' }])
    const twice = run([fault('stall', 1000, 6000, 'first'), fault('stall', 2000, 9000, 'second')])
    expect(lives(twice)).toEqual(['A stalled 1000', 'A resumed 9000'])
    const none = run([fault('suspend', 1000, 9000), fault('stall', 2000, 6000)])
    expect(lives(none)).toEqual(['A asleep 1000', 'A awake 9000'])
    expect([asleep, killed, twice, none].map(({ quiescent }) => quiescent)).toEqual([true, true, true, true])
  })
})
