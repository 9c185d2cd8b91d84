/**
 * The five symptoms of the order desk (requirement D12), each a check of its own: what its people would
 * complain about, in terms of what they saw.
 */
import type { DataType } from '../sim/values.ts'
import type { Analysis } from './analysis/analysis.ts'
import { analyse } from './analysis/analysis.ts'
import { isWorkedOn, notWorkedOn, unlessDistinct, unlessQuiet } from './applicability.ts'
import { boundedStaleness } from './bounded-staleness.ts'
import { differences, isUnchanged } from './convergence.ts'
import type { Applications } from './analysis/effect-order.ts'
import { applications, repeatedEffects } from './analysis/effect-order.ts'
import type { Evidence, Property, Verdict } from './property.ts'
import type { EditRecord } from './analysis/provenance.ts'
import { counted, holds, notApplicable, vacuous, violated } from './verdicts.ts'

/** A check of one data type that needs edits to be told apart. */
function symptom(name: string, summary: string, check: (analysis: Analysis, type: DataType) => Verdict, needs: 'distinct' | 'content'): Property {
  return {
    name, id: 'D12', summary, scope: 'type',
    check(history, type) {
      const analysis = analyse(history)
      if (!isWorkedOn(analysis, type)) return notWorkedOn(type)
      return (needs === 'distinct' ? unlessDistinct(analysis, type) : null) ?? check(analysis, type)
    },
  }
}

export const staleScreen = symptom('stale-screen', 'no screen shows, or keeps showing, what the authority does not', (analysis, type) => {
  const { history, end } = analysis
  if (history.header.servers.length === 0) return notApplicable('there is no authority')
  const late = boundedStaleness.check(history, type)
  if (late.verdict === 'violated') return violated(late.reason, late.evidence ?? [])
  if (end === undefined || end.result === 'budget') return unlessQuiet(analysis) ?? vacuous('the history has no end')
  const stale = differences(analysis, type)
  if (stale.length > 0) return violated(`${counted(stale.length, 'screen')} differ from the authority at the end`, stale)
  if (end.result === 'horizon') return vacuous('the run did not become quiet (see liveness-after-heal)')
  if (isUnchanged(analysis, type)) return vacuous('nothing changed')
  return holds(`every screen shows what the authority does; staleness: ${late.reason}`)
}, 'content')

export const inconsistentDevices = symptom('inconsistent-devices', 'at quiet, all devices show the same', (analysis, type) => {
  const devices = analysis.history.header.devices.length
  const notYet = unlessQuiet(analysis)
  if (notYet !== null) return notYet
  const different = differences(analysis, type, 'devices')
  if (different.length > 0) return violated(`${counted(different.length, 'difference')} between devices`, different)
  if (devices < 2) return vacuous('there are fewer than two devices')
  if (isUnchanged(analysis, type)) return vacuous('nothing changed')
  return holds(`${devices} devices show the same`)
}, 'content')

export const duplicateUpdate = symptom('duplicate-update', 'no edit takes effect twice', (analysis, type) => {
  const repeated = repeatedEffects(analysis, type)
  if (repeated.length > 0) return violated(`${counted(repeated.length, 'effect')} happened twice`, repeated)
  const applied = applications(analysis, type).first.size
  if (applied === 0) return vacuous('no edit took effect at an authority')
  return holds(`${counted(applied, 'edit')} took effect once`)
}, 'distinct')

export const raceOverride = symptom('race-override', 'no acknowledged edit is overwritten by a concurrent one without its author being told', (analysis, type) => {
  const notYet = unlessQuiet(analysis)
  if (notYet !== null) return notYet
  const settled = analysis.ledger.ofType(type).filter((entry) => entry.settled)
  const overwritten = settled.filter((entry) => entry.outcome === 'overwritten')
  const silent = overwritten.filter((entry) => entry.notices.overwritten === 0)
  if (silent.length > 0) {
    return violated(`${counted(silent.length, 'acknowledged edit')} overwritten in silence`, silent.map((entry): Evidence => ({
      what: `${entry.edit} of ${entry.device} gave way to ${entry.by ?? 'another edit'}, and nobody was told`, edit: entry.edit, host: entry.host ?? undefined, atUs: entry.record?.event.atUs,
    })))
  }
  const pairs = analysis.concurrentPairs(type)
  if (settled.length === 0) return vacuous('no edit was acknowledged')
  if (pairs === 0) return vacuous('no two edits on one field were concurrent')
  return holds(`${counted(pairs, 'concurrent pair')}; ${overwritten.length} overwritten, each told its author`)
}, 'distinct')

export const brokenAuditTrail = symptom('broken-audit-trail', 'every acknowledged edit entered the authority once, in its device’s order', (analysis, type) => {
  const { header } = analysis.history
  if (header.servers.length === 0) return notApplicable('there is no authority')
  const applied = applications(analysis, type)
  const isQuiet = unlessQuiet(analysis) === null
  const owed = owedEntries(analysis, type, isQuiet)
  const missing = owed.flatMap(({ edit, by }): Evidence[] => {
    if (hasEntered(edit, by, applied, analysis) || laterOwnEntered(edit, by, applied, analysis)) return []
    return [{ what: `${edit.event.edit} of ${edit.event.device} is nowhere in what the authority showed until it was due`, edit: edit.event.edit, host: edit.event.device, atUs: edit.event.atUs }]
  })
  const faults = [...missing, ...outOfOrder(analysis, type, applied.first), ...repeatedEffects(analysis, type)]
  if (faults.length > 0) return violated(`${counted(faults.length, 'break')} in the trail of ${counted(owed.length, 'edit')}`, faults)
  if (owed.length === 0) return isQuiet ? vacuous('no edit was acknowledged by the authority') : vacuous('the run did not end quiet')
  return holds(`${counted(owed.length, 'edit')} entered once and in order`)
}, 'distinct')

/** Edits that must have entered, and the position in the history by which they must have. */
function owedEntries(analysis: Analysis, type: DataType, isQuiet: boolean): readonly { readonly edit: EditRecord; readonly by: number }[] {
  const { history, settlements, provenance } = analysis
  return provenance.edits.flatMap((edit) => {
    if (edit.key.type !== type) return []
    const { rejected, settledAt } = settlements.of(edit.event.edit)
    if (rejected.length > 0 || settledAt === null) return []
    if (history.header.settles === 'server-durable') return [{ edit, by: settledAt }]
    return isQuiet ? [{ edit, by: Infinity }] : []
  })
}

/**
 * Whether the authority showed the edit before `by`. A repeated value changes nothing where it stands
 * already, so it has entered if the authority showed it at any time since it was written.
 */
function hasEntered(edit: EditRecord, by: number, applied: Applications, analysis: Analysis): boolean {
  const { change } = edit.event
  if (change.op === 'set' && isAmbiguous(edit, analysis)) return applied.showedWithin(edit.key, change.value, edit.at, by)
  return (applied.first.get(edit) ?? Infinity) < by
}

/**
 * Whether a later edit of the same device stands for this one, as when a batch enters by its last word: a
 * later value of the register, or text that its own author took out before the authority saw it.
 */
function laterOwnEntered(edit: EditRecord, by: number, applied: Applications, analysis: Analysis): boolean {
  const { key, device } = edit
  const { provenance } = analysis
  if (key.type !== 'text') {
    return provenance.onKey(key).some((other) => other.index > edit.index && other.device === device && hasEntered(other, by, applied, analysis))
  }
  if (edit.inserted.length === 0) return edit.removed.every((point) => !applied.wasShown(key, point))
  return edit.inserted.every((point) => provenance.removers(key, point).some((other) => other.device === device))
}

/** Edits of one device on one field that entered in another order than they were made. */
function outOfOrder(analysis: Analysis, type: DataType, applied: ReadonlyMap<EditRecord, number>): Evidence[] {
  return analysis.fields.ofType(type).flatMap((key) => {
    const last = new Map<string, { readonly at: number; readonly edit: EditRecord }>()
    return analysis.provenance.onKey(key).flatMap((edit): Evidence[] => {
      const at = applied.get(edit)
      if (at === undefined || isAmbiguous(edit, analysis)) return []
      const before = last.get(edit.event.device)
      if (before !== undefined && at < before.at) {
        return [{ what: `${edit.event.edit} of ${edit.event.device} entered before ${before.edit.event.edit}, which was made first`, edit: edit.event.edit, host: edit.event.device, atUs: edit.event.atUs }]
      }
      last.set(edit.event.device, { at, edit })
      return []
    })
  })
}

/** Whether the time of the edit's application is a guess. */
function isAmbiguous(edit: EditRecord, { provenance }: Analysis): boolean {
  const { change } = edit.event
  if (change.op === 'set') return provenance.writers(edit.key, change.value).length > 1 || change.value === edit.key.initial
  return edit.inserted.length === 0
}
