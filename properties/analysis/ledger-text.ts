/**
 * Effects of edits on a text whose inserted code points are unique in the run.
 *
 * An edit is whole on a host when each code point it put in is there, or was taken out by an edit that
 * aimed at it, and each one it took out is gone. Two edits that took out the same code point are both
 * whole. A whole edit of which nothing it put in is left is superseded.
 *
 * A code point that was in the text several times from the start is only known by its count: an edit that
 * took one out has its effect as long as one is missing.
 */
import { codePoints, counted } from './fold-views.ts'
import type { FieldKey } from './field-keys.ts'
import type { HappensBefore } from './happens-before.ts'
import type { EffectHere } from './ledger-effects.ts'
import type { EditRecord, Provenance } from './provenance.ts'

export function textEffects(
  key: FieldKey, final: string, provenance: Provenance, order: HappensBefore, rejected: (edit: EditRecord) => boolean,
): Map<EditRecord, EffectHere> {
  const present = counted(codePoints(final))
  const effects = new Map<EditRecord, EffectHere>()
  const broken: EditRecord[] = []
  for (const edit of provenance.onKey(key)) {
    const remains = remainsOf(edit, present, provenance, rejected)
    if (remains === 'broken') broken.push(edit)
    else effects.set(edit, remains)
  }
  if (broken.length === 0) return effects
  const rivalOf = order.concurrentFinder(key, (edit) => effects.has(edit) && !rejected(edit))
  const explained = broken.map((edit): [EditRecord, EffectHere] => {
    const rival = rivalOf(edit)
    return [edit, rival === undefined ? { effect: 'lost', by: null } : { effect: 'overwritten', by: rival.event.edit }]
  })
  for (const [edit, effect] of explained) effects.set(edit, effect)
  return effects
}

function remainsOf(
  edit: EditRecord, present: ReadonlyMap<number, number>, provenance: Provenance, rejected: (edit: EditRecord) => boolean,
): EffectHere | 'broken' {
  const { key } = edit
  let alive = edit.inserted.length === 0
  let remover: EditRecord | undefined
  for (const point of edit.inserted) {
    if (present.has(point)) {
      alive = true
      continue
    }
    const aimed = provenance.removers(key, point).find((other) => !rejected(other))
    if (aimed === undefined) return 'broken'
    remover = aimed
  }
  for (const point of edit.removed) {
    if ((present.get(point) ?? 0) >= Math.max(1, provenance.suppliedCount(key, point))) return 'broken'
  }
  return alive || remover === undefined ? { effect: 'reflected', by: null } : { effect: 'superseded', by: remover.event.edit }
}
