/** Faults that wait for a moment of the protocol, and failovers, in whole runs: what is lost, and what is not. */
import { describe, expect, it } from 'vitest'
import type { AuthorityContext, LocalEdit, ReplicaContext, Request, Response, Strategy } from '../contract.ts'
import type { HistoryEvent } from '../history/events.ts'
import type { Run } from '../history/run-record.ts'
import { Sha256 } from '../kernel/sha256.ts'
import { runPlan } from '../run.ts'
import type { Fault, Moment, Plan } from '../scenario/plan.ts'
import { EchoAuthority, EchoReplica, echoModule, echoStrategy } from '../testing/echo-strategy.ts'
import { tinyPlan } from '../testing/tiny-plan.ts'

const MS = 1000
const eventsOf = <K extends HistoryEvent['kind']>(one: Run, kind: K): readonly Extract<HistoryEvent, { kind: K }>[] =>
  one.history.events.filter((event): event is Extract<HistoryEvent, { kind: K }> => event.kind === kind)
const set = (id: string, device: string, atMs: number): Plan['intentions'][number] =>
  ({ id, atUs: atMs * MS, device, document: 'doc', field: 'price', action: { op: 'set', value: id } })
const waiting = (type: 'crash' | 'kill' | 'break' | 'partition', device: string, event: Moment, host: string, lengthMs = 0): Fault =>
  ({ id: 'f', type, devices: [device], atUs: 400 * MS, untilUs: (400 + lengthMs) * MS, when: { event, host, nth: 1 } })

/** `echo` that also sends each edit as a durable request, of which the server notes every execution. */
function requesting(): { readonly strategy: Strategy; readonly executed: string[]; readonly answered: string[]; readonly clocks: number[] } {
  const executed: string[] = []
  const answered: string[] = []
  const clocks: number[] = []
  class Requesting extends EchoReplica {
    constructor(context: ReplicaContext) {
      super(context)
      this.#context = context
    }
    readonly #context: ReplicaContext
    override edit(edit: LocalEdit): void {
      const { device } = this.#context.identity
      const request: Request = { method: 'POST', path: '/', document: 'doc', body: new TextEncoder().encode(device) }
      this.#context.request(request, { durable: edit.handle }, (result) => answered.push(`${device} ${'failed' in result ? result.failed : new TextDecoder().decode(result.body)}`))
      super.edit(edit)
    }
    answered(_durable: unknown, response: Response): void { answered.push(`${this.#context.identity.device} again ${new TextDecoder().decode(response.body)}`) }
  }
  class Executing extends EchoAuthority {
    constructor(context: AuthorityContext) {
      super(context)
      clocks.push(context.now())
    }
    override request(request: Request, respond: (response: Response) => void): void {
      executed.push(new TextDecoder().decode(request.body))
      respond({ status: 200, body: new TextEncoder().encode(`answer ${executed.length}`) })
    }
  }
  return { executed, answered, clocks, strategy: { ...echoStrategy, replica: (context) => new Requesting(context), authority: (context) => new Executing(context) } }
}

function runOf(strategy: Strategy, faults: readonly Fault[], intentions: Plan['intentions'] = [set('one', 'A', 500)], changes: Partial<Plan> = {}): Run {
  return runPlan(tinyPlan({ durationUs: 20_000 * MS, intentions, faults, ...changes }), echoModule(strategy, ['resume']), strategy, { createHasher: () => new Sha256() })
}

describe('faults that wait for a moment (D5)', () => {
  it('R2, I02: power that fails between the server\'s commit and its answer: executed once, and the next process gives the first answer', () => {
    const { strategy, executed, answered } = requesting()
    const one = runOf(strategy, [waiting('crash', 'server', 'request-executed', 'server', 500)])
    expect([executed, answered]).toEqual([['A'], ['A answer 1']])
    expect(eventsOf(one, 'fault').map(({ phase }) => phase)).toEqual(['begin', 'end'])
    // The answer was never on its way: the only one is the next process's.
    expect(eventsOf(one, 'frame').filter(({ state, traffic }) => state === 'sent' && traffic === 'response')).toHaveLength(1)
    expect(one.quiescent).toBe(true)
  })

  it('R5: power that fails between a device\'s write and its sync: the edit\'s record is gone, and nothing was sent', () => {
    const { strategy, executed, answered } = requesting()
    runOf(strategy, [waiting('crash', 'A', 'write-unsynced', 'A', 500)])
    expect([executed, answered]).toEqual([[], []])
    // A process that is only killed has written: the next one sends it.
    const killed = requesting()
    runOf(killed.strategy, [waiting('kill', 'A', 'write-unsynced', 'A', 500)])
    expect([killed.executed, killed.answered]).toEqual([['A'], ['A again answer 1']])
  })

  it('while an edit is pending: strikes behind the edit, at its very time', () => {
    const { strategy } = requesting()
    const one = runOf(strategy, [waiting('crash', 'A', 'edit', 'A', 500)])
    expect(eventsOf(one, 'fault')[0]).toMatchObject({ phase: 'begin', atUs: 500 * MS })
    expect(eventsOf(one, 'lifecycle').map(({ state, atUs }) => [state, atUs / MS])).toEqual([['stopped', 500], ['started', 1000]])
  })

  it('R2: an answer that is on its way is lost with its connection, and the repetition gets the same', () => {
    const { strategy, executed, answered } = requesting()
    const one = runOf(strategy, [waiting('break', 'A', 'answer-sent', 'server')])
    expect([executed, answered]).toEqual([['A'], ['A answer 1']])
    expect(eventsOf(one, 'frame').flatMap(({ state, traffic }) => traffic === 'response' ? [state] : [])).toEqual(['sent', 'lost', 'sent', 'delivered'])
    expect(eventsOf(one, 'fault').at(-1)?.hit).toBeGreaterThan(0)
  })

  it('R1: a frame that is on its way is lost with its stream', () => {
    const { strategy } = requesting()
    const one = runOf(strategy, [waiting('break', 'A', 'frame-sent', 'A')])
    expect(eventsOf(one, 'frame').filter(({ state, traffic }) => state === 'lost' && traffic === 'data').length).toBeGreaterThan(0)
    expect(one.quiescent).toBe(true)
  })

  it('R1: a cut during a handshake holds it up; one right after it takes a stream on which nothing has passed', () => {
    const { strategy } = requesting()
    const reset: Fault = { id: 'reset', type: 'break', devices: ['A'], atUs: 2_000 * MS, untilUs: 2_000 * MS }
    const opened = (...faults: readonly Fault[]): readonly number[] => eventsOf(runOf(strategy, faults), 'connection')
      .flatMap(({ device, state, atUs }) => device === 'A' && state === 'open' && atUs > 1_000 * MS ? [atUs / MS] : [])
    const [usual] = opened(reset)
    const [held] = opened(reset, waiting('partition', 'A', 'handshake', 'A', 3_000))
    expect(held - usual).toBeGreaterThan(2_500)
    const twice = opened(reset, waiting('break', 'A', 'stream-opened', 'A'))
    expect([twice.length, twice[0]]).toEqual([2, usual])
  })
})

describe('failover', () => {
  const failover: Fault = { id: 'f', type: 'failover', devices: ['server'], atUs: 2_000 * MS, untilUs: 5_000 * MS, byUs: -90_000 * MS }

  it('R5, R6: the standby has what was synced, another clock, and its own incarnation; what was not answered is asked of it', () => {
    const { strategy, executed, answered, clocks } = requesting()
    const one = runOf(strategy, [failover], [set('one', 'A', 500), set('two', 'A', 1_990), set('three', 'B', 15_000)])
    expect(clocks[1] - clocks[0]).toBe(5_000 - 90_000)
    expect(eventsOf(one, 'lifecycle').map(({ host, state, incarnation, atUs }) => `${host}/${incarnation} ${state} ${atUs / MS}`)).toEqual(['server/1 stopped 2000', 'server/2 started 5000'])
    expect([executed.length, [...answered].sort()]).toEqual([3, ['A answer 1', 'A answer 2', 'B answer 3']])
    expect(eventsOf(one, 'settled').map(({ edit }) => edit).sort()).toEqual(['one', 'three', 'two'])
    expect(one.quiescent).toBe(true)
  })

  it('R4: nobody is told; who sends meets a reset of a machine that knows no such connection, who is silent the keep-alive probe', () => {
    const one = runOf(requesting().strategy, [failover], [set('one', 'A', 6_000)])
    const closed = (device: string): readonly number[] => eventsOf(one, 'connection').flatMap((event) => event.device === device && event.state === 'closed' ? [event.atUs / MS] : [])
    expect(closed('A')[0]).toBeGreaterThan(6_000)
    expect(closed('A')[0]).toBeLessThan(6_200)
    expect(closed('B')[0]).toBeGreaterThan(2_000 + 45_000)
  })
})
