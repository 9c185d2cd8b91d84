import { describe, expect, it } from 'vitest'
import type { LocalEdit, Replica, ReplicaContext, Request, RequestResult, Strategy, StrategyModule } from '../contract.ts'
import type { HistoryEvent } from '../history/events.ts'
import type { Run } from '../history/run-record.ts'
import { Sha256 } from '../kernel/sha256.ts'
import { runPlan } from '../run.ts'
import type { Plan } from '../scenario/plan.ts'
import { EchoReplica, echoModule, echoStrategy } from '../testing/echo-strategy.ts'
import { postModule, postStrategy } from '../testing/post-strategy.ts'
import { tinyPlan } from '../testing/tiny-plan.ts'

const run = (plan: Plan, module: StrategyModule, strategy: Strategy): Run => runPlan(plan, module, strategy, { createHasher: () => new Sha256() })
const eventsOf = <K extends HistoryEvent['kind']>(one: Run, kind: K): readonly Extract<HistoryEvent, { kind: K }>[] =>
  one.history.events.filter((event): event is Extract<HistoryEvent, { kind: K }> => event.kind === kind)
const ending = (one: Run): HistoryEvent | undefined => one.history.events.at(-1)

/** `echo` whose replica on device A also does this while it is made. */
function besides(act: (context: ReplicaContext) => void): Strategy {
  return { ...echoStrategy, replica: (context) => {
    if (context.identity.device === 'A') act(context)
    return new EchoReplica(context)
  } }
}
const request = (text: string): Request => ({ method: 'POST', path: '/', document: 'doc', body: new TextEncoder().encode(text) })

describe('Device: requests', () => {
  it('an answer comes back on the device; a request without patience of its own waits as long as the configuration says', () => {
    const results: RequestResult[] = []
    run(tinyPlan(), echoModule(), besides((context) => {
      context.request(request('hello'), {}, (result) => results.push(result))
      context.request(request('hurry'), { timeoutMs: 1 }, (result) => results.push(result))
    }))
    expect(results).toMatchObject([{ failed: 'timeout' }, { status: 200 }])
    const plan = tinyPlan({ faults: [{ id: 'cut', type: 'partition', atUs: 0, untilUs: 1_900_000, devices: ['A'] }] })
    const patience: RequestResult[] = []
    run(plan, echoModule(), besides((context) => {
      context.timer(1, () => { context.request(request('hello'), {}, (result) => patience.push(result)) })
    }))
    expect(patience).toEqual([{ failed: 'timeout' }])
  })

  it('I01: a durable request is answered once, however many tries it takes; a withdrawn callback is not called and the request still is sent', () => {
    const answers: string[] = []
    const strategy: Strategy = { ...echoStrategy, replica: (context) => new (class extends EchoReplica {
      override edit(edit: LocalEdit): void {
        const device = context.identity.device
        const cancel = context.request(request(device), { durable: edit.handle }, (result) => {
          answers.push(`${device} ${'failed' in result ? result.failed : result.status}`)
        })
        if (device === 'B') cancel()
        super.edit(edit)
      }
    })(context) }
    const plan = tinyPlan({ faults: [{ id: 'off', type: 'offline', atUs: 450_000, untilUs: 1_500_000, devices: ['A'] }] })
    const one = run(plan, echoModule(strategy, ['resume']), strategy)
    expect(answers).toEqual(['A 200'])
    expect(eventsOf(one, 'frame').filter(({ state, traffic, from }) => state === 'delivered' && traffic === 'request' && from === 'B')).toHaveLength(1)
    expect(ending(one)).toMatchObject({ result: 'quiet' })
  })

  it('H3: a request in the outbox that nobody answers is named at the end', () => {
    const refusing: Strategy = { ...postStrategy, authority: (context) => {
      const authority = postStrategy.authority?.(context)
      if (authority === undefined) throw new Error('post has an authority')
      authority.request = (one, respond) => respond({ status: one.method === 'POST' ? 503 : 200, body: new Uint8Array([0, 0]), version: 0 })
      return authority
    } }
    const end = ending(run(tinyPlan(), postModule, refusing))
    expect(end).toMatchObject({ kind: 'quiet', result: 'horizon' })
    const pending = end?.kind === 'quiet' ? end.pending.join('; ') : ''
    expect(pending).toContain('A: 1 requests in the outbox')
    expect(pending).toContain('B: 1 edits not settled')
  })
})

describe('Device: change signals', () => {
  it('C05: signals reach the invalidation part of a strategy that leaves it to the stack, and refetches are recorded', () => {
    const one = run(tinyPlan(), postModule, postStrategy)
    expect(one.history.header.invalidation).toBe(true)
    expect(eventsOf(one, 'signal').map(({ device }) => device).sort()).toEqual(['A', 'A', 'B', 'B'])
    expect(eventsOf(one, 'refetch').filter(({ initial }) => initial).map(({ device }) => device).sort()).toEqual(['A', 'B'])
    expect(eventsOf(one, 'refetch').filter(({ initial }) => !initial).length).toBeGreaterThanOrEqual(2)
    for (const { startedAtUs, atUs, result } of eventsOf(one, 'refetch')) expect([startedAtUs < atUs, result]).toEqual([true, 'fetched'])
  })

  it('a strategy that owns invalidation hears every signal itself', () => {
    const heard: string[] = []
    const listening: Strategy = { ...postStrategy, replica: (context) => {
      const replica: Replica = postStrategy.replica(context)
      replica.signalled = (document, version) => { heard.push(`${context.identity.device} ${document} ${version}`) }
      return replica
    } }
    const module: StrategyModule = { ...postModule, owns: new Set(['invalidation'] as const) }
    const one = run(tinyPlan(), module, listening)
    expect(one.history.header.invalidation).toBe(false)
    expect([...heard].sort()).toEqual(['A doc 1', 'A doc 2', 'B doc 1', 'B doc 2'])
  })

  it('T61: after a reconnection the document is fetched again, since signals may have been missed', () => {
    const plan = tinyPlan({ faults: [{ id: 'off', type: 'offline', atUs: 800_000, untilUs: 1_500_000, devices: ['A'] }] })
    const one = run(plan, postModule, postStrategy)
    expect(eventsOf(one, 'signal').filter(({ device }) => device === 'A').map(({ version }) => version)).toEqual([1])
    expect(eventsOf(one, 'view').findLast(({ host }) => host === 'A')?.change).toEqual({ op: 'set', value: 'two' })
  })
})

describe('Device: settling and telling', () => {
  it('records rejections, merges and notices under the edit\'s own id', () => {
    const strategy: Strategy = { ...echoStrategy, replica: (context) => new (class extends EchoReplica {
      override edit(edit: LocalEdit): void {
        const isA = context.identity.device === 'A'
        context.settle(edit.handle, isA ? { rejected: 'too late' } : { merged: 'add-wins' })
        if (isA) context.notify(edit.handle, { kind: 'rejected', message: 'sorry' })
        super.edit(edit)
      }
    })(context) }
    const one = run(tinyPlan(), echoModule(strategy), strategy)
    expect(eventsOf(one, 'rejected')).toMatchObject([{ edit: 'set-a', device: 'A', reason: 'too late' }])
    expect(eventsOf(one, 'merged')).toMatchObject([{ edit: 'set-b', device: 'B', rule: 'add-wins' }])
    expect(eventsOf(one, 'notified')).toMatchObject([{ edit: 'set-a', device: 'A', notice: 'rejected' }])
  })

  it('refuses a plan whose intention names no field', () => {
    const plan = tinyPlan()
    const [first] = plan.intentions
    expect(() => run({ ...plan, intentions: [{ ...first, field: 'nowhere' }] }, echoModule(), echoStrategy)).toThrow(/no field doc\/nowhere/)
  })
})

describe('Device: transport scripted', () => {
  it('an edit reaches the other device by the plan\'s deliveries alone, and the rest when the script is over', () => {
    const plan = tinyPlan({
      transport: 'scripted',
      deliveries: [{ atUs: 1_200_000, from: 'A', to: 'server', through: 'set-a' }, { atUs: 1_500_000, from: 'server', to: 'B', through: 'set-a' }],
    })
    for (const owns of [['resume'], []] as const) {
      const one = run(plan, echoModule(echoStrategy, owns), echoStrategy)
      const shown = eventsOf(one, 'view').map(({ host, atUs, change }) => `${host} ${atUs} ${change.op === 'set' ? String(change.value) : ''}`)
      expect(shown.slice(0, 3)).toEqual(['A 500000 one', 'B 900000 two', 'server 1200000 one'])
      expect(shown.slice(3)).toEqual(['server 2000000 two', 'A 2000000 two'])
      expect(ending(one)).toMatchObject({ result: 'quiet' })
    }
  })
})

describe('Device: what servers refuse', () => {
  const edits = (count: number, everyUs: number): Plan['intentions'] => Array.from({ length: count }, (_, index) => (
    { id: `e${index}`, atUs: 300_000 + index * everyUs, device: index % 2 === 0 ? 'A' : 'B', document: 'doc', field: 'price', action: { op: 'set', value: `v${index}` } }))
  const requestsOf = (one: Run, device: string): readonly number[] => eventsOf(one, 'frame')
    .flatMap(({ state, traffic, from, atUs }) => state === 'sent' && traffic === 'request' && from === device ? [atUs] : [])

  it('B03, B04: after 429 nothing leaves the device before Retry-After, and every edit is settled in the end', () => {
    const plan = tinyPlan({
      durationUs: 20_000_000, intentions: edits(30, 500_000),
      faults: [{ id: 'limit', type: 'rate-limit', atUs: 2_000_000, untilUs: 15_000_000, devices: ['A', 'B'], perSecond: 0.5, retryAfterUs: 3_000_000 }],
    })
    const one = run(plan, postModule, postStrategy)
    expect(ending(one)).toMatchObject({ result: 'quiet' })
    expect(eventsOf(one, 'settled')).toHaveLength(30)
    expect(eventsOf(one, 'fault').at(-1)?.hit).toBeGreaterThan(5)
    // While all but one in two seconds are refused, a device sends at most what it had in flight, and then once in three seconds.
    for (const device of ['A', 'B']) {
      const during = requestsOf(one, device).filter((atUs) => atUs > 4_000_000 && atUs < 15_000_000)
      expect(during.length).toBeLessThan(3 * (11 / 3 + 1))
    }
  })

  it.each(['websocket', 'sse', 'long-poll', 'http'] as const)('B15, A16: a token that expires costs one refresh each time, and no edit, over %s; without tokens nothing is sent for them', (transport) => {
    const plan = (tokenLifeUs?: number): Plan => tinyPlan({
      transport, wire: { ...tinyPlan().wire, keepAliveUs: 2_000_000, livenessUs: 5_000_000, holdUs: 2_000_000 }, durationUs: 70_000_000, intentions: edits(120, 500_000), server: { ...tinyPlan().server, tokenLifeUs },
    })
    const [plain, expiring] = [run(plan(), postModule, postStrategy), run(plan(20_000_000), postModule, postStrategy)]
    expect(ending(expiring)).toMatchObject({ result: 'quiet' })
    expect(eventsOf(expiring, 'settled')).toHaveLength(120)
    // The only requests without the 252 bytes of a token's header.
    const refreshes = (one: Run): readonly number[] => eventsOf(one, 'frame')
      .flatMap(({ state, traffic, from, atUs, bytes }) => state === 'delivered' && traffic === 'request' && from === 'A' && bytes === 70 + '/token'.length + 32 ? [atUs] : [])
    const opened = eventsOf(expiring, 'connection').flatMap(({ state, device, atUs }) => state === 'open' && device === 'A' ? [atUs] : [])
    expect(opened.map((atUs) => Math.floor(atUs / 20_000_000)).slice(0, 4)).toEqual([0, 1, 2, 3])
    // Nobody asks again on a connection that was said to close with the answer (a streamed answer cannot say so).
    const dials = eventsOf(expiring, 'connection').filter(({ state, device }) => state === 'connecting' && device === 'A')
    if (transport !== 'sse') expect(dials).toHaveLength(opened.length)
    // One before each stream: each expiry closes one, and is heard of by whatever is under way just then.
    expect(refreshes(expiring)).toHaveLength(opened.length)
    expect(refreshes(plain)).toEqual([])
    expect(eventsOf(plain, 'connection').filter(({ state }) => state === 'open')).toHaveLength(2)
  })
})
