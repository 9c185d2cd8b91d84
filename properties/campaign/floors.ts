/**
 * Floors of a campaign (H1): how much must have happened over all its runs before its green verdicts mean
 * anything. A single run may be vacuous; a campaign whose runs never contend, are never hit by a fault, or
 * end as they began has tested nothing, and is inconclusive.
 */
import type { RunCoverage } from '../metrics/figures.ts'

export interface Floor {
  readonly floor: string
  readonly needed: number
  readonly got: number
  readonly met: boolean
}

export interface FloorOptions {
  /** Concurrent pairs on one field that a run needs to count as contended. */
  readonly pairsPerRun?: number
  /** Share of the runs that must be contended, and that must end otherwise than they began. */
  readonly share?: number
  /** Share of the edits that must have been answered: acknowledged, rejected or merged. */
  readonly answered?: number
}

/** A floor that asks for faults is left out when no plan had one, and the contention floor when `pairsPerRun` is 0. */
export function floorsOf(runs: readonly RunCoverage[], { pairsPerRun = 1, share = 0.8, answered = 0.5 }: FloorOptions = {}): readonly Floor[] {
  const total = (of: (run: RunCoverage) => number): number => runs.reduce((sum, run) => sum + of(run), 0)
  const enoughRuns = Math.ceil(runs.length * share)
  const floor = (name: string, needed: number, got: number): Floor => ({ floor: name, needed, got, met: got >= needed })
  const floors = [
    floor('runs', 1, runs.length),
    floor('acknowledged edits', 1, total((run) => run.acknowledgedEdits)),
    floor('answered edits', Math.ceil(total((run) => run.edits) * answered), total((run) => run.answeredEdits)),
    floor('runs that end otherwise than they began', enoughRuns, total((run) => run.changedEnd)),
  ]
  if (pairsPerRun > 0) {
    const name = `runs with at least ${pairsPerRun} concurrent ${pairsPerRun === 1 ? 'pair' : 'pairs'} on one field`
    floors.push(floor(name, enoughRuns, total((run) => (run.concurrentPairs >= pairsPerRun ? 1 : 0))))
  }
  if (total((run) => run.faults) > 0) floors.push(floor('faults that hit something in flight', 1, total((run) => run.faultsThatHit)))
  return floors
}
