/** What a search found, before its counterexamples have files; plain data (it crosses threads). */
import type { Counterexample } from '../properties/search/counterexample.ts'
import type { FuzzDocument } from './documents/fuzz-document.ts'

export interface FoundCounterexample {
  readonly property: string
  readonly type: string
  readonly reason: string
  readonly foundAtRun: number
  readonly devices: number
  readonly edits: number
  readonly faults: number
  readonly shrinks: number
  readonly minimal: 'proven' | 'budget'
  readonly counterexample: Counterexample
}

export interface FuzzReport {
  readonly scenario: string
  readonly strategy: string
  readonly seed: string
  readonly runs: number
  readonly wallMs: number
  readonly coverage: Readonly<Record<string, number>>
  readonly unmetFloors: readonly string[]
  /** Whether the user interrupted it. */
  readonly stopped: boolean
  readonly finds: readonly FoundCounterexample[]
}

/** The document of `fuzz --json`; `files` names the saved file of each find. */
export function makeFuzzDocument(report: FuzzReport, files: readonly string[]): FuzzDocument {
  const { scenario, strategy, seed, runs, wallMs, coverage, finds } = report
  return {
    schema: 'syncstorm.fuzz/1',
    scenario, strategy, seed, runs,
    wallMs: Math.round(wallMs),
    runsPerSecond: wallMs > 0 ? Math.round((runs * 10_000) / wallMs) / 10 : 0,
    coverage: { ...coverage },
    counterexamples: finds.map(({ property, devices, edits, faults, shrinks, minimal }, index) => ({
      property, file: files[index] ?? '', devices, edits, faults,
      // The weather's single decisions are not shrunk in this release; the plan holds everything.
      decisions: 0, shrinks, minimal,
    })),
  }
}
