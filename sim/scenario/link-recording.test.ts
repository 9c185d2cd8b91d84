import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseDeliveryTrace } from '../network/delivery-trace.ts'
import { tinyPlan } from '../testing/tiny-plan.ts'
import { findScenario } from './catalogue/index.ts'
import { makePlan } from './generate.ts'
import { cutRecording, encodeOpportunities, tracesOf } from './link-recording.ts'
import type { Plan } from './plan.ts'
import { validatePlan } from './plan-schema.ts'
import { type Scenario, validateScenario } from './scenario-schema.ts'
import { setPaths } from './set-path.ts'

const traceOf = (...ms: readonly number[]) => parseDeliveryTrace(ms.join('\n'), 'car.up')
const TRACES = new Map([['car.up', traceOf(5, 10, 400)], ['car.down', traceOf(1, 2, 3)], ['train', traceOf(1000)]])

const scenarioWith = (...settings: readonly string[]): Scenario => validateScenario(setPaths(findScenario('order-desk'), settings), 'test')
const planWith = (...settings: readonly string[]): Plan => makePlan(scenarioWith(...settings), 1, { traces: TRACES })
const CAR = ['link.recorded.up=car.up', 'link.recorded.down=car.down']

describe('recordings of links in plans (F2)', () => {
  it('are written as gaps with their repetitions', () => {
    expect(encodeOpportunities(traceOf(5, 5, 5, 12, 19, 26))).toBe('5 0x2 7x3')
    expect(encodeOpportunities(traceOf(3))).toBe('3')
  })

  it('any recording comes back as it was', () => {
    fc.assert(fc.property(fc.array(fc.oneof(fc.nat(3), fc.nat(5_000)), { minLength: 1, maxLength: 60 }), (gaps) => {
      let atMs = 0
      const trace = traceOf(...gaps.map((gap) => atMs += gap), atMs + 1)
      const back = tracesOf([{ source: 'car.up', opportunities: encodeOpportunities(trace) }]).get('car.up')
      expect(back?.opportunitiesUs).toEqual(trace.opportunitiesUs)
    }))
  })

  it('are cut behind the first opportunity that no run reaches', () => {
    expect(cutRecording(traceOf(5, 10, 400, 500), 9_999).opportunities).toBe('5x2')
    expect(cutRecording(traceOf(5, 10, 400, 500), 10_000).opportunities).toBe('5x2 390')
    expect(cutRecording(traceOf(5, 10), 1e9).opportunities).toBe('5x2')
  })

  it('stand in the plan once, with what a run can reach, and the plan is valid as JSON', () => {
    const plan = planWith(...CAR, 'link.queuePackets=50', 'link.recorded.fromMs=3')
    expect(plan.recordings).toEqual([{ source: 'car.up', opportunities: '5x2 390' }, { source: 'car.down', opportunities: '1x3' }])
    expect(plan.devices[0].link).toMatchObject({
      up: { delay: { latencyUs: 60_000, jitterUs: 15_000 }, bottleneck: { recording: 'car.up', fromUs: 3_000 }, queue: { maxPackets: 50 } },
      down: { delay: { latencyUs: 60_000, jitterUs: 15_000 }, bottleneck: { recording: 'car.down', fromUs: 3_000 }, queue: { maxPackets: 50 } },
    })
    expect(validatePlan(JSON.parse(JSON.stringify(plan)), 'plan.json')).toEqual(plan)
    const day = Array.from({ length: 86_400 }, (_, second) => (second + 1) * 1000)
    const long = makePlan(scenarioWith(...CAR), 1, { traces: new Map([...TRACES, ['car.down', traceOf(...day)]]) })
    const keptMs = (long.recordings?.[1].opportunities ?? '').split('x')
    expect(keptMs[0]).toBe('1000')
    expect(Number(keptMs[1])).toBeGreaterThan(120)
    expect(Number(keptMs[1])).toBeLessThan(86_400)
  })

  it('a device may have its own, or a profile in place of the scenario\'s', () => {
    const { devices, recordings } = planWith(...CAR, 'devices[0].link.recorded={"up":"train","down":"train"}', 'devices[1].link.profile=wpt-lte')
    const rates = devices.map(({ link }) => link.up.bottleneck)
    expect(rates).toEqual([{ recording: 'train' }, { rateKbps: 12_000 }, { recording: 'car.up' }])
    expect(recordings?.map(({ source }) => source)).toEqual(['train', 'car.up', 'car.down'])
  })

  it('and a profile exclude each other: setting one takes the other out', () => {
    expect(planWith(...CAR, 'link.profile=wpt-lte').recordings).toBeUndefined()
    expect(planWith('link.profile=wpt-lte', ...CAR).recordings).toHaveLength(2)
    expect(planWith('devices[0].link.profile=wpt-lte', ...CAR.map((set) => `devices[0].${set}`)).devices[0].link.up.bottleneck).toEqual({ recording: 'car.up' })
  })

  it.each<[string, readonly string[], RegExp]>([
    ['one way only', ['link.recorded.up=car.up'], /link\.recorded\.down: expected the file of a recorded link \(mahimahi\), as for the other way, got nothing/],
    ['one way only of a device', ['devices[2].link.recorded.down=car.up'], /devices\[2\]\.link\.recorded\.up: expected the file/],
    ['a queue before nothing', ['link.queuePackets=10'], /link\.queuePackets: expected nothing, unless the link is recorded, got 10/],
    ['a beginning of nothing', ['link.recorded.fromMs=10'], /link\.recorded\.up: expected the file/],
    ['a profile beside it', ['link={"profile":"wpt-lte","recorded":{"up":"a","down":"b"}}'], /link\.profile: expected either a profile or recorded and queuePackets/],
    ['no name', ['link.recorded.up='], /link\.recorded\.up/],
  ])('refused with %s', (_, settings, message) => {
    expect(() => scenarioWith(...settings)).toThrow(message)
  })

  it('refused under scripted, which has no network', () => {
    expect(() => validateScenario(setPaths(findScenario('recorded'), ['workload.recorded=a.json', ...CAR]), 'test'))
      .toThrow(/link\.recorded: expected a transport that runs over a network \(--set transport=websocket\)/)
  })

  it.each<[string, Partial<Plan>, RegExp]>([
    ['text that is no gaps', { recordings: [{ source: 'a', opportunities: '5 x2' }] }, /recordings\[0\]\.opportunities: expected gaps in milliseconds.*got "5 x2"/],
    ['nothing', { recordings: [{ source: 'a', opportunities: '' }] }, /recordings\[0\]\.opportunities: expected gaps/],
    ['no length', { recordings: [{ source: 'a', opportunities: '0x5' }] }, /expected gaps that add up to a length from 1 to 86400000 ms/],
    ['too many', { recordings: [{ source: 'a', opportunities: '1 0x99999999' }] }, /expected from 1 to 10000000 delivery opportunities/],
    ['one source twice', { recordings: [{ source: 'a', opportunities: '5' }, { source: 'a', opportunities: '6' }] }, /recordings\[1\]\.source: expected an unused source/],
    ['no recording of that name', { recordings: [{ source: 'a', opportunities: '5' }], devices: tinyPlan().devices.map((device) => ({ ...device, link: { up: { delay: { latencyUs: 1 }, bottleneck: { recording: 'b' } }, down: { delay: { latencyUs: 1 } } } })) },
      /devices\[0\]\.link\.up\.bottleneck\.recording: expected one of the plan's recordings: a, got "b"/],
  ])('plans with %s are refused', (_, change, message) => {
    expect(() => validatePlan(JSON.parse(JSON.stringify(tinyPlan(change))), 'plan.json')).toThrow(message)
  })
})
