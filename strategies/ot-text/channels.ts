/** The text fields of the documents, numbered the same way at every host. */
import type { DocumentId, DocumentShape, FieldName, FieldValue, View } from '../../sim/contract.ts'

export interface Channel {
  readonly number: number
  readonly document: DocumentId
  readonly field: FieldName
  readonly initial: string
}

export function textChannels(documents: readonly DocumentShape[]): readonly Channel[] {
  return documents
    .flatMap((document) => document.fields.filter((field) => field.type === 'text')
      .map((field) => ({ document: document.id, field: field.name, initial: field.initial ?? '' })))
    .map((channel, number) => ({ ...channel, number }))
}

/** The view of a document: its texts as `textOf` gives them, and the fields of other types as they started. */
export function documentView(
  documents: readonly DocumentShape[], id: DocumentId, textOf: (field: FieldName) => string | undefined,
): View {
  const shape = documents.find((document) => document.id === id)
  if (shape === undefined) throw new Error(`no document '${id}'`)
  const view: Record<FieldName, FieldValue> = {}
  for (const field of shape.fields) view[field.name] = textOf(field.name) ?? field.initial
  return view
}
