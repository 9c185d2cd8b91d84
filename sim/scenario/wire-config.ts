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
  /** WebSockets of all tabs of a device to the server: Chromium's WEBSOCKET_SOCKET_POOL (30 until 2015); Firefox has 200. */
  webSocketsPerOrigin: z.int().min(1).max(100_000).default(255),
})

export const wirePlanSchema = z.strictObject({
  tcpKeepAliveUs: microseconds.min(1),
  webSocketsPerOrigin: z.int().min(1).max(100_000),
})

export type WireConfig = Readonly<z.output<typeof wirePlanSchema>>

export function planWire(wire: Readonly<z.output<typeof wireSchema>>): WireConfig {
  return {
    tcpKeepAliveUs: microsecondsOf(wire.tcpKeepAliveMs),
    webSocketsPerOrigin: wire.webSocketsPerOrigin,
  }
}

/** A scenario's wire when nothing is said. */
export const DEFAULT_WIRE: WireConfig = planWire(wireSchema.parse({}))
