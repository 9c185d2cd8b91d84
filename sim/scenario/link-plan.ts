/**
 * A device's link as a plan states it: each direction in netem's vocabulary, as plain JSON.
 *
 * What a profile or a scenario's latency meant stands here worked out, so that a plan replays after profiles
 * have changed. Recorded links and overrides of single packets are not part of plans yet.
 */
import { z } from 'zod'
import type { PacketLinkOptions } from '../network/packet-link.ts'
import { DELAY_DISTRIBUTIONS } from '../network/impairments/delay.ts'
import { MAX_CORRELATION } from '../network/impairments/step.ts'
import { type InputProblem, problem } from './input-problem.ts'
import type { JsonPath } from './json-path.ts'
import { microseconds, probability } from './limits.ts'
import { type ProxyPolicy, proxyPolicySchema } from './proxy-policy.ts'

/** One direction. */
export interface LinkDescription extends Omit<PacketLinkOptions, 'bottleneck' | 'override'> {
  readonly bottleneck?: { readonly rateKbps: number }
}

export interface LinkPlan {
  /** From the device to the servers. */
  readonly up: LinkDescription
  readonly down: LinkDescription
  /** What the proxy before it blocks; without one, nothing. */
  readonly proxy?: ProxyPolicy
}

/** An hour: more than any stated latency and its tail. */
const MAX_LATENCY_US = 3_600_000_000

const stepUs = microseconds.min(1).optional()
const correlation = z.number().min(0).max(MAX_CORRELATION).optional()
const chance = { probability, correlation, stepUs }

const lossSchema = z.discriminatedUnion('model', [
  z.strictObject({ model: z.literal('random'), ...chance }),
  z.strictObject({ model: z.literal('gilbert-elliott'), p: probability, r: probability, lossInBad: probability.optional(), lossInGood: probability.optional(), stepUs }),
  z.strictObject({ model: z.literal('four-state'), p13: probability, p31: probability, p32: probability, p23: probability, p14: probability, stepUs }),
])

const linkSchema = z.strictObject({
  delay: z.strictObject({
    latencyUs: microseconds.max(MAX_LATENCY_US), jitterUs: microseconds.max(MAX_LATENCY_US).optional(),
    distribution: z.enum(DELAY_DISTRIBUTIONS).optional(), correlation, stepUs,
  }),
  loss: lossSchema.optional(),
  duplicate: z.strictObject(chance).optional(),
  corrupt: z.strictObject(chance).optional(),
  reorder: z.strictObject({ ...chance, gap: z.int().min(1).max(1_000_000).optional() }).optional(),
  bottleneck: z.strictObject({ rateKbps: z.number().min(0.001).max(1_000_000_000) }).optional(),
  queue: z.strictObject({ maxPackets: z.int().min(1).max(1_000_000_000).optional(), maxBytes: z.int().min(1500).max(1_000_000_000_000).optional() }).optional(),
  keepsOrder: z.boolean().optional(),
})

export const linkPlanSchema = z.strictObject({ up: linkSchema, down: linkSchema, proxy: proxyPolicySchema.optional() })

/** Exits of one state of a chain that add up to more than 1. */
export function linkProblems(link: LinkPlan, path: JsonPath): readonly InputProblem[] {
  return (['up', 'down'] as const).flatMap((direction) => {
    const { loss } = link[direction]
    if (loss?.model !== 'four-state') return []
    return ([['p13', 'p14'], ['p31', 'p32']] as const).flatMap(([one, other]) => loss[one] + loss[other] <= 1 ? []
      : [problem('contradiction', [...path, direction, 'loss', other], `at most 1 - ${one} (${1 - loss[one]})`, String(loss[other]))])
  })
}

/** The same in both directions: a latency, and a uniform draw from [0, jitterUs] on top of it for each packet. */
export function jitteredLink(latencyUs: number, jitterUs: number): LinkPlan {
  const halfUs = Math.floor(jitterUs / 2)
  const direction: LinkDescription = { delay: halfUs === 0 ? { latencyUs } : { latencyUs: latencyUs + halfUs, jitterUs: halfUs } }
  return { up: direction, down: direction }
}
