/**
 * What `lww-server` sends and stores, in bytes: varints and UTF-8 (R7).
 *
 * - a write, the body of `POST /documents/<id>`: field, value;
 * - a subscription, a frame to the server: the document's id;
 * - stamped fields, a frame to the device: document, then field, version and value of each. A snapshot holds
 *   every field ever written, an update one;
 * - a journal record, and one of a device's cache: version, value.
 *
 * Every reader throws on what its writer cannot have written.
 */
import { ByteReader, ByteWriter } from '../../sim/binary.ts'
import type { DocumentId, FieldName, Version } from '../../sim/contract.ts'

export interface Write {
  readonly field: FieldName
  readonly value: string
}

/** A field's value with the document version that its last write made. */
export interface StampedField extends Write {
  readonly version: Version
}

export interface StampedFields {
  readonly document: DocumentId
  readonly fields: readonly StampedField[]
}

export function encodeWrite({ field, value }: Write): Uint8Array {
  return new ByteWriter().text(field).text(value).finish()
}

export function decodeWrite(bytes: Uint8Array): Write {
  return readAll(bytes, (reader) => ({ field: reader.text(), value: reader.text() }))
}

export function encodeSubscription(document: DocumentId): Uint8Array { return new ByteWriter().text(document).finish() }

export function decodeSubscription(bytes: Uint8Array): DocumentId { return readAll(bytes, (reader) => reader.text()) }

export function encodeFields({ document, fields }: StampedFields): Uint8Array {
  const writer = new ByteWriter().text(document).varint(fields.length)
  for (const { field, version, value } of fields) writer.text(field).varint(version).text(value)
  return writer.finish()
}

export function decodeFields(bytes: Uint8Array): StampedFields {
  return readAll(bytes, (reader) => {
    const document = reader.text()
    const fields: StampedField[] = []
    for (let left = reader.varint(); left > 0; left--) fields.push({ field: reader.text(), version: reader.varint(), value: reader.text() })
    return { document, fields }
  })
}

export function encodeRecord({ version, value }: Omit<StampedField, 'field'>): Uint8Array {
  return new ByteWriter().varint(version).text(value).finish()
}

export function decodeRecord(bytes: Uint8Array): Omit<StampedField, 'field'> {
  return readAll(bytes, (reader) => ({ version: reader.varint(), value: reader.text() }))
}

function readAll<T>(bytes: Uint8Array, read: (reader: ByteReader) => T): T {
  const reader = new ByteReader(bytes)
  const result = read(reader)
  reader.end()
  return result
}
