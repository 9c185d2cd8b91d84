/** What a transport does in times of its own, and how long the world must be still to count as quiet under it (H3). */
import type { Plan } from './plan.ts'

/** The least time without change before a world counts as quiet (H3). */
const SETTLE_WINDOW_US = 5_000_000

/**
 * No view and no durable state changes for this long before the world counts as quiet: twice the longest period of
 * what goes on in the background, and 5 s (H3).
 */
export function settleWindowUs(plan: Pick<Plan, 'transport' | 'wire'>): number {
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

export function transportTimes({ transport, wire }: Pick<Plan, 'transport' | 'wire'>): TransportTimes {
  const { retryUs, exchangeTimeoutUs, keepAliveUs, livenessUs, holdUs, pollUs } = wire
  switch (transport) {
    case 'websocket': case 'scripted': return AT_ONCE
    case 'sse': return { periodUs: keepAliveUs, waitUs: 0, patienceUs: Math.max(livenessUs, exchangeTimeoutUs), retryUs }
    case 'long-poll': return { periodUs: holdUs, waitUs: 0, patienceUs: holdUs + exchangeTimeoutUs, retryUs }
    case 'http': return { periodUs: pollUs, waitUs: pollUs, patienceUs: exchangeTimeoutUs, retryUs }
  }
}

/**
 * How long an access token must be good for where `hosts` devices and tabs have one: each renewal opens a stream,
 * and between two of them the world must be able to be quiet (H3).
 */
export function shortestTokenLifeUs(plan: Pick<Plan, 'transport' | 'wire'>, hosts: number): number { return 2 * hosts * settleWindowUs(plan) }
