import { fc, test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import { BadInput } from '../bad-input.ts'
import { findScenario } from './catalogue/index.ts'
import { makePlan } from './generate.ts'
import { IndexHeap } from './index-heap.ts'
import type { Plan } from './plan.ts'
import { validatePlan } from './plan-schema.ts'
import { serverOrder } from './recorded-server-order.ts'
import { parseRecordedSession, type RecordedSession } from './recorded-session.ts'
import { validateScenario } from './scenario-schema.ts'
import { setPaths } from './set-path.ts'
import { jitteredLink } from './link-plan.ts'

interface RawTransaction { readonly parents: readonly number[]; readonly agent: number; readonly time?: string; readonly patches: readonly (readonly [number, number, string])[] }

function sessionOf(numAgents: number, txns: readonly RawTransaction[], endContent = ''): RecordedSession {
  return parseRecordedSession({ kind: 'concurrent', endContent, numAgents, txns }, 'session.json')
}

function txn(agent: number, parents: readonly number[], inserted = 'x', time?: string): RawTransaction {
  return { agent, parents, patches: [[0, 0, inserted]], time }
}

function planOf(recorded: RecordedSession, transport: 'scripted' | 'websocket', settings: readonly string[] = []): Plan {
  const scenario = setPaths(findScenario('recorded'), ['workload.recorded=session.json', `transport=${transport}`, ...settings])
  return makePlan(validateScenario(scenario, 'recorded'), 1, { recorded })
}

function transactionOf(intention: string): number {
  return Number(/^t(\d+)/.exec(intention)?.[1])
}

/**
 * Carries out a causal plan in the plainest model of the scripted transport: one frame per intention, held on
 * its way until a delivery names it or a later one; the server passes each on to the other devices.
 * Returns what each device had received when it carried out each intention, and in the end.
 */
function replay(plan: Plan): { seen: ReadonlyMap<string, ReadonlySet<number>>; end: readonly ReadonlySet<number>[] } {
  const held = new Map<string, string[]>()
  const way = (from: string, to: string): string[] => held.get(`${from}>${to}`) ?? held.set(`${from}>${to}`, []).get(`${from}>${to}`) ?? []
  const received = new Map(plan.devices.map((device) => [device.id, new Set<number>()]))
  const seen = new Map<string, ReadonlySet<number>>()
  const steps = [
    ...plan.intentions.map((intention) => ({ atUs: intention.atUs, intention })),
    ...(plan.deliveries ?? []).map((delivery) => ({ atUs: delivery.atUs, delivery })),
  ].sort((a, b) => a.atUs - b.atUs)
  expect(new Set(steps.map((step) => step.atUs)).size).toBe(steps.length)
  for (const step of steps) {
    if ('intention' in step) {
      const { id, device } = step.intention
      seen.set(id, new Set(received.get(device)))
      way(device, 'server').push(id)
      continue
    }
    const { from, to, through } = step.delivery
    const frames = way(from, to)
    for (const id of frames.splice(0, frames.lastIndexOf(through) + 1)) {
      if (to !== 'server') received.get(to)?.add(transactionOf(id))
      else for (const device of plan.devices) if (device.id !== from) way('server', device.id).push(id)
    }
  }
  return { seen, end: [...received.values()] }
}

/** Whether `ancestor` is among the ancestors of transaction `index`. */
function isAncestor(session: RecordedSession, ancestor: number, index: number): boolean {
  const from = session.transactions[ancestor]
  const to = session.transactions[index]
  if (from === undefined || to === undefined) throw new RangeError('no such transaction')
  return (to.ancestors[from.agent] ?? 0) > from.ordinal
}

function expectCausal(session: RecordedSession, plan: Plan): void {
  const { seen, end } = replay(plan)
  for (const { id } of plan.intentions) {
    const index = transactionOf(id)
    const agent = session.transactions[index]?.agent
    const foreign = session.transactions.flatMap((transaction, other) =>
      transaction.agent !== agent && isAncestor(session, other, index) ? [other] : [])
    expect([...(seen.get(id) ?? [])].sort((a, b) => a - b)).toEqual(foreign)
  }
  end.forEach((received, agent) => {
    const foreign = session.transactions.flatMap((transaction, index) => transaction.agent === agent ? [] : [index])
    expect([...received].sort((a, b) => a - b)).toEqual(foreign)
  })
}

/** A session of people round one server: each may make a transaction, and get some more of what the server has. */
const sessions = fc.record({
  agents: fc.integer({ min: 1, max: 4 }),
  acts: fc.array(fc.record({ agent: fc.nat(3), reads: fc.nat(5), sends: fc.boolean() }), { maxLength: 40 }),
}).map(({ agents, acts }) => {
  const log: number[] = []
  const read = Array.from({ length: agents }, () => 0)
  const unsent: number[][] = read.map(() => [])
  const heads: Set<number>[] = read.map(() => new Set())
  const txns: RawTransaction[] = []
  for (const { agent: drawn, reads, sends } of acts) {
    const agent = drawn % agents
    const news = log.slice(read[agent], (read[agent] ?? 0) + reads)
    read[agent] = (read[agent] ?? 0) + news.length
    const parents = [...new Set([...(heads[agent] ?? []), ...news])].sort((a, b) => a - b)
    const index = txns.push(txn(agent, parents)) - 1
    heads[agent] = new Set([index])
    unsent[agent]?.push(index)
    if (sends) log.push(...(unsent[agent]?.splice(0) ?? []))
  }
  return sessionOf(agents, txns)
})

describe('recorded sessions under transport scripted', () => {
  it('every agent makes a transaction on exactly what it had seen', () => {
    const session = sessionOf(3, [
      txn(0, []), txn(1, []), txn(0, [0]), txn(1, [1, 2]), txn(2, [1]), txn(0, [2, 4]), txn(2, [3, 4]), txn(0, [5]),
    ])
    const plan = planOf(session, 'scripted')
    expectCausal(session, validatePlan(plan, 'plan'))
    expect(plan.devices.map((device) => device.id)).toEqual(['agent0', 'agent1', 'agent2'])
    expect(plan.strategy).toEqual({ inFlight: 'many', ids: 'ascending' })
    expect(planOf(session, 'scripted', ['workload.ids=descending']).strategy.ids).toBe('descending')
  })

  it('keeps the recorded text and positions, and says what must come out', () => {
    const session = sessionOf(1, [
      { agent: 0, parents: [], patches: [[0, 0, 'aab']] },
      { agent: 0, parents: [0], patches: [[1, 1, ''], [0, 0, ''], [2, 0, '\u{20000}']] },
      { agent: 0, parents: [1], patches: [[0, 0, '']] },
    ], 'ab\u{20000}')
    const plan = planOf(session, 'scripted')
    expect(plan.intentions.map(({ id, action }) => [id, action])).toEqual([
      ['t0', { op: 'replace', place: { kind: 'at', position: 0 }, remove: 0, insert: 'aab' }],
      ['t1.0', { op: 'replace', place: { kind: 'at', position: 1 }, remove: 1, insert: '' }],
      ['t1.2', { op: 'replace', place: { kind: 'at', position: 2 }, remove: 0, insert: '\u{20000}' }],
    ])
    expect(plan).toMatchObject({ distinctText: false, endContent: { document: 'session', field: 'text', text: 'ab\u{20000}' }, faults: [] })
    expect(plan.deliveries?.map((delivery) => delivery.through)).toEqual(['t0', 't1.2', 't1.2'])
    expect(validatePlan(plan, 'plan')).toEqual(plan)
  })

  it('labels deliveries by transactions that change something', () => {
    const session = sessionOf(2, [txn(0, []), txn(0, [0], ''), txn(1, [1])])
    expectCausal(sessionOf(2, [txn(0, []), txn(1, [0])]), planOf(sessionOf(2, [txn(0, []), txn(1, [0])]), 'scripted'))
    const plan = planOf(session, 'scripted')
    expect(plan.intentions.map((intention) => intention.id)).toEqual(['t0', 't2'])
    expect([...(replay(plan).seen.get('t2') ?? [])]).toEqual([0])
  })

  it('an empty session makes an empty plan', () => {
    expect(validatePlan(planOf(sessionOf(2, []), 'scripted'), 'plan').intentions).toEqual([])
  })

  it('finds no server order where agents saw the others in contradictory orders, and says so', () => {
    const session = sessionOf(4, [txn(0, []), txn(1, []), txn(2, [0]), txn(3, [1]), txn(2, [1, 2]), txn(3, [0, 3])])
    expect(() => serverOrder(session)).toThrow(BadInput)
    expect(() => planOf(session, 'scripted')).toThrow(/^session\.json: txns\[\d\]\.parents: expected a session that one server/)
    expect(planOf(session, 'websocket').intentions).toHaveLength(6)
  })

  test.prop([sessions], { numRuns: 200 })('any session of people round one server is replayed causally', (session) => {
    const plan = planOf(session, 'scripted')
    expect(validatePlan(plan, 'plan')).toEqual(plan)
    expectCausal(session, plan)
  })

  test.prop([fc.array(fc.nat(50))])('the heap of ready transactions gives the smallest first', (values) => {
    const heap = new IndexHeap()
    for (const value of values) heap.push(value)
    expect(values.map(() => heap.pop())).toEqual(values.toSorted((a, b) => a - b))
    expect(heap.pop()).toBeUndefined()
  })
})

describe('recorded sessions typed live', () => {
  const time = (second: number): string => `2023-11-22T03:57:${second}+00:00`

  it('at the recorded times, the transactions of one second spread over it', () => {
    const session = sessionOf(2, [
      txn(0, [], 'a', time(10)), txn(0, [0], 'b', time(10)), txn(1, [0], 'c', time(10)), txn(0, [1], 'd', time(10)),
      txn(1, [2], 'e', time(12)), txn(0, [3], 'f', time(11)),
    ])
    const plan = planOf(session, 'websocket')
    expect(plan.intentions.map(({ id, atUs }) => [id, atUs])).toEqual([
      ['t0', 0], ['t1', 250_000], ['t2', 500_000], ['t3', 750_000], ['t5', 1_000_000], ['t4', 2_000_000],
    ])
    expect(plan.durationUs).toBe(3_000_000)
    expect(validatePlan(plan, 'plan')).toEqual(plan)
  })

  it('keeps each agent\'s own order where its clock went backwards', () => {
    const session = sessionOf(1, [txn(0, [], 'a', time(12)), txn(0, [0], 'b', time(10)), txn(0, [1], 'c', time(13))])
    expect(planOf(session, 'websocket').intentions.map((intention) => intention.id)).toEqual(['t0', 't1', 't2'])
  })

  it('at a steady rhythm where no times were recorded, concurrent transactions together', () => {
    const session = sessionOf(2, [txn(0, []), txn(0, [0]), txn(1, [0]), txn(0, [1]), txn(1, [2]), txn(0, [3, 4])])
    expect(planOf(session, 'websocket').intentions.map(({ id, atUs }) => [id, atUs / 1000])).toEqual([
      ['t0', 200], ['t1', 400], ['t2', 400], ['t3', 600], ['t4', 600], ['t5', 800],
    ])
  })

  it('with as many characters as recorded, each unique, and no end content', () => {
    const session = sessionOf(2, [txn(0, [], 'aaa'), txn(1, [], 'a\u{20000}'), txn(0, [0], 'a')])
    const plan = planOf(session, 'websocket', ['link.latencyMs=5'])
    const inserted = plan.intentions.map(({ action }) => action.op === 'replace' ? Array.from(action.insert) : [])
    expect(inserted.map((points) => points.length)).toEqual([3, 2, 1])
    expect(new Set(inserted.flat()).size).toBe(6)
    expect(plan.distinctText).toBe(true)
    expect('endContent' in plan || 'deliveries' in plan).toBe(false)
    expect(plan.devices[0]?.link).toMatchObject(jitteredLink(5000, 40_000))
  })

  it('through weather on all agents', () => {
    const session = sessionOf(2, [txn(0, [], 'a', time(10)), txn(1, [], 'a', time(40))])
    const plan = planOf(session, 'websocket', ['weather=[{"type":"break","name":"r","count":5}]'])
    expect(plan.faults).toHaveLength(5)
    expect(validatePlan(plan, 'plan')).toEqual(plan)
  })

  it('refuses a session of more than 24 hours', () => {
    const session = sessionOf(1, [txn(0, [], 'a', '2023-11-22T00:00:00Z'), txn(0, [0], 'b', '2023-11-24T00:00:00Z')])
    expect(() => planOf(session, 'websocket')).toThrow(/^session\.json: txns: expected a session of at most 86400 s, to be typed live, got 172801 s$/)
    expect(planOf(session, 'scripted').intentions).toHaveLength(2)
  })
})
