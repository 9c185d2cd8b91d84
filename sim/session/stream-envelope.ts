/** The frames that two ends of a resumable stream exchange: a type byte, varints, and the payload (R7). */
import { ByteReader, ByteWriter } from '../binary.ts'

/** What an end knows when a connection begins. */
export interface Greeting {
  /** The stream it knows; empty for none. */
  readonly id: string
  /** Its half of the next stream's id, should one begin. */
  readonly candidate: string
  /** The last number it received, the last it sent, and the first it could still resend. */
  readonly received: number
  readonly sent: number
  readonly firstRetained: number
}

export type Envelope =
  | { readonly type: 'greeting' } & Greeting
  | { readonly type: 'data'; readonly number: number; readonly received: number; readonly payload: Uint8Array }
  | { readonly type: 'ack'; readonly received: number }
  | { readonly type: 'close'; readonly code: number }

const TYPE = { greeting: 0, data: 1, ack: 2, close: 3 } as const

export function encodeEnvelope(envelope: Envelope): Uint8Array {
  const writer = new ByteWriter().varint(TYPE[envelope.type])
  switch (envelope.type) {
    case 'greeting':
      return writer.text(envelope.id).text(envelope.candidate)
        .varint(envelope.received).varint(envelope.sent).varint(envelope.firstRetained).finish()
    case 'data': return writer.varint(envelope.number).varint(envelope.received).bytes(envelope.payload).finish()
    case 'ack': return writer.varint(envelope.received).finish()
    case 'close': return writer.varint(envelope.code).finish()
  }
}

/** @throws RangeError on anything that `encodeEnvelope` cannot have made. */
export function decodeEnvelope(bytes: Uint8Array): Envelope {
  const reader = new ByteReader(bytes)
  const envelope = readEnvelope(reader)
  reader.end()
  return envelope
}

function readEnvelope(reader: ByteReader): Envelope {
  const type = reader.varint()
  switch (type) {
    case TYPE.greeting: {
      const id = reader.text()
      const candidate = reader.text()
      const received = reader.varint()
      const sent = reader.varint()
      return { type: 'greeting', id, candidate, received, sent, firstRetained: reader.varint() }
    }
    case TYPE.data: {
      const number = reader.varint()
      const received = reader.varint()
      return { type: 'data', number, received, payload: reader.bytes() }
    }
    case TYPE.ack: return { type: 'ack', received: reader.varint() }
    case TYPE.close: return { type: 'close', code: reader.varint() }
    default: throw new RangeError(`no stream envelope of type ${type}`)
  }
}
