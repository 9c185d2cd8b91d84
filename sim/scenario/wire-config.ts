/**
 * How transports are set up, beyond which one runs: in a scenario in milliseconds (`--set wire.<name>=...`), in
 * a plan in microseconds. Defaults are what browsers and common servers do; each says whose number it is.
 */
import { z } from 'zod'
import { microseconds, milliseconds } from './limits.ts'
import { microsecondsOf } from './virtual-duration.ts'

export const wireSchema = z.strictObject({
  /** An idle stream is probed this long after its other end vanished: Chromium's `kTCPKeepAliveSeconds`. */
  tcpKeepAliveMs: milliseconds.min(1).default(45_000),
  /** `sse`, `long-poll`, `http`: pause before what failed is tried again. Browsers' `EventSource` (requirements A08). */
  retryMs: milliseconds.min(1).default(3000),
  /** `sse`: the server writes a comment when it has written nothing for so long (WHATWG HTML 9.2.7). */
  keepAliveMs: milliseconds.min(1).default(15_000),
  /** `sse`: a stream that brings nothing for so long is taken for dead: `heartbeatTimeout` of Yaffle's EventSource. */
  livenessMs: milliseconds.min(1).default(45_000),
  /** `long-poll`: how long the server holds a request (requirements A10). */
  holdMs: milliseconds.min(1).default(30_000),
  /** `http`: from one answer to the next poll. */
  pollMs: milliseconds.min(1).default(3000),
  /** A poll, a POST and the head of an event stream are given up after so long; `long-poll` adds the hold. */
  exchangeTimeoutMs: milliseconds.min(1).default(15_000),
  /** A stream of exchanges is lost when the server has heard nothing for so long, or the device cannot get its frames through. */
  sessionMs: milliseconds.min(1).default(60_000),
  /** Events that the server keeps once they were sent, for devices that come back; who has missed more starts afresh (A09). */
  replayEvents: z.int().min(1).max(1_000_000).default(1000),
})

export const wirePlanSchema = z.strictObject({
  tcpKeepAliveUs: microseconds.min(1),
  retryUs: microseconds.min(1),
  keepAliveUs: microseconds.min(1),
  livenessUs: microseconds.min(1),
  holdUs: microseconds.min(1),
  pollUs: microseconds.min(1),
  exchangeTimeoutUs: microseconds.min(1),
  sessionUs: microseconds.min(1),
  replayEvents: z.int().min(1).max(1_000_000),
})

export type WireConfig = Readonly<z.output<typeof wirePlanSchema>>

export function planWire(wire: Readonly<z.output<typeof wireSchema>>): WireConfig {
  return {
    tcpKeepAliveUs: microsecondsOf(wire.tcpKeepAliveMs),
    retryUs: microsecondsOf(wire.retryMs),
    keepAliveUs: microsecondsOf(wire.keepAliveMs),
    livenessUs: microsecondsOf(wire.livenessMs),
    holdUs: microsecondsOf(wire.holdMs),
    pollUs: microsecondsOf(wire.pollMs),
    exchangeTimeoutUs: microsecondsOf(wire.exchangeTimeoutMs),
    sessionUs: microsecondsOf(wire.sessionMs),
    replayEvents: wire.replayEvents,
  }
}

/** A scenario's wire when nothing is said. */
export const DEFAULT_WIRE: WireConfig = planWire(wireSchema.parse({}))
