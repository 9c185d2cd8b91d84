/** Whole runs of devices with several tabs: what the tabs of a machine share, and what each has alone (A06, L04). */
import { describe, expect, it } from 'vitest'
import type { ReplicaContext, Session, Strategy } from '../contract.ts'
import type { HistoryEvent } from '../history/events.ts'
import type { Run } from '../history/run-record.ts'
import { Sha256 } from '../kernel/sha256.ts'
import { runPlan } from '../run.ts'
import type { Fault, Plan, PlannedDevice } from '../scenario/plan.ts'
import { EchoReplica, echoModule, echoStrategy } from '../testing/echo-strategy.ts'
import { TINY_LINK, tinyPlan } from '../testing/tiny-plan.ts'

const MS = 1000
const TABS = ['A-1', 'A-2']
const tab = (id: string, changes: Partial<PlannedDevice> = {}): PlannedDevice => ({ id, machine: 'A', user: 'ann', link: TINY_LINK, clockOffsetUs: 0, ...changes })
const run = (faults: readonly Fault[], strategy: Strategy = echoStrategy, changes: Partial<Plan> = {}): Run => runPlan(tinyPlan({
  durationUs: 60_000 * MS, devices: [...TABS.map((id) => tab(id)), { id: 'B', user: 'ben', link: TINY_LINK, clockOffsetUs: 0 }], faults, intentions: [], ...changes,
}), echoModule(strategy), strategy, { createHasher: () => new Sha256() })
const fault = (type: 'crash' | 'kill' | 'restart' | 'suspend' | 'hide' | 'torn-write' | 'partition' | 'offline', devices: readonly string[], atMs: number, untilMs: number): Fault =>
  ({ id: `${type}-${atMs}`, type, atUs: atMs * MS, untilUs: untilMs * MS, devices })
const eventsOf = <K extends HistoryEvent['kind']>(one: Run, kind: K): readonly Extract<HistoryEvent, { kind: K }>[] =>
  one.history.events.filter((event): event is Extract<HistoryEvent, { kind: K }> => event.kind === kind)
const lives = (one: Run): readonly string[] => eventsOf(one, 'lifecycle').map(({ host, state, atUs }) => `${host} ${state} ${atUs / MS}`)
const openings = (one: Run, device: string, afterMs: number): readonly number[] => eventsOf(one, 'connection')
  .flatMap((event) => event.device === device && event.state === 'open' && event.atUs > afterMs * MS ? [event.atUs / MS] : [])
const closings = (one: Run, device: string): readonly number[] => eventsOf(one, 'connection').flatMap((event) => event.device === device && event.state === 'closed' ? [event.atUs / MS] : [])
/** Three round trips and the reset or timer before them; a lost SYN would cost a second more. */
const SOON_MS = 400

describe('tabs of one machine', () => {
  it('fall and rise together with its power: none of them speaks into a link that another holds cut', () => {
    for (const type of ['crash', 'torn-write'] as const) {
      const one = run([fault(type, TABS, 2000, 5000)])
      const fellMs = type === 'crash' ? 2000 : 5000
      expect(lives(one)).toEqual(['A-1 stopped', 'A-2 stopped'].map((line) => `${line} ${fellMs}`).concat(['A-1 started 5000', 'A-2 started 5000']))
      for (const id of TABS) {
        expect(openings(one, id, 2000)).toHaveLength(1)
        expect(openings(one, id, 2000)[0]).toBeLessThan(5000 + SOON_MS)
      }
      expect(closings(one, 'B')).toEqual([])
      expect(one.quiescent).toBe(true)
    }
  })

  it('A15, I07: sleep and wake together', () => {
    const one = run([fault('suspend', TABS, 2000, 12_000)])
    expect(lives(one)).toEqual(['A-1 asleep 2000', 'A-2 asleep 2000', 'A-1 awake 12000', 'A-2 awake 12000'])
    for (const id of TABS) expect(openings(one, id, 12_000)[0]).toBeLessThan(12_000 + SOON_MS)
    // One link: what met it while it slept counts once.
    const probing = (devices: readonly PlannedDevice[]): number => eventsOf(run([fault('suspend', devices.filter(({ id }) => id !== 'B').map(({ id }) => id), 2000, 12_000)],
      echoStrategy, { devices, intentions: [{ id: 'b', atUs: 3000 * MS, device: 'B', document: 'doc', field: 'price', action: { op: 'set', value: 'b' } }] }), 'fault').at(-1)?.hit ?? 0
    const [b] = tinyPlan().devices.slice(1)
    const [two, alone] = [probing([tab('A-1'), tab('A-2'), b]), probing([tab('A-1'), b])]
    expect(alone).toBeGreaterThan(2)
    expect(two).toBeLessThanOrEqual(2 * alone)
  })

  it('a tab can be killed, reloaded or hidden alone: the other keeps its process and its connection', () => {
    for (const type of ['kill', 'restart', 'hide'] as const) {
      const one = run([fault(type, ['A-2'], 2000, 4000)])
      expect(lives(one).every((line) => line.startsWith('A-2'))).toBe(true)
      expect(lives(one)).toHaveLength(2)
      expect(closings(one, 'A-1')).toEqual([])
      expect(openings(one, 'A-2', 4000)[0]).toBeLessThan(4000 + SOON_MS)
    }
  })

  it('a tab that is killed while the machine is without power starts later than the others, which have the network before', () => {
    const one = run([fault('crash', TABS, 2000, 5000), fault('kill', ['A-1'], 3000, 9000)])
    expect(lives(one)).toEqual(['A-1 stopped 2000', 'A-2 stopped 2000', 'A-2 started 5000', 'A-1 started 9000'])
    expect(openings(one, 'A-2', 2000)[0]).toBeLessThan(5000 + SOON_MS)
    expect(openings(one, 'A-1', 2000)[0]).toBeLessThan(9000 + SOON_MS)
  })

  it('a tab that is killed and starts again while the machine sleeps leaves it off the network until it wakes', () => {
    const one = run([fault('suspend', TABS, 2000, 12_000), fault('kill', ['A-2'], 3000, 4000)])
    expect(openings(one, 'A-2', 4000)[0]).toBeGreaterThan(12_000)
    expect(one.quiescent).toBe(true)
  })

  it('share the link: one outage for all, whose packets count once', () => {
    const hits = (devices: readonly string[]): number => eventsOf(run([fault('partition', devices, 2000, 4000)], echoStrategy, {
      intentions: ['A-1', 'A-2'].map((device) => ({ id: device, atUs: 2500 * MS, device, document: 'doc', field: 'price', action: { op: 'set', value: device } })),
    }), 'fault').at(-1)?.hit ?? 0
    expect(hits(TABS)).toBeGreaterThan(1)
    // Named for one of its tabs or for both, it is the same cut.
    expect(hits(['A-1'])).toBe(hits(TABS))
    const offline = run([fault('offline', TABS, 2000, 4000)])
    for (const id of TABS) expect([closings(offline, id)[0], openings(offline, id, 2000)[0] > 4000]).toEqual([2000, true])
  })

  it('share the bottleneck: a large edit in one tab delays the other\'s', () => {
    const slow = { up: { delay: { latencyUs: 20 * MS }, bottleneck: { rateKbps: 200 } }, down: { delay: { latencyUs: 20 * MS } } }
    const settled = (machines: readonly [string, string]): number => {
      const set = (id: string, device: string, value: string): Plan['intentions'][number] => ({ id, atUs: 2000 * MS, device, document: 'doc', field: 'price', action: { op: 'set', value } })
      const one = run([], echoStrategy, {
        devices: TABS.map((id, index) => tab(id, { link: slow, machine: machines[index] })),
        intentions: [set('large', 'A-1', 'x'.repeat(9_000)), set('small', 'A-2', 'y')],
      })
      return eventsOf(one, 'settled').find(({ edit }) => edit === 'small')?.atUs ?? 0
    }
    expect(settled(['A', 'A']) - settled(['A', 'C'])).toBeGreaterThan(200 * MS)
  })

  it('R6: show the same wall clock whatever happens to their processes, and each its own monotonic clock', () => {
    const shown = new Map<string, { readonly wall: number; readonly monotonic: number }[]>()
    class Watching extends EchoReplica {
      constructor(context: ReplicaContext) {
        super(context)
        const { device, incarnation } = context.identity
        // Looks at true times that do not depend on the process: whenever the world gives it something to do.
        watches.push(() => {
          shown.set(device, [...shown.get(device) ?? [], { wall: context.now(), monotonic: context.monotonic() }])
          return `${device}/${incarnation}`
        })
      }
    }
    const watches: (() => string)[] = []
    const clocks: Fault[] = [
      { id: 'drift', type: 'drift', ppm: 333.3, atUs: 1_234_567, untilUs: 40_000_001, devices: TABS },
      { id: 'kill', type: 'kill', atUs: 5_000_003, untilUs: 6_000_019, devices: ['A-2'] },
      { id: 'skew', type: 'skew', byUs: -7_777_777, atUs: 9_000_000, untilUs: 20_000_003, devices: TABS },
      { id: 'hide', type: 'hide', atUs: 11_111_111, untilUs: 17_171_717, devices: ['A-1'] },
      { id: 'step', type: 'step', byUs: 86_399_999, atUs: 30_000_000, untilUs: 30_000_000, devices: TABS },
    ]
    run(clocks, { ...echoStrategy, replica: (context) => new Watching(context) }, { devices: TABS.map((id) => tab(id, { clockOffsetUs: 4321, clockDriftPpm: -17 })) })
    // After the run the clocks still go: all at the time of its last event.
    expect(watches.map((watch) => watch())).toEqual(['A-1/1', 'A-2/1', 'A-2/2'])
    const [first] = shown.get('A-1') ?? []
    const [, second] = shown.get('A-2') ?? []
    expect(second.wall).toBe(first.wall)
    expect(first.monotonic - second.monotonic).toBeGreaterThan(-1_000)
    expect(second.monotonic).not.toBe(first.monotonic)
  })

  it('A06: a tab beyond the browser\'s WebSockets gets in when another has gone', () => {
    const one = run([fault('kill', ['A-1'], 8000, 20_000)], echoStrategy, { wire: { ...tinyPlan().wire, webSocketsPerOrigin: 1 }, durationUs: 30_000 * MS })
    expect(openings(one, 'A-1', 0)[0]).toBeLessThan(SOON_MS)
    const [opened] = openings(one, 'A-2', 0)
    expect(opened).toBeGreaterThan(8000)
    // Dialled again with backoff until then, not at once.
    const dials = eventsOf(one, 'connection').filter(({ device, state, atUs }) => device === 'A-2' && state === 'connecting' && atUs < 8000 * MS)
    expect(dials.length).toBeGreaterThan(3)
    expect(dials.length).toBeLessThan(12)
    // And then the first is the one too many: the world is not quiet, and says why.
    expect(one.quiescent).toBe(false)
    expect(eventsOf(one, 'quiet').at(-1)?.pending.join()).toMatch(/A-1: \d+ x not connected/)
  })
})

describe('context.tabs, in the world', () => {
  /** Whoever holds the lock leads, and tells the others what it has heard from the server. */
  function electing(): { readonly strategy: Strategy; readonly log: string[] } {
    const log: string[] = []
    class Electing extends EchoReplica {
      readonly #name = `${this.context.identity.device}/${this.context.identity.incarnation}`
      constructor(context: ReplicaContext) {
        super(context)
        context.tabs.lock('leader', () => {
          log.push(`${this.#name} leads`)
          context.tabs.broadcast(new TextEncoder().encode(`${this.#name} is here`))
        })
      }
      broadcast(bytes: Uint8Array): void { log.push(`${this.#name} hears ${new TextDecoder().decode(bytes)}`) }
      override opened(session: Session): void { super.opened(session) }
    }
    return { log, strategy: { ...echoStrategy, replica: (context) => new Electing(context) } }
  }

  it('L04: one tab of a device leads until its process ends, then the next that asked; another device is another browser', () => {
    const { strategy, log } = electing()
    run([fault('kill', ['A-1'], 2000, 3000), fault('crash', TABS, 5000, 6000)], strategy)
    expect(log).toEqual([
      'A-1/1 leads', 'B/1 leads', 'A-2/1 hears A-1/1 is here',
      'A-2/1 leads', // A-1 was killed, and nobody else is there to hear it
      // The power failure ends both; A-1 boots first.
      'A-1/3 leads', 'A-2/2 hears A-1/3 is here',
    ])
  })
})
