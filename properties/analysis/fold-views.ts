/**
 * Folds the view events of a history into what every host shows of every field, from the documents'
 * initial values on, and into the changes on the way.
 *
 * Text changes come out net: a view splice may cover a span in which most code points stay (two far
 * edits arriving at once are one splice), so code points that are in both its halves have not moved.
 */
import type { History, ViewEvent } from '../../sim/history/events.ts'
import type { FieldValue } from '../../sim/values.ts'
import type { FieldKey, FieldKeys, Host } from './field-keys.ts'
import { TextBuffer } from './text-buffer.ts'

/** What one view event changed on one host. */
export interface ViewDelta {
  /** Position of the event in the history. */
  readonly at: number
  readonly atUs: number
  readonly host: Host
  readonly key: FieldKey
  /** A register's new value; null for a text (and for a register that shows nothing). */
  readonly value: FieldValue
  /** Code points that a text gained and lost, in order, with multiplicity. */
  readonly entering: readonly number[]
  readonly leaving: readonly number[]
}

export interface FoldedViews {
  readonly deltas: readonly ViewDelta[]
  /** What the host shows at the end of the history. */
  final(host: Host, key: FieldKey): FieldValue
}

const NONE: readonly number[] = []

export function foldViews(history: History, fields: FieldKeys): FoldedViews {
  const shown = fields.hosts.map(() => fields.keys.map((key): FieldValue | TextBuffer => (
    key.type === 'text' ? new TextBuffer(key.initial ?? '') : key.initial
  )))
  const deltas: ViewDelta[] = []
  history.events.forEach((event, at) => {
    if (event.kind !== 'view') return
    const host = fields.host(event.host)
    const key = fields.key(event.document, event.field)
    const row = shown[host.index] ?? []
    const before = row[key.index]
    if (before instanceof TextBuffer) {
      const { removed, inserted, text } = spliceOf(event, before)
      row[key.index] = text
      const { entering, leaving } = netChange(removed, inserted)
      deltas.push({ at, atUs: event.atUs, host, key, value: null, entering, leaving })
    } else if (event.change.op === 'set') {
      row[key.index] = event.change.value
      deltas.push({ at, atUs: event.atUs, host, key, value: event.change.value, entering: NONE, leaving: NONE })
    } else {
      const buffer = new TextBuffer(before ?? '')
      buffer.splice(event.change.at, event.change.removed, event.change.inserted)
      const value = buffer.toString()
      row[key.index] = value
      deltas.push({ at, atUs: event.atUs, host, key, value, entering: NONE, leaving: NONE })
    }
  })
  const finals = shown.map((row) => row.map((value) => (value instanceof TextBuffer ? value.toString() : value)))
  return { deltas, final: (host, key) => finals[host.index]?.[key.index] ?? null }
}

function spliceOf(event: ViewEvent, before: TextBuffer): { removed: string; inserted: string; text: TextBuffer } {
  if (event.change.op === 'splice') {
    before.splice(event.change.at, event.change.removed, event.change.inserted)
    return { removed: event.change.removed, inserted: event.change.inserted, text: before }
  }
  const inserted = event.change.value ?? ''
  return { removed: before.toString(), inserted, text: new TextBuffer(inserted) }
}

/** The code points of a string. */
export function codePoints(text: string): readonly number[] {
  if (text === '') return NONE
  const points: number[] = []
  for (let unit = 0; unit < text.length; unit += 1) {
    const point = text.codePointAt(unit) ?? 0
    points.push(point)
    if (point > 0xffff) unit += 1
  }
  return points
}

function netChange(removed: string, inserted: string): { entering: readonly number[]; leaving: readonly number[] } {
  const out = codePoints(removed)
  const into = codePoints(inserted)
  if (out.length === 0 || into.length === 0) return { entering: into, leaving: out }
  const spare = counted(out)
  const entering = into.filter((point) => {
    const left = spare.get(point) ?? 0
    if (left === 0) return true
    spare.set(point, left - 1)
    return false
  })
  const leaving = out.filter((point) => {
    const left = spare.get(point) ?? 0
    if (left === 0) return false
    spare.set(point, left - 1)
    return true
  })
  return { entering, leaving }
}

/** How often each code point occurs. */
export function counted(points: readonly number[]): Map<number, number> {
  const counts = new Map<number, number>()
  for (const point of points) counts.set(point, (counts.get(point) ?? 0) + 1)
  return counts
}
