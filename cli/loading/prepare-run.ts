/** What `run` was asked for: a plan (from a file, or made from a scenario and a seed) and a strategy that fits it. */
import { resolve } from 'node:path'
import { BadInput } from '../../sim/bad-input.ts'
import { DEFAULT_SCENARIO, validatePlan } from '../../sim/index.ts'
import type { Plan, StrategyModule } from '../../sim/index.ts'
import { loadScenario, planFor } from './load-scenario.ts'
import { loadStrategyModules, strategyNamed, worksOn } from './load-strategies.ts'
import { readJsonFile } from './read-json-file.ts'

export interface RunRequest {
  readonly strategy?: string
  readonly seed?: string
  readonly plan?: string
  readonly set: readonly string[]
}

export interface PreparedRun {
  readonly plan: Plan
  readonly module: StrategyModule
}

export async function prepareRun(
  scenario: string | undefined, request: RunRequest, workingFolder: string,
): Promise<PreparedRun> {
  const modules = await loadStrategyModules()
  // A mistyped strategy is said before a large file is read.
  const named = request.strategy === undefined ? undefined : strategyNamed(request.strategy, modules, '--strategy')
  const plan = request.plan === undefined
    ? planFor(loadScenario(scenario ?? DEFAULT_SCENARIO, request.set, workingFolder), request.seed ?? '1')
    : loadPlan(scenario, request, request.plan, workingFolder)
  return { plan, module: fitting(named, modules, plan) }
}

function loadPlan(scenario: string | undefined, request: RunRequest, file: string, workingFolder: string): Plan {
  const extra = scenario !== undefined ? `the scenario ${scenario}` : request.seed !== undefined ? '--seed' : request.set.length > 0 ? '--set' : undefined
  if (extra !== undefined) {
    throw new BadInput({ code: 'contradiction', where: '--plan', path: '', expected: 'nothing that the plan already says', got: extra })
  }
  return validatePlan(readJsonFile(resolve(workingFolder, file), 'a plan', file), file)
}

function fitting(named: StrategyModule | undefined, modules: readonly StrategyModule[], plan: Plan): StrategyModule {
  const fit = modules.filter((module) => worksOn(module, plan.documents))
  const names = fit.map(({ name }) => name).join(', ')
  if (named === undefined) {
    const [only] = fit
    if (only !== undefined && fit.length === 1) return only
    throw new BadInput({ code: 'bad-value', where: '--strategy', path: '', expected: `one of ${names}`, got: 'nothing' })
  }
  if (fit.includes(named)) return named
  const types = [...new Set(plan.documents.flatMap(({ fields }) => fields.map(({ type }) => type)))].join(', ')
  throw new BadInput({
    code: 'contradiction', where: '--strategy', path: '',
    expected: `a strategy for the data types of ${plan.scenario} (${types}): ${names}`, got: `${named.name}, which has none of them`,
  })
}
