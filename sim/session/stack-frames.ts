/**
 * What the two stacks put on a stream: frames of the strategy (as they are, or in the resume part's
 * envelope), change signals, and the access token that a stream begins with where there are tokens. One type byte in front; a signal is a version as a varint and the
 * document's name in UTF-8 (R7).
 */
import { ByteReader, ByteWriter } from '../binary.ts'
import type { DocumentId, Version } from '../values.ts'

export type StackFrame =
  | { readonly type: 'strategy'; readonly payload: Uint8Array }
  | { readonly type: 'signal'; readonly document: DocumentId; readonly version: Version }
  | { readonly type: 'token'; readonly token: string }

const TYPE = { strategy: 1, signal: 2, token: 3 } as const

export function encodeStrategyFrame(payload: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(payload.length + 1)
  bytes[0] = TYPE.strategy
  bytes.set(payload, 1)
  return bytes
}

export function encodeSignal(document: DocumentId, version: Version): Uint8Array {
  return new ByteWriter().varint(TYPE.signal).varint(version).text(document).finish()
}

export function encodeToken(token: string): Uint8Array {
  return new ByteWriter().varint(TYPE.token).text(token).finish()
}

/** @throws RangeError on a frame of no known type: both ends are ours, so it is a bug. */
export function decodeStackFrame(bytes: Uint8Array): StackFrame {
  if (bytes[0] === TYPE.strategy) return { type: 'strategy', payload: bytes.subarray(1) }
  const reader = new ByteReader(bytes)
  const type = reader.varint()
  if (type === TYPE.token) return { type: 'token', token: reader.text() }
  if (type !== TYPE.signal) throw new RangeError(`stack frame of unknown type ${type}`)
  const version = reader.varint()
  return { type: 'signal', version, document: reader.text() }
}
