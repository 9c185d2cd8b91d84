/**
 * Effects of edits on a register.
 *
 * With values unique in the run, the edit that wrote the final value is the winner, and happens-before
 * against it classifies the others. A repeated value (on/off/on) has several possible writers: those stand
 * as winners that no later edit of the same device on the field follows; if all are followed, the latest
 * stand, so that on/off/on ending in `off` shows the last `on` as lost (requirements T73). Where only an
 * ambiguous value could have taught happens-before, the edit gets the benefit of the doubt.
 */
import type { FieldValue } from '../../sim/values.ts'
import type { FieldKey } from './field-keys.ts'
import type { HappensBefore } from './happens-before.ts'
import type { EffectHere } from './ledger-effects.ts'
import type { EditRecord, Provenance } from './provenance.ts'

export interface Order {
  readonly definite: HappensBefore
  readonly possible: HappensBefore
}

export function registerEffects(
  key: FieldKey, final: FieldValue, provenance: Provenance, order: Order, rejected: (edit: EditRecord) => boolean,
): Map<EditRecord, EffectHere> {
  const edits = provenance.onKey(key)
  const winners = winnersOf(key, final, provenance, order.definite, rejected)
  const effects = new Map<EditRecord, EffectHere>()
  for (const edit of edits) effects.set(edit, effectOf(edit, winners, order))
  return effects
}

function effectOf(edit: EditRecord, winners: readonly EditRecord[], order: Order): EffectHere {
  if (winners.includes(edit)) return { effect: 'reflected', by: null }
  const successor = winners.find((winner) => order.possible.precedes(edit, winner))
  if (successor !== undefined) return { effect: 'superseded', by: successor.event.edit }
  const rival = winners.find((winner) => !order.definite.precedes(winner, edit))
  if (rival !== undefined) return { effect: 'overwritten', by: rival.event.edit }
  return { effect: 'lost', by: null }
}

function winnersOf(
  key: FieldKey, final: FieldValue, provenance: Provenance, order: HappensBefore, rejected: (edit: EditRecord) => boolean,
): readonly EditRecord[] {
  if (final === null) return []
  const writers = provenance.writers(key, final)
  const accepted = writers.filter((writer) => !rejected(writer))
  const candidates = accepted.length > 0 ? accepted : writers
  if (candidates.length <= 1 && final !== key.initial) return candidates
  const lastOfDevice = new Map<number, EditRecord>()
  for (const edit of provenance.onKey(key)) if (!rejected(edit)) lastOfDevice.set(edit.device.index, edit)
  const standing = candidates.filter((writer) => lastOfDevice.get(writer.device.index) === writer)
  if (standing.length > 0) return standing
  return candidates.filter((writer) => !candidates.some((other) => order.precedes(writer, other)))
}
