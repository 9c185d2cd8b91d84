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
  /** What permessage-deflate makes of a WebSocket message's payload, as a share of it (RFC 7692); 1: not negotiated. */
  deflate: z.number().min(0.01).max(1).default(1),
  /** The page reads its WebSocket by pulling (Chromium's WebSocketStream): what it does not read stays with TCP. */
  backpressure: z.boolean().default(false),
  /** What a page may have received and not handled before it crashes: about 1 GB in Chrome, 500 MB in Firefox, 256 MB in Safari (requirements A03). */
  receiveBufferBytes: z.int().min(1).max(1_000_000_000_000).default(1_000_000_000),
})

export const wirePlanSchema = z.strictObject({
  tcpKeepAliveUs: microseconds.min(1),
  deflate: wireSchema.shape.deflate.unwrap(),
  backpressure: z.boolean(),
  receiveBufferBytes: wireSchema.shape.receiveBufferBytes.unwrap(),
})

export type WireConfig = Readonly<z.output<typeof wirePlanSchema>>

export function planWire(wire: Readonly<z.output<typeof wireSchema>>): WireConfig {
  return {
    tcpKeepAliveUs: microsecondsOf(wire.tcpKeepAliveMs),
    deflate: wire.deflate,
    backpressure: wire.backpressure,
    receiveBufferBytes: wire.receiveBufferBytes,
  }
}

/** A scenario's wire when nothing is said. */
export const DEFAULT_WIRE: WireConfig = planWire(wireSchema.parse({}))
export const WIRE_SETTINGS = Object.keys(DEFAULT_WIRE) as readonly (keyof WireConfig)[]
