/**
 * Which transports suit an application, best first: the decision table of requirements A12. It is advice for
 * scenarios and for users; a run takes what its scenario says (`transport`, `client.fallback`).
 *
 * The chain is WebSocket, then SSE with POSTs up, then long polling, then plain polling, from which the table takes
 * what does not fit:
 * - a WebSocket is for those who talk back: two-way, or a client that sends and cannot wait for a POST's round trip.
 *   Whoever only listens has all that SSE gives without an upgrade that can be blocked;
 * - behind a proxy a WebSocket goes first only where nothing else will do (two-way and urgent): otherwise what is
 *   plain HTTP goes first, and the WebSocket is not tried;
 * - long polling stands in for SSE where a proxy buffers: in every chain whose news cannot wait for a poll;
 * - plain polling ends every chain, since it passes everywhere. An app that works offline and whose news can wait
 *   begins with it, unless it is two-way: it is brought up to date when it comes back, whatever carried it.
 */
import { STREAM_TRANSPORTS, type StreamTransport } from '../../scenario/proxy-policy.ts'

export interface TransportNeeds {
  /** Both sides speak at any time. */
  readonly bidirectional: boolean
  /** News must be there within a fraction of a second. */
  readonly latencyCritical: boolean
  /** The users sit behind proxies that nobody here has set up. */
  readonly behindProxy: boolean
  /** The client sends more than now and then. */
  readonly clientSends: boolean
  /** The app works without a connection. */
  readonly offline: boolean
}

/** The chain to try, best first; never empty. */
export function chooseTransport({ bidirectional, latencyCritical, behindProxy, clientSends, offline }: TransportNeeds): readonly StreamTransport[] {
  if (offline && !latencyCritical && !bidirectional) return ['http']
  const talksBack = bidirectional || (clientSends && latencyCritical)
  const isWorthTheRisk = !behindProxy || (bidirectional && latencyCritical)
  return STREAM_TRANSPORTS.filter((transport) => transport !== 'websocket' || (talksBack && isWorthTheRisk))
}
