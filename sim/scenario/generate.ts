/**
 * Expands a scenario and a seed into a plan: a pure function, and never of the strategy (D5).
 *
 * Every workload stream and weather entry draws from named random streams of its own (D4). Two streams'
 * intentions at the same microsecond keep the order of the streams in the scenario.
 */
import { canonicalSeed, masterKey } from '../kernel/keyed-random.ts'
import { openStream } from '../kernel/random-streams.ts'
import { BadInput, showValue } from '../bad-input.ts'
import type { DocumentShape } from '../values.ts'
import { CodePointAllocator } from './code-points.ts'
import { MAX_FAULTS, MAX_INTENTIONS } from './limits.ts'
import type { Intention, Plan, PlannedDevice } from './plan.ts'
import { makeRecordedPlan } from './recorded-plan.ts'
import type { RecordedSession } from './recorded-session.ts'
import type { Scenario } from './scenario-schema.ts'
import { isTextStream, type ReadonlyStream } from './stream-schema.ts'
import { expandWeather } from './weather.ts'
import { expandStream } from './workloads/index.ts'
import { microsecondsOf } from './workloads/workload-context.ts'

/** What a scenario names and cannot hold itself. */
export interface PlanInputs {
  /** The session that `workload.recorded` names, parsed. */
  readonly recorded?: RecordedSession
}

/**
 * Makes the plan of a validated scenario under a seed (any integer or non-empty text).
 *
 * Throws `BadInput` for an unusable seed, and for scenarios whose expansion passes a stated limit.
 */
export function makePlan(scenario: Scenario, seed: string | number, inputs: PlanInputs = {}): Plan {
  const canonical = readSeed(seed)
  const documents = planDocuments(scenario)
  if (scenario.workload.recorded !== undefined) {
    if (inputs.recorded === undefined) throw new Error('makePlan needs the session that workload.recorded names')
    return makeRecordedPlan(scenario, canonical, documents, inputs.recorded)
  }
  const durationUs = microsecondsOf(scenario.simulatedMs)
  const devices = scenario.devices.map((device) => planDevice(scenario, device))
  const intentions = expandWorkload(scenario, canonical, durationUs)
  const faults = expandWeather(scenario, canonical, devices.map((device) => device.id), durationUs)
  if (intentions.length > MAX_INTENTIONS) throw tooMuch(scenario, 'workload.streams', MAX_INTENTIONS, 'intentions', intentions.length)
  if (faults.length > MAX_FAULTS) throw tooMuch(scenario, 'weather', MAX_FAULTS, 'faults', faults.length)
  return {
    schema: 'syncstorm.plan/1',
    scenario: scenario.name,
    seed: canonical,
    durationUs,
    devices,
    ...planConfiguration(scenario),
    documents,
    intentions,
    faults,
    distinctText: true,
    repeatedValues: scenario.workload.streams.flatMap((stream) =>
      stream.kind === 'toggle' ? [`${stream.document}/${stream.field}`] : []),
  }
}

function readSeed(seed: string | number): string {
  try {
    return canonicalSeed(seed)
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause
    throw new BadInput({ code: 'bad-value', where: 'seed', path: '', expected: 'an integer or a non-empty text', got: showValue(seed) }, { cause })
  }
}

function tooMuch(scenario: Scenario, path: string, limit: number, what: string, got: number): BadInput {
  return new BadInput({ code: 'too-much', where: scenario.name, path, expected: `at most ${limit} ${what}`, got: String(got) })
}

function expandWorkload(scenario: Scenario, seed: string, durationUs: number): readonly Intention[] {
  const key = masterKey(seed)
  const reserved = new Set(scenario.documents.flatMap((document) => document.fields.flatMap((field) =>
    field.type === 'text' ? Array.from(field.initial ?? '') : [])))
  const intentions = scenario.workload.streams.flatMap((stream) => expandStream(stream, {
    simulatedUs: durationUs,
    random: (part) => openStream(key, `workload/${stream.name}/${part}`),
    codePoints: new CodePointAllocator(alphabetOf(stream), reserved, scenario.name),
    where: scenario.name,
  }))
  // The sort is stable: ties stay in the order of the streams.
  return intentions.sort((a, b) => a.atUs - b.atUs)
}

function alphabetOf(stream: ReadonlyStream): number {
  return isTextStream(stream) && 'alphabet' in stream ? stream.alphabet ?? 0 : 0
}

/** The parts of a plan that are the scenario's configuration in microseconds. */
export function planConfiguration(scenario: Scenario): Pick<Plan, 'servers' | 'transport' | 'client' | 'server' | 'strategy'> {
  const { client, server } = scenario
  return {
    servers: scenario.servers.map((entry) => entry.id),
    transport: scenario.transport,
    client: {
      requestTimeoutUs: microsecondsOf(client.requestTimeoutMs),
      reconnect: {
        initialUs: microsecondsOf(client.reconnect.initialMs),
        multiplier: client.reconnect.multiplier,
        capUs: microsecondsOf(client.reconnect.capMs),
        jitter: client.reconnect.jitter,
      },
      invalidation: client.invalidation,
      debounceUs: microsecondsOf(client.debounceMs),
      maxWaitUs: microsecondsOf(client.maxWaitMs),
    },
    server: {
      serviceUs: [microsecondsOf(server.serviceMs.min), microsecondsOf(server.serviceMs.max)],
      fanOutUs: [microsecondsOf(server.fanOutMs.min), microsecondsOf(server.fanOutMs.max)],
      retainedFrames: server.retainedFrames,
    },
    strategy: { inFlight: scenario.strategy.inFlight, ids: scenario.workload.ids },
  }
}

/** A device of the plan; what it does not say of its link comes from the scenario's. */
export function planDevice(scenario: Scenario, device: Scenario['devices'][number]): PlannedDevice {
  return {
    id: device.id,
    user: device.user ?? device.id,
    link: {
      latencyUs: microsecondsOf(device.link?.latencyMs ?? scenario.link.latencyMs),
      jitterUs: microsecondsOf(device.link?.jitterMs ?? scenario.link.jitterMs),
    },
    clockOffsetUs: microsecondsOf(device.clockOffsetMs),
  }
}

function planDocuments(scenario: Scenario): readonly DocumentShape[] {
  return scenario.documents.map((document) => ({
    id: document.id,
    fields: document.fields.map((field) => ({
      name: field.name,
      type: field.type,
      initial: field.initial ?? (field.type === 'text' ? '' : null),
    })),
  }))
}
