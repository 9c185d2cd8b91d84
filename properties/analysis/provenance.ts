/**
 * Which edit a value or a code point came from (design section 4): the edits of a history, indexed by what
 * they wrote, inserted and removed.
 *
 * Provenance comes from the values alone. A value that several edits wrote, or that was there from the
 * start, has several candidates; who asks must say what ambiguity means to it.
 */
import type { EditEvent, EditId, History } from '../../sim/history/events.ts'
import { codePoints, counted } from './fold-views.ts'
import type { FieldKey, FieldKeys, Host } from './field-keys.ts'
import { CorruptHistory } from './corrupt-history.ts'

export interface EditRecord {
  /** Position among the edits, and in the history. */
  readonly index: number
  readonly at: number
  readonly event: EditEvent
  readonly key: FieldKey
  readonly device: Host
  readonly inserted: readonly number[]
  readonly removed: readonly number[]
}

const NO_EDITS: readonly EditRecord[] = []
const NO_POINTS: readonly number[] = []

export class Provenance {
  readonly edits: readonly EditRecord[]
  readonly #byId = new Map<EditId, EditRecord>()
  readonly #byKey: EditRecord[][]
  readonly #writers: Map<string, EditRecord[]>[]
  readonly #inserters: Map<number, EditRecord[]>[]
  readonly #removers: Map<number, EditRecord[]>[]
  readonly #initial: Map<number, number>[]
  readonly #textTracked: boolean

  constructor(history: History, fields: FieldKeys) {
    this.#byKey = fields.keys.map(() => [])
    this.#writers = fields.keys.map(() => new Map())
    this.#inserters = fields.keys.map(() => new Map())
    this.#removers = fields.keys.map(() => new Map())
    this.#initial = fields.keys.map((key) => (key.type === 'text' ? counted(codePoints(key.initial ?? '')) : new Map()))
    this.#textTracked = history.header.distinctText
    const edits: EditRecord[] = []
    history.events.forEach((event, at) => {
      if (event.kind !== 'edit') return
      if (this.#byId.has(event.edit)) throw new CorruptHistory(`the edit ${event.edit} was made twice`)
      const record = this.#record(event, at, edits.length, fields)
      edits.push(record)
      this.#byId.set(event.edit, record)
      this.#byKey[record.key.index]?.push(record)
    })
    this.edits = edits
  }

  byId(edit: EditId): EditRecord | undefined {
    return this.#byId.get(edit)
  }

  onKey(key: FieldKey): readonly EditRecord[] {
    return this.#byKey[key.index] ?? NO_EDITS
  }

  /** Every edit that wrote `value` into the register, in history order. */
  writers(key: FieldKey, value: string): readonly EditRecord[] {
    return this.#writers[key.index]?.get(value) ?? NO_EDITS
  }

  /** The one edit that inserted the code point; undefined where several did, or where it was there from the start. */
  author(key: FieldKey, point: number): EditRecord | undefined {
    const inserters = this.#inserters[key.index]?.get(point)
    if (inserters?.length !== 1 || this.initialCount(key, point) > 0) return undefined
    return inserters[0]
  }

  /** Every edit that took the code point out, in history order. */
  removers(key: FieldKey, point: number): readonly EditRecord[] {
    return this.#removers[key.index]?.get(point) ?? NO_EDITS
  }

  /** How often the code point can be in the text at most: from the start, and once per edit that inserted it. */
  suppliedCount(key: FieldKey, point: number): number {
    return this.initialCount(key, point) + (this.#inserters[key.index]?.get(point)?.length ?? 0)
  }

  initialCount(key: FieldKey, point: number): number {
    return this.#initial[key.index]?.get(point) ?? 0
  }

  #record(event: EditEvent, at: number, index: number, fields: FieldKeys): EditRecord {
    const key = fields.key(event.document, event.field)
    const device = fields.host(event.device)
    const record = (inserted: readonly number[], removed: readonly number[]): EditRecord => ({
      index, at, event, key, device, inserted, removed,
    })
    if (event.change.op === 'set') {
      const edit = record(NO_POINTS, NO_POINTS)
      append(this.#writers[key.index], event.change.value, edit)
      return edit
    }
    const edit = record(codePoints(event.change.inserted), codePoints(event.change.removed))
    if (!this.#textTracked) return edit
    for (const point of edit.inserted) append(this.#inserters[key.index], point, edit)
    for (const point of edit.removed) append(this.#removers[key.index], point, edit)
    return edit
  }
}

function append<K>(map: Map<K, EditRecord[]> | undefined, name: K, edit: EditRecord): void {
  const list = map?.get(name)
  if (list === undefined) map?.set(name, [edit])
  else list.push(edit)
}
