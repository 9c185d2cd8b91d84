/**
 * A search as a task for a worker thread. The main thread stays free to hear Ctrl-C and passes it on
 * through shared memory, because a search is one long synchronous call.
 */
import { fuzz, type FuzzProgress } from '../../properties/search/fuzz.ts'
import { makeCounterexample } from '../../properties/search/counterexample.ts'
import { propertyNamed } from '../../properties/index.ts'
import type { FoundCounterexample, FuzzReport } from '../../reports/fuzz-report.ts'
import { createHasher } from '../hasher.ts'
import { versionsWith } from '../library-versions.ts'
import type { LoadedScenario } from '../loading/load-scenario.ts'
import { loadStrategy, loadStrategyModules, strategyNamed } from '../loading/load-strategies.ts'

export interface FuzzTask {
  readonly loaded: LoadedScenario
  readonly strategy: string
  /** Names; undefined for all that is claimed to hold. */
  readonly properties: readonly string[] | undefined
  readonly seed: string
  readonly runs: number
  readonly timeMs: number | undefined
  /** One 32-bit cell; not zero asks the search to stop. */
  readonly stop: SharedArrayBuffer
}

/** What a search tells while it is under way. */
export type FuzzNews = Pick<FuzzProgress, 'phase' | 'runs'> & {
  readonly shrinking?: { readonly property: string; readonly runs: number; readonly edits: number }
}

const NEWS_INTERVAL_MS = 100

export async function executeFuzz(task: FuzzTask, tell: (news: FuzzNews) => void): Promise<FuzzReport> {
  const { module, strategy } = await loadStrategy(strategyNamed(task.strategy, await loadStrategyModules(), '--strategy'))
  const { scenario, recorded, traces } = task.loaded
  const stopCell = new Int32Array(task.stop)
  const startedMs = performance.now()
  const isOver = (): boolean =>
    Atomics.load(stopCell, 0) !== 0 || (task.timeMs !== undefined && performance.now() - startedMs >= task.timeMs)
  let toldMs = Number.NEGATIVE_INFINITY
  const result = fuzz({
    scenario, module, strategy, seed: task.seed, runs: task.runs, run: { createHasher }, traces,
    ...(recorded === undefined ? {} : { recorded }),
    ...(task.properties === undefined ? {} : { properties: task.properties.flatMap((name) => propertyNamed(name) ?? []) }),
    shouldStop: isOver,
    onProgress: (progress) => {
      const nowMs = performance.now()
      if (nowMs - toldMs < NEWS_INTERVAL_MS) return
      toldMs = nowMs
      tell(newsOf(progress))
    },
  })
  const versions = versionsWith(module.libraries)
  return {
    scenario: scenario.name,
    strategy: module.name,
    seed: result.seed,
    runs: result.runs,
    wallMs: performance.now() - startedMs,
    coverage: result.coverage,
    unmetFloors: result.floors.filter(({ met }) => !met).map(({ floor, needed, got }) => `${floor}: ${got} where ${needed} are needed`),
    stopped: Atomics.load(stopCell, 0) !== 0,
    finds: result.finds.map((find): FoundCounterexample => ({
      property: find.judgement.property,
      type: find.judgement.type,
      reason: find.judgement.reason,
      foundAtRun: find.foundAtRun,
      devices: find.run.plan.devices.length,
      edits: find.run.plan.intentions.length,
      faults: find.run.plan.faults.length,
      shrinks: find.shrinks,
      minimal: find.minimal,
      counterexample: makeCounterexample(find, versions),
    })),
  }
}

function newsOf({ phase, runs, shrinking }: FuzzProgress): FuzzNews {
  return shrinking === undefined ? { phase, runs } : {
    phase, runs, shrinking: { property: shrinking.property, runs: shrinking.runs, edits: shrinking.smallest.intentions.length },
  }
}
