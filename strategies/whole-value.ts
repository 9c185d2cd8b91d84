/**
 * Fields for strategies that replace values as a whole: a register by its new value, a text by the whole
 * text that the edit leaves on the editor's screen.
 */
import { applySplice } from '../sim/values.ts'
import type { DocumentId, DocumentShape, EditChange, FieldName, FieldShape, FieldValue, View } from '../sim/contract.ts'

/** The fields that can be replaced as a whole in this release, in declared order. */
export function wholeValueFields(documents: readonly DocumentShape[], document: DocumentId): readonly FieldShape[] {
  const shape = documents.find(({ id }) => id === document)
  if (shape === undefined) throw new RangeError(`there is no document ${JSON.stringify(document)}`)
  return shape.fields.filter(({ type }) => type === 'register' || type === 'text')
}

/** What a field holds once `change` was made to what the editor was shown. */
export function valueAfter(change: EditChange, shown: FieldValue): string {
  if (change.op === 'set') return change.value
  return applySplice(shown ?? '', change.at, Array.from(change.removed).length, change.inserted)
}

/** A view with the value that `valueOf` knows for a field, or the field's initial one. */
export function wholeValueView(fields: readonly FieldShape[], valueOf: (field: FieldName) => FieldValue | undefined): View {
  return Object.fromEntries(fields.map(({ name, initial }) => [name, valueOf(name) ?? initial]))
}
