import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { findScenario, makePlan, parseDeliveryTrace, setPaths, validatePlan, validateScenario } from '../../sim/index.ts'
import type { Plan } from '../../sim/index.ts'
import type { Fault } from '../../sim/scenario/plan.ts'
import { isLighter, planWeight } from './plan-weight.ts'
import { withDevices, withIntentions } from './restrict-plan.ts'
import { shrinkCandidates } from './shrink-candidates.ts'

const NAMES = ['order-desk', 'same-caret', 'long-offline', 'crash-recovery', 'burst-200', 'flapping', 'network-switch', 'many-tabs']

function planOf(scenario: string, seed: number): Plan {
  return makePlan(validateScenario(findScenario(scenario), scenario), seed)
}

/** A causal replay in small: two agents type at one place, and every way is scripted. */
const scripted: Plan = {
  ...planOf('same-caret', 1),
  transport: 'scripted',
  durationUs: 10_000,
  faults: [],
  intentions: [
    { id: 'one', atUs: 0, device: 'A', document: 'page', field: 'body', action: { op: 'replace', place: { kind: 'at', position: 7 }, remove: 0, insert: 'pqr' } },
    { id: 'two', atUs: 2000, device: 'B', document: 'page', field: 'body', action: { op: 'replace', place: { kind: 'of', intention: 'one' }, remove: 3, insert: 'st' } },
  ],
  deliveries: [
    { atUs: 3000, from: 'A', to: 'server', through: 'one' },
    { atUs: 4000, from: 'server', to: 'B', through: 'one' },
    { atUs: 9000, from: 'server', to: 'A', through: 'two' },
  ],
  endContent: { document: 'page', field: 'body', text: 'st' },
}

/** A small plan over recorded links. */
function recordedPlan(): Plan {
  const settings = ['link.recorded.up=a', 'link.recorded.down=b', 'devices[1].link.recorded={"up":"b","down":"c","fromMs":7}']
  const scenario = validateScenario(setPaths(findScenario('same-caret'), settings), 'test')
  return makePlan(scenario, 3, { traces: new Map(['a', 'b', 'c'].map((source, index) => [source, parseDeliveryTrace(`1\n${30 + index}`, source)])) })
}

/** Every kind of fault on requests, and faults that wait for a moment. */
function refused(seed: number): Plan {
  const each = { count: 1, durationMs: { min: 100, max: 900 } } as const
  const weather = [
    { type: 'server-error', name: 'errors', ...each, status: 502, executes: true, share: 0.5 }, { type: 'rate-limit', name: 'limit', ...each, perSecond: 2, retryAfterMs: 1000 },
    { type: 'overload', name: 'overload', ...each, share: 0.9 }, { type: 'lost-answer', name: 'lost', ...each }, { type: 'lag', name: 'lag', ...each, lagMs: { min: 10, max: 900 } },
    { type: 'duplicate-request', name: 'twice', ...each }, { type: 'token-expired', name: 'token', count: 1 }, { type: 'failover', name: 'failover', ...each },
    { type: 'crash', name: 'power', ...each, devices: ['server'], when: { event: 'request-executed', nth: 3 } }, { type: 'offline', name: 'off', ...each, when: { event: 'edit', host: 'B' } },
  ] as const
  return makePlan(validateScenario({ ...findScenario('crash-recovery'), weather }, 'refused'), seed)
}

const plans = (): fc.Arbitrary<Plan> => fc.oneof(
  fc.constant(recordedPlan()),
  fc.record({ scenario: fc.constantFrom(...NAMES), seed: fc.nat(1000) }).map(({ scenario, seed }) => planOf(scenario, seed)),
  fc.nat(1000).map(refused),
  fc.constant(scripted),
)

/** Takes the first candidate that still fails until there is none. */
function shrink(plan: Plan, fails: (candidate: Plan) => boolean): { readonly plan: Plan; readonly tried: number } {
  let current = plan
  let tried = 0
  for (;;) {
    const next = firstOf(shrinkCandidates(current), (candidate) => {
      tried++
      return fails(candidate)
    })
    if (next === undefined) return { plan: current, tried }
    current = next
  }
}

function firstOf<T>(items: Iterable<T>, wanted: (item: T) => boolean): T | undefined {
  for (const item of items) if (wanted(item)) return item
  return undefined
}

describe('shrinking plans (F1)', () => {
  it('F1: a recorded link becomes its mean rate where that still fails, else none; what no link plays goes', () => {
    const plan = recordedPlan()
    expect(plan.recordings?.map(({ source }) => source)).toEqual(['a', 'b', 'c'])
    const rated = shrink(plan, ({ devices }) => devices.every(({ link }) => link.up.bottleneck !== undefined)).plan
    expect(rated.recordings).toBeUndefined()
    expect(rated.devices[0].link.up.bottleneck).toHaveProperty('rateKbps')
    expect(shrink(plan, () => true).plan.devices[0].link.up).not.toHaveProperty('bottleneck')
    const kept = shrink(plan, ({ devices }) => devices.some(({ link: { up: { bottleneck } } }) => bottleneck !== undefined && 'recording' in bottleneck && bottleneck.recording === 'b')).plan
    expect(kept.devices).toHaveLength(1)
    expect(kept.recordings?.some(({ source }) => source === 'b')).toBe(true)
    expect(kept.recordings?.some(({ source }) => source === 'a')).toBe(false)
  })

  it('F1: every candidate is a valid plan and lighter than the plan it came from, all the way down', () => {
    let checked = 0
    fc.assert(fc.property(plans(), fc.infiniteStream(fc.nat(60)), (start, steps) => {
      let plan = start
      for (let depth = 0; depth < 12; depth++) {
        const [step] = [...steps.take(1)]
        const weight = planWeight(plan)
        let chosen: Plan | undefined
        let index = 0
        for (const candidate of shrinkCandidates(plan)) {
          if (index > 400) break
          if (index % 7 === depth % 7 || index <= step) {
            expect(() => validatePlan(candidate, 'a candidate')).not.toThrow()
            expect(isLighter(planWeight(candidate), weight)).toBe(true)
            checked++
          }
          if (index === step) chosen = candidate
          index++
        }
        if (chosen === undefined) return
        plan = chosen
      }
    }), { seed: 3, numRuns: 12 })
    expect(checked).toBeGreaterThan(1500)
  })

  it('F1: all candidates of small plans are valid and lighter, those of scripted ones too', () => {
    for (const small of [scripted, withIntentions(planOf('order-desk', 5), planOf('order-desk', 5).intentions.slice(20, 32))]) {
      const candidates = [...shrinkCandidates(small)]
      expect(candidates.length).toBeGreaterThan(20)
      for (const candidate of candidates) {
        expect(validatePlan(JSON.parse(JSON.stringify(candidate)), 'a candidate').devices.length).toBeGreaterThan(0)
        expect(isLighter(planWeight(candidate), planWeight(small))).toBe(true)
      }
    }
  })

  it.each(NAMES)('F1: shrinking %s ends, with one device and nothing to do, when every plan fails', (name) => {
    const { plan, tried } = shrink(planOf(name, 7), () => true)
    expect(plan).toMatchObject({ intentions: [], faults: [], durationUs: 1 })
    expect(plan.devices).toHaveLength(1)
    expect(Object.keys(plan.devices[0].link.up)).toEqual(['delay'])
    expect(plan.devices[0].link.up.delay.jitterUs ?? 0).toBe(0)
    expect(plan.documents).toHaveLength(1)
    expect(plan.documents[0].fields).toHaveLength(1)
    expect(tried).toBeLessThan(60)
  })

  it('F1: finds the one pair of intentions that matters among 200, without a fault', () => {
    const start = planOf('order-desk', 11)
    const left = start.intentions[63]
    const right = start.intentions.find(({ device }, index) => index > 90 && device !== left.device)
    const { plan, tried } = shrink(start, ({ intentions }) => {
      const ids = intentions.map(({ id }) => id)
      return ids.includes(left.id) && ids.includes(right?.id ?? '')
    })
    expect(plan.intentions.map(({ id }) => id)).toEqual([left.id, right?.id])
    expect(plan.devices).toHaveLength(2)
    expect(plan.faults).toEqual([])
    expect(plan.intentions.map(({ atUs }) => atUs)).toEqual([0, 0])
    expect(tried).toBeLessThan(600)
  })

  it('F1: keeps a fault that matters, as short and as simple as it may be', () => {
    const start = planOf('long-offline', 2)
    const { plan } = shrink(start, ({ faults, intentions }) => intentions.length > 0
      && faults.some(({ type, atUs, untilUs }) => type === 'offline' && untilUs - atUs >= 1_500_000))
    expect(plan.intentions).toHaveLength(1)
    expect(plan.faults).toHaveLength(1)
    const [fault] = plan.faults
    expect(fault.type).toBe('offline')
    expect(fault.devices).toHaveLength(1)
    const lengthUs = fault.untilUs - fault.atUs
    expect(lengthUs).toBeGreaterThanOrEqual(1_500_000)
    expect(lengthUs).toBeLessThan(3_100_000)
  })

  it('F1: a removed device takes its intentions, deliveries and share of the faults with it', () => {
    const candidates = [...shrinkCandidates(scripted)].filter(({ devices }) => devices.every(({ id }) => id !== 'B') && devices.length === 2)
    expect(candidates).toHaveLength(1)
    expect(candidates[0].intentions.map(({ id }) => id)).toEqual(['one'])
    expect(candidates[0].deliveries).toEqual([scripted.deliveries?.[0]])
    expect(candidates[0].endContent).toBeUndefined()
  })

  it('F1, A06: tabs go one by one, what strikes their machine strikes those that are left, and tabs that need not share become devices', () => {
    const start = planOf('many-tabs', 4)
    const crash = start.faults.find(({ type }) => type === 'crash')
    const hit = (plan: Plan): readonly string[] => plan.faults.find(({ id }) => id === crash?.id)?.devices ?? []
    const tabsOf = (plan: Plan): readonly string[] => plan.devices.filter(({ machine }) => machine !== undefined).map(({ id }) => id)
    // Two tabs of one machine that lose power at once: nothing smaller will do.
    const { plan } = shrink(start, (candidate) => hit(candidate).filter((id) => tabsOf(candidate).includes(id)).length >= 2)
    expect(plan.devices).toHaveLength(2)
    expect(new Set(plan.devices.map(({ machine }) => machine)).size).toBe(1)
    expect(plan.faults).toMatchObject([{ id: crash?.id, type: 'restart', devices: tabsOf(plan) }])
    // Where they only have to be two that are hit, they are two devices.
    const apart = shrink(start, (candidate) => hit(candidate).length >= 2).plan
    expect([apart.devices.length, tabsOf(apart)]).toEqual([2, []])
  })

  it('F1: a shorter text keeps whole code points', () => {
    const [intention] = scripted.intentions
    const wide: Plan = {
      ...scripted, intentions: [{ ...intention, action: { op: 'replace', place: { kind: 'end' }, remove: 0, insert: '\u{1F600}\u{1F601}' } }], deliveries: [],
    }
    const inserts = [...shrinkCandidates(wide)].flatMap(({ intentions }) => intentions.map(({ action }) => action.op === 'replace' ? action.insert : ''))
    expect(inserts).toContain('\u{1F600}')
    expect(inserts.every((text) => text.isWellFormed())).toBe(true)
  })

  it('F1: of the settings of the wire only those stay that matter', () => {
    const plan = planOf('order-desk', 3)
    const start: Plan = { ...withIntentions(plan, []), faults: [], wire: { ...plan.wire, deflate: 0.3, backpressure: true, receiveBufferBytes: 7 } }
    expect(shrink(start, ({ wire }) => wire.backpressure).plan.wire).toEqual({ ...plan.wire, backpressure: true })
    expect(shrink(start, () => true).plan.wire).toEqual(plan.wire)
  })

  it('F1: the transport becomes the plainest one that still fails', () => {
    const plan: Plan = { ...planOf('order-desk', 3), transport: 'sse', intentions: [], faults: [] }
    expect(shrink(plan, () => true).plan.transport).toBe('websocket')
    expect(shrink(plan, ({ transport }) => transport === 'sse').plan.transport).toBe('sse')
  })

  it('F1: faults on hosts shrink too: plainer kinds, shorter, smaller, and the server stays a host', () => {
    const [first] = planOf('crash-recovery', 3).faults
    const rank = (fault: Fault, accepts: (candidate: Fault) => boolean): Fault | undefined => {
      const start = { ...withIntentions(planOf('crash-recovery', 3), []), faults: [{ ...fault, atUs: first.atUs }] } as Plan
      validatePlan(JSON.parse(JSON.stringify(start)), 'a plan with the fault')
      return shrink(start, ({ faults }) => faults.some(accepts)).plan.faults[0]
    }
    const long = { id: 'f', atUs: first.atUs, untilUs: first.atUs + 3_000_000, devices: ['A', 'server'] }
    expect(rank({ ...long, type: 'torn-write' }, ({ devices }) => devices.includes('server'))).toEqual({ id: 'f', type: 'restart', atUs: 0, untilUs: 0, devices: ['server'] })
    expect(rank({ ...long, type: 'kill' }, ({ type }) => type === 'kill')).toMatchObject({ type: 'kill', atUs: 0, untilUs: 0 })
    expect(rank({ ...long, devices: ['A'], type: 'suspend' }, ({ type }) => type === 'suspend' || type === 'hide')).toMatchObject({ type: 'hide', untilUs: 0 })
    expect(rank({ ...long, devices: ['A', 'B'], type: 'bit-rot' }, ({ type }) => type === 'bit-rot')).toMatchObject({ type: 'bit-rot', devices: ['B'], atUs: 0, untilUs: 0 })
    expect(rank({ ...long, devices: ['A'], type: 'bit-rot' }, () => true)).toMatchObject({ type: 'restart' })
    expect(rank({ ...long, devices: ['A'], type: 'stall' }, ({ type }) => type === 'stall')).toMatchObject({ type: 'stall', atUs: 0, untilUs: 0 })
    expect(rank({ ...long, type: 'skew', byUs: -5_000_000 }, (fault) => 'byUs' in fault && fault.byUs < -1_000_000)).toMatchObject({ type: 'step', byUs: -1_250_000 })
    expect(rank({ ...long, type: 'drift', ppm: 812.5 }, (fault) => 'ppm' in fault && fault.ppm > 100)).toMatchObject({ type: 'drift', ppm: 101 })
  })

  it('F1: faults of the network shrink too: both ways rather than one, plainer kinds, plainer networks, and not to what a server cannot have', () => {
    const start = withIntentions(planOf('order-desk', 3), [])
    const [{ link }] = start.devices
    const smallest = (fault: Fault, accepts: (candidate: Fault) => boolean): Fault | undefined => {
      const plan = { ...start, faults: [fault] }
      validatePlan(JSON.parse(JSON.stringify(plan)), 'a plan with the fault')
      return shrink(plan, ({ faults }) => faults.some(accepts)).plan.faults[0]
    }
    const base = { id: 'f', atUs: 2_000_000, untilUs: 5_000_000, devices: ['A'] }
    const isAny = (): boolean => true
    const isOf = (type: Fault['type']) => (fault: Fault): boolean => fault.type === type
    expect(smallest({ ...base, type: 'partition', direction: 'down' }, isOf('partition'))).toEqual({ ...base, type: 'partition', atUs: 0, untilUs: 0 })
    expect(smallest({ ...base, type: 'clog', direction: 'up' }, isAny)).toEqual({ ...base, type: 'partition', atUs: 0, untilUs: 0 })
    expect(smallest({ ...base, type: 'clog', direction: 'up' }, (fault) => 'direction' in fault && fault.direction === 'up')).toMatchObject({ type: 'partition', direction: 'up' })
    expect(smallest({ ...base, type: 'black-hole' }, isAny)).toMatchObject({ type: 'partition' })
    expect(smallest({ ...base, type: 'black-hole' }, isOf('black-hole'))).toMatchObject({ untilUs: 0 })
    expect(smallest({ ...base, type: 'reset', untilUs: base.atUs }, isAny)).toMatchObject({ type: 'break' })
    expect(smallest({ ...base, type: 'reset', untilUs: base.atUs, devices: ['server'] }, isAny)).toMatchObject({ type: 'reset', devices: ['server'] })
    expect(smallest({ ...base, type: 'switch', untilUs: base.atUs, link }, isAny)).toMatchObject({ type: 'break' })
    const switched = smallest({ ...base, type: 'switch', untilUs: base.atUs, link: { ...link, up: { ...link.up, duplicate: { probability: 0.1 } } } }, isOf('switch'))
    expect(switched).toMatchObject({ type: 'switch', link: { up: { delay: { latencyUs: link.up.delay.latencyUs } } } })
    expect('link' in (switched ?? {}) && switched?.type === 'switch' ? Object.keys(switched.link.up) : []).toEqual(['delay'])
  })

  it('D5: a fault that waits for a moment becomes one at a time, or waits for the first such moment, or goes with its host', () => {
    const plan = refused(1)
    const [power] = plan.faults.filter(({ id }) => id === 'power.1')
    const becomes = [...shrinkCandidates({ ...plan, faults: [power] })].flatMap(({ faults }) => faults)
    expect(becomes).toContainEqual({ ...power, when: undefined })
    expect(becomes).toContainEqual({ ...power, when: { event: 'request-executed', host: 'server', nth: 1 } })
    const [off] = plan.faults.filter(({ id }) => id === 'off.1')
    const withoutB = withDevices({ ...plan, faults: [{ ...off, devices: ['A', 'B'] }] }, plan.devices.filter(({ id }) => id !== 'B'))
    expect(withoutB.faults).toEqual([])
  })
})
