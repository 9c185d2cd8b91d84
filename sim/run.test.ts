import { describe, expect, it } from 'vitest'
import type { EditHandle, LocalEdit, ReplicaContext, Session, Strategy } from './contract.ts'
import type { HistoryEvent } from './history/events.ts'
import type { Run } from './history/run-record.ts'
import { Sha256 } from './kernel/sha256.ts'
import type { TraceEntry } from './kernel/trace-digest.ts'
import { runPlan, type RunOptions } from './run.ts'
import type { Plan } from './scenario/plan.ts'
import { EchoAuthority, EchoReplica, echoModule, echoStrategy } from './testing/echo-strategy.ts'
import { TINY_LINK, tinyPlan } from './testing/tiny-plan.ts'

const run = (plan: Plan = tinyPlan(), strategy: Strategy = echoStrategy, options: Partial<RunOptions> = {}): Run =>
  runPlan(plan, echoModule(strategy), strategy, { createHasher: () => new Sha256(), ...options })

/** `echo` with a replica made from this class. */
const withReplica = (Replica: new (context: ReplicaContext) => EchoReplica): Strategy =>
  ({ ...echoStrategy, replica: (context) => new Replica(context) })

const last = (one: Run): HistoryEvent | undefined => one.history.events.at(-1)
const eventsOf = <K extends HistoryEvent['kind']>(one: Run, kind: K): readonly Extract<HistoryEvent, { kind: K }>[] =>
  one.history.events.filter((event): event is Extract<HistoryEvent, { kind: K }> => event.kind === kind)

/** The bytes of every frame, in order. */
function framesOf(plan: Plan, strategy: Strategy = echoStrategy): readonly string[] {
  const frames: string[] = []
  const onRecord = (entry: TraceEntry): void => { if (entry.entry === 'bytes') frames.push(entry.content.join()) }
  run(plan, strategy, { onRecord })
  return frames
}

describe('runPlan', () => {
  it('runs to quiet: both edits are made, settled and shown everywhere', () => {
    const one = run()
    expect(last(one)).toMatchObject({ kind: 'quiet', result: 'quiet', pending: [] })
    expect(one.quiescent).toBe(true)
    expect(eventsOf(one, 'edit').map(({ edit }) => edit)).toEqual(['set-a', 'set-b'])
    expect(eventsOf(one, 'settled').map(({ edit }) => edit)).toEqual(['set-a', 'set-b'])
    const shown = (host: string): unknown => eventsOf(one, 'view').findLast((event) => event.host === host)?.change
    for (const host of ['A', 'B', 'server']) expect(shown(host), host).toEqual({ op: 'set', value: 'two' })
    expect(one.metrics).toMatchObject({ edits: 2, skipped: 0, connections: 2, retries: 0 })
  })

  it('D1: the same plan gives the same digest, another seed another one', () => {
    const { digest } = run()
    expect(digest).toMatch(/^[0-9a-f]{64}$/)
    expect(run().digest).toBe(digest)
    expect(run(tinyPlan({ seed: '2' })).digest).not.toBe(digest)
  })

  it('D1: hearing of the trace changes nothing in it, and what is heard is as long as the history at least', () => {
    const entries: TraceEntry[] = []
    const one = run(tinyPlan(), echoStrategy, { onRecord: (entry) => { entries.push(entry) } })
    expect(one.digest).toBe(run().digest)
    expect(entries.filter(({ entry }) => entry === 'record').length).toBe(one.history.events.length)
  })

  it('D2: events are in the order of virtual time, and the world is healed after its last fault', () => {
    const plan = tinyPlan({ faults: [{ id: 'cut', type: 'partition', atUs: 400_000, untilUs: 1_500_000, devices: ['A'] }] })
    const one = run(plan)
    const times = one.history.events.map(({ atUs }) => atUs)
    expect([...times].sort((a, b) => a - b)).toEqual(times)
    expect(one.history.header.healedAtUs).toBe(plan.durationUs)
    expect(one.simulatedUs).toBe(times.at(-1))
  })

  it('R8: the ids of intentions reach no frame: renamed, the bytes of every frame are the same', () => {
    const plan = tinyPlan()
    const renamed = { ...plan, intentions: plan.intentions.map((one) => ({ ...one, id: `quite-another-${one.id}` })) }
    const frames = framesOf(plan)
    expect(frames.length).toBeGreaterThan(10)
    expect(framesOf(renamed)).toEqual(frames)
  })

  it('R8: a handle is no id of the plan, and another device\'s handle is refused', () => {
    const handles: string[] = []
    class Noting extends EchoReplica {
      override edit(edit: LocalEdit): void {
        handles.push(edit.handle)
        super.edit(edit)
      }
    }
    run(tinyPlan(), withReplica(Noting))
    expect(handles).toEqual(['edit-1-1', 'edit-1-1'])
    class Inventing extends EchoReplica {
      override edit(edit: LocalEdit): void { this.context.settle('set-a' as EditHandle, 'server-durable'); super.edit(edit) }
    }
    expect(() => run(tinyPlan(), withReplica(Inventing))).toThrow(/"set-a" is not the handle of an edit of this device/)
  })

  it('an intention the strategy has no type for is skipped, and says why', () => {
    const plan = tinyPlan()
    const typing = { id: 'type', atUs: 1_000_000, device: 'A', document: 'doc', field: 'note', action: { op: 'replace', place: { kind: 'start' }, remove: 0, insert: 'x' } } as const
    const one = run({ ...plan, intentions: [...plan.intentions, typing] })
    expect(eventsOf(one, 'skipped')).toMatchObject([{ edit: 'type', reason: 'type-unsupported' }])
    expect(one.history.header.types).toEqual(['register'])
  })

  it('R6: strategies see the device\'s own clock', () => {
    const seen: number[] = []
    class Looking extends EchoReplica {
      override edit(edit: LocalEdit): void {
        seen.push(this.context.now())
        super.edit(edit)
      }
    }
    const { devices, ...plan } = tinyPlan()
    run({ ...plan, devices: devices.map((device, index) => ({ ...device, clockOffsetUs: index * 60_000_000 })) }, withReplica(Looking))
    expect(seen[1] - seen[0]).toBe(60_000 + 400)
  })
})

describe('runPlan: faults', () => {
  const fault = (type: 'partition' | 'offline' | 'break', atUs: number, untilUs: number): Plan['faults'][number] => ({ id: type, type, atUs, untilUs, devices: ['A'] })

  it('R1: an edit in a partition arrives after it; a fault says what it hit', () => {
    const one = run(tinyPlan({ faults: [fault('partition', 400_000, 1_500_000)] }))
    expect(last(one)).toMatchObject({ result: 'quiet' })
    expect(eventsOf(one, 'settled').find(({ edit }) => edit === 'set-a')?.atUs).toBeGreaterThan(1_500_000)
    expect(eventsOf(one, 'fault')).toMatchObject([{ phase: 'begin', hit: 0 }, { phase: 'end' }])
    expect(eventsOf(one, 'fault')[1].hit).toBeGreaterThan(0)
    expect(eventsOf(one, 'connection').filter(({ state }) => state === 'closed')).toEqual([])
  })

  it('a break loses what is in flight, and the device connects again', () => {
    const one = run(tinyPlan({ faults: [fault('break', 510_000, 510_000)] }))
    expect(last(one)).toMatchObject({ result: 'quiet' })
    expect(eventsOf(one, 'fault')[0].hit).toBe(1)
    expect(eventsOf(one, 'frame').filter(({ state }) => state === 'lost')).toMatchObject([{ from: 'A', cause: 'set-a' }])
    expect(eventsOf(one, 'connection').filter(({ device }) => device === 'A').map(({ state }) => state))
      .toEqual(['connecting', 'open', 'closed', 'connecting', 'open'])
    expect(one.metrics).toMatchObject({ connections: 3 })
  })

  it('offline: dials fail until the device is back, and what the server sends meanwhile is lost in a half-open stream (R4)', () => {
    const one = run(tinyPlan({ faults: [fault('offline', 400_000, 1_800_000)] }))
    expect(last(one)).toMatchObject({ result: 'quiet' })
    const ofA = eventsOf(one, 'connection').filter(({ device }) => device === 'A')
    expect(ofA.filter(({ state }) => state === 'connecting').length).toBeGreaterThan(2)
    expect(ofA.filter(({ state, atUs }) => state === 'open' && atUs > 400_000).every(({ atUs }) => atUs > 1_800_000)).toBe(true)
    expect(eventsOf(one, 'frame').filter(({ state, from, to }) => state === 'lost' && from === 'server' && to === 'A').length).toBe(1)
  })
})

describe('runPlan: worlds that do not become quiet (H3)', () => {
  it('names a foreground timer that is armed again and again, and where', () => {
    class Ticking extends EchoReplica {
      constructor(context: ReplicaContext) {
        super(context)
        const tick = (): void => { context.timer(700, tick) }
        if (context.identity.device === 'B') tick()
      }
    }
    const one = run(tinyPlan(), withReplica(Ticking))
    expect(last(one)).toMatchObject({ kind: 'quiet', result: 'horizon', pending: ['B: 1 x foreground timer armed'] })
    expect(one.quiescent).toBe(false)
    const { healedAtUs, bounds } = one.history.header
    expect(one.simulatedUs).toBe(healedAtUs + bounds.horizonUs)
  })

  it('a background timer does not keep the world awake', () => {
    class Beating extends EchoReplica {
      constructor(context: ReplicaContext) {
        super(context)
        const beat = (): void => { context.timer(700, beat, { background: true }) }
        beat()
      }
    }
    expect(last(run(tinyPlan(), withReplica(Beating)))).toMatchObject({ result: 'quiet' })
  })

  it('names edits that are never settled, and waits for them until the horizon', () => {
    class Forgetful extends EchoReplica {
      override received(): void { /* the echo is not heard */ }
    }
    const one = run(tinyPlan(), withReplica(Forgetful))
    expect(last(one)).toMatchObject({ result: 'horizon', pending: ['A: 1 edits not settled', 'B: 1 edits not settled'] })
    expect(one.simulatedUs).toBe(one.history.header.healedAtUs + one.history.header.bounds.horizonUs)
  })

  it('an edit that only a background timer brings home is waited for', () => {
    class Slow extends EchoReplica {
      override received(session: Session, bytes: Uint8Array): void {
        this.context.timer(8_000, () => { super.received(session, bytes); this.context.changed('doc') }, { background: true })
      }
    }
    const one = run(tinyPlan(), withReplica(Slow))
    expect(last(one)).toMatchObject({ result: 'quiet', pending: [] })
    expect(eventsOf(one, 'settled')).toHaveLength(2)
  })

  it('names data frames in an endless ping-pong', () => {
    class Ping extends EchoReplica {
      override opened(session: Session): void {
        super.opened(session)
        session.send(new Uint8Array(0), 'data')
      }
      override received(session: Session, bytes: Uint8Array): void {
        if (bytes.length === 0) session.send(bytes, 'data')
        else super.received(session, bytes)
      }
    }
    class Pong extends EchoAuthority {
      override received(session: Session, bytes: Uint8Array): void {
        if (bytes.length === 0) session.send(bytes, 'data')
        else super.received(session, bytes)
      }
    }
    const strategy: Strategy = { replica: (context) => new Ping(context), authority: (context) => new Pong(context) }
    const one = run(tinyPlan(), strategy)
    expect(last(one)).toMatchObject({ result: 'horizon' })
    const end = last(one)
    expect(end?.kind === 'quiet' ? end.pending.join() : '').toMatch(/^[^,]+: [12] x data frame in flight/)
  })

  it('stopped by a budget of events, it is inconclusive and says what was pending', () => {
    const one = run(tinyPlan(), echoStrategy, { maxEvents: 10 })
    expect(last(one)).toMatchObject({ result: 'budget' })
    const end = last(one)
    expect(end?.kind === 'quiet' ? end.pending : []).toContain('A: 1 x not connected')
    expect([one.quiescent, one.events]).toEqual([false, 10])
  })

  it('one event more than needed is enough, one less is not', () => {
    const { events } = run()
    expect(last(run(tinyPlan(), echoStrategy, { maxEvents: events }))).toMatchObject({ result: 'quiet' })
    expect(last(run(tinyPlan(), echoStrategy, { maxEvents: events - 1 }))).toMatchObject({ result: 'budget' })
  })
})

describe('runPlan: ends and errors', () => {
  it('disposing every node comes last, and no timer fires after it', () => {
    const order: string[] = []
    class Ending extends EchoReplica {
      constructor(context: ReplicaContext) {
        super(context)
        const tick = (): void => {
          order.push('tick')
          context.timer(100, tick, { background: true })
        }
        tick()
      }
      override dispose(): void {
        super.dispose()
        order.push(`disposed ${this.context.identity.device}`)
      }
    }
    run(tinyPlan(), withReplica(Ending))
    expect(order.slice(-3)).toEqual(['tick', 'disposed A', 'disposed B'])
  })

  it('a strategy that throws ends the run with its host and the virtual time, and the error as cause', () => {
    class Throwing extends EchoReplica {
      override edit(edit: LocalEdit): void {
        if (this.context.identity.device === 'B') throw new TypeError('no such thing')
        super.edit(edit)
      }
    }
    let caught: unknown
    try {
      run(tinyPlan(), withReplica(Throwing))
    } catch (error) {
      caught = error
    }
    expect(caught).toMatchObject({ name: 'HostError', message: 'B at 0.9 s: no such thing', host: 'B', atUs: 900_000 })
    expect((caught as Error).cause).toBeInstanceOf(TypeError)
    expect(run().quiescent).toBe(true)
  })

  it('a strategy that throws while it starts or is looked at is named too', () => {
    class Unborn extends EchoReplica {
      constructor(context: ReplicaContext) {
        super(context)
        throw new Error('not today')
      }
    }
    expect(() => run(tinyPlan(), withReplica(Unborn))).toThrow('A at 0 s: not today')
    class Blind extends EchoReplica {
      override view(): never { throw new Error('nothing to see') }
    }
    expect(() => run(tinyPlan(), withReplica(Blind))).toThrow('A at 0 s: nothing to see')
  })

  it('a device alone, without edits, is quiet as soon as the plan is over', () => {
    const one = run(tinyPlan({ devices: [{ id: 'A', user: 'ann', link: TINY_LINK, clockOffsetUs: 0 }], intentions: [] }))
    expect(last(one)).toMatchObject({ result: 'quiet', pending: [] })
  })
})
