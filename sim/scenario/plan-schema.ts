/**
 * The schema of plans as JSON: what a plan file or a counterexample must look like.
 *
 * `plan.ts` says what a plan is; the compiler holds this schema equal to it (below). What the shape cannot
 * say, names that refer to nothing, times out of order and the like, is in `plan-checks.ts`.
 */
import { z } from 'zod'
import { BadInput } from '../bad-input.ts'
import { DATA_TYPES } from '../values.ts'
import type { DeepReadonly } from './deep-readonly.ts'
import {
  boundedText, count, driftPpm, errorStatus, MAX_DEVICES, MAX_DOCUMENTS, MAX_END_CONTENT_POINTS, MAX_FAULTS, MAX_FIELDS, MAX_INTENTIONS,
  MAX_SIMULATED_US, microseconds, name, perSecond, positiveCount, probability, slowdown, text,
} from './limits.ts'
import { linkPlanSchema } from './link-plan.ts'
import { linkRecordingSchema, MAX_RECORDINGS } from './link-recording.ts'
import { planProblems } from './plan-checks.ts'
import { MOMENTS, type Plan } from './plan.ts'
import { proxyBlocks, STREAM_TRANSPORTS } from './proxy-policy.ts'
import { schemaProblem } from './schema-problem.ts'
import type { JsonSchema } from './schema-walk.ts'
import { wirePlanSchema } from './wire-config.ts'

export const PLAN_SCHEMA_ID = 'syncstorm.plan/1'

/** Ids of intentions and faults: short, printable, without white space. */
const id = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,119}$/, {
  error: 'an id of 1 to 120 letters, digits, ., - or _, beginning with a letter or digit',
})
/** Most code points that one intention removes, and the furthest position it names. */
const textCount = z.int().min(0).max(MAX_END_CONTENT_POINTS)

const signedMicroseconds = z.int().min(-MAX_SIMULATED_US).max(MAX_SIMULATED_US)

const deviceSchema = z.strictObject({
  id: name,
  machine: name.optional(),
  user: z.string().min(1).max(40),
  link: linkPlanSchema,
  clockOffsetUs: signedMicroseconds,
  clockDriftPpm: driftPpm.optional(),
})

const fieldSchema = z.strictObject({ name, type: z.enum(DATA_TYPES), initial: z.union([text, z.null()]) })
const documentSchema = z.strictObject({ id: name, fields: z.array(fieldSchema).min(1).max(MAX_FIELDS) })

const clientSchema = z.strictObject({
  requestTimeoutUs: microseconds.min(1),
  reconnect: z.strictObject({
    initialUs: microseconds.min(1), multiplier: z.number().min(1).max(100), capUs: microseconds.min(1), jitter: probability,
  }),
  invalidation: z.enum(['debounced', 'immediate']),
  flushUs: microseconds.max(60_000_000).optional(),
  debounceUs: microseconds,
  maxWaitUs: microseconds,
  fallback: z.strictObject({
    to: z.array(z.enum(STREAM_TRANSPORTS)).min(1).max(STREAM_TRANSPORTS.length), connectTimeoutUs: microseconds.min(1), memoryUs: microseconds,
  }).optional(),
})

const serverSchema = z.strictObject({
  serviceUs: z.tuple([microseconds, microseconds]),
  fanOutUs: z.tuple([microseconds, microseconds]),
  retainedFrames: z.int().min(1).max(1_000_000),
  tokenLifeUs: microseconds.min(1).optional(),
})

const placeSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('start') }),
  z.strictObject({ kind: z.literal('end') }),
  z.strictObject({ kind: z.literal('at'), position: textCount }),
  z.strictObject({ kind: z.literal('after'), intention: id }),
  z.strictObject({ kind: z.literal('of'), intention: id }),
])

const actionSchema = z.discriminatedUnion('op', [
  z.strictObject({ op: z.literal('set'), value: text }),
  z.strictObject({ op: z.literal('replace'), place: placeSchema, remove: textCount, insert: text }),
])

const intentionSchema = z.strictObject({ id, atUs: microseconds, device: name, document: name, field: name, action: actionSchema })

const shared = { share: probability.optional() }
/** HTTP says Retry-After in whole seconds (RFC 9110, 10.2.3). */
const retryAfterUs = microseconds.multipleOf(1_000_000, { error: 'whole seconds: a multiple of 1000000' }).optional()
const when = z.strictObject({ event: z.enum(MOMENTS), host: name, nth: positiveCount }).optional()
const faultBase = { id, atUs: microseconds, untilUs: microseconds, devices: z.array(name).min(1), when }
const faultSchema = z.discriminatedUnion('type', [
  z.strictObject({ ...faultBase, type: z.enum(['partition', 'clog']), direction: z.enum(['both', 'up', 'down']).optional() }),
  z.strictObject({ ...faultBase, type: z.enum(['break', 'offline', 'reset', 'black-hole', 'slow-close', 'dns-failure']) }),
  z.strictObject({ ...faultBase, type: z.literal('proxy-block'), ...proxyBlocks }),
  z.strictObject({ ...faultBase, type: z.literal('switch'), link: linkPlanSchema }),
  z.strictObject({ ...faultBase, type: z.enum(['crash', 'kill', 'restart', 'torn-write', 'suspend', 'hide', 'stall']) }),
  z.strictObject({ ...faultBase, type: z.enum(['quota', 'disk-error', 'bit-rot']) }),
  z.strictObject({ ...faultBase, type: z.enum(['step', 'skew']), byUs: signedMicroseconds }),
  z.strictObject({ ...faultBase, type: z.literal('drift'), ppm: driftPpm }),
  z.strictObject({ ...faultBase, type: z.literal('failover'), byUs: signedMicroseconds }),
  z.strictObject({ ...faultBase, ...shared, type: z.literal('server-error'), status: errorStatus, executes: z.boolean(), retryAfterUs }),
  z.strictObject({ ...faultBase, ...shared, type: z.literal('rate-limit'), perSecond, retryAfterUs }),
  z.strictObject({ ...faultBase, ...shared, type: z.literal('overload'), slowdown, workers: positiveCount, queue: count, retryAfterUs }),
  z.strictObject({ ...faultBase, ...shared, type: z.literal('lost-answer') }),
  z.strictObject({ ...faultBase, ...shared, type: z.literal('duplicate-request'), withinUs: microseconds }),
  z.strictObject({ ...faultBase, ...shared, type: z.literal('lag'), lagUs: microseconds.min(1) }),
  z.strictObject({ ...faultBase, type: z.literal('token-expired') }),
])

export const planSchema = z.strictObject({
  schema: z.literal(PLAN_SCHEMA_ID),
  scenario: name,
  seed: z.string().min(1).max(1000),
  durationUs: microseconds.min(1),
  devices: z.array(deviceSchema).min(1).max(MAX_DEVICES),
  recordings: z.array(linkRecordingSchema).max(MAX_RECORDINGS).optional(),
  servers: z.array(name).min(1).max(1),
  documents: z.array(documentSchema).min(1).max(MAX_DOCUMENTS),
  transport: z.enum(['websocket', 'sse', 'long-poll', 'http', 'datagram', 'scripted']),
  wire: wirePlanSchema,
  client: clientSchema,
  server: serverSchema,
  strategy: z.strictObject({ inFlight: z.enum(['one', 'many']), ids: z.enum(['ascending', 'descending']) }),
  intentions: z.array(intentionSchema).max(MAX_INTENTIONS),
  faults: z.array(faultSchema).max(MAX_FAULTS),
  deliveries: z.array(z.strictObject({ atUs: microseconds, from: name, to: name, through: id })).max(4 * MAX_INTENTIONS).optional(),
  endContent: z.strictObject({ document: name, field: name, text: boundedText(MAX_END_CONTENT_POINTS) }).optional(),
  distinctText: z.boolean(),
  repeatedValues: z.array(z.string().regex(/^[^/]+\/[^/]+$/, { error: 'a field as document/field' })),
})

type ParsedPlan = DeepReadonly<z.output<typeof planSchema>>
/** Compiles only if the schema and `plan.ts` accept the same plans. */
type Same<A, B> = [A, B] extends [B, A] ? true : never
const schemaEqualsInterface: readonly [Same<ParsedPlan, Plan>, Same<keyof ParsedPlan, keyof Plan>] = [true, true]
void schemaEqualsInterface

/**
 * Checks a plan read from a file. Throws `BadInput` naming `source`, the JSON path, what was expected and what
 * stands there.
 */
export function validatePlan(value: unknown, source: string): Plan {
  const result = planSchema.safeParse(value)
  if (!result.success) throw schemaProblem(result.error, value, source, planJsonSchema())
  const [first, ...others] = planProblems(result.data)
  if (first !== undefined) throw new BadInput({ ...first, where: source, others: others.length })
  return result.data
}

let jsonSchema: JsonSchema | undefined

/** The published JSON Schema of plans. */
export function planJsonSchema(): JsonSchema {
  jsonSchema ??= { $id: PLAN_SCHEMA_ID, ...z.toJSONSchema(planSchema, { io: 'input' }) } as JsonSchema
  return jsonSchema
}
