/**
 * The counterexample file: a shrunk plan with the property it violates, enough to replay and to read (F2).
 *
 * It carries the whole plan, not only a seed, and the versions it was made with. `decisions` is for changes
 * to the weather's single decisions, and empty until those can be shrunk.
 */
import type { Plan } from '../../sim/scenario/plan.ts'
import type { Find } from './fuzz.ts'
import type { Judgement, Verdict } from '../property.ts'
import { tellStory } from '../story/tell-story.ts'

export const COUNTEREXAMPLE_SCHEMA_ID = 'syncstorm.counterexample/1'

/** Versions by package name: `syncstorm` and the strategy's libraries. */
export type Versions = Readonly<Record<string, string>>

export interface Counterexample {
  readonly schema: typeof COUNTEREXAMPLE_SCHEMA_ID
  readonly property: string
  readonly strategy: string
  /** What the strategy was configured with, for readers; the plan's own options are what replays. */
  readonly options: Plan['strategy']
  readonly versions: Versions
  readonly plan: Plan
  readonly decisions: readonly never[]
  readonly digest: string
  readonly verdict: Verdict & { readonly type: Judgement['type'] }
  readonly story: readonly string[]
}

export function makeCounterexample({ judgement, run }: Find, versions: Versions): Counterexample {
  const { property, type, verdict, reason, evidence } = judgement
  return {
    schema: COUNTEREXAMPLE_SCHEMA_ID, property, strategy: run.strategy, options: run.plan.strategy, versions, plan: run.plan, decisions: [],
    digest: run.digest, verdict: { type, verdict, reason, evidence }, story: tellStory(run.history, judgement),
  }
}

/** `<property>-<strategy>-<first 8 of the digest>.json`; what a file name cannot hold becomes `_`. */
export function counterexampleFileName({ property, strategy, digest }: Counterexample): string {
  return `${[property, strategy].map((part) => part.replace(/[^\w.-]+/g, '_')).join('-')}-${digest.slice(0, 8)}.json`
}
