/** The weather a scenario asks for: kinds of faults with how often, how long and on whom. */
import { z } from 'zod'
import { otherLinkSchema } from './link-schema.ts'
import { count, driftPpm, MAX_SIMULATED_MS, milliseconds, name, perMinute } from './limits.ts'
import { proxyBlocks } from './proxy-policy.ts'

const msRange = z.strictObject({ min: milliseconds, max: milliseconds })

const commonOfAll = {
  /** Keys the randomness of this entry; the fault ids begin with it. */
  name,
  /** Who can be hit; all devices unless given. */
  devices: z.array(name).min(1).optional(),
  /** Exactly this many occurrences, at uniformly drawn times. Either this or `perMinute`. */
  count: count.optional(),
  /** A Poisson process with this rate, over all devices together. */
  perMinute: perMinute.optional(),
  fromMs: milliseconds.default(0),
  untilMs: milliseconds.optional(),
}

const common = {
  ...commonOfAll,
  /** Whether one occurrence hits one of them, drawn anew each time, or all of them at once. */
  hits: z.enum(['one', 'all']).default('one'),
}

/** Of a device's packets: both unless given. */
const direction = z.enum(['both', 'up', 'down']).optional()

/** Packets do not arrive for a while; connections stay open. `devices` may name the server, for the way of all to it. */
export const partitionWeather = z.strictObject({ type: z.literal('partition'), ...common, durationMs: msRange, direction })
/** Packets are held for a while, and arrive at once. */
export const clogWeather = z.strictObject({ type: z.literal('clog'), ...common, durationMs: msRange, direction })
/** Clogs of all the devices, begun and ended one after another, in orders of their own. */
export const swizzleWeather = z.strictObject({ type: z.literal('swizzle'), ...commonOfAll, durationMs: msRange, direction })
/** A path that is up and blocked in turn, each for `stableMs` and an exponential time of this mean on top of it. */
export const flapWeather = z.strictObject({
  type: z.literal('flap'), ...common, durationMs: msRange,
  /** What blocks it. */
  by: z.enum(['partition', 'clog', 'offline']).default('partition'),
  upMs: milliseconds, blockedMs: milliseconds, stableMs: milliseconds.default(0),
})
/** Connections are reset; what is in flight is lost. */
export const breakWeather = z.strictObject({ type: z.literal('break'), ...common })
/** Connections are reset, and none can be made for a while. */
export const offlineWeather = z.strictObject({ type: z.literal('offline'), ...common, durationMs: msRange })
/**
 * A device changes to a network with this link, for good or (`durationMs`) for a while, after which it changes back. With
 * `hits: all` every device gets the same.
 */
export const switchWeather = z.strictObject({ type: z.literal('switch'), ...common, link: otherLinkSchema, durationMs: msRange.optional() })
/** A middlebox resets connections, or forgets them and lets nothing through for a while, or holds FINs and resets. */
export const resetWeather = z.strictObject({ type: z.literal('reset'), ...common })
export const blackHoleWeather = z.strictObject({ type: z.literal('black-hole'), ...common, durationMs: msRange })
export const slowCloseWeather = z.strictObject({ type: z.literal('slow-close'), ...common, durationMs: msRange })
/** The resolver is silent for a while. */
export const dnsFailureWeather = z.strictObject({ type: z.literal('dns-failure'), ...common, durationMs: msRange })

/** A proxy blocks a transport for a while. */
export const proxyBlockWeather = z.strictObject({ type: z.literal('proxy-block'), ...common, durationMs: msRange, ...proxyBlocks })

/** The process ends and starts again after a while; `devices` may name servers. */
export const crashWeather = z.strictObject({ type: z.literal('crash'), ...common, durationMs: msRange })
export const killWeather = z.strictObject({ type: z.literal('kill'), ...common, durationMs: msRange })
export const restartWeather = z.strictObject({ type: z.literal('restart'), ...common, durationMs: msRange })
/** The disk stalls for a while, and power fails in the middle of what it then writes. */
export const tornWriteWeather = z.strictObject({ type: z.literal('torn-write'), ...common, durationMs: msRange })
/** The process sleeps, or its page is hidden. */
export const suspendWeather = z.strictObject({ type: z.literal('suspend'), ...common, durationMs: msRange })
export const hideWeather = z.strictObject({ type: z.literal('hide'), ...common, durationMs: msRange })
/** A page's main thread is blocked. */
export const stallWeather = z.strictObject({ type: z.literal('stall'), ...common, durationMs: msRange })
/** The disk refuses writes for a while. */
export const quotaWeather = z.strictObject({ type: z.literal('quota'), ...common, durationMs: msRange })
export const diskErrorWeather = z.strictObject({ type: z.literal('disk-error'), ...common, durationMs: msRange })
/** A stored byte changes; the process is restarted after a while and finds the damage. */
export const bitRotWeather = z.strictObject({ type: z.literal('bit-rot'), ...common, durationMs: msRange })

const signedMs = z.number().min(-MAX_SIMULATED_MS).max(MAX_SIMULATED_MS)
const signedMsRange = z.strictObject({ min: signedMs, max: signedMs })
/** The wall clock is set, for good or for a while; or runs too fast for a while. */
export const stepWeather = z.strictObject({ type: z.literal('step'), ...common, byMs: signedMsRange })
export const skewWeather = z.strictObject({ type: z.literal('skew'), ...common, durationMs: msRange, byMs: signedMsRange })
export const driftWeather = z.strictObject({ type: z.literal('drift'), ...common, durationMs: msRange, ppm: z.strictObject({ min: driftPpm, max: driftPpm }) })

export const weatherSchema = z.discriminatedUnion('type', [
  partitionWeather, breakWeather, offlineWeather, crashWeather, killWeather, restartWeather, tornWriteWeather,
  suspendWeather, hideWeather, stallWeather, quotaWeather, diskErrorWeather, bitRotWeather, stepWeather, skewWeather, driftWeather,
  clogWeather, swizzleWeather, flapWeather, switchWeather, resetWeather, blackHoleWeather, slowCloseWeather, dnsFailureWeather, proxyBlockWeather,
])

export type Weather = z.output<typeof weatherSchema>
