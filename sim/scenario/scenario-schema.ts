/**
 * The scenario: a recipe of topology, network, workload and weather as distributions (design section 1).
 *
 * Plain JSON, versioned, checked here: first its shape (types, limits, unknown keys), then what the shape
 * cannot say (names that refer to nothing, contradictions; `scenario-checks.ts`). All durations are in
 * milliseconds of true virtual time; the plan made from a scenario is in microseconds.
 */
import { z } from 'zod'
import { BadInput } from '../bad-input.ts'
import type { DeepReadonly } from './deep-readonly.ts'
import {
  driftPpm, MAX_DEVICES, MAX_DOCUMENTS, MAX_FIELDS, MAX_SIMULATED_MS, MAX_STREAMS, MAX_TABS, MAX_WEATHER, milliseconds, name,
  probability, text,
} from './limits.ts'
import { linkSchema } from './link-schema.ts'
import { STREAM_TRANSPORTS } from './proxy-policy.ts'
import { scenarioProblems } from './scenario-checks.ts'
import { schemaProblem } from './schema-problem.ts'
import type { JsonSchema } from './schema-walk.ts'
import { streamSchema, withAlphabets } from './stream-schema.ts'
import { weatherSchema } from './weather-schema.ts'
import { wireSchema } from './wire-config.ts'

export const SCENARIO_SCHEMA_ID = 'syncstorm.scenario/1'

const msRange = z.strictObject({ min: milliseconds, max: milliseconds })

const deviceSchema = z.strictObject({
  id: name,
  /** The account; the device's own id unless given. Devices of one account share a user. */
  user: name.optional(),
  /** Processes of the app on this device, which share its network, clocks, power and browser; 1 unless given. */
  tabs: z.int().min(1).max(MAX_TABS).optional(),
  /** Overrides the scenario's link for this device. */
  link: linkSchema.optional(),
  /** Error of the device's wall clock at the start; may be negative. */
  clockOffsetMs: z.number().min(-MAX_SIMULATED_MS).max(MAX_SIMULATED_MS).default(0),
  /** Parts per million that its clocks run too fast; may be negative. */
  clockDriftPpm: driftPpm.optional(),
})

const fieldSchema = z.strictObject({
  name,
  type: z.enum(['register', 'text']),
  /** Content before the first edit: null (register) or '' (text) unless given. */
  initial: z.union([text, z.null()]).optional(),
})

const documentSchema = z.strictObject({ id: name, fields: z.array(fieldSchema).min(1).max(MAX_FIELDS) })

const clientSchema = z.strictObject({
  requestTimeoutMs: milliseconds.min(1).default(10_000),
  /** Defaults: requirements B01. */
  reconnect: z.strictObject({
    initialMs: milliseconds.min(1).default(1000),
    multiplier: z.number().min(1).max(100).default(2),
    capMs: milliseconds.min(1).default(30_000),
    /** Share of the delay that is drawn: 0.1 means +-10 %. */
    jitter: probability.default(0.1),
  }).prefault({}),
  invalidation: z.enum(['debounced', 'immediate']).default('debounced'),
  /** What is sent waits so long for more, and goes together; 0: nothing waits. Sources: 100 on Wi-Fi, 2000 on cellular (F10). */
  flushMs: milliseconds.max(60_000).default(0),
  debounceMs: milliseconds.default(300),
  maxWaitMs: milliseconds.default(5000),
  /** What to try when the scenario's transport fails (requirements A11, A12). */
  fallback: z.strictObject({
    /** One after another; none unless given. */
    to: z.array(z.enum(STREAM_TRANSPORTS)).max(STREAM_TRANSPORTS.length).default([]),
    /** An attempt that is not open by then counts as failed: `unavailableTimeout` of pusher-js. */
    connectTimeoutMs: milliseconds.min(1).default(10_000),
    /** How long what worked is tried first, as in pusher-js. */
    memoryMs: milliseconds.default(1_800_000),
  }).prefault({}),
})

const serverConfigSchema = z.strictObject({
  serviceMs: msRange.prefault({ min: 1, max: 5 }),
  fanOutMs: msRange.prefault({ min: 1, max: 20 }),
  retainedFrames: z.int().min(1).max(1_000_000).default(10_000),
  /** Requests and streams need an access token, which is good for so long; none are used unless given. */
  tokenLifeMs: milliseconds.min(1).optional(),
})

const workloadSchema = z.strictObject({
  streams: z.array(streamSchema).max(MAX_STREAMS).default([]),
  /** A file with a recorded editing session; its agents are the devices, its transactions the workload. */
  recorded: z.string().min(1).optional(),
  /** Order in which library ids follow the devices' order. */
  ids: z.enum(['ascending', 'descending']).default('ascending'),
})

export const scenarioSchema = z.strictObject({
  schema: z.literal(SCENARIO_SCHEMA_ID),
  name,
  summary: z.string().max(300).default(''),
  /** Ids of the requirements this scenario exercises. */
  covers: z.array(z.string().min(1).max(40)).default([]),
  simulatedMs: milliseconds.min(1),
  devices: z.array(deviceSchema).max(MAX_DEVICES),
  servers: z.array(z.strictObject({ id: name })).min(1).max(1).prefault([{ id: 'server' }]),
  documents: z.array(documentSchema).min(1).max(MAX_DOCUMENTS),
  transport: z.enum(['websocket', 'sse', 'long-poll', 'http', 'datagram', 'scripted']).default('websocket'),
  wire: wireSchema.prefault({}),
  /** Between every device and the servers, unless the device says otherwise. */
  link: linkSchema.default({}),
  client: clientSchema.prefault({}),
  server: serverConfigSchema.prefault({}),
  strategy: z.strictObject({ inFlight: z.enum(['one', 'many']).default('one') }).prefault({}),
  workload: workloadSchema.prefault({}),
  weather: z.array(weatherSchema).max(MAX_WEATHER).default([]),
})

/** A scenario with every default filled in. */
export type Scenario = DeepReadonly<z.output<typeof scenarioSchema>>
/** A scenario as people write it. */
export type ScenarioInput = DeepReadonly<z.input<typeof scenarioSchema>>

/**
 * Checks the shape of a scenario and fills in the defaults, without judging whether it is complete and free
 * of contradictions: what `--set` is applied to. Throws `BadInput`.
 */
export function completeScenario(value: unknown, source: string): Scenario {
  const result = scenarioSchema.safeParse(value)
  if (!result.success) throw schemaProblem(result.error, value, source, scenarioJsonSchema())
  const { workload } = result.data
  return { ...result.data, workload: { ...workload, streams: withAlphabets(workload.streams) } }
}

/**
 * Checks a scenario wholly and fills in its defaults. Throws `BadInput` naming `source` (a file, or a
 * scenario's name), the JSON path, what was expected and what stands there.
 */
export function validateScenario(value: unknown, source: string): Scenario {
  const scenario = completeScenario(value, source)
  const [first, ...others] = scenarioProblems(scenario)
  if (first !== undefined) throw new BadInput({ ...first, where: source, others: others.length })
  return scenario
}

let jsonSchema: JsonSchema | undefined

/** The published JSON Schema of scenarios (as written: what has a default may be left out). */
export function scenarioJsonSchema(): JsonSchema {
  jsonSchema ??= { $id: SCENARIO_SCHEMA_ID, ...z.toJSONSchema(scenarioSchema, { io: 'input' }) } as JsonSchema
  return jsonSchema
}
