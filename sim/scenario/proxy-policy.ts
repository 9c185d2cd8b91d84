/**
 * Which transports the proxy before a device's link does not let through, and in which of the ways in which real ones
 * do that (requirements A11). Plain requests it always forwards: a proxy that did not would be an outage.
 */
import { z } from 'zod'
import type { TransportName } from '../contract.ts'

/** Transports that are a stream of ordered frames over HTTP or beside it, from best to worst. */
export const STREAM_TRANSPORTS = ['websocket', 'sse', 'long-poll', 'http'] as const satisfies readonly TransportName[]
export type StreamTransport = (typeof STREAM_TRANSPORTS)[number]

/**
 * - `refuse`: the upgrade, or the request for the stream, is answered with an HTTP error;
 * - `swallow`: it is taken and never answered, so that only patience tells;
 * - `buffer` (event streams): the answer is held back until it ends, which it does not.
 */
export const proxyPolicySchema = z.strictObject({
  websocket: z.enum(['refuse', 'swallow']).optional(),
  sse: z.enum(['refuse', 'swallow', 'buffer']).optional(),
  'long-poll': z.enum(['refuse', 'swallow']).optional(),
})

export type ProxyPolicy = Readonly<z.output<typeof proxyPolicySchema>>
export type BlockableTransport = keyof ProxyPolicy
export type Blocking = NonNullable<ProxyPolicy[BlockableTransport]>

/** What a fault makes a proxy do: one transport, and how. */
export const proxyBlocks = {
  transport: z.enum(['websocket', 'sse', 'long-poll']),
  how: z.enum(['refuse', 'swallow', 'buffer']),
}

export function isBlockable(transport: TransportName): transport is BlockableTransport {
  return transport === 'websocket' || transport === 'sse' || transport === 'long-poll'
}

/** What is tried in turn: the transport that is asked for, and what it is fallen back to. */
export function chainOf({ transport, client }: Selection): readonly TransportName[] {
  return [transport, ...client?.fallback?.to ?? []]
}

/** The part of a plan or a scenario that says which transports may run. */
export interface Selection {
  readonly transport: TransportName
  readonly client?: { readonly fallback?: { readonly to: readonly StreamTransport[] } }
}

/** Whether something of the chain passes the proxy. */
export function letsThrough(policy: ProxyPolicy | undefined, chain: readonly TransportName[]): boolean {
  return chain.some((transport) => !isBlockable(transport) || policy?.[transport] === undefined)
}
