/** Figures that need the ledger: metrics of a run (design section 6), and what campaigns hold against floors (H1). */
import type { History } from '../../sim/history/events.ts'
import { analyse } from '../analysis/analysis.ts'
import { isUnchanged } from '../convergence.ts'
import type { Outcome } from '../analysis/ledger.ts'

/** What became of the edits of a run, under the metrics' names on the command line. */
export interface LedgerFigures {
  readonly lost: number
  readonly overwritten: number
  readonly merged: number
  readonly superseded: number
  readonly rejected: number
  readonly unresolved: number
  readonly skipped: number
  readonly concurrentPairs: number
}

/** Counts over the types that the strategy works on; intentions for a type that it lacks are not counted as skipped. */
export function ledgerFigures(history: History): LedgerFigures {
  const { ledger, settlements, happensBefore, fields } = analyse(history)
  const count = (outcome: Outcome): number => ledger.count(outcome)
  return {
    lost: count('lost'), overwritten: count('overwritten'), merged: count('merged'), superseded: count('superseded'),
    rejected: count('rejected'), unresolved: count('unresolved'),
    skipped: settlements.skipped.filter(({ reason }) => reason !== 'type-unsupported').length,
    concurrentPairs: fields.keys.reduce((sum, key) => sum + happensBefore.concurrentPairs(key), 0),
  }
}

/** What a campaign sums up over its runs to know whether it tested anything. */
export interface RunCoverage {
  readonly edits: number
  /** Edits that were acknowledged, rejected or merged. */
  readonly answeredEdits: number
  readonly acknowledgedEdits: number
  readonly concurrentPairs: number
  readonly faults: number
  readonly faultsThatHit: number
  /** 1 if some field ended otherwise than it began, on every host. */
  readonly changedEnd: 0 | 1
}

export function runCoverage(history: History): RunCoverage {
  const analysis = analyse(history)
  const { ledger } = analysis
  const made = ledger.entries.filter((entry) => entry.outcome !== 'skipped')
  const faults = new Map<string, number>()
  for (const event of history.events) {
    if (event.kind === 'fault') faults.set(event.fault, Math.max(faults.get(event.fault) ?? 0, event.hit))
  }
  return {
    edits: made.length,
    answeredEdits: made.filter((entry) => entry.outcome !== 'unresolved').length,
    acknowledgedEdits: made.filter((entry) => entry.settled).length,
    concurrentPairs: ledgerFigures(history).concurrentPairs,
    faults: faults.size,
    faultsThatHit: [...faults.values()].filter((hit) => hit > 0).length,
    changedEnd: history.header.types.some((type) => !isUnchanged(analysis, type)) ? 1 : 0,
  }
}
