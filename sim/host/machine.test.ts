import { describe, expect, it } from 'vitest'
import type { ReplicaContext, Session, Strategy } from '../contract.ts'
import type { HistoryEvent } from '../history/events.ts'
import type { Run } from '../history/run-record.ts'
import { Sha256 } from '../kernel/sha256.ts'
import { DEFAULT_WIRE } from '../scenario/wire-config.ts'
import { runPlan } from '../run.ts'
import type { Fault, Plan } from '../scenario/plan.ts'
import { EchoAuthority, EchoReplica, echoModule, echoStrategy } from '../testing/echo-strategy.ts'
import { tinyPlan } from '../testing/tiny-plan.ts'

const MS = 1000
const run = (faults: readonly Fault[], changes: Partial<Plan> = {}, strategy: Strategy = echoStrategy): Run =>
  runPlan(tinyPlan({ durationUs: 100_000 * MS, faults, intentions: [], ...changes }), echoModule(strategy), strategy, { createHasher: () => new Sha256() })
const fault = (type: 'crash' | 'kill' | 'restart' | 'torn-write' | 'suspend' | 'hide', host: string, atMs: number, untilMs: number, id = `${type}-${host}`): Fault =>
  ({ id, type, atUs: atMs * MS, untilUs: untilMs * MS, devices: [host] })
const eventsOf = <K extends HistoryEvent['kind']>(one: Run, kind: K): readonly Extract<HistoryEvent, { kind: K }>[] =>
  one.history.events.filter((event): event is Extract<HistoryEvent, { kind: K }> => event.kind === kind)
const lives = (one: Run): readonly string[] => eventsOf(one, 'lifecycle').map(({ host, state, incarnation, atUs }) => `${host}/${incarnation} ${state} ${atUs / MS}`)
const closings = (one: Run, device: string): readonly number[] => eventsOf(one, 'connection').flatMap((event) => event.device === device && event.state === 'closed' ? [event.atUs / MS] : [])
const set = (id: string, device: string, atMs: number): Plan['intentions'][number] =>
  ({ id, atUs: atMs * MS, device, document: 'doc', field: 'price', action: { op: 'set', value: id } })

/** What the nodes of a run heard, in order. */
function listening(): { readonly strategy: Strategy; readonly heard: string[] } {
  const heard: string[] = []
  class Listening extends EchoReplica {
    constructor(context: ReplicaContext) {
      super(context)
      heard.push(`${this.#name} boots`)
    }
    get #name(): string { return `${this.context.identity.device}/${this.context.identity.incarnation}` }
    override closed(session: Session, why?: { readonly kind: string; readonly code?: number }): void {
      heard.push(`${this.#name} closed ${why?.kind ?? ''} ${why?.code ?? ''}`.trim())
      super.closed(session)
    }
    lifecycle(event: string): void { heard.push(`${this.#name} ${event}`) }
    override dispose(): void {
      heard.push(`${this.#name} disposed`)
      super.dispose()
    }
  }
  return { heard, strategy: { ...echoStrategy, replica: (context) => new Listening(context) } }
}

describe('Machine: processes that end', () => {
  it('crash of a device, R4, R5, D8: nothing runs at the end, the server keeps a half-open stream, and another incarnation starts', () => {
    const { strategy, heard } = listening()
    const one = run([fault('crash', 'A', 1000, 3000)], {}, strategy)
    expect(lives(one)).toEqual(['A/1 stopped 1000', 'A/2 started 3000'])
    expect(heard.filter((line) => line.startsWith('A'))).toEqual(['A/1 boots', 'A/2 boots', 'A/2 disposed'])
    expect(closings(one, 'A')).toEqual([])
    expect(one.quiescent).toBe(true)
  })

  it('crash of a device, R4: a machine without power answers nothing; a server that sends to it learns once it is on again', () => {
    const closedAtMs: number[] = []
    class Noting extends EchoAuthority {
      override closed(session: Session): void {
        if (session.peer === 'A') closedAtMs.push(this.context.monotonic())
        super.closed(session)
      }
    }
    const strategy: Strategy = { ...echoStrategy, authority: (context) => new Noting(context) }
    const one = run([fault('crash', 'A', 1000, 3000)], { intentions: [set('told', 'B', 2000)] }, strategy)
    expect(closedAtMs).toHaveLength(1)
    expect(closedAtMs[0]).toBeGreaterThan(3000)
    expect(one.quiescent).toBe(true)
  })

  it('crash: an intention of a device that is down is skipped, and the handle of a dead process is not mistaken', () => {
    const one = run([fault('crash', 'A', 1000, 3000)], { intentions: [set('before', 'A', 999), set('during', 'A', 2000), set('after', 'A', 4000)] })
    expect(eventsOf(one, 'skipped').map(({ edit, reason }) => [edit, reason])).toEqual([['during', 'device-down']])
    expect(eventsOf(one, 'settled').map(({ edit }) => edit)).toEqual(['after'])
    expect(eventsOf(one, 'edit').map(({ edit, incarnation }) => [edit, incarnation])).toEqual([['before', 1], ['after', 2]])
  })

  it('kill of the server: its kernel closes the streams at once and refuses dials until it is back', () => {
    const one = run([fault('kill', 'server', 1000, 3000)])
    for (const device of ['A', 'B']) {
      const [first = 0, second = 0] = closings(one, device)
      expect(first).toBeGreaterThanOrEqual(1020)
      expect(first).toBeLessThanOrEqual(1030)
      expect(second).toBeLessThan(3000) // a refused dial
    }
    expect(eventsOf(one, 'connection').filter(({ state }) => state === 'open').every(({ atUs }) => atUs < 1000 * MS || atUs > 3000 * MS)).toBe(true)
  })

  it('restart of the server: streams close with 1012, service restart', () => {
    const { strategy, heard } = listening()
    run([fault('restart', 'server', 1000, 1500)], {}, strategy)
    expect(heard.filter((line) => line.includes('closed')).sort()).toEqual(['A/1 closed closed 1012', 'B/1 closed closed 1012'])
  })

  it('crash of the server, R4: who sends learns at once after it is back, who is silent at the next keep-alive probe, and till then nothing is quiet', () => {
    const one = run([fault('crash', 'server', 1000, 3000)], { intentions: [set('told', 'A', 4000)] })
    const [asked = 0] = closings(one, 'A')
    expect(asked).toBeGreaterThan(4040)
    expect(asked).toBeLessThan(4100)
    const [probed = 0] = closings(one, 'B')
    expect(probed * MS).toBeGreaterThan(1000 * MS + DEFAULT_WIRE.tcpKeepAliveUs)
    expect(probed * MS).toBeLessThan(1200 * MS + DEFAULT_WIRE.tcpKeepAliveUs)
    expect(one.quiescent).toBe(true)
    expect(eventsOf(one, 'settled').map(({ edit }) => edit)).toEqual(['told'])
  })

  it('overlapping ends: the host starts when the last of them is over', () => {
    expect(lives(run([fault('crash', 'A', 1000, 3000), fault('kill', 'A', 2000, 5000), fault('torn-write', 'A', 3500, 4000)])))
      .toEqual(['A/1 stopped 1000', 'A/2 started 5000'])
  })

  it('D1: a run with every kind of end has one digest', () => {
    const faults = [fault('crash', 'A', 1000, 3000), fault('torn-write', 'server', 3500, 4000), fault('kill', 'B', 5000, 6000), fault('restart', 'server', 7000, 7001)]
    const intentions = [set('x', 'A', 990), set('y', 'B', 3990), set('z', 'A', 6990)]
    expect(run(faults, { intentions }).digest).toBe(run(faults, { intentions }).digest)
  })
})

describe('Machine: processes that sleep', () => {
  /** A replica that notes when its timers fire, in its own time and in true time. */
  function ticking(): { readonly strategy: Strategy; readonly ticks: string[] } {
    const ticks: string[] = []
    class Ticking extends EchoReplica {
      constructor(context: ReplicaContext) {
        super(context)
        if (context.identity.device !== 'A') return
        const tick = (): void => {
          ticks.push(`${Math.round(context.monotonic())} ${Math.round(context.now() % 100_000_000 - 1_704_067_200_000 % 100_000_000)}`)
          if (context.monotonic() < 4000) context.timer(1000, tick)
        }
        context.timer(1000, tick)
      }
    }
    return { ticks, strategy: { ...echoStrategy, replica: (context) => new Ticking(context) } }
  }

  it('suspend and wake, I07: timers keep the rest of their time, and none fires in a burst; the wall clock has jumped', () => {
    const { strategy, ticks } = ticking()
    run([fault('suspend', 'A', 1500, 61_500)], {}, strategy)
    expect(ticks).toEqual(['1000 1000', '2000 62000', '3000 63000', '4000 64000'])
  })

  it('suspend, I07: after a long sleep the device dials anew at once, after a short one it trusts its connection', () => {
    const dials = (untilMs: number): readonly number[] => eventsOf(run([fault('suspend', 'A', 1500, untilMs)]), 'connection')
      .flatMap(({ device, state, atUs }) => device === 'A' && state === 'connecting' ? [atUs / MS] : [])
    expect(dials(41_500)).toEqual([0, 41_500])
    expect(dials(4000)).toEqual([0])
  })

  it('suspend: nothing of the device runs in its sleep, and what came for it is there after it', () => {
    const one = run([fault('suspend', 'A', 1500, 4000)], { intentions: [set('news', 'B', 2000), set('asleep', 'A', 2500)] })
    expect(eventsOf(one, 'skipped').map(({ edit }) => edit)).toEqual(['asleep'])
    const seen = eventsOf(one, 'view').find(({ host }) => host === 'A')
    expect(seen?.atUs).toBeGreaterThan(4000 * MS)
    expect(seen?.atUs).toBeLessThan(7000 * MS)
  })

  it('hide, A15: the page closes its connection with 1001 and leaves no zombie; shown, it dials at once and catches up', () => {
    const { strategy, heard } = listening()
    const one = run([fault('hide', 'A', 1500, 9000)], { intentions: [set('news', 'B', 2000)] }, strategy)
    expect(heard.filter((line) => line.startsWith('A'))).toEqual(['A/1 boots', 'A/1 pagehide', 'A/1 closed closed 1001', 'A/1 pageshow', 'A/1 disposed'])
    expect(eventsOf(one, 'connection').flatMap(({ device, state, atUs }) => device === 'A' ? [`${state} ${Math.floor(atUs / 1_000_000)}`] : []))
      .toEqual(['connecting 0', 'open 0', 'closed 1', 'connecting 9', 'open 9'])
    // The server sent A nothing after the page had gone.
    expect(eventsOf(one, 'frame').filter(({ from, to, atUs }) => from === 'server' && to === 'A' && atUs > 1600 * MS && atUs < 9000 * MS)).toEqual([])
  })

  it('A15: sleeps overlap: a page that was hidden is shown when the last of them ends, and dials', () => {
    const { strategy, heard } = listening()
    const one = run([fault('hide', 'A', 1500, 3000), fault('suspend', 'A', 2500, 9000)], {}, strategy)
    expect(heard.filter((line) => line.startsWith('A'))).toEqual(['A/1 boots', 'A/1 pagehide', 'A/1 closed closed 1001', 'A/1 pageshow', 'A/1 disposed'])
    expect(eventsOf(one, 'connection').filter(({ device, state }) => device === 'A' && state === 'open').map(({ atUs }) => Math.floor(atUs / 1_000_000))).toEqual([0, 9])
  })

  it('a process that ends in its sleep does not go on sleeping', () => {
    const one = run([fault('suspend', 'A', 1000, 9000), fault('crash', 'A', 2000, 3000)], { intentions: [set('awake', 'A', 4000)] })
    expect(lives(one)).toEqual(['A/1 asleep 1000', 'A/1 stopped 2000', 'A/2 started 3000'])
    expect(eventsOf(one, 'settled').map(({ edit }) => edit)).toEqual(['awake'])
  })
})
