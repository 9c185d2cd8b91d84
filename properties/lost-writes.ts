/**
 * P-NLW and P-NLW-lww: what must not become of an edit that the strategy has acknowledged at its level.
 *
 * `no-lost-write` is strict: neither lost nor overwritten by somebody who had not seen it. It needs two
 * concurrent edits on one field to be tested, counted over all edits: a strategy that rejects conflicting
 * edits settles none of the losers. `no-unexplained-loss` lets concurrent overwriting pass, and counts it.
 * Both speak of quiet ends only.
 */
import type { Effect } from './analysis/ledger-effects.ts'
import type { Analysis } from './analysis/analysis.ts'
import { analyse } from './analysis/analysis.ts'
import { isWorkedOn, notWorkedOn, unlessDistinct, unlessQuiet } from './applicability.ts'
import type { DataType } from '../sim/values.ts'
import type { LedgerEntry } from './analysis/ledger.ts'
import type { Evidence, Property, Verdict } from './property.ts'
import { counted, holds, vacuous, violated } from './verdicts.ts'

export const noLostWrite: Property = {
  name: 'no-lost-write',
  id: 'P-NLW',
  summary: 'no acknowledged edit is lost, or overwritten by somebody who had not seen it',
  scope: 'type',
  check(history, type) {
    const analysis = analyse(history)
    if (!isWorkedOn(analysis, type)) return notWorkedOn(type)
    return unlessDistinct(analysis, type) ?? unlessQuiet(analysis) ?? checkStrict(analysis, type)
  },
}

export const noUnexplainedLoss: Property = {
  name: 'no-unexplained-loss',
  id: 'P-NLW-lww',
  summary: 'every acknowledged edit that is gone gave way to one that is there',
  scope: 'type',
  check(history, type) {
    const analysis = analyse(history)
    if (!isWorkedOn(analysis, type)) return notWorkedOn(type)
    return unlessDistinct(analysis, type) ?? unlessQuiet(analysis) ?? checkExplained(analysis, type)
  },
}

function checkStrict(analysis: Analysis, type: DataType): Verdict {
  const settled = settledOf(analysis, type)
  const lost = withOutcome(settled, 'lost')
  const overwritten = withOutcome(settled, 'overwritten')
  const bad = [...lost, ...overwritten]
  const pairs = analysis.concurrentPairs(type)
  const done = `${counted(settled.length, 'acknowledged edit')}, ${counted(pairs, 'concurrent pair')}`
  if (bad.length > 0) return violated(`${lost.length} lost and ${overwritten.length} overwritten of ${done}`, bad.map((entry) => asEvidence(entry, analysis)))
  if (settled.length === 0) return vacuous('no edit was acknowledged')
  if (pairs === 0) return vacuous('no two edits on one field were concurrent')
  return holds(`nothing lost or overwritten: ${done}`)
}

function checkExplained(analysis: Analysis, type: DataType): Verdict {
  const settled = settledOf(analysis, type)
  const lost = withOutcome(settled, 'lost')
  const overwritten = withOutcome(settled, 'overwritten').length
  const done = `${counted(settled.length, 'acknowledged edit')}, ${overwritten} of them overwritten concurrently`
  if (lost.length > 0) return violated(`${lost.length} lost of ${done}`, lost.map((entry) => asEvidence(entry, analysis)))
  if (settled.length === 0) return vacuous('no edit was acknowledged')
  return holds(`nothing lost: ${done}`)
}

function settledOf(analysis: Analysis, type: DataType): readonly LedgerEntry[] {
  return analysis.ledger.ofType(type).filter((entry) => entry.settled && entry.outcome !== 'rejected')
}

function withOutcome(entries: readonly LedgerEntry[], outcome: Effect): readonly LedgerEntry[] {
  return entries.filter((entry) => entry.outcome === outcome)
}

/** Says what became of an edit that is not there. */
export function asEvidence(entry: LedgerEntry, analysis: Analysis): Evidence {
  const where = entry.host ?? 'every host'
  const what = entry.outcome === 'overwritten'
    ? `${entry.edit} of ${entry.device} was overwritten on ${where} by ${entry.by ?? 'another edit'}, made without having seen it`
    : `${entry.edit} of ${entry.device} is missing on ${where}, and nothing there explains it`
  return { what, edit: entry.edit, host: entry.host ?? undefined, atUs: entry.record?.event.atUs ?? analysis.end?.atUs }
}
