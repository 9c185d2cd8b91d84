/** The weather a scenario asks for: kinds of faults with how often, how long and on whom. */
import { z } from 'zod'
import { otherLinkSchema } from './link-schema.ts'
import { count, driftPpm, errorStatus, MAX_SIMULATED_MS, milliseconds, name, perMinute, perSecond, positiveCount, probability, slowdown } from './limits.ts'
import { MOMENTS } from './plan.ts'
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
  /**
   * Each occurrence waits, from its drawn time on, for the nth such moment of the protocol (`plan.ts`) on a host: the
   * first that is hit where such a moment can come, else any, unless given. Left out of comparisons (D5).
   */
  when: z.strictObject({ event: z.enum(MOMENTS), host: name.optional(), nth: positiveCount.default(1) }).optional(),
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

/** The server's address moves to a standby, whose clock is this far from the primary's; within 50 ms unless given. */
export const failoverWeather = z.strictObject({
  type: z.literal('failover'), ...common, durationMs: msRange, byMs: signedMsRange.prefault({ min: -50, max: 50 }),
})

/** On requests: which part of them meet it; all unless given. */
const onRequests = { ...common, durationMs: msRange, share: probability.optional() }
/** HTTP says it in whole seconds (RFC 9110, 10.2.3); no such header unless given. */
const retryAfterMs = milliseconds.multipleOf(1000, { error: 'whole seconds, as HTTP says it: a multiple of 1000' }).optional()
export const serverErrorWeather = z.strictObject({
  type: z.literal('server-error'), ...onRequests, status: errorStatus.default(503), executes: z.boolean().default(false), retryAfterMs,
})
export const rateLimitWeather = z.strictObject({ type: z.literal('rate-limit'), ...onRequests, perSecond, retryAfterMs })
export const overloadWeather = z.strictObject({
  type: z.literal('overload'), ...onRequests, slowdown: slowdown.default(10), workers: positiveCount.default(2), queue: count.default(10), retryAfterMs,
})
export const lostAnswerWeather = z.strictObject({ type: z.literal('lost-answer'), ...onRequests })
export const duplicateRequestWeather = z.strictObject({ type: z.literal('duplicate-request'), ...onRequests, withinMs: msRange.prefault({ min: 0, max: 1000 }) })
export const lagWeather = z.strictObject({ type: z.literal('lag'), ...onRequests, lagMs: msRange })
export const tokenExpiredWeather = z.strictObject({ type: z.literal('token-expired'), ...common })

export const weatherSchema = z.discriminatedUnion('type', [
  partitionWeather, breakWeather, offlineWeather, crashWeather, killWeather, restartWeather, tornWriteWeather,
  suspendWeather, hideWeather, stallWeather, quotaWeather, diskErrorWeather, bitRotWeather, stepWeather, skewWeather, driftWeather,
  clogWeather, swizzleWeather, flapWeather, switchWeather, resetWeather, blackHoleWeather, slowCloseWeather, dnsFailureWeather, proxyBlockWeather,
  failoverWeather, serverErrorWeather, rateLimitWeather, overloadWeather, lostAnswerWeather, duplicateRequestWeather, lagWeather, tokenExpiredWeather,
])

export type Weather = z.output<typeof weatherSchema>
