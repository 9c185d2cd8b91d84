/** What `run` was asked for: a plan (from a file, or made from a scenario and a seed) and a strategy that fits it. */
import { resolve } from 'node:path'
import { BadInput } from '../../sim/bad-input.ts'
import { DEFAULT_SCENARIO, validatePlan } from '../../sim/index.ts'
import type { Plan, StrategyModule } from '../../sim/index.ts'
import { loadScenario, planFor } from './load-scenario.ts'
import { loadStrategyModules, strategyFor, strategyNamed } from './load-strategies.ts'
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
  return { plan, module: strategyFor(named?.name, modules, plan) }
}

function loadPlan(scenario: string | undefined, request: RunRequest, file: string, workingFolder: string): Plan {
  const extra = scenario !== undefined ? `the scenario ${scenario}` : request.seed !== undefined ? '--seed' : request.set.length > 0 ? '--set' : undefined
  if (extra !== undefined) {
    throw new BadInput({ code: 'contradiction', where: '--plan', path: '', expected: 'nothing that the plan already says', got: extra })
  }
  return validatePlan(readJsonFile(resolve(workingFolder, file), 'a plan', file), file)
}
