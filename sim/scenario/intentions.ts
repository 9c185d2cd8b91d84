/**
 * The one rule by which a device turns a user's intention into an edit of what the device shows
 * (design sections 1 and 4). It is the same for every strategy, so that strategies are compared on the same
 * users: nobody here knows what a strategy keeps behind its view.
 *
 * Registers: set the value, whatever stands there. Texts, in code points:
 * - `start`, `end`: there;
 * - `at`: that position, or the end of a shorter text;
 * - `after` an intention: right after the last code point it inserted that is still visible; the end of the
 *   text if none is (the user types on where the cursor fell);
 * - `of` an intention: where the first code point it inserted that is still visible stands; skipped if none
 *   is (what the user meant to delete is gone already).
 * A removal takes at most what stands there. Nothing to take out and nothing to put in is no edit.
 */
import type { DataType, EditChange, FieldValue } from '../values.ts'
import { codePointLength, unitOfCodePoint } from './code-point-text.ts'
import type { IntentionAction, Place } from './plan.ts'

/** What an intention put in on the device that carried it out: the text of the plan, or undefined for an unknown one. */
export type InsertedBy = (intentionId: string) => string | undefined

/**
 * The edit that `action` means on a field of `type` that shows `viewed`, or null (skipped).
 *
 * @example
 * resolveIntention({ op: 'replace', place: { kind: 'end' }, remove: 0, insert: 'x' }, 'text', 'ab', () => undefined)
 * // { op: 'splice', at: 2, removed: '', inserted: 'x' }
 */
export function resolveIntention(
  action: IntentionAction, type: DataType, viewed: FieldValue, insertedBy: InsertedBy,
): EditChange | null {
  if (action.op === 'set') return type === 'register' ? { op: 'set', value: action.value } : null
  if (type !== 'text') return null
  const text = viewed ?? ''
  const unit = unitOf(action.place, text, insertedBy)
  if (unit === null) return null
  const removed = action.remove === 0 ? '' : text.slice(unit, unitOfCodePoint(text, action.remove, unit))
  if (removed === '' && action.insert === '') return null
  return { op: 'splice', at: codePointLength(text, unit), removed, inserted: action.insert }
}

/** The UTF-16 unit of a place in a text. */
function unitOf(place: Place, text: string, insertedBy: InsertedBy): number | null {
  switch (place.kind) {
    case 'start':
      return 0
    case 'end':
      return text.length
    case 'at':
      return unitOfCodePoint(text, place.position)
    case 'after': {
      for (const point of Array.from(insertedBy(place.intention) ?? '').reverse()) {
        const unit = text.indexOf(point)
        if (unit >= 0) return unit + point.length
      }
      return text.length
    }
    case 'of': {
      for (const point of insertedBy(place.intention) ?? '') {
        const unit = text.indexOf(point)
        if (unit >= 0) return unit
      }
      return null
    }
  }
}
