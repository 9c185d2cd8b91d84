/** What the runs of a search did, summed up, so that a search that finds nothing can say what it tried (H1, H7). */
import type { Run } from '../../sim/history/run-record.ts'
import { runCoverage, type RunCoverage } from '../metrics/figures.ts'
import { floorsOf, type Floor } from '../campaign/floors.ts'

export class FuzzCoverage {
  readonly #runs: RunCoverage[] = []
  readonly #planSeeds: string[] = []
  readonly #totals = new Map<string, number>()

  add({ plan, history, coverage }: Run): void {
    const ofRun = runCoverage(history)
    this.#runs.push(ofRun)
    this.#planSeeds.push(plan.seed)
    for (const [mark, count] of Object.entries({ ...coverage, ...ofRun })) this.#totals.set(mark, (this.#totals.get(mark) ?? 0) + count)
  }

  get runs(): number {
    return this.#runs.length
  }

  /** The plan seed of each run, in order. */
  get planSeeds(): readonly string[] {
    return this.#planSeeds
  }

  /** Sums by mark: edits, concurrent pairs, faults that hit, and the rest. */
  get totals(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#totals)
  }

  get floors(): readonly Floor[] {
    return floorsOf(this.#runs)
  }
}
