/** Bytes of the headers that only some messages carry, as written in HTTP/1.1 (RFC 9112). */
import type { Request, Response } from '../../contract.ts'

const CRLF_BYTES = 2

/** `Authorization: Bearer <token>` (RFC 6750). */
export function authorizationBytes({ authorization }: Request): number {
  return authorization === undefined ? 0 : 'Authorization: Bearer '.length + authorization.length + CRLF_BYTES
}

/** `Retry-After: <seconds>` (RFC 9110, 10.2.3). */
export function retryAfterBytes({ retryAfterMs }: Response): number {
  return retryAfterMs === undefined ? 0 : 'Retry-After: '.length + String(Math.ceil(retryAfterMs / 1000)).length + CRLF_BYTES
}
