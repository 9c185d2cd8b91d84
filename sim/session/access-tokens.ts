/**
 * What both ends of a device's connections know of access tokens (requirements A16, B15): where new ones come
 * from, what they look like on the wire, and how a stream is told that its token is not good any more.
 *
 * A request carries its token as `Authorization: Bearer` (RFC 6750). A browser's WebSocket takes no headers, so a
 * stream begins with a frame that holds the token, as `connection_init` does in the graphql-transport-ws protocol. A
 * stream whose token is no good is closed with 4401: 401 in the range that RFC 6455, 7.4.2, leaves to applications, a
 * widespread convention. (graphql-transport-ws calls 4401 Unauthorized too, and closes with it when a client asks for
 * something before it was let in.) A token is text of the size of a small JWT (RFC 7519): an HS256 header and
 * signature of 36 and 43 characters, and claims of some 110 bytes.
 */
import type { Request } from '../contract.ts'
import type { Plan } from '../scenario/plan.ts'

export const UNAUTHORIZED = 401
/** Close code of a stream whose token is void or has expired. */
export const CLOSE_UNAUTHORIZED = 4401
export const TOKEN_CHARS = 228
const TOKEN_PATH = '/token'
/** A refresh token is opaque: 32 random bytes. */
const CREDENTIAL_BYTES = 32

/** Tokens exist in a run if the scenario gives them a life or a fault ends one; else nothing of them is sent. */
export function usesTokens({ server, faults }: Pick<Plan, 'server' | 'faults'>): boolean {
  return server.tokenLifeUs !== undefined || faults.some(({ type }) => type === 'token-expired')
}

/** What a device sends to get a new token; of what is in it the model knows nothing. */
export function tokenRequest(): Request {
  return { method: 'POST', path: TOKEN_PATH, document: '', body: new Uint8Array(CREDENTIAL_BYTES) }
}

export function isTokenRequest({ path }: Request): boolean { return path === TOKEN_PATH }
