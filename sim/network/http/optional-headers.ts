/** Bytes of the headers that only some messages carry, as written in HTTP/1.1 (RFC 9112). */
import type { Request, Response } from '../../contract.ts'

const CRLF_BYTES = 2

/** `Authorization: Bearer <token>` (RFC 6750). */
export function authorizationBytes({ authorization }: Pick<Request, 'authorization'>): number {
  return authorization === undefined ? 0 : 'Authorization: Bearer '.length + authorization.length + CRLF_BYTES
}

/** `Retry-After: <seconds>` (RFC 9110, 10.2.3). */
export function retryAfterBytes({ retryAfterMs }: Response): number {
  return retryAfterMs === undefined ? 0 : 'Retry-After: '.length + retryAfterSeconds(retryAfterMs).length + CRLF_BYTES
}

export function retryAfterSeconds(retryAfterMs: number): string { return String(Math.ceil(retryAfterMs / 1000)) }
