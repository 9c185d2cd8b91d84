/**
 * Plans as a fast-check arbitrary: drawn as seeds of one scenario, shrunk as plans (F1).
 *
 * A value is `makePlan(scenario, seed)` for a drawn seed, which stands in the plan, so that a run of a search
 * can be named and repeated. Shrinking does not go back to seeds: it takes the plan apart, and every candidate
 * is a valid plan (`../shrink/`). Not varied: the scenario's own numbers; a seed draws from its distributions.
 */
import fc from 'fast-check'
import { BadInput } from '../../sim/bad-input.ts'
import { makePlan, type PlanInputs } from '../../sim/scenario/generate.ts'
import type { Plan } from '../../sim/scenario/plan.ts'
import { validatePlan } from '../../sim/scenario/plan-schema.ts'
import type { Scenario } from '../../sim/scenario/scenario-schema.ts'
import { shrinkCandidates } from '../shrink/shrink-candidates.ts'

const LARGEST_SEED = 0x7fff_ffff

/**
 * Plans of a validated scenario.
 *
 * @example
 * fc.assert(fc.property(planArbitrary(scenario), (plan) => converges(plan)), { seed: 1 })
 */
export function planArbitrary(scenario: Scenario, inputs: PlanInputs = {}): fc.Arbitrary<Plan> {
  return new PlanArbitrary((seed) => makePlan(scenario, seed, inputs))
}

class PlanArbitrary extends fc.Arbitrary<Plan> {
  readonly #planOf: (seed: number) => Plan

  constructor(planOf: (seed: number) => Plan) {
    super()
    this.#planOf = planOf
  }

  override generate(random: fc.Random): fc.Value<Plan> {
    return new fc.Value(this.#planOf(random.nextInt(0, LARGEST_SEED)), undefined)
  }

  override canShrinkWithoutContext(value: unknown): value is Plan {
    try {
      validatePlan(value, 'a plan to shrink')
      return true
    } catch (problem) {
      if (problem instanceof BadInput) return false
      throw problem
    }
  }

  override shrink(plan: Plan): fc.Stream<fc.Value<Plan>> {
    return fc.stream(shrinkCandidates(plan)).map((candidate) => new fc.Value(candidate, undefined))
  }
}
