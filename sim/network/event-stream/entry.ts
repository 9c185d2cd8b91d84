/**
 * What travels in a stream made of exchanges: numbered entries, from 1 in each direction, a frame each or the
 * code with which an end closes. Two forms: events of `text/event-stream`, which is text, so that frames are
 * base64 (A08), and batches in the binary bodies of polls and of POSTs.
 */
import { ByteReader, ByteWriter } from '../../binary.ts'
import { decodeBase64, encodeBase64 } from './base64.ts'
import { encodeEvent, type ServerSentEvent } from './server-sent-events.ts'

export type EntryContent =
  | { readonly kind: 'frame'; readonly content: Uint8Array }
  | { readonly kind: 'close'; readonly code: number }

export type Entry = EntryContent & { readonly number: number }

const CLOSE_EVENT = 'close'

export function encodeEntryAsEvent(entry: Entry): Uint8Array {
  const id = String(entry.number)
  if (entry.kind === 'close') return encodeEvent({ event: CLOSE_EVENT, id, data: String(entry.code) })
  return encodeEvent({ id, data: encodeBase64(entry.content) })
}

export function decodeEventAsEntry({ event, data, id }: ServerSentEvent): Entry {
  const number = Number(id)
  if (event === CLOSE_EVENT) return { kind: 'close', number, code: Number(data) }
  return { kind: 'frame', number, content: decodeBase64(data) }
}

const KINDS = ['frame', 'close'] as const

/** Bytes of an entry in a batch. */
export function batchedBytes(entry: EntryContent): number { return write(new ByteWriter(), entry).finish().length }

/** A batch of entries that follow one another, and the number of the first. */
export function encodeBatch(first: number, entries: readonly EntryContent[]): Uint8Array {
  const writer = new ByteWriter().varint(first).varint(entries.length)
  for (const entry of entries) write(writer, entry)
  return writer.finish()
}

function write(writer: ByteWriter, entry: EntryContent): ByteWriter {
  writer.varint(KINDS.indexOf(entry.kind))
  return entry.kind === 'frame' ? writer.bytes(entry.content) : writer.varint(entry.code)
}

/** @throws RangeError on what `encodeBatch` cannot have written */
export function decodeBatch(bytes: Uint8Array): readonly Entry[] {
  const reader = new ByteReader(bytes)
  const first = reader.varint()
  const entries = Array.from({ length: reader.varint() }, (_, index): Entry => {
    const kind = KINDS[reader.varint()]
    if (kind === undefined) throw new RangeError('an entry of unknown kind')
    const number = first + index
    return kind === 'frame' ? { kind, number, content: reader.bytes() } : { kind, number, code: reader.varint() }
  })
  reader.end()
  return entries
}
