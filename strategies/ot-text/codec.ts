/**
 * The frames of ot-text, as bytes (design R7): LEB128 varints and UTF-8, no JSON.
 *
 * Both client protocols use the same three frames. A channel is one text field; its number is the place
 * of the field among all text fields of the documents, which both ends know.
 *
 * - `join`: the device opens a channel, as client number `client`, having received `received` operations;
 * - `op`: the sender's operation `number`, made when it had received `received` of the other side's;
 * - `ack`: the sender has received (and, with one in flight, made durable) the other's operation
 *   `received`; from a server, `number` is the revision that it became.
 */
import { ByteReader, ByteWriter } from '../../sim/binary.ts'
import type { TextOp } from './operation.ts'

export type Frame =
  | { readonly kind: 'join'; readonly channel: number; readonly client: number; readonly received: number }
  | OpFrame
  | { readonly kind: 'ack'; readonly channel: number; readonly number: number; readonly received: number }

export interface OpFrame {
  readonly kind: 'op'; readonly channel: number; readonly number: number; readonly received: number; readonly op: TextOp
}

/** What arrived is no frame of this protocol, or none that fits the state of the channel. */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError'
}

const KINDS = ['join', 'op', 'ack'] as const
/** Component tags, in the low two bits of a varint; the rest is a length, or 0 before an inserted text. */
const SKIP = 0
const DELETE = 1
const INSERT = 2

export function encodeFrame(frame: Frame): Uint8Array {
  const out = new ByteWriter()
  writeFrame(out, frame)
  return out.finish()
}

/** @throws ProtocolError on anything that `encodeFrame` does not write. */
export function decodeFrame(bytes: Uint8Array): Frame {
  return reading(bytes, readFrame)
}

/** A journal entry: an operation as it arrived, and from which client. */
export function encodeEntry(client: number, frame: OpFrame): Uint8Array {
  const out = new ByteWriter().varint(client)
  writeFrame(out, frame)
  return out.finish()
}

/** @throws ProtocolError on anything that `encodeEntry` does not write. */
export function decodeEntry(bytes: Uint8Array): { readonly client: number; readonly frame: OpFrame } {
  return reading(bytes, (input) => {
    const client = input.varint()
    const frame = readFrame(input)
    if (frame.kind !== 'op') throw new ProtocolError(`a journal holds operations, not '${frame.kind}'`)
    return { client, frame }
  })
}

function reading<T>(bytes: Uint8Array, read: (input: ByteReader) => T): T {
  try {
    const input = new ByteReader(bytes)
    const value = read(input)
    input.end()
    return value
  } catch (problem) {
    if (problem instanceof ProtocolError) throw problem
    throw new ProtocolError(problem instanceof Error ? problem.message : String(problem), { cause: problem })
  }
}

function writeFrame(out: ByteWriter, frame: Frame): void {
  out.varint(KINDS.indexOf(frame.kind)).varint(frame.channel)
    .varint(frame.kind === 'join' ? frame.client : frame.number).varint(frame.received)
  if (frame.kind === 'op') writeOp(out, frame.op)
}

function readFrame(input: ByteReader): Frame {
  const kind = KINDS[input.varint()]
  if (kind === undefined) throw new ProtocolError('unknown kind of frame')
  const channel = input.varint()
  const number = input.varint()
  const received = input.varint()
  switch (kind) {
    case 'join': return { kind, channel, client: number, received }
    case 'ack': return { kind, channel, number, received }
    case 'op': return { kind, channel, number, received, op: readOp(input) }
  }
}

function writeOp(out: ByteWriter, op: TextOp): void {
  out.varint(op.length)
  for (const part of op) {
    if (typeof part === 'number') out.varint(part * 4 + SKIP)
    else if (typeof part === 'string') out.varint(INSERT).text(part)
    else if (typeof part.d === 'number') out.varint(part.d * 4 + DELETE)
    else throw new Error('deletes travel as lengths')
  }
}

/** Reads only what the library would call a well-formed operation: nothing empty, no skip at the end or twice. */
function readOp(input: ByteReader): TextOp {
  const op: TextOp[number][] = []
  for (let left = input.varint(); left > 0; left--) {
    const part = readPart(input)
    if (typeof part === 'number' && (left === 1 || typeof op.at(-1) === 'number')) {
      throw new ProtocolError('skip with nothing behind it')
    }
    op.push(part)
  }
  return op
}

function readPart(input: ByteReader): TextOp[number] {
  const tagged = input.varint()
  const tag = tagged % 4
  const length = Math.floor(tagged / 4)
  if (tag === INSERT && length === 0) {
    const text = input.text()
    if (text !== '') return text
  }
  if (tag === SKIP && length > 0) return length
  if (tag === DELETE && length > 0) return { d: length }
  throw new ProtocolError('empty or unknown component')
}
