/**
 * P-CONV: at quiet, every replica and the authority show the same (design H2).
 *
 * Never alone: silence converges too. So an edit that nobody can account for violates it as a difference
 * does, and it is vacuous unless some edit reached a second device and the end differs from the start.
 * A run that missed its horizon has not converged; one that a budget ended says nothing.
 */
import type { DataType } from '../sim/values.ts'
import type { Analysis } from './analysis/analysis.ts'
import { analyse } from './analysis/analysis.ts'
import { isWorkedOn, notWorkedOn } from './applicability.ts'
import { isDistinct, type LedgerEntry } from './analysis/ledger.ts'
import type { Evidence, Property, Verdict } from './property.ts'
import { counted, holds, vacuous, violated } from './verdicts.ts'

export const convergence: Property = {
  name: 'convergence',
  id: 'P-CONV',
  summary: 'at quiet, every replica and the authority show the same, and nothing vanished on the way',
  scope: 'type',
  check(history, type) {
    const analysis = analyse(history)
    return isWorkedOn(analysis, type) ? checkEnd(analysis, type) : notWorkedOn(type)
  },
}

function checkEnd(analysis: Analysis, type: DataType): Verdict {
  const { end } = analysis
  if (end === undefined) return vacuous('the history has no end')
  if (end.result === 'budget') return vacuous('a budget ended the run before it was quiet')
  if (end.result === 'horizon') {
    return violated('the run did not become quiet, so its replicas never settled', end.pending.map((what) => ({ what, atUs: end.atUs })))
  }
  const different = differences(analysis, type)
  if (different.length > 0) return violated(`${counted(different.length, 'difference')} at quiet`, different)
  const distinct = isDistinct(analysis.history, type)
  const gone = analysis.ledger.ofType(type).filter((entry) => entry.effect === 'lost' && (entry.outcome === 'lost' || (entry.outcome === 'unresolved' && !isOrphan(entry, analysis))))
  if (gone.length > 0) {
    return violated(`all hosts agree, but ${counted(gone.length, 'edit')} vanished without a reason`, gone.map((entry): Evidence => ({
      what: `${entry.edit} of ${entry.device} is nowhere and nobody replaced it`, edit: entry.edit, host: entry.host ?? undefined,
    })))
  }
  const edits = analysis.provenance.edits.filter((edit) => edit.key.type === type)
  const hosts = analysis.fields.hosts.length
  if (edits.length === 0) return vacuous('no edit was made')
  if (analysis.history.header.devices.length < 2) return vacuous('there are fewer than two replicas')
  if (isUnchanged(analysis, type)) return vacuous('the end equals the start')
  const delivered = deliveries(analysis, type)
  if (delivered === 0) return vacuous('no device showed another one’s edit')
  const how = distinct ? 'none lost' : 'compared by content only'
  return holds(`${hosts} hosts equal after ${counted(edits.length, 'edit')}; ${counted(delivered, 'change')} seen by other devices; ${how}`)
}

/** Nothing was said about it before its process ended, so nothing was promised. */
function isOrphan({ record }: LedgerEntry, analysis: Analysis): boolean {
  return record !== null && analysis.isOrphaned(record)
}

/** Fields that two hosts show differently at the end: one line per host that differs from the first one. */
export function differences(analysis: Analysis, type: DataType, among: 'all' | 'devices' = 'all'): Evidence[] {
  const hosts = analysis.fields.hosts.filter((host) => among === 'all' || !host.server)
  const reference = hosts.find((host) => host.server) ?? hosts[0]
  if (reference === undefined) return []
  return analysis.fields.ofType(type).flatMap((key) => {
    const expected = analysis.views.final(reference, key)
    return hosts.flatMap((host): Evidence[] => {
      const shown = analysis.views.final(host, key)
      if (shown === expected) return []
      const what = `${host.id} shows ${key.document}/${key.field} = ${excerpt(shown)}, ${reference.id} shows ${excerpt(expected)}`
      return [{ what, host: host.id, atUs: analysis.end?.atUs }]
    })
  })
}

/** Whether the reference host shows in the end what everyone started from. */
export function isUnchanged(analysis: Analysis, type: DataType): boolean {
  return analysis.fields.ofType(type).every((key) => (
    analysis.fields.hosts.every((host) => analysis.views.final(host, key) === key.initial)
  ))
}

/** View changes on devices that the device's own edits do not explain: more view changes than own edits on a field. */
function deliveries(analysis: Analysis, type: DataType): number {
  if (isDistinct(analysis.history, type)) return analysis.happensBefore.seenElsewhere(type)
  const made = new Map<string, number>()
  for (const edit of analysis.provenance.edits) {
    if (edit.key.type === type) made.set(edit.event.device, (made.get(edit.event.device) ?? 0) + 1)
  }
  return analysis.fields.hosts.filter((host) => !host.server).reduce((sum, host) => {
    const changes = analysis.views.deltas.filter((delta) => delta.host === host && delta.key.type === type).length
    return sum + Math.max(0, changes - (made.get(host.id) ?? 0))
  }, 0)
}

const LONGEST_EXCERPT = 40

function excerpt(value: string | null): string {
  if (value === null) return 'nothing'
  return JSON.stringify(value.length > LONGEST_EXCERPT ? `${value.slice(0, LONGEST_EXCERPT)}…` : value)
}
