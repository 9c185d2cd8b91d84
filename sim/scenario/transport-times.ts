/** What a transport does in times of its own, and how long the world must be still to count as quiet under it (H3). */
import type { TransportName } from '../contract.ts'
import { chainOf, type Selection } from './proxy-policy.ts'
import type { WireConfig } from './wire-config.ts'

/** Which transports may run, and how they are set up. */
type TransportSelection = Selection & { readonly wire: WireConfig }

/** The least time without change before a world counts as quiet (H3). */
const SETTLE_WINDOW_US = 5_000_000

/**
 * No view and no durable state changes for this long before the world counts as quiet: twice the longest period of
 * what goes on in the background, and 5 s (H3).
 */
export function settleWindowUs(plan: TransportSelection): number {
  return Math.max(2 * transportTimes(plan).periodUs, SETTLE_WINDOW_US)
}

/** What a transport adds to the bounds. */
export interface TransportTimes {
  /** Longest period of idle polls, held requests and keep-alive comments. */
  readonly periodUs: number
  /** From an event at the server to its way down, when nothing is wrong. */
  readonly waitUs: number
  /** Until a device misses an answer that has died, or gives up a request. */
  readonly patienceUs: number
  /** Until it tries again. */
  readonly retryUs: number
}

/** A WebSocket sends at once, and dials when it has heard that it must. */
const AT_ONCE: TransportTimes = { periodUs: 0, waitUs: 0, patienceUs: 0, retryUs: 0 }

/** Of the worst transport that a device may come to use. */
export function transportTimes(plan: TransportSelection): TransportTimes {
  const all = chainOf(plan).map((transport) => timesOf(transport, plan.wire))
  const worst = (of: keyof TransportTimes): number => Math.max(...all.map((times) => times[of]))
  return { periodUs: worst('periodUs'), waitUs: worst('waitUs'), patienceUs: worst('patienceUs'), retryUs: worst('retryUs') }
}

function timesOf(transport: TransportName, wire: WireConfig): TransportTimes {
  const { retryUs, exchangeTimeoutUs, keepAliveUs, livenessUs, holdUs, pollUs } = wire
  switch (transport) {
    case 'websocket': case 'datagram': case 'scripted': return AT_ONCE
    case 'sse': return { periodUs: keepAliveUs, waitUs: 0, patienceUs: Math.max(livenessUs, exchangeTimeoutUs), retryUs }
    case 'long-poll': return { periodUs: holdUs, waitUs: 0, patienceUs: holdUs + exchangeTimeoutUs, retryUs }
    case 'http': return { periodUs: pollUs, waitUs: pollUs, patienceUs: exchangeTimeoutUs, retryUs }
  }
}

/**
 * How long an access token must be good for where `hosts` devices and tabs have one: each renewal opens a stream,
 * and between two of them the world must be able to be quiet (H3).
 */
export function shortestTokenLifeUs(plan: TransportSelection, hosts: number): number { return 2 * hosts * settleWindowUs(plan) }
