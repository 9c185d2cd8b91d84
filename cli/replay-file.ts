/** Runs a counterexample file again under the strategy it names, and says where this run differs from the file's. */
import { resolve } from 'node:path'
import { replayCounterexample, validateCounterexample } from '../properties/search/counterexample.ts'
import type { ReplayDocument } from '../reports/documents/replay-document.ts'
import { judged } from './execute-run.ts'
import { createHasher } from './hasher.ts'
import { versionsWith } from './library-versions.ts'
import { loadStrategy, loadStrategyModules, strategyNamed } from './loading/load-strategies.ts'
import { readJsonFile } from './loading/read-json-file.ts'

export interface Replayed {
  readonly document: ReplayDocument
  /** One line each, for stderr. */
  readonly notes: readonly string[]
}

export async function replayFile(file: string, workingFolder: string): Promise<Replayed> {
  const counterexample = validateCounterexample(readJsonFile(resolve(workingFolder, file), 'a counterexample', file), file)
  const module = strategyNamed(counterexample.strategy, await loadStrategyModules(), `${file}: strategy`)
  const { strategy } = await loadStrategy(module)
  const startedMs = performance.now()
  const replay = replayCounterexample(counterexample, module, strategy, { createHasher, versions: versionsWith(module.libraries) })
  return {
    document: {
      schema: 'syncstorm.replay/1', reproduced: replay.reproduced, story: [...replay.story],
      run: judged(replay.run, module, startedMs).document,
    },
    notes: [
      ...replay.versionNotes,
      ...(replay.digestMatches ? [] : [`the digest differs: ${counterexample.digest} in the file, ${replay.run.digest} now`]),
      ...(replay.verdictMatches ? [] : [`the verdict differs: "${counterexample.verdict.reason}" in the file, "${replay.judgement.reason}" now`]),
    ],
  }
}
