/**
 * What `version-reject` sends and stores, in bytes: varints and UTF-8 (R7).
 *
 * - a write, the body of `POST /documents/<id>`: mutation id, base version, predecessor's mutation id (empty
 *   for none), field, value;
 * - a document, the body that answers `GET /documents/<id>`: version, then field and value of each field ever
 *   written;
 * - a log record: document, version, mutation id, field, value.
 *
 * Every reader throws on what its writer cannot have written.
 */
import { ByteReader, ByteWriter } from '../../sim/binary.ts'
import type { DocumentId, FieldName, Version } from '../../sim/contract.ts'

/** Names one edit of one device: `device/incarnation/ordinal`. */
export type MutationId = string

export interface Write {
  readonly mutation: MutationId
  readonly base: Version
  readonly predecessor: MutationId | null
  readonly field: FieldName
  readonly value: string
}

export interface DocumentState {
  readonly version: Version
  readonly fields: ReadonlyMap<FieldName, string>
}

export interface LogRecord {
  readonly document: DocumentId
  readonly version: Version
  readonly mutation: MutationId
  readonly field: FieldName
  readonly value: string
}

export function encodeWrite({ mutation, base, predecessor, field, value }: Write): Uint8Array {
  return new ByteWriter().text(mutation).varint(base).text(predecessor ?? '').text(field).text(value).finish()
}

export function decodeWrite(bytes: Uint8Array): Write {
  return readAll(bytes, (reader) => ({
    mutation: reader.text(), base: reader.varint(), predecessor: reader.text() || null, field: reader.text(), value: reader.text(),
  }))
}

export function encodeDocument({ version, fields }: DocumentState): Uint8Array {
  const writer = new ByteWriter().varint(version).varint(fields.size)
  for (const [field, value] of fields) writer.text(field).text(value)
  return writer.finish()
}

export function decodeDocument(bytes: Uint8Array): DocumentState {
  return readAll(bytes, (reader) => {
    const version = reader.varint()
    const fields = new Map<FieldName, string>()
    for (let left = reader.varint(); left > 0; left--) {
      const field = reader.text()
      fields.set(field, reader.text())
    }
    return { version, fields }
  })
}

export function encodeLogRecord({ document, version, mutation, field, value }: LogRecord): Uint8Array {
  return new ByteWriter().text(document).varint(version).text(mutation).text(field).text(value).finish()
}

export function decodeLogRecord(bytes: Uint8Array): LogRecord {
  return readAll(bytes, (reader) => ({
    document: reader.text(), version: reader.varint(), mutation: reader.text(), field: reader.text(), value: reader.text(),
  }))
}

function readAll<T>(bytes: Uint8Array, read: (reader: ByteReader) => T): T {
  const reader = new ByteReader(bytes)
  const result = read(reader)
  reader.end()
  return result
}
