/**
 * The bytes of a disk's log: one record per write batch, each with a CRC-32 and its length in front, as
 * write-ahead logs have them. The checksum covers the length, or a page of zeros would pass for empty records. Reading stops at the first record that is cut off or whose checksum is wrong:
 * what a power failure tore is dropped whole, and so is everything behind it (requirements I10).
 */
import { ByteReader, ByteWriter } from '../binary.ts'
import type { Writes } from '../contract.ts'

const CHECKSUM_BYTES = 4
const HEADER_BYTES = 8
const DELETED = 0
const KEPT = 1

export interface RecoveredLog {
  readonly batches: readonly Writes[]
  /** Bytes behind the last good record. */
  readonly droppedBytes: number
}

export function encodeBatch(batch: Writes): Uint8Array {
  const writer = new ByteWriter().varint(batch.size)
  for (const [key, value] of batch) {
    writer.text(key).varint(value === null ? DELETED : KEPT)
    if (value !== null) writer.bytes(value)
  }
  const payload = writer.finish()
  const record = new Uint8Array(HEADER_BYTES + payload.length)
  const header = new DataView(record.buffer)
  header.setUint32(CHECKSUM_BYTES, payload.length)
  record.set(payload, HEADER_BYTES)
  header.setUint32(0, crc32(record.subarray(CHECKSUM_BYTES)))
  return record
}

/** The batches that a log holds, in order. */
export function recoverLog(log: Uint8Array): RecoveredLog {
  const view = new DataView(log.buffer, log.byteOffset, log.byteLength)
  const batches: Writes[] = []
  let at = 0
  while (at + HEADER_BYTES <= log.length) {
    const end = at + HEADER_BYTES + view.getUint32(at + CHECKSUM_BYTES)
    if (end > log.length || crc32(log.subarray(at + CHECKSUM_BYTES, end)) !== view.getUint32(at)) break
    batches.push(decodeBatch(log.subarray(at + HEADER_BYTES, end)))
    at = end
  }
  return { batches, droppedBytes: log.length - at }
}

function decodeBatch(payload: Uint8Array): Writes {
  const reader = new ByteReader(payload)
  const batch = new Map<string, Uint8Array | null>()
  for (let left = reader.varint(); left > 0; left--) {
    const key = reader.text()
    batch.set(key, reader.varint() === DELETED ? null : reader.bytes().slice())
  }
  reader.end()
  return batch
}

/** CRC-32 of ISO 3309 (polynomial 0xEDB88320, reflected), as in gzip and most logs. */
const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb8_8320 : crc >>> 1
  return crc
})

export function crc32(bytes: Uint8Array): number {
  let crc = 0xffff_ffff
  for (const byte of bytes) crc = TABLE[(crc ^ byte) & 0xff] ^ (crc >>> 8)
  return (crc ^ 0xffff_ffff) >>> 0
}
