/**
 * P-OUTCOME: every intention ends in exactly one outcome.
 *
 * Double outcomes are violations whenever they are seen: rejected and yet acknowledged, merged or there;
 * rejected without exactly one notice to the user; a notice of a rejection that never was; something said
 * about an edit by a device that did not make it. Edits that nothing was decided about, and lost ones,
 * are violations once the world is quiet. One kind of silence is allowed (Jepsen's `info`): an edit whose
 * process ended before anything was decided may have happened or not, and nobody is left to say.
 */
import type { EditId } from '../sim/history/events.ts'
import type { DataType } from '../sim/values.ts'
import type { Analysis } from './analysis/analysis.ts'
import { analyse } from './analysis/analysis.ts'
import { isWorkedOn, notWorkedOn, unlessDistinct, unlessQuiet } from './applicability.ts'
import type { LedgerEntry } from './analysis/ledger.ts'
import { OUTCOMES } from './analysis/ledger.ts'
import type { Evidence, Property, Verdict } from './property.ts'
import { counted, holds, vacuous, violated } from './verdicts.ts'

export const outcomeConservation: Property = {
  name: 'outcome-conservation',
  id: 'P-OUTCOME',
  summary: 'every intention ends in exactly one outcome, and a rejected one tells its user exactly once',
  scope: 'type',
  check(history, type) {
    const analysis = analyse(history)
    if (!isWorkedOn(analysis, type)) return notWorkedOn(type)
    return unlessDistinct(analysis, type) ?? checkOutcomes(analysis, type)
  },
}

function checkOutcomes(analysis: Analysis, type: DataType): Verdict {
  const entries = analysis.ledger.ofType(type)
  const quiet = unlessQuiet(analysis)
  const faults = [...strayWords(analysis, type), ...repeatedIntentions(entries)]
  for (const entry of entries) {
    const what = contradiction(entry, analysis) ?? (quiet === null ? shortfall(entry, analysis) : null)
    if (what !== null) faults.push({ what: `${entry.edit} of ${entry.device} ${what}`, edit: entry.edit, host: entry.host ?? undefined, atUs: entry.record?.event.atUs })
  }
  if (faults.length > 0) return violated(`${counted(faults.length, 'intention')} without exactly one outcome, of ${entries.length}`, faults)
  if (quiet !== null) return quiet
  if (entries.every((entry) => entry.outcome === 'skipped')) return vacuous('no edit was made')
  const classes = OUTCOMES.flatMap((outcome) => {
    const count = entries.filter((entry) => entry.outcome === outcome).length
    return count === 0 ? [] : [`${count} ${outcome}`]
  })
  return holds(`${counted(entries.length, 'intention')}: ${classes.join(', ')}`)
}

/** Two outcomes at once. */
function contradiction(entry: LedgerEntry, analysis: Analysis): string | null {
  const { rejected, merged } = analysis.settlements.of(entry.edit)
  const notices = entry.notices.rejected
  if (rejected.length === 0) return notices > 0 ? 'was never rejected, but its user was told so' : null
  if (rejected.length > 1) return `was rejected ${rejected.length} times`
  if (entry.settled) return 'was rejected and acknowledged'
  if (merged.length > 0) return 'was rejected and merged'
  if (entry.shownAt !== null) return `was rejected, and ${entry.shownAt} shows it all the same`
  if (notices !== 1) return `was rejected, and its user was told ${notices} times`
  return null
}

/** No outcome, or none that keeps the edit, in a world that is quiet. */
function shortfall(entry: LedgerEntry, analysis: Analysis): string | null {
  switch (entry.outcome) {
    case 'unresolved':
      return entry.record !== null && analysis.isOrphaned(entry.record) ? null : 'was never acknowledged, rejected or merged'
    case 'lost': return `was acknowledged, and is missing on ${entry.host ?? 'every host'}`
    case 'reflected': case 'superseded': case 'merged': case 'rejected': case 'overwritten': case 'skipped': case 'unjudged': return null
  }
}

/** Words about edits that the speaking device did not make. */
function strayWords(analysis: Analysis, type: DataType): Evidence[] {
  return analysis.settlements.edits.flatMap((edit): Evidence[] => {
    const { settled, rejected, merged, notified } = analysis.settlements.of(edit)
    const made = analysis.provenance.byId(edit)
    if (made !== undefined && made.key.type !== type) return []
    const maker = made?.event.device
    const stray = [...settled, ...rejected, ...merged, ...notified].find((event) => event.device !== maker)
    if (stray === undefined) return []
    return [{ what: `${stray.device} says "${stray.kind}" about ${edit}, which it did not make`, edit, host: stray.device, atUs: stray.atUs }]
  })
}

function repeatedIntentions(entries: readonly LedgerEntry[]): Evidence[] {
  const seen = new Set<EditId>()
  return entries.flatMap((entry): Evidence[] => {
    if (!seen.has(entry.edit)) {
      seen.add(entry.edit)
      return []
    }
    return [{ what: `the intention ${entry.edit} was both made and skipped, or skipped twice`, edit: entry.edit, host: entry.device }]
  })
}
