/**
 * What TLS 1.3 adds to a stream: one round trip with flights of real size before the first message, and the
 * overhead of records (RFC 8446).
 *
 * Left out: session tickets, resumption and early data, key updates, the CPU time of the handshake.
 */

/** Sent by the client as soon as TCP is open: a ClientHello padded as browsers pad it (RFC 7685). */
const CLIENT_HELLO_BYTES = 517
/** ServerHello to Finished with a chain of two or three certificates. */
const SERVER_FLIGHT_BYTES = 4_000
/** ChangeCipherSpec for middleboxes (6) and Finished with SHA-384 (74). */
const CLIENT_FINISHED_BYTES = 80

/** Header 5, content type 1, authentication tag 16 (RFC 8446 section 5.2). */
const RECORD_OVERHEAD_BYTES = 22
/** RFC 8446 section 5.1. */
const RECORD_BYTES_MAX = 16_384

/** A part of the handshake among the messages of a stream. */
export class TlsFlight {
  constructor(readonly name: 'client-hello' | 'server-flight' | 'client-finished', readonly sizeBytes: number) {}
}

export const clientHello = (): TlsFlight => new TlsFlight('client-hello', CLIENT_HELLO_BYTES)

/** What an end sends on receiving a flight; after the server's flight and the client's Finished it is open. */
export function answerTo(flight: TlsFlight): TlsFlight | null {
  switch (flight.name) {
    case 'client-hello': return new TlsFlight('server-flight', SERVER_FLIGHT_BYTES)
    case 'server-flight': return new TlsFlight('client-finished', CLIENT_FINISHED_BYTES)
    case 'client-finished': return null
  }
}

/** What a message takes once encrypted, each message in records of its own. */
export function tlsBytes(sizeBytes: number): number {
  return sizeBytes + Math.max(Math.ceil(sizeBytes / RECORD_BYTES_MAX), 1) * RECORD_OVERHEAD_BYTES
}
