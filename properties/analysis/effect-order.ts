/**
 * When edits first took effect at the authority, and effects that came back or came twice, read from the
 * views (the first view of the authority that reflects an edit is its application, design section 4).
 */
import type { History } from '../../sim/history/events.ts'
import type { DataType } from '../../sim/values.ts'
import type { Analysis } from './analysis.ts'
import type { FieldKey } from './field-keys.ts'
import { firstIndex } from './first-index.ts'
import type { ViewDelta } from './fold-views.ts'
import { codePoints, counted } from './fold-views.ts'
import type { Evidence } from '../property.ts'
import type { EditRecord, Provenance } from './provenance.ts'

/** What the authority's views say about when edits took effect. */
export interface Applications {
  /** For each edit that took effect, the position in the history of the first view that shows it. */
  readonly first: ReadonlyMap<EditRecord, number>
  /** Whether the authority showed the register's value at some position of the history from `from` up to `to`. */
  showedWithin(key: FieldKey, value: string, from: number, to: number): boolean
  /** Whether the code point has ever been in the authority's text. */
  wasShown(key: FieldKey, point: number): boolean
}

export function applications(analysis: Analysis, type: DataType): Applications {
  const { provenance, views, fields, settlements } = analysis
  const isRejected = (edit: EditRecord): boolean => settlements.of(edit.event.edit).rejected.length > 0
  const first = new Map<EditRecord, number>()
  const shown = fields.keys.map((key) => new Set(key.type === 'text' ? codePoints(key.initial ?? '') : []))
  const left = fields.keys.map(() => new Map<number, number>())
  const spans = fields.keys.map((key) => new Spans(key.initial))
  const saw = (edit: EditRecord | undefined, at: number): void => {
    if (edit !== undefined && edit.at < at && !first.has(edit)) first.set(edit, at)
  }
  for (const { at, key, host, value, entering, leaving } of views.deltas) {
    if (!host.server || key.type !== type) continue
    if (type !== 'text') {
      spans[key.index]?.show(value, at)
      if (value !== null) saw(nextWriter(provenance.writers(key, value), first, at, isRejected), at)
      continue
    }
    for (const point of entering) {
      shown[key.index]?.add(point)
      saw(provenance.author(key, point), at)
    }
    for (const point of leaving) {
      if (left[key.index]?.has(point) === false) left[key.index]?.set(point, at)
      for (const remover of provenance.removers(key, point)) saw(remover, at)
    }
  }
  // A removal whose target somebody else had taken out already took effect with nothing to show.
  for (const edit of provenance.edits) {
    if (edit.key.type !== type || edit.inserted.length > 0 || edit.removed.length === 0) continue
    const gone = edit.removed.map((point) => left[edit.key.index]?.get(point) ?? Infinity)
    const last = gone.reduce((latest, at) => Math.max(latest, at), edit.at)
    if (last < (first.get(edit) ?? Infinity)) first.set(edit, last)
  }
  const showedWithin = (key: FieldKey, value: string, from: number, to: number): boolean => spans[key.index]?.within(value, from, to) === true
  return { first, showedWithin, wasShown: (key, point) => shown[key.index]?.has(point) === true }
}

/** A repeated value counts for the earliest of its writers that was not rejected and has not had its turn. */
function nextWriter(
  writers: readonly EditRecord[], first: ReadonlyMap<EditRecord, number>, at: number, isRejected: (edit: EditRecord) => boolean,
): EditRecord | undefined {
  const [only] = writers
  if (writers.length === 1) return only
  return writers.find((writer) => writer.at < at && !first.has(writer) && !isRejected(writer))
}

/** Where in the history a register showed each of its values. */
class Spans {
  readonly #byValue = new Map<string | null, { readonly from: number; to: number }[]>()
  #open: { readonly from: number; to: number }

  constructor(initial: string | null) {
    this.#open = { from: -1, to: Infinity }
    this.#byValue.set(initial, [this.#open])
  }

  show(value: string | null, at: number): void {
    this.#open.to = at
    this.#open = { from: at, to: Infinity }
    const spans = this.#byValue.get(value)
    if (spans === undefined) this.#byValue.set(value, [this.#open])
    else spans.push(this.#open)
  }

  within(value: string, from: number, to: number): boolean {
    const spans = this.#byValue.get(value) ?? []
    const next = spans[firstIndex(spans, (span) => span.to > from)]
    return next !== undefined && next.from < to
  }
}

/**
 * Effects that happened twice. Register: the authority took a value on more often than edits wrote it. Text:
 * a code point stands twice on some screen, or old ones came back to the authority in a change that took
 * nothing out and brought nothing new. (A whole-value write brings back the text its author still had.) What a
 * host shows less of when it starts again was lost with its memory, and may come once more.
 */
export function repeatedEffects(analysis: Analysis, type: DataType): Evidence[] {
  const found: Evidence[] = []
  const taken = new Map<string, number>()
  const screens = new Map<number, TextCounts>()
  const { provenance, views } = analysis
  const hosts = analysis.fields.hosts.length
  const isStart = startsOf(analysis.history)
  const standing = new Map<string, string | null>()
  for (const delta of views.deltas) {
    const { key, host } = delta
    if (key.type !== type) continue
    if (type === 'text') {
      const index = key.index * hosts + host.index
      let counts = screens.get(index)
      if (counts === undefined) {
        counts = new TextCounts(key, provenance)
        screens.set(index, counts)
      }
      const what = counts.apply(delta, isStart(delta))
      if (what !== null) found.push({ what: `${host.id} ${what}`, host: host.id, atUs: delta.atUs })
    } else if (host.server) {
      const slot = `${host.index} ${key.index}`
      const before = standing.get(slot) ?? key.initial
      standing.set(slot, delta.value)
      if (isStart(delta)) {
        const forgotten = `${slot} ${String(before)}`
        taken.set(forgotten, (taken.get(forgotten) ?? 1) - 1)
        continue
      }
      if (delta.value === null) continue
      const name = `${slot} ${delta.value}`
      const times = (taken.get(name) ?? 0) + 1
      taken.set(name, times)
      const writers = provenance.writers(key, delta.value)
      if (times > writers.length + (delta.value === key.initial ? 1 : 0)) {
        const what = `${host.id} took ${key.field} = ${JSON.stringify(delta.value)} on ${times} times, and it was written ${writers.length} times`
        found.push({ what, host: host.id, edit: writers.at(-1)?.event.edit, atUs: delta.atUs })
      }
    }
  }
  return found
}

/** Whether a change of a view is what a host shows when it starts again. */
function startsOf({ events }: History): (delta: ViewDelta) => boolean {
  const starts = new Map<string, number>()
  events.forEach((event, at) => {
    if (event.kind === 'lifecycle' && event.state === 'started') starts.set(`${event.host} ${event.atUs}`, at)
  })
  return ({ host, at, atUs }) => starts.size > 0 && (starts.get(`${host.id} ${atUs}`) ?? Infinity) < at
}

class TextCounts {
  readonly #key: FieldKey
  readonly #provenance: Provenance
  readonly #present: Map<number, number>
  readonly #gone = new Set<number>()

  constructor(key: FieldKey, provenance: Provenance) {
    this.#key = key
    this.#provenance = provenance
    this.#present = counted(codePoints(key.initial ?? ''))
  }

  /** Says what is repeated, if anything is. */
  apply({ host, entering, leaving }: ViewDelta, isStart: boolean): string | null {
    for (const point of leaving) {
      const left = (this.#present.get(point) ?? 0) - 1
      if (left > 0) this.#present.set(point, left)
      else this.#present.delete(point)
      if (!isStart) this.#gone.add(point)
    }
    let twice: number | null = null
    let isOld = host.server && !this.#key.isWholeValue && entering.length > 0 && leaving.length === 0
    for (const point of entering) {
      const count = (this.#present.get(point) ?? 0) + 1
      this.#present.set(point, count)
      if (count > Math.max(1, this.#provenance.suppliedCount(this.#key, point))) twice ??= point
      if (!this.#gone.has(point)) isOld = false
    }
    if (twice !== null) return `shows ${JSON.stringify(String.fromCodePoint(twice))} twice in ${this.#key.field}`
    return isOld ? `shows removed text in ${this.#key.field} again` : null
  }
}
