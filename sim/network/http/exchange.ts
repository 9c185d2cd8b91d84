/**
 * One HTTP request and its answer, whole or streamed in parts, as those who ask and those who answer see it:
 * the seam between them and what carries exchanges (connections of HTTP/1.1 or HTTP/2).
 *
 * Two kinds of users: requests of the application (`traffic: 'request'`), and transports that build streams out
 * of exchanges (`event-stream/`). Those say how much of a message stands in the history already, as frames of
 * the streams (`carriedBytes`); the rest of what goes over the wire is a control frame of its own, so that the
 * bytes of a history are those of the wire (R7).
 *
 * Left out: header fields by name (a message says how many bytes its own fields take), trailers, 1xx answers,
 * redirects, caches.
 */
import type { Request, Response } from '../../contract.ts'
import type { EditId } from '../../history/events.ts'

export interface HttpRequest {
  readonly method: Request['method']
  readonly path: string
  /** Bytes of header fields beyond those that every request has. */
  readonly fieldBytes: number
  /** The one among them that is never the same twice (HTTP/2 cannot compress it). */
  readonly idempotencyKey?: string
  /** And the one that is the same until it is renewed. */
  readonly authorization?: string
  readonly body: Uint8Array
  readonly traffic: 'request' | 'control'
  /** Asked once, when the request goes out. */
  carriedBytes(): number
  /** What it was made from, which causes its frame. */
  readonly cause: EditId | null
  /** The server's side, looked up here instead of by path: called when the request is whole there. */
  serve(cause: EditId | null, answer: HttpAnswer): HttpServing
  /** It went out, and will not reach the server any more. For the world's book-keeping only. */
  lost?(): void
}

/** A part of an answer; the first one brings status and header fields. */
export interface HttpPart {
  /** The body is this part's. */
  readonly response: Response
  /** Bytes of header fields beyond those that every answer has. */
  readonly fieldBytes: number
  readonly traffic: 'response' | 'control'
  readonly carriedBytes: number
  readonly isLast: boolean
  /** The server ends the connection after this part; over HTTP/2 the stream, which it does anyway. */
  readonly closes?: true
}

/** The server's hand on an answer. */
export interface HttpAnswer {
  /** Sends a part. False: there is no room, nothing was sent, and `writable` follows. A dead connection takes everything. */
  write(part: HttpPart): boolean
  /** Gives the exchange up; over HTTP/1.1 with its connection, over HTTP/2 its stream only. */
  abort(): void
}

/** What the server hears of an exchange until its answer has ended. Not called for a process that is gone. */
export interface HttpServing {
  writable(): void
  /** The device has gone, as far as the server's kernel knows. */
  gone(): void
}

/** What the device hears of an exchange. After the last part, or `failed`, nothing. */
export interface HttpEvents {
  part(response: Response, isLast: boolean, cause: EditId | null): void
  /** No connection could be made, or it broke, or it ended before the answer did. */
  failed(): void
  /** Nothing will come any more, and the device cannot know it yet (R4). For the world's book-keeping only (H3). */
  doomed(): void
}

/** The device's hand on an exchange. */
export interface HttpExchange {
  /** Nothing is called back any more; the request may still be executed (R2). */
  abandon(): void
  /** A middlebox has forgotten the connection below, if there is one; neither end knows. */
  forget(): void
}

/** What carries the exchanges of a device. */
export interface HttpClient {
  exchange(request: HttpRequest, events: HttpEvents): HttpExchange
  /** Bytes on the wire beside the content of a part that is not the first. */
  partFramingBytes(contentBytes: number): number
}
