/** What every host shows while a history goes by: views folded one event at a time, for telling what somebody saw. */
import type { HistoryHeader, ViewEvent } from '../../sim/history/events.ts'
import type { DocumentId, FieldName, FieldValue, HostId } from '../../sim/values.ts'

export class Screens {
  readonly #header: HistoryHeader
  readonly #shown = new Map<string, FieldValue>()

  constructor(header: HistoryHeader) {
    this.#header = header
  }

  value(host: HostId, document: DocumentId, field: FieldName): FieldValue {
    const shown = this.#shown.get(slot(host, document, field))
    if (shown !== undefined) return shown
    return this.#header.documents.find(({ id }) => id === document)?.fields.find(({ name }) => name === field)?.initial ?? null
  }

  apply({ host, document, field, change }: ViewEvent): void {
    const before = this.value(host, document, field) ?? ''
    const after = change.op === 'set' ? change.value
      : before.slice(0, change.at) + change.inserted + before.slice(change.at + change.removed.length)
    this.#shown.set(slot(host, document, field), after)
  }
}

const slot = (host: HostId, document: DocumentId, field: FieldName): string => JSON.stringify([host, document, field])
