import { describe, expect, it } from 'vitest'
import { BadInput } from '../bad-input.ts'
import { catalogue, findScenario } from './catalogue/index.ts'
import { makePlan } from './generate.ts'
import type { Intention, Plan } from './plan.ts'
import { validatePlan } from './plan-schema.ts'
import { type Scenario, validateScenario } from './scenario-schema.ts'

const SEEDS = Array.from({ length: 50 }, (_, seed) => seed)
const generated = catalogue().filter((scenario) => scenario.name !== 'recorded')
const orderDesk = findScenario('order-desk')

function streamOf(intention: Intention): string {
  return intention.id.split('.')[1] ?? ''
}

function intentionsOf(plan: Plan, stream: string): readonly Intention[] {
  return plan.intentions.filter((intention) => streamOf(intention) === stream)
}

function withStreams(scenario: Scenario, streams: Scenario['workload']['streams']): Scenario {
  return { ...scenario, workload: { ...scenario.workload, streams } }
}

/** A scenario with one stream on three devices, one order, 60 s. */
function single(stream: object): Scenario {
  return validateScenario({
    schema: 'syncstorm.scenario/1', name: 'single', simulatedMs: 60_000, devices: [{ id: 'A' }, { id: 'B' }, { id: 'C' }],
    documents: [{ id: 'order', fields: [{ name: 'price', type: 'register' }, { name: 'status', type: 'register' }, { name: 'note', type: 'text' }] }],
    workload: { streams: [stream] },
  }, 'single')
}

describe('plans are functions of (scenario, seed) (D5)', () => {
  it('D1: the same scenario and seed give the same plan, another seed another', () => {
    for (const scenario of generated) {
      expect(makePlan(scenario, 42)).toEqual(makePlan(structuredClone(scenario), '42'))
      expect(makePlan(scenario, 42).intentions).not.toEqual(makePlan(scenario, 43).intentions)
    }
  })

  it.each(generated.map((scenario) => [scenario.name, scenario] as const))('%s makes valid plans for 50 seeds', (_, scenario) => {
    for (const seed of SEEDS) {
      const plan = makePlan(scenario, seed)
      expect(validatePlan(JSON.parse(JSON.stringify(plan)), `seed ${seed}`)).toEqual(plan)
    }
  })

  it.each([['', '""'], ['  ', '"  "'], [1.5, '1.5'], [Number.NaN, 'NaN'], [2 ** 60, String(2 ** 60)]])('refuses the seed %j', (seed, shown) => {
    expect(() => makePlan(orderDesk, seed)).toThrow(new BadInput({
      code: 'bad-value', where: 'seed', path: '', expected: 'an integer or a non-empty text', got: shown,
    }))
  })

  it('D4: taking out a stream leaves the other streams as they were, characters included', () => {
    for (const scenario of generated) {
      const plan = makePlan(scenario, 7)
      for (const [at, removed] of scenario.workload.streams.entries()) {
        const rest = makePlan(withStreams(scenario, scenario.workload.streams.toSpliced(at, 1)), 7)
        expect(rest.intentions).toEqual(plan.intentions.filter((intention) => streamOf(intention) !== removed.name))
        expect(rest.faults).toEqual(plan.faults)
      }
    }
  })

  it('D4: adding a device to a stream leaves the others\' moments as they were', () => {
    const stream = { kind: 'fields', name: 'f', document: 'order', fields: ['price', 'status'], editsPerMinute: 30 } as const
    const two = makePlan(single({ ...stream, devices: ['A', 'B'] }), 7).intentions
    const three = makePlan(single({ ...stream, devices: ['C', 'A', 'B'] }), 7).intentions
    expect(three.filter((intention) => intention.device !== 'C')).toEqual(two)
    expect(three.length).toBeGreaterThan(two.length)
  })

  it('D4: streams of one kind on one device draw independently', () => {
    const stream = { kind: 'fields', devices: ['A'], document: 'order', fields: ['price'], editsPerMinute: 60 } as const
    const plan = makePlan(withStreams(orderDesk, validateScenario({
      ...orderDesk, workload: { streams: [{ ...stream, name: 'one' }, { ...stream, name: 'two' }] },
    }, 'two streams').workload.streams), 7)
    const two = new Set(intentionsOf(plan, 'two').map((intention) => intention.atUs))
    expect(intentionsOf(plan, 'one').filter((intention) => two.has(intention.atUs))).toEqual([])
    expect(two.size).toBeGreaterThan(50)
  })

  it('D4: weather entries do not disturb each other or the workload', () => {
    const plan = makePlan(orderDesk, 7)
    const rest = makePlan({ ...orderDesk, weather: orderDesk.weather.slice(1) }, 7)
    expect(rest.faults).toEqual(plan.faults.filter((fault) => !fault.id.startsWith('drop.')))
    expect(rest.intentions).toEqual(plan.intentions)
  })

  it('converts milliseconds to whole microseconds', () => {
    const plan = makePlan(findScenario('burst-200'), 1)
    expect(plan.devices[0]).toEqual({ id: 'feed', user: 'feed', link: { radioTailUs: 11_576_000, up: { delay: { latencyUs: 500 } }, down: { delay: { latencyUs: 500 } } }, clockOffsetUs: 0 })
    expect(plan.client).toMatchObject({ debounceUs: 300_000, maxWaitUs: 5_000_000 })
    expect(plan.server.serviceUs).toEqual([1000, 2000])
    expect(plan.durationUs).toBe(4_000_000)
  })

  it('stops at the stated number of intentions', () => {
    const flood = single({ kind: 'fields', name: 'f', devices: ['A', 'B', 'C'], document: 'order', fields: ['price'], editsPerMinute: 60_000 })
    const longer = { ...flood, simulatedMs: 3_600_000 }
    expect(() => makePlan(longer, 1)).toThrow(/^single: workload\.streams: expected at most 200000 intentions/)
  })
})

describe('order-desk (D12)', () => {
  const plans = SEEDS.map((seed) => makePlan(orderDesk, seed))

  it('has about 200 edits in every run, every stream among them', () => {
    for (const plan of plans) {
      expect(plan.intentions.length).toBeGreaterThanOrEqual(150)
      expect(plan.intentions.length).toBeLessThanOrEqual(260)
      for (const stream of orderDesk.workload.streams) expect(intentionsOf(plan, stream.name).length).toBeGreaterThan(0)
    }
    const mean = plans.reduce((sum, plan) => sum + plan.intentions.length, 0) / plans.length
    expect(mean).toBeGreaterThan(185)
    expect(mean).toBeLessThan(215)
  })

  it('gives each field its kind of edit, and drops the network in every run', () => {
    for (const plan of plans) {
      expect(plan.repeatedValues).toEqual(['order/urgent'])
      expect(plan.faults.map((fault) => fault.type).sort()).toEqual(['break', 'offline', 'offline'])
      for (const field of ['price', 'quantity', 'status', 'address', 'urgent', 'note']) {
        expect(plan.intentions.some((intention) => intention.field === field)).toBe(true)
      }
    }
  })

  it('writes register values that occur once in the run, except where they repeat on purpose', () => {
    for (const plan of plans) {
      const values = plan.intentions.flatMap(({ field, action }) => action.op === 'set' && field !== 'urgent' ? [action.value] : [])
      expect(new Set(values).size).toBe(values.length)
    }
  })
})

describe('workloads', () => {
  const build = (stream: object): Plan => makePlan(single(stream), 3)

  it('fields: keeps its window, its rate, and the hot share', () => {
    const stream = { kind: 'fields', name: 'f', devices: ['A', 'B'], document: 'order', fields: ['price', 'status'], hotShare: 0.8, editsPerMinute: 600, fromMs: 10_000, untilMs: 40_000 }
    const { intentions } = build(stream)
    for (const { atUs } of intentions) expect(atUs >= 10_000_000 && atUs < 40_000_000).toBe(true)
    expect(Math.abs(intentions.length - 600)).toBeLessThan(100)
    const hot = intentions.filter((intention) => intention.field === 'price').length / intentions.length
    expect(Math.abs(hot - 0.9)).toBeLessThan(0.05)
    expect(build({ ...stream, editsPerMinute: 0 }).intentions).toEqual([])
  })

  it('typing: bursts go on after the own last character, and some keys delete', () => {
    const { intentions } = build({ kind: 'typing', name: 't', devices: ['A', 'B'], document: 'order', field: 'note', burstsPerMinute: 60 })
    const byId = new Map(intentions.map((intention) => [intention.id, intention]))
    const places = { chained: 0, own: 0, foreign: 0, jump: 0 }
    for (const { device, action, atUs } of intentions) {
      if (action.op !== 'replace') throw new Error('typing sets nothing')
      if (!('intention' in action.place)) {
        places.jump++
        continue
      }
      const target = byId.get(action.place.intention)
      expect(target?.atUs).toBeLessThanOrEqual(atUs)
      if (action.remove === 1) places[target?.device === device ? 'own' : 'foreign']++
      else if (target?.device === device) places.chained++
    }
    expect(places.chained).toBeGreaterThan(100)
    for (const count of [places.own, places.foreign, places.jump]) expect(count).toBeGreaterThan(5)
    for (const { action } of intentions) expect(action).toMatchObject(action.op === 'replace' && action.remove === 1 ? { insert: '' } : { remove: 0 })
  })

  it('typing: without jumps and deletions each character comes after the last', () => {
    const { intentions } = build({ kind: 'typing', name: 't', devices: ['A'], document: 'order', field: 'note', burstsPerMinute: 30, deleteShare: 0, jumpShare: 0 })
    expect(intentions.length).toBeGreaterThan(50)
    intentions.forEach(({ action }, index) => {
      expect(action).toMatchObject({ remove: 0, place: index === 0 ? { kind: 'end' } : { kind: 'after', intention: intentions[index - 1]?.id } })
    })
  })

  it('typing: one device presses one key at a time', () => {
    const { intentions } = build({ kind: 'typing', name: 't', devices: ['A'], document: 'order', field: 'note', burstsPerMinute: 600, keyMs: { min: 50, max: 60 } })
    intentions.forEach(({ atUs }, index) => {
      if (index > 0) expect(atUs - (intentions[index - 1]?.atUs ?? 0)).toBeGreaterThanOrEqual(50_000)
    })
    expect(intentions.length).toBeGreaterThan(500)
  })

  it('same-caret: in every round all devices type at one place within the spread', () => {
    const { intentions } = build({ kind: 'same-caret', name: 'c', devices: ['A', 'B', 'C'], document: 'order', field: 'note', rounds: 20, keys: { min: 1, max: 1 }, spreadMs: 15, deleteShare: 0.5 })
    const typed = intentions.filter(({ action }) => action.op === 'replace' && action.remove === 0)
    expect(typed).toHaveLength(60)
    for (let round = 0; round < 20; round++) {
      const three = typed.slice(3 * round, 3 * round + 3)
      const [first, , last] = three
      expect((last?.atUs ?? 0) - (first?.atUs ?? 0)).toBeLessThanOrEqual(15_000)
      expect(new Set(three.map((intention) => intention.device)).size).toBe(3)
      expect(new Set(three.map(({ action }) => action.op === 'replace' ? JSON.stringify(action.place) : '')).size).toBe(1)
    }
    const carets = typed.flatMap(({ action }) => action.op === 'replace' ? [action.place] : [])
    const kinds = carets.map((place) => place.kind)
    expect(new Set(kinds)).toEqual(new Set(['start', 'end', 'after']))
    expect(kinds.filter((kind) => kind === 'after').length).toBeGreaterThan(15)
    carets.forEach((place, index) => {
      const round = Math.floor(index / 3)
      if ('intention' in place) expect(typed.slice(3 * round - 3, 3 * round).map((intention) => intention.id)).toContain(place.intention)
    })
    const victims = intentions.flatMap(({ action }) => action.op === 'replace' && action.place.kind === 'of' ? [action.place.intention] : [])
    expect(victims.length).toBeGreaterThan(0)
    expect(victims.length).toBe(3 * new Set(victims).size)
  })

  it('same-caret: what would be typed after the end of the simulated time is left out', () => {
    const plan = build({ kind: 'same-caret', name: 'c', devices: ['A', 'B'], document: 'order', field: 'note', rounds: 4, keys: { min: 50, max: 50 }, keyMs: { min: 1000, max: 1000 } })
    expect(plan.intentions.length).toBeGreaterThan(100)
    expect(plan.intentions.length).toBeLessThan(400)
    expect(validatePlan(plan, 'plan')).toEqual(plan)
  })

  it('same-millisecond: ties in the microsecond, or at least in the millisecond', () => {
    const stream = { kind: 'same-millisecond', name: 's', devices: ['A', 'B', 'C'], document: 'order', field: 'price', count: 40, sameMicrosecondShare: 0.5 }
    const { intentions } = build(stream)
    expect(intentions).toHaveLength(120)
    const moments = new Map<number, Set<number>>()
    for (const { atUs } of intentions) {
      const millisecond = Math.floor(atUs / 1000)
      moments.set(millisecond, (moments.get(millisecond) ?? new Set()).add(atUs))
    }
    expect(moments.size).toBe(40)
    const exact = [...moments.values()].filter((times) => times.size === 1).length
    expect(exact).toBeGreaterThan(8)
    expect(exact).toBeLessThan(32)
  })

  it('override: the admin writes within the given time of somebody else\'s edit', () => {
    const { intentions } = build({ kind: 'override', name: 'o', device: 'C', editors: ['A', 'B'], document: 'order', field: 'price', count: 30, withinMs: 25 })
    const admin = intentions.filter((intention) => intention.device === 'C')
    const editors = intentions.filter((intention) => intention.device !== 'C')
    expect(admin).toHaveLength(30)
    expect(editors).toHaveLength(30)
    for (const { atUs } of admin) expect(editors.some((edit) => Math.abs(edit.atUs - atUs) <= 25_000)).toBe(true)
    expect(new Set(editors.map((edit) => edit.device)).size).toBe(2)
    expect(admin.some(({ atUs }, index) => atUs < (editors[index]?.atUs ?? 0))).toBe(true)
  })

  it('F01 burst: the given number in the given time, in order', () => {
    const plan = makePlan(findScenario('burst-200'), 5)
    expect(plan.intentions).toHaveLength(200)
    expect(plan.faults).toEqual([])
    const times = plan.intentions.map((intention) => intention.atUs)
    expect(times).toEqual([...times].sort((a, b) => a - b))
    expect(plan.intentions.map((intention) => intention.id)).toEqual(times.map((_, index) => `feed.burst.${index + 1}`))
    expect((times[199] ?? 0) - (times[0] ?? 0)).toBeLessThan(2_000_000)
    times.forEach((atUs, index) => { if (index > 0) expect(atUs - (times[index - 1] ?? 0)).toBeLessThan(plan.client.debounceUs) })
  })

  it('toggle: identical payloads in turn, from one device, announced as repeating', () => {
    const plan = build({ kind: 'toggle', name: 'g', device: 'B', document: 'order', field: 'status', values: ['on', 'off'], count: 9, everyMs: { min: 100, max: 900 } })
    expect(plan.intentions.map(({ action }) => action)).toEqual(
      Array.from({ length: 9 }, (_, index) => ({ op: 'set', value: index % 2 === 0 ? 'on' : 'off' })))
    expect(plan.repeatedValues).toEqual(['order/status'])
  })
})
