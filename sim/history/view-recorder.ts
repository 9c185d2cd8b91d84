/**
 * Records what hosts show, as changes against what they last showed: registers whole, texts as one splice.
 * Keeping only the change makes histories of long texts small and lets checkers work on what is new.
 */
import type { DocumentId, DocumentShape, FieldShape, FieldValue, HostId, View } from '../values.ts'
import type { Recorder } from './recorder.ts'
import { spliceBetween } from './text-splice.ts'

export class ViewRecorder {
  readonly #shown = new Map<string, FieldValue>()
  readonly #fields: ReadonlyMap<DocumentId, readonly FieldShape[]>
  readonly #recorder: Recorder
  readonly #nowUs: () => number

  constructor(documents: readonly DocumentShape[], recorder: Recorder, nowUs: () => number) {
    this.#fields = new Map(documents.map(({ id, fields }) => [id, fields]))
    this.#recorder = recorder
    this.#nowUs = nowUs
  }

  /** Compares a view with the last one of this host and records the differences; says whether there were any. */
  record(host: HostId, document: DocumentId, view: View): boolean {
    let differs = false
    for (const field of this.#fields.get(document) ?? []) {
      const value = view[field.name]
      if (value === undefined) continue // a field of a type that the strategy does not have
      const key = `${host} ${document}/${field.name}`
      const before = this.#shown.has(key) ? (this.#shown.get(key) ?? null) : field.initial
      if (value === before) continue
      this.#shown.set(key, value)
      const change = field.type === 'text' ? spliceBetween(before ?? '', value ?? '') : { op: 'set' as const, value }
      if (change === null) continue
      const { name, type } = field
      this.#recorder.record({ kind: 'view', atUs: this.#nowUs(), host, document, field: name, type, change })
      differs = true
    }
    return differs
  }

  /** What a host shows of a field now. */
  shown(host: HostId, document: DocumentId, field: FieldShape): FieldValue {
    const key = `${host} ${document}/${field.name}`
    return this.#shown.has(key) ? (this.#shown.get(key) ?? null) : field.initial
  }
}
