/** How a scenario states a link. */
import { z } from 'zod'
import { milliseconds } from './limits.ts'

/** Half an hour: latency and jitter together stay below what a link takes. */
const linkDelay = milliseconds.max(1_800_000).optional()

/**
 * Each way: a latency plus a uniform draw from [0, jitter] per packet (40 and 20 ms unless given), or a
 * network profile by name, which says both and more.
 */
export const linkSchema = z.strictObject({ latencyMs: linkDelay, jitterMs: linkDelay, profile: z.string().min(1).max(40).optional() })
