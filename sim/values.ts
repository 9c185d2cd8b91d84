/**
 * The plain data that users see and change: documents made of fields, views of them, and edits.
 *
 * Every position and length in a text counts Unicode code points (design section 4); strategies whose
 * library counts UTF-16 units convert at their own edge. Only `register` and `text` carry provenance in
 * this release; the other types are named so that claims and scenarios can speak of them.
 */

/** The kinds of value a field can hold. */
export type DataType = 'register' | 'counter' | 'set' | 'list' | 'text'

export const DATA_TYPES: readonly DataType[] = ['register', 'counter', 'set', 'list', 'text']

export type DocumentId = string
export type FieldName = string
export type HostId = string

/** A version stamp of one document at its authority: 0 before the first accepted write, then +1 per write. */
export type Version = number

/** What a field shows: a register's value (null before the first write) or a text's content. */
export type FieldValue = string | null

/** What a user sees of one document: plain data, one entry per field, in the fields' declared order. */
export type View = Readonly<Record<FieldName, FieldValue>>

/** A change to one field, resolved against the view of the device that makes it. */
export type EditChange =
  | { readonly op: 'set'; readonly value: string }
  /** At code point `at`, take out the code points of `removed` (they stand there in the view), put in `inserted`. */
  | { readonly op: 'splice'; readonly at: number; readonly removed: string; readonly inserted: string }

/** The level at which an edit can be called safe (design section 4). */
export type SettleLevel = 'local-durable' | 'server-durable'

/** Why a correct merge may drop an edit: the closed list of design section 4. */
export type MergeRule = 'same-target-delete' | 'add-wins' | 'remove-wins' | 'parent-deleted' | 'move-of-deleted'

/** Declaration of a document: its fields, their types, and the content everyone starts from. */
export interface DocumentShape {
  readonly id: DocumentId
  readonly fields: readonly FieldShape[]
}

export interface FieldShape {
  readonly name: FieldName
  readonly type: DataType
  /** Content before the first edit; null (register) or '' (text) unless given. */
  readonly initial: FieldValue
}

/** Applies a splice to a text, counting code points. The plain reference for what a splice means. */
export function applySplice(text: string, at: number, removedLength: number, inserted: string): string {
  const points = Array.from(text)
  if (at < 0 || at + removedLength > points.length) {
    throw new RangeError(`splice ${at}+${removedLength} reaches outside a text of ${points.length} code points`)
  }
  return points.slice(0, at).join('') + inserted + points.slice(at + removedLength).join('')
}

/** The view everyone starts from. */
export function initialView(document: DocumentShape): View {
  return Object.fromEntries(document.fields.map((field) => [field.name, field.initial]))
}
