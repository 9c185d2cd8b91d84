/** One seed of a campaign: the plan is made once, and every strategy runs it (paired seeds, H8). */
import type { LoadedScenario } from '../loading/load-scenario.ts'
import { planFor } from '../loading/load-scenario.ts'
import { loadStrategy, loadStrategyModules, strategyNamed, type LoadedStrategy } from '../loading/load-strategies.ts'
import { judgedRun } from '../execute-run.ts'
import type { JudgedRun } from '../../reports/judged-run.ts'

/** What a worker is opened with; plain data. */
export interface CampaignSetup {
  readonly loaded: LoadedScenario
  readonly strategies: readonly string[]
}

/** One judged run per strategy, in the order of the set-up. */
export type SeedResult = readonly JudgedRun[]

const loading = new WeakMap<CampaignSetup, Promise<readonly LoadedStrategy[]>>()

export async function runSeed(setup: CampaignSetup, seed: string): Promise<SeedResult> {
  let strategies = loading.get(setup)
  if (strategies === undefined) {
    strategies = loadAll(setup.strategies)
    loading.set(setup, strategies)
  }
  const plan = planFor(setup.loaded, seed)
  return (await strategies).map((strategy) => judgedRun(plan, strategy))
}

async function loadAll(names: readonly string[]): Promise<readonly LoadedStrategy[]> {
  const modules = await loadStrategyModules()
  return Promise.all(names.map((name) => loadStrategy(strategyNamed(name, modules, '--strategies'))))
}
