/** What goes over an HTTP/2 connection, as one message of TCP each, and what it takes there (RFC 9113 section 6). */
import type { Frame } from '../frame-log.ts'
import type { HttpPart, HttpRequest } from './exchange.ts'
import type { Field } from './hpack.ts'
import { FRAME_HEADER_BYTES } from './http2-writer.ts'
import { authorizationBytes, retryAfterBytes, retryAfterSeconds } from './optional-headers.ts'

/** The magic octets, SETTINGS with five parameters and WINDOW_UPDATE, as Chromium begins. */
export const PREFACE_BYTES = 24 + FRAME_HEADER_BYTES + 5 * 6 + FRAME_HEADER_BYTES + 4
/** SETTINGS with three parameters, WINDOW_UPDATE, and the acknowledgement of the client's SETTINGS, as nginx. */
export const SERVER_PREFACE_BYTES = FRAME_HEADER_BYTES + 3 * 6 + FRAME_HEADER_BYTES + 4 + FRAME_HEADER_BYTES
export const RST_STREAM_BYTES = FRAME_HEADER_BYTES + 4
export const GOAWAY_BYTES = FRAME_HEADER_BYTES + 8
const AUTHORITY = 'sync.example.com'

export type Http2Message =
  /** Bytes of a message whose last byte is still to come. */
  | { readonly kind: 'piece' }
  | { readonly kind: 'preface' | 'settings' | 'acknowledgement'; readonly frame: Frame }
  | { readonly kind: 'request'; readonly stream: number }
  | { readonly kind: 'part'; readonly stream: number; readonly part: HttpPart; readonly frame: Frame | null }
  | { readonly kind: 'reset'; readonly stream: number; readonly frame: Frame }
  | { readonly kind: 'goaway'; readonly lastStream: number; readonly frame: Frame }
export const PIECE: Http2Message = { kind: 'piece' }

/**
 * The fields that a request has over HTTP/1.1 here too. `ownBytes` of fields that an exchange names only by their
 * number count as one that is the same each time, and so do those of browser and application.
 */
export function requestFields(request: HttpRequest, browserBytes: number): readonly Field[] {
  const { method, path, body, idempotencyKey, authorization, fieldBytes } = request
  const ownBytes = fieldBytes - (idempotencyKey?.length ?? 0) - authorizationBytes(request)
  return [
    [':method', method], [':authority', AUTHORITY], [':scheme', 'https'], [':path', path],
    ...(method === 'POST' ? [['content-length', String(body.length)] as const] : []),
    ...(idempotencyKey === undefined ? [] : [['idempotency-key', idempotencyKey] as const]),
    ...(authorization === undefined ? [] : [['authorization', `Bearer ${authorization}`] as const]),
    ...(ownBytes > 0 ? [['accept', 'x'.repeat(ownBytes)] as const] : []),
    ...(browserBytes > 0 ? [['user-agent', 'x'.repeat(browserBytes)] as const] : []),
  ]
}

export function responseFields({ response, isLast, fieldBytes }: HttpPart): readonly Field[] {
  const { status, body, version, retryAfterMs } = response
  const ownBytes = fieldBytes - retryAfterBytes(response)
  return [
    [':status', String(status)],
    ...(isLast ? [['content-length', String(body.length)] as const] : []),
    ...(version === undefined ? [] : [['etag', `"${version}"`] as const]),
    ...(retryAfterMs === undefined ? [] : [['retry-after', retryAfterSeconds(retryAfterMs)] as const]),
    ...(ownBytes > 0 ? [['content-type', 'x'.repeat(ownBytes)] as const] : []),
  ]
}
