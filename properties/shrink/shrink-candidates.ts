/**
 * What to try in place of a plan that fails: smaller plans, the most promising first (F1, first phase).
 *
 * Every candidate is a valid plan and strictly lighter (`plan-weight.ts`), so that taking the first one that
 * still fails, over and over, ends. A plan none of whose candidates fails is minimal: in particular no single
 * device, intention or fault can be left out. The weather's own draws are keyed (D4) and stay as they are for
 * what is left, except that a device's draws follow its place among the devices.
 */
import type { Plan } from '../../sim/scenario/plan.ts'
import { withSimplerActions } from './shrink-actions.ts'
import { withPlainerConfiguration } from './shrink-configuration.ts'
import { withoutUnusedRecordings } from './restrict-plan.ts'
import { withFewerDeliveries, withFewerDevices, withFewerFaults, withFewerFields, withFewerIntentions } from './shrink-parts.ts'
import { withLessTime, withSimplerFaults } from './shrink-times.ts'

/**
 * Smaller plans, lazily.
 *
 * @example
 * const smaller = [...shrinkCandidates(plan)].find((candidate) => fails(candidate))
 */
export function* shrinkCandidates(plan: Plan): Generator<Plan> {
  for (const candidate of candidates(plan)) yield withoutUnusedRecordings(candidate)
}

function* candidates(plan: Plan): Generator<Plan> {
  yield* withFewerDevices(plan)
  yield* withFewerIntentions(plan)
  yield* withFewerFaults(plan)
  yield* withFewerDeliveries(plan)
  yield* withFewerFields(plan)
  yield* withPlainerConfiguration(plan)
  yield* withSimplerActions(plan)
  yield* withSimplerFaults(plan)
  yield* withLessTime(plan)
}
