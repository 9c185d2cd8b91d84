/** How a scenario states a link. */
import { z } from 'zod'
import { RADIO_KINDS } from '../network/profiles/radio.ts'
import { milliseconds } from './limits.ts'
import { recordingSource } from './link-recording.ts'
import { proxyPolicySchema } from './proxy-policy.ts'

/** Half an hour: latency and jitter together stay below what a link takes. */
const linkDelay = milliseconds.max(1_800_000).optional()

const network = {
  latencyMs: linkDelay, jitterMs: linkDelay, profile: z.string().min(1).max(40).optional(),
  /** What the device has there: the profile's, or LTE, unless given. */
  radio: z.enum(RADIO_KINDS).optional(),
  /** What the proxy before the link blocks, transport by transport, and how. */
  proxy: proxyPolicySchema.optional(),
}

/** A link that a device changes to: a latency and jitter, or a profile. */
export const otherLinkSchema = z.strictObject(network)

/**
 * Each way: a latency plus a uniform draw from [0, jitter] per packet (40 and 20 ms unless given), or a
 * network profile by name, which says both and more. `recorded` names the files of recordings in mahimahi's format,
 * whose rate the link then has (from `fromMs` of the recording on), behind a queue of `queuePackets` (1,000 unless
 * given).
 */
export const linkSchema = z.strictObject({
  ...network,
  recorded: z.strictObject({ up: recordingSource.optional(), down: recordingSource.optional(), fromMs: milliseconds.optional() }).optional(),
  queuePackets: z.int().min(1).max(1_000_000).optional(),
})
