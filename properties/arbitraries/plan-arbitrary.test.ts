import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { findScenario, makePlan, validateScenario } from '../../sim/index.ts'
import type { Plan } from '../../sim/index.ts'
import { planArbitrary } from './plan-arbitrary.ts'

const scenario = validateScenario(findScenario('same-caret'), 'same-caret')
const sample = (seed: number, count: number): readonly Plan[] => fc.sample(planArbitrary(scenario), { seed, numRuns: count })

describe('plans as a fast-check arbitrary (F1)', () => {
  it('D5: a drawn plan is the one that its seed makes', () => {
    for (const plan of sample(1, 20)) expect(plan).toEqual(makePlan(scenario, plan.seed))
  })

  it('D1: draws the same plans under one seed, others under another, and no seed twice in 500', () => {
    expect(sample(7, 10)).toEqual(sample(7, 10))
    expect(sample(8, 10)).not.toEqual(sample(7, 10))
    expect(new Set(sample(9, 500).map(({ seed }) => seed)).size).toBe(500)
  })

  it('F1: fast-check shrinks a failing plan with it to the least that still fails', () => {
    const details = fc.check(fc.property(planArbitrary(scenario), ({ intentions, faults }) => {
      const devices = new Set(intentions.map(({ device }) => device))
      return devices.size < 2 || faults.length === 0
    }), { seed: 4, numRuns: 20 })
    expect(details.failed).toBe(true)
    const plan = details.counterexample?.[0]
    expect(plan?.devices).toHaveLength(2)
    expect(plan?.intentions).toHaveLength(2)
    expect(plan?.faults).toHaveLength(1)
  })

  it('F1: shrinks any valid plan, and no other value', () => {
    const arbitrary = planArbitrary(scenario)
    const [plan] = sample(3, 1)
    expect(arbitrary.canShrinkWithoutContext(plan)).toBe(true)
    expect(arbitrary.canShrinkWithoutContext({ ...plan, devices: [] })).toBe(false)
    expect(arbitrary.canShrinkWithoutContext(null)).toBe(false)
    expect([...arbitrary.shrink(plan, undefined).take(3)].every(({ value }) => value.intentions.length <= plan.intentions.length)).toBe(true)
  })
})
