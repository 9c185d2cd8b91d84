/** The fields and hosts of a history under small numbers, in the header's order. */
import type { HistoryHeader } from '../../sim/history/events.ts'
import type { DataType, DocumentId, FieldName, FieldValue, HostId } from '../../sim/values.ts'
import { CorruptHistory } from './corrupt-history.ts'

/** One field of one document. */
export interface FieldKey {
  readonly index: number
  readonly document: DocumentId
  readonly field: FieldName
  readonly type: DataType
  readonly initial: FieldValue
  /** Whether writes replace the whole value, so that parts of it come and go with other people's writes. */
  readonly isWholeValue: boolean
}

export interface Host {
  readonly index: number
  readonly id: HostId
  readonly server: boolean
}

export class FieldKeys {
  readonly keys: readonly FieldKey[]
  readonly hosts: readonly Host[]
  readonly #byDocument = new Map<DocumentId, Map<FieldName, FieldKey>>()
  readonly #byHost = new Map<HostId, Host>()

  constructor(header: HistoryHeader) {
    const keys: FieldKey[] = []
    for (const document of header.documents) {
      const fields = new Map<FieldName, FieldKey>()
      for (const { name, type, initial } of document.fields) {
        const isWholeValue = header.wholeValueTypes.includes(type)
        const key = { index: keys.length, document: document.id, field: name, type, initial, isWholeValue }
        keys.push(key)
        fields.set(name, key)
      }
      this.#byDocument.set(document.id, fields)
    }
    this.keys = keys
    const ids = [...header.devices.map((id) => ({ id, server: false })), ...header.servers.map((id) => ({ id, server: true }))]
    this.hosts = ids.map(({ id, server }, index) => ({ index, id, server }))
    for (const host of this.hosts) this.#byHost.set(host.id, host)
  }

  key(document: DocumentId, field: FieldName): FieldKey {
    const key = this.#byDocument.get(document)?.get(field)
    if (key === undefined) throw new CorruptHistory(`an event names the field ${document}/${field}, which the header does not declare`)
    return key
  }

  host(id: HostId): Host {
    const host = this.#byHost.get(id)
    if (host === undefined) throw new CorruptHistory(`an event names the host ${id}, which the header does not declare`)
    return host
  }

  ofType(type: DataType): readonly FieldKey[] {
    return this.keys.filter((key) => key.type === type)
  }
}
