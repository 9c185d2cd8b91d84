/** Runs of a scenario under weather that is set as `--set` does, and what became of its faults and of the claims: for the suite. */
import { findScenario, makePlan, runPlan, validateScenario, type Run, type Strategy, type StrategyModule } from '../../sim/index.ts'
import { Sha256 } from '../../sim/kernel/sha256.ts'
import { setPaths } from '../../sim/scenario/set-path.ts'
import { compareRun, type ClaimedJudgement } from '../campaign/claims.ts'
import { judgeRun } from '../judge.ts'

export type WeatherEntry = Readonly<Record<string, unknown>>

export function runsUnder(
  module: StrategyModule, strategy: Strategy, scenario: string, weather: readonly WeatherEntry[], seeds: readonly number[], settings: readonly string[] = [],
): readonly Run[] {
  const recipe = validateScenario(setPaths(findScenario(scenario), [`weather=${JSON.stringify(weather)}`, ...settings]), 'weather')
  return seeds.map((seed) => runPlan(makePlan(recipe, seed), module, strategy, { createHasher: () => new Sha256() }))
}

/** Of the faults of one type: how many struck and ended, how many things they hit, how many never came. */
export function marksOf(runs: readonly Run[], type: string): { readonly struck: number; readonly hits: number; readonly missed: number } {
  const faults = runs.flatMap(({ history }) => history.events.flatMap((event) => event.kind === 'fault' && event.type === type ? [event] : []))
  const ends = faults.filter(({ phase }) => phase === 'end')
  return { struck: ends.length, hits: ends.reduce((sum, { hit }) => sum + hit, 0), missed: faults.filter(({ phase }) => phase === 'missed').length }
}

/** What does not hold although it is claimed to, seed by seed. */
export function brokenClaims(runs: readonly Run[], module: StrategyModule): readonly { readonly seed: string; readonly broken: ClaimedJudgement }[] {
  return runs.flatMap(({ history, plan }) => compareRun(judgeRun(history), module.claims, plan)
    .flatMap((broken) => broken.asClaimed === false ? [{ seed: plan.seed, broken }] : []))
}
