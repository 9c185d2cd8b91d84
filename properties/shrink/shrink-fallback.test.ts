import { describe, expect, it } from 'vitest'
import { chainOf } from '../../sim/scenario/proxy-policy.ts'
import type { Plan } from '../../sim/scenario/plan.ts'
import { validatePlan } from '../../sim/scenario/plan-schema.ts'
import { tinyPlan } from '../../sim/testing/tiny-plan.ts'
import { isLighter, planWeight } from './plan-weight.ts'
import { shrinkCandidates } from './shrink-candidates.ts'

const tiny = tinyPlan()
const start: Plan = {
  ...tiny,
  devices: tiny.devices.map((device) => ({ ...device, link: { ...device.link, proxy: { websocket: 'refuse', sse: 'buffer' } } })),
  client: { ...tiny.client, fallback: { to: ['sse', 'long-poll', 'http'], connectTimeoutUs: 10_000_000, memoryUs: 1_000_000 } },
  faults: [{ id: 'f', type: 'proxy-block', atUs: 300_000, untilUs: 900_000, devices: ['A'], transport: 'sse', how: 'buffer' }],
}

/** Takes the first candidate that still fails, until none does. */
function shrunk(fails: (plan: Plan) => boolean): Plan {
  let plan = start
  for (let next: Plan | undefined = plan; next !== undefined; next = [...shrinkCandidates(plan)].find(fails)) plan = next
  return plan
}

describe('shrinking plans with proxies and fallback (F1)', () => {
  it('every candidate is a valid plan and lighter', () => {
    const weight = planWeight(start)
    let count = 0
    for (const candidate of shrinkCandidates(start)) {
      expect(() => validatePlan(JSON.parse(JSON.stringify(candidate)), 'candidate')).not.toThrow()
      expect(isLighter(planWeight(candidate), weight)).toBe(true)
      count++
    }
    expect(count).toBeGreaterThan(20)
  })

  it('what does not matter goes: chain, proxies, the fault', () => {
    const plan = shrunk(() => true)
    expect([plan.client.fallback, plan.devices[0]?.link.proxy, plan.faults]).toEqual([undefined, undefined, []])
  })

  it('what matters stays: a proxy with the one transport that it leaves', () => {
    const plan = shrunk(({ devices }) => devices.some(({ link }) => link.proxy?.websocket !== undefined))
    expect([chainOf(plan), plan.devices.map(({ link }) => link.proxy)]).toEqual([['websocket', 'http'], [{ websocket: 'refuse', sse: 'buffer' }]])
  })

  it('a fault that only has to block refuses', () => {
    const plan = shrunk(({ faults }) => faults.some(({ type }) => type === 'proxy-block'))
    expect(plan.faults).toMatchObject([{ type: 'proxy-block', how: 'refuse' }])
  })
})
