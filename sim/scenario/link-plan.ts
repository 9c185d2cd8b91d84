/**
 * A device's link as a plan states it: each direction in netem's vocabulary, as plain JSON.
 *
 * What a profile or a scenario's latency meant stands here worked out, so that a plan replays after profiles
 * have changed. A recorded rate is named, and stands among the plan's recordings (`link-recording.ts`). Overrides of
 * single packets are not part of plans yet.
 */
import { z } from 'zod'
import type { DeliveryTrace } from '../network/delivery-trace.ts'
import type { PacketLinkOptions } from '../network/packet-link.ts'
import { DELAY_DISTRIBUTIONS } from '../network/impairments/delay.ts'
import { MAX_CORRELATION } from '../network/impairments/step.ts'
import { showValue } from '../bad-input.ts'
import { type InputProblem, problem } from './input-problem.ts'
import type { JsonPath } from './json-path.ts'
import { microseconds, probability } from './limits.ts'
import { recordingSource } from './link-recording.ts'
import { type ProxyPolicy, proxyPolicySchema } from './proxy-policy.ts'

/** One direction. */
export interface LinkDescription extends Omit<PacketLinkOptions, 'bottleneck' | 'override'> {
  /** A constant rate, or the recording of this source in the plan, from `fromUs` of it on. */
  readonly bottleneck?: { readonly rateKbps: number } | { readonly recording: string; readonly fromUs?: number }
}

export interface LinkPlan {
  /** From the device to the servers. */
  readonly up: LinkDescription
  readonly down: LinkDescription
  /** How long the device's radio stays on after it was used; without a radio nothing is counted. */
  readonly radioTailUs?: number
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
  bottleneck: z.union([z.strictObject({ rateKbps: z.number().min(0.001).max(1_000_000_000) }), z.strictObject({ recording: recordingSource, fromUs: microseconds.optional() })]).optional(),
  queue: z.strictObject({ maxPackets: z.int().min(1).max(1_000_000_000).optional(), maxBytes: z.int().min(1500).max(1_000_000_000_000).optional() }).optional(),
  keepsOrder: z.boolean().optional(),
})

export const linkPlanSchema = z.strictObject({
  up: linkSchema, down: linkSchema, radioTailUs: microseconds.min(1).max(MAX_LATENCY_US).optional(), proxy: proxyPolicySchema.optional(),
})

/** Exits of one state of a chain that add up to more than 1. */
export function linkProblems(link: LinkPlan, path: JsonPath): readonly InputProblem[] {
  return (['up', 'down'] as const).flatMap((direction) => {
    const { loss } = link[direction]
    if (loss?.model !== 'four-state') return []
    return ([['p13', 'p14'], ['p31', 'p32']] as const).flatMap(([one, other]) => loss[one] + loss[other] <= 1 ? []
      : [problem('contradiction', [...path, direction, 'loss', other], `at most 1 - ${one} (${1 - loss[one]})`, String(loss[other]))])
  })
}

/** Recorded rates whose recording is not in the plan. */
export function recordingReferenceProblems(link: LinkPlan, sources: readonly string[], path: JsonPath): readonly InputProblem[] {
  return (['up', 'down'] as const).flatMap((direction) => {
    const { bottleneck } = link[direction]
    if (bottleneck === undefined || 'rateKbps' in bottleneck || sources.includes(bottleneck.recording)) return []
    return [problem('unknown-name', [...path, direction, 'bottleneck', 'recording'],
      sources.length === 0 ? 'the source of one of the plan\'s recordings (it has none)' : `one of the plan's recordings: ${sources.join(', ')}`, showValue(bottleneck.recording))]
  })
}

/** A direction as `PacketLink` takes it. */
export function packetLinkOptions({ bottleneck, ...link }: LinkDescription, traces: ReadonlyMap<string, DeliveryTrace> = new Map()): PacketLinkOptions {
  if (bottleneck === undefined) return link
  if ('rateKbps' in bottleneck) return { ...link, bottleneck }
  const { recording, fromUs } = bottleneck
  return { ...link, bottleneck: { recorded: traceNamed(recording, traces), ...(fromUs === undefined ? {} : { fromUs }) } }
}

/** @throws Error for a recording that the plan's checks have let through */
export function traceNamed(source: string, traces: ReadonlyMap<string, DeliveryTrace>): DeliveryTrace {
  const trace = traces.get(source)
  if (trace === undefined) throw new Error(`no recording ${source} in the plan`)
  return trace
}

/** The same in both directions: a latency, and a uniform draw from [0, jitterUs] on top of it for each packet. */
export function jitteredLink(latencyUs: number, jitterUs: number): LinkPlan {
  const halfUs = Math.floor(jitterUs / 2)
  const direction: LinkDescription = { delay: halfUs === 0 ? { latencyUs } : { latencyUs: latencyUs + halfUs, jitterUs: halfUs } }
  return { up: direction, down: direction }
}
