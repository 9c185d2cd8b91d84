/**
 * The search for violations: many plans of one scenario under one strategy; what fails is shrunk (F1).
 *
 * fast-check draws the plans and drives the shrinking. It is given a fixed seed and no time limit, so that a
 * search is a pure function of its options; time limits come in as `shouldStop`. Each property is reported
 * once: after a find the search goes on for the others, with the runs that are left. While shrinking only the
 * property and type of the find count, so that one failure does not slip into another.
 *
 * Left out for now: shrinking the weather's single decisions, and choosing plans by what they reached.
 */
import fc from 'fast-check'
import type { Strategy, StrategyModule } from '../../sim/contract.ts'
import type { Run } from '../../sim/history/run-record.ts'
import { canonicalSeed, masterKey } from '../../sim/kernel/seed.ts'
import { runPlan, type RunOptions } from '../../sim/run.ts'
import type { PlanInputs } from '../../sim/scenario/generate.ts'
import type { Plan } from '../../sim/scenario/plan.ts'
import type { Scenario } from '../../sim/scenario/scenario-schema.ts'
import { planArbitrary } from '../arbitraries/plan-arbitrary.ts'
import type { Floor } from '../campaign/floors.ts'
import { FuzzCoverage } from './fuzz-coverage.ts'
import { firstViolation, watchFor, type Watch } from './fuzz-watch.ts'
import type { Judgement, Property } from '../property.ts'

/** Runs that the shrinking of one find may take. */
export const MAX_SHRINK_RUNS = 2000

export interface FuzzOptions extends PlanInputs {
  readonly scenario: Scenario
  readonly module: StrategyModule
  readonly strategy: Strategy
  readonly run: RunOptions
  readonly seed: string | number
  readonly runs: number
  /** Watch these, whatever is claimed about them. Default: all that the module claims to hold. */
  readonly properties?: readonly Property[]
  readonly maxShrinkRuns?: number
  /** Asked before every run; a search ends where it is, a find keeps what it has been shrunk to. */
  readonly shouldStop?: (phase: FuzzPhase) => boolean
  /** Sees every run of the search (not those of shrinking), before it is judged. */
  readonly onRun?: (run: Run) => void
  /** Hears of every run. */
  readonly onProgress?: (progress: FuzzProgress) => void
}

export type FuzzPhase = 'search' | 'shrink'

export interface FuzzProgress {
  readonly phase: FuzzPhase
  /** Runs of the search so far. */
  readonly runs: number
  /** The seed of the plan that was just run. */
  readonly planSeed: string
  /** While shrinking: the property, the runs that took so far, and the smallest failing plan. */
  readonly shrinking?: { readonly property: string; readonly runs: number; readonly smallest: Plan }
}

export interface Find {
  readonly judgement: Judgement
  /** The run of the shrunk plan; `run.plan` is the counterexample. */
  readonly run: Run
  /** Which run of the search found it, from 1, and the seed of the plan that it was before shrinking. */
  readonly foundAtRun: number
  readonly planSeed: string
  /** Successful shrinks, and the runs they took. */
  readonly shrinks: number
  readonly shrinkRuns: number
  /** `proven`: no smaller plan that shrinking offers still fails; no device, intention or fault can go. */
  readonly minimal: 'proven' | 'budget'
}

export interface FuzzResult {
  readonly seed: string
  readonly runs: number
  /** The plan seed of each run: `makePlan(scenario, planSeeds[i])` is run i + 1. */
  readonly planSeeds: readonly string[]
  readonly coverage: Readonly<Record<string, number>>
  readonly floors: readonly Floor[]
  readonly finds: readonly Find[]
  /** Whether `shouldStop` ended it. */
  readonly stopped: boolean
}

/** Searches; throws what a strategy or the world throws, with the plan's seed in the message. */
export function fuzz(options: FuzzOptions): FuzzResult {
  const seed = canonicalSeed(options.seed)
  const coverage = new FuzzCoverage()
  const finds: Find[] = []
  let watches = watchFor(options.module.claims, options.scenario, options.properties)
  let stopped = false
  while (coverage.runs < options.runs && watches.length > 0 && !stopped) {
    const round = hunt(options, watches, `fuzz ${seed} ${finds.length}`, coverage)
    stopped = round.stopped
    if (round.find === undefined) break
    const { property } = round.find.judgement
    finds.push(round.find)
    watches = watches.filter((watch) => watch.property.name !== property)
  }
  return { seed, runs: coverage.runs, planSeeds: coverage.planSeeds, coverage: coverage.totals, floors: coverage.floors, finds, stopped }
}

interface Failure {
  readonly judgement: Judgement
  readonly run: Run
}

/** Searches until the first find, and shrinks it. */
function hunt(
  options: FuzzOptions, watches: readonly Watch[], seed: string, coverage: FuzzCoverage,
): { readonly find: Find | undefined; readonly stopped: boolean } {
  const maxShrinkRuns = options.maxShrinkRuns ?? MAX_SHRINK_RUNS
  let first: Failure | undefined
  let smallest: Failure | undefined
  let shrinkRuns = 0
  let stopped = false
  let cut = false
  let thrown: Error | undefined

  const search = (plan: Plan): boolean => {
    const run = runPlan(plan, options.module, options.strategy, options.run)
    coverage.add(run)
    options.onRun?.(run)
    const judgement = firstViolation(run.history, watches)
    if (judgement !== undefined) first = smallest = { judgement, run }
    options.onProgress?.({ phase: 'search', runs: coverage.runs, planSeed: plan.seed })
    return judgement === undefined
  }
  const shrink = (plan: Plan, { judgement: sought }: Failure): boolean => {
    shrinkRuns++
    const run = runPlan(plan, options.module, options.strategy, options.run)
    const same = watches.filter(({ property }) => property.name === sought.property)
      .map(({ property }): Watch => ({ property, minds: ({ type }) => type === sought.type }))
    const judgement = firstViolation(run.history, same)
    if (judgement !== undefined) smallest = { judgement, run }
    const shrinking = { property: sought.property, runs: shrinkRuns, smallest: (smallest ?? { run }).run.plan }
    options.onProgress?.({ phase: 'shrink', runs: coverage.runs, planSeed: plan.seed, shrinking })
    return judgement === undefined
  }

  const { numShrinks } = fc.check(fc.property(planArbitrary(options.scenario, options), (plan) => {
    stopped = options.shouldStop?.(first === undefined ? 'search' : 'shrink') ?? false
    cut = stopped || (first !== undefined && shrinkRuns >= maxShrinkRuns)
    if (cut) throw new fc.PreconditionFailure(true)
    try {
      return first === undefined ? search(plan) : shrink(plan, first)
    } catch (problem) {
      thrown = withPlanSeed(problem, plan, first === undefined)
      throw new fc.PreconditionFailure(true)
    }
  }), pureCheck(seed, options.runs - coverage.runs))

  if (thrown !== undefined) throw thrown
  if (first === undefined || smallest === undefined) return { find: undefined, stopped }
  const find: Find = {
    ...smallest, foundAtRun: coverage.runs, planSeed: first.run.plan.seed, shrinks: numShrinks, shrinkRuns, minimal: cut ? 'budget' : 'proven',
  }
  return { find, stopped }
}

/** All said outright, so that no global fast-check configuration brings in a clock, a time limit or other values. */
function pureCheck(seed: string, numRuns: number): fc.Parameters<[Plan]> {
  return {
    seed: Number.parseInt(masterKey(seed).slice(0, 8), 16) | 0, numRuns,
    randomType: 'xorshift128plus', unbiased: true, endOnFailure: false, path: '', examples: [], plugins: [], verbose: 0,
    timeout: undefined, skipAllAfterTimeLimit: undefined, interruptAfterTimeLimit: undefined, skipEqualValues: false, ignoreEqualValues: false,
  }
}

function withPlanSeed(cause: unknown, plan: Plan, searching: boolean): Error {
  const what = searching ? 'the run' : 'a shrunk run'
  return new Error(`${what} of plan seed ${plan.seed} broke: ${cause instanceof Error ? cause.message : String(cause)}`, { cause })
}
