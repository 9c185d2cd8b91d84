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
/** Component tags, in the low two bits of a varint whose rest is a length. */
const SKIP = 0
const DELETE = 1
const INSERT = 2

const utf8 = new TextEncoder()
const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

export function encodeFrame(frame: Frame): Uint8Array {
  const out: number[] = [KINDS.indexOf(frame.kind)]
  writeVarint(out, frame.channel)
  writeVarint(out, frame.kind === 'join' ? frame.client : frame.number)
  writeVarint(out, frame.received)
  if (frame.kind === 'op') writeOp(out, frame.op)
  return Uint8Array.from(out)
}

/** @throws ProtocolError on anything that `encodeFrame` does not write. */
export function decodeFrame(bytes: Uint8Array): Frame {
  const input = new Reader(bytes)
  const kind = KINDS[input.varint()]
  const channel = input.varint()
  const number = input.varint()
  const received = input.varint()
  if (kind === undefined) throw new ProtocolError('unknown kind of frame')
  const frame: Frame = kind === 'join' ? { kind, channel, client: number, received }
    : kind === 'ack' ? { kind, channel, number, received }
    : { kind, channel, number, received, op: readOp(input) }
  input.end()
  return frame
}

/** A journal entry: an operation as it arrived, and from which client. */
export function encodeEntry(client: number, frame: OpFrame): Uint8Array {
  const out: number[] = []
  writeVarint(out, client)
  return Uint8Array.from([...out, ...encodeFrame(frame)])
}

export function decodeEntry(bytes: Uint8Array): { readonly client: number; readonly frame: OpFrame } {
  const input = new Reader(bytes)
  const client = input.varint()
  const frame = decodeFrame(bytes.subarray(input.at))
  if (frame.kind !== 'op') throw new ProtocolError(`a journal holds operations, not '${frame.kind}'`)
  return { client, frame }
}

function writeVarint(out: number[], value: number): void {
  let rest = value
  while (rest >= 0x80) {
    out.push((rest % 0x80) | 0x80)
    rest = Math.floor(rest / 0x80)
  }
  out.push(rest)
}

function writeOp(out: number[], op: TextOp): void {
  writeVarint(out, op.length)
  for (const part of op) {
    if (typeof part === 'number') writeVarint(out, part * 4 + SKIP)
    else if (typeof part === 'string') {
      const bytes = utf8.encode(part)
      writeVarint(out, bytes.length * 4 + INSERT)
      for (const byte of bytes) out.push(byte)
    } else if (typeof part.d === 'number') writeVarint(out, part.d * 4 + DELETE)
    else throw new Error('deletes travel as lengths')
  }
}

function readOp(input: Reader): TextOp {
  const op: TextOp[number][] = []
  for (let left = input.varint(); left > 0; left--) {
    const tagged = input.varint()
    const length = Math.floor(tagged / 4)
    if (length === 0) throw new ProtocolError('empty component')
    const tag = tagged % 4
    if (tag === SKIP) op.push(length)
    else if (tag === DELETE) op.push({ d: length })
    else if (tag === INSERT) op.push(input.text(length))
    else throw new ProtocolError('unknown component')
    if (typeof op.at(-1) === 'number' && (left === 1 || typeof op.at(-2) === 'number')) {
      throw new ProtocolError('skip with nothing behind it')
    }
  }
  return op
}

class Reader {
  at = 0
  private readonly bytes: Uint8Array
  constructor(bytes: Uint8Array) { this.bytes = bytes }

  varint(): number {
    let value = 0
    for (let scale = 1; ; scale *= 0x80) {
      const byte = this.bytes[this.at++]
      if (byte === undefined) throw new ProtocolError('frame ends too early')
      value += (byte & 0x7f) * scale
      if (value > Number.MAX_SAFE_INTEGER) throw new ProtocolError('number too large')
      if (byte < 0x80) return value
    }
  }

  text(length: number): string {
    const end = this.at + length
    if (end > this.bytes.length) throw new ProtocolError('frame ends too early')
    const part = this.bytes.subarray(this.at, end)
    this.at = end
    try {
      return strictUtf8.decode(part)
    } catch (cause) {
      throw new ProtocolError('text is not UTF-8', { cause })
    }
  }

  end(): void {
    if (this.at !== this.bytes.length) throw new ProtocolError('frame has bytes behind its end')
  }
}
