import { describe, expect, it } from 'vitest'
import { makePlan } from './generate.ts'
import { validatePlan } from './plan-schema.ts'
import type { Plan } from './plan.ts'
import { validateScenario } from './scenario-schema.ts'

interface Options {
  readonly tabs?: number
  readonly streams?: readonly object[]
  readonly weather?: readonly object[]
  readonly devices?: readonly object[]
}

const FIELDS = { kind: 'fields', name: 'fields', devices: ['A', 'B'], document: 'd', fields: ['x'], editsPerMinute: 60 }

function planOf({ tabs, streams = [FIELDS], weather = [], devices = [{ id: 'A', tabs }, { id: 'B' }] }: Options, seed = '1'): Plan {
  return makePlan(validateScenario({
    schema: 'syncstorm.scenario/1', name: 'tabbed', simulatedMs: 60_000, devices,
    documents: [{ id: 'd', fields: [{ name: 'x', type: 'register' }, { name: 'lamp', type: 'register' }] }], workload: { streams }, weather,
  }, 'tabbed'), seed)
}
const refusal = (make: () => unknown): string => {
  try {
    make()
  } catch (problem) {
    return String(problem)
  }
  return 'accepted'
}

describe('tabs of a device (A06, L04)', () => {
  it('makes each tab a host of its own that says which machine it is a tab of; one tab is the device itself', () => {
    const three = planOf({ tabs: 3 }).devices
    expect(three.map(({ id, machine }) => [id, machine])).toEqual([['A-1', 'A'], ['A-2', 'A'], ['A-3', 'A'], ['B', undefined]])
    expect(new Set(three.map(({ user }) => user))).toEqual(new Set(['A', 'B']))
    expect(planOf({ tabs: 1 })).toEqual(planOf({}))
  })

  it('D4: the user works in one tab at a time, drawn apart: what is done and when does not depend on the tabs', () => {
    const alone = planOf({})
    const tabbed = planOf({ tabs: 4 })
    const untabbed = (plan: Plan): unknown => plan.intentions.map((intention) => ({ ...intention, device: intention.device.slice(0, 1) }))
    expect(untabbed(tabbed)).toEqual(untabbed(alone))
    const used = tabbed.intentions.filter(({ device }) => device !== 'B').map(({ device }) => device)
    const everUsed = ['1', '2', '3', '4'].flatMap((seed) => planOf({ tabs: 4 }, seed).intentions.map(({ device }) => device))
    expect(new Set(everUsed)).toEqual(new Set(['A-1', 'A-2', 'A-3', 'A-4', 'B']))
    const changes = used.filter((tab, index) => index > 0 && tab !== used[index - 1]).length
    expect(changes).toBeGreaterThan(2)
    expect(changes).toBeLessThan(used.length / 3)
    // Another stream of the same user, or one less, moves no edit to another tab.
    const more = planOf({ tabs: 4, streams: [{ ...FIELDS, name: 'other' }, FIELDS] }).intentions.filter(({ id }) => id.includes('.fields.'))
    expect(more).toEqual(tabbed.intentions)
  })

  it('a stream may name one tab, and values that repeat stay in one', () => {
    const { intentions } = planOf({ tabs: 3, streams: [
      { ...FIELDS, devices: ['A-2'] },
      { kind: 'toggle', name: 'lamp', device: 'A', document: 'd', field: 'lamp', count: 12, everyMs: { min: 1000, max: 4000 } },
    ] })
    const tabsOf = (stream: string): ReadonlySet<string> => new Set(intentions.filter(({ id }) => id.includes(stream)).map(({ device }) => device))
    expect([tabsOf('.fields.'), tabsOf('.lamp.')]).toEqual([new Set(['A-2']), new Set(['A-1'])])
  })

  it('a fault that names the device strikes all its tabs at once; a tab can be killed, hidden, reset or reloaded alone', () => {
    const struck = (entry: object): readonly (readonly string[])[] => planOf({ tabs: 3, weather: [{ name: 'w', count: 5, ...entry }] }).faults.map(({ devices }) => devices)
    const durationMs = { min: 100, max: 200 }
    for (const type of ['crash', 'kill', 'partition', 'suspend', 'quota']) {
      expect(struck({ type, durationMs, devices: ['A'] })).toEqual(Array.from({ length: 5 }, () => ['A-1', 'A-2', 'A-3']))
    }
    for (const type of ['kill', 'restart', 'hide']) expect(struck({ type, durationMs, devices: ['A-2'] })[0]).toEqual(['A-2'])
    expect(struck({ type: 'break', devices: ['A-3'] })[0]).toEqual(['A-3'])
    expect(struck({ type: 'break', devices: ['A', 'A-3'], hits: 'all' })[0]).toEqual(['A-1', 'A-2', 'A-3'])
    // Which device is drawn does not depend on how many tabs it has.
    const drawn = (tabs: number): readonly boolean[] => planOf({ tabs, weather: [{ type: 'break', name: 'w', count: 20 }] }).faults.map(({ devices }) => devices[0] === 'B')
    expect(drawn(5)).toEqual(drawn(1))
    expect(new Set(drawn(5))).toEqual(new Set([true, false]))
  })

  it('D5, B15: a fault waits for its moment in a tab, the first that is hit unless one is named; faults on requests may strike one alone', () => {
    const waiting = (entry: object): unknown => planOf({ tabs: 3, weather: [{ type: 'break', name: 'w', count: 1, devices: ['A'], ...entry }] }).faults.map(({ devices, when }) => [devices, when?.host])
    expect(waiting({ when: { event: 'edit' } })).toEqual([[['A-1', 'A-2', 'A-3'], 'A-1']])
    expect(waiting({ devices: ['A-3'], when: { event: 'edit' } })).toEqual([[['A-3'], 'A-3']])
    expect(waiting({ when: { event: 'stream-opened', host: 'A-2' } })).toEqual([[['A-1', 'A-2', 'A-3'], 'A-2']])
    expect(() => waiting({ when: { event: 'edit', host: 'A' } })).toThrow(/weather\[0\].when.host: expected one of A-1, A-2, A-3, B/)
    expect(waiting({ type: 'lost-answer', durationMs: { min: 1, max: 1 }, devices: ['A-2'] })).toEqual([[['A-2'], undefined]])
  })

  it('says what is wrong with names of tabs', () => {
    const durationMs = { min: 1, max: 1 }
    expect(refusal(() => planOf({ tabs: 3, weather: [{ type: 'crash', name: 'w', count: 1, durationMs, devices: ['A-2'] }] })))
      .toMatch(/weather\[0\]\.devices\[0\].*a device, with all its tabs \(a crash strikes no tab alone\).*"A-2"/s)
    expect(refusal(() => planOf({ tabs: 3, weather: [{ type: 'kill', name: 'w', count: 1, durationMs, devices: ['A-4'] }] }))).toMatch(/A-3/)
    expect(refusal(() => planOf({ devices: [{ id: 'A', tabs: 2 }, { id: 'A-2' }], streams: [] }))).toMatch(/devices\[0\]\.tabs.*A-2 is another host/s)
    expect(refusal(() => planOf({ devices: [{ id: 'a'.repeat(40), tabs: 2 }], streams: [] }))).toMatch(/short enough for the names of its tabs/)
    expect(refusal(() => planOf({ tabs: 301 }))).toMatch(/devices\[0\]\.tabs/)
    expect(refusal(() => planOf({ devices: Array.from({ length: 40 }, (_, index) => ({ id: `d${index}`, tabs: 300 })), streams: [] }))).toMatch(/at most 10000 devices and tabs.*12000/s)
  })
})

describe('tabs in a plan', () => {
  const plan = planOf({ tabs: 2, weather: [{ type: 'crash', name: 'power', count: 1, durationMs: { min: 1, max: 1 }, devices: ['A'] }] })
  const checked = (changes: Partial<Plan>): string => refusal(() => validatePlan(JSON.parse(JSON.stringify({ ...plan, ...changes })), 'a plan'))

  it('tabs of one machine share its link, clock and user, and a fault of the machine strikes all of them', () => {
    const [one, two, other] = plan.devices
    expect(checked({})).toBe('accepted')
    expect(checked({ devices: [one, { ...two, clockOffsetUs: 5 }, other] })).toMatch(/devices\[1\].*the user, link and clock of A-1/s)
    expect(checked({ devices: [one, { ...two, link: { ...two.link, up: { delay: { latencyUs: 1 } } } }, other] })).toMatch(/tabs of one machine/)
    expect(checked({ devices: [{ ...one, machine: 'B' }, { ...two, machine: 'B' }, other] })).toMatch(/devices\[0\]\.machine.*a name that no host has/s)
    expect(checked({ faults: plan.faults.map((fault) => ({ ...fault, devices: ['A-2'] })) })).toMatch(/faults\[0\]\.devices.*all tabs of A, A-1 too/s)
    expect(checked({ faults: plan.faults.map((fault) => ({ ...fault, devices: ['A-2', 'A-1', 'server'] })) })).toBe('accepted')
  })
})
