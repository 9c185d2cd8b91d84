/**
 * Replays a counterexample: runs its plan again and compares verdict and digest. Under other versions than it
 * was found with both may differ, which is said and is no error.
 */
import type { Strategy, StrategyModule } from '../../sim/contract.ts'
import type { Run } from '../../sim/history/run-record.ts'
import { runPlan, type RunOptions } from '../../sim/run.ts'
import type { Counterexample, Versions } from './counterexample-file.ts'
import { judgeRun } from '../judge.ts'
import type { Judgement } from '../property.ts'
import { propertyNamed } from '../registry.ts'
import { tellStory } from '../story/tell-story.ts'

export { COUNTEREXAMPLE_SCHEMA_ID, counterexampleFileName, makeCounterexample, type Counterexample, type Versions } from './counterexample-file.ts'
export { validateCounterexample } from './counterexample-validation.ts'

export interface Replay {
  /** The property is violated again, for the same type. */
  readonly reproduced: boolean
  /** The run is the same to the last byte. */
  readonly digestMatches: boolean
  /** The verdict says the same in the same words. */
  readonly verdictMatches: boolean
  readonly run: Run
  /** The verdict now. */
  readonly judgement: Judgement
  readonly story: readonly string[]
  /** Where the versions now differ from the file's, one line each. */
  readonly versionNotes: readonly string[]
}

/** Runs a validated counterexample again under the strategy it names, loaded. */
export function replayCounterexample(
  file: Counterexample, module: StrategyModule, strategy: Strategy, options: RunOptions & { readonly versions: Versions },
): Replay {
  if (module.name !== file.strategy) throw new Error(`the counterexample is of ${file.strategy}, not of ${module.name}`)
  const property = propertyNamed(file.property)
  if (property === undefined) throw new Error(`no property ${file.property}; validateCounterexample checks that there is one`)
  const run = runPlan(file.plan, module, strategy, options)
  const { type } = file.verdict
  const judgement = judgeRun(run.history, [property]).find((candidate) => candidate.type === type)
    ?? { property: file.property, type, verdict: 'not-applicable', reason: `${module.name} does not work on the type ${type} in this plan` }
  return {
    reproduced: judgement.verdict === 'violated', digestMatches: run.digest === file.digest,
    verdictMatches: judgement.verdict === file.verdict.verdict && judgement.reason === file.verdict.reason,
    run, judgement, story: tellStory(run.history, judgement), versionNotes: versionNotes(file.versions, options.versions),
  }
}

function versionNotes(then: Versions, now: Versions): readonly string[] {
  return [...new Set([...Object.keys(then), ...Object.keys(now)])].filter((name) => then[name] !== now[name])
    .map((name) => `${name}: ${then[name] ?? 'none'} when it was found, ${now[name] ?? 'none'} now`)
}
