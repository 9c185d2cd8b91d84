/**
 * Expands a scenario and a seed into a plan: a pure function, and never of the strategy (D5).
 *
 * Every workload stream and weather entry draws from named random streams of its own (D4). Two streams'
 * intentions at the same microsecond keep the order of the streams in the scenario.
 */
import { canonicalSeed, masterKey } from '../kernel/keyed-random.ts'
import { openStream } from '../kernel/random-streams.ts'
import { BadInput, showValue } from '../bad-input.ts'
import type { DeliveryTrace } from '../network/delivery-trace.ts'
import { CodePointAllocator } from './code-points.ts'
import { MAX_FAULTS, MAX_INTENTIONS } from './limits.ts'
import { planConfiguration, planDevices, planDocuments } from './plan-configuration.ts'
import type { Intention, Plan } from './plan.ts'
import { makeRecordedPlan } from './recorded-plan.ts'
import { withRecordings } from './recorded-links.ts'
import type { RecordedSession } from './recorded-session.ts'
import type { Scenario } from './scenario-schema.ts'
import { isTextStream, type ReadonlyStream } from './stream-schema.ts'
import { expandTabs, tabIds, usedTab } from './tabs.ts'
import { microsecondsOf } from './virtual-duration.ts'
import { expandWeather } from './weather.ts'
import { expandStream } from './workloads/index.ts'

/** What a scenario names and cannot hold itself. */
export interface PlanInputs {
  /** The session that `workload.recorded` names, parsed. */
  readonly recorded?: RecordedSession
  /** The recordings that `link.recorded` names, parsed, by the names in the scenario. */
  readonly traces?: ReadonlyMap<string, DeliveryTrace>
}

/**
 * Makes the plan of a validated scenario under a seed (any integer or non-empty text).
 *
 * Throws `BadInput` for an unusable seed, and for scenarios whose expansion passes a stated limit.
 */
export function makePlan(scenario: Scenario, seed: string | number, inputs: PlanInputs = {}): Plan {
  const canonical = readSeed(seed)
  const documents = planDocuments(scenario)
  const { traces = new Map<string, DeliveryTrace>() } = inputs
  if (scenario.workload.recorded !== undefined) {
    if (inputs.recorded === undefined) throw new Error('makePlan needs the session that workload.recorded names')
    return withRecordings(makeRecordedPlan(scenario, canonical, documents, inputs.recorded), traces)
  }
  const durationUs = microsecondsOf(scenario.simulatedMs)
  const devices = planDevices(scenario)
  const intentions = expandWorkload(scenario, canonical, durationUs)
  const faults = expandWeather(scenario, canonical, scenario.devices.map((device) => device.id), durationUs)
  if (intentions.length > MAX_INTENTIONS) throw tooMuch(scenario, 'workload.streams', MAX_INTENTIONS, 'intentions', intentions.length)
  if (faults.length > MAX_FAULTS) throw tooMuch(scenario, 'weather', MAX_FAULTS, 'faults', faults.length)
  return withRecordings({
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
  }, traces)
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
  const intentions = scenario.workload.streams.flatMap((stream) => inOneTab(stream, scenario, expandStream(stream, {
    simulatedUs: durationUs,
    random: (part) => openStream(key, `workload/${stream.name}/${part}`),
    codePoints: new CodePointAllocator(alphabetOf(stream), reserved, scenario.name),
    where: scenario.name,
  })))
  // The sort is stable: ties stay in the order of the streams.
  return inUsedTabs(scenario, key, intentions.sort((a, b) => a.atUs - b.atUs))
}

/** Values that repeat are told apart by the order in which one host sets them. */
function inOneTab(stream: ReadonlyStream, { devices }: Scenario, intentions: readonly Intention[]): readonly Intention[] {
  return stream.kind !== 'toggle' ? intentions
    : intentions.map((intention) => ({ ...intention, device: expandTabs(devices, [intention.device])[0] }))
}

/** What a device's user does happens in the tab that is used at that time. */
function inUsedTabs(scenario: Scenario, key: string, intentions: readonly Intention[]): readonly Intention[] {
  const used = new Map(scenario.devices.filter((device) => tabIds(device).length > 1)
    .map((device) => [device.id, usedTab(tabIds(device), openStream(key, `tabs/${device.id}`))]))
  return used.size === 0 ? intentions
    : intentions.map((intention) => ({ ...intention, device: used.get(intention.device)?.(intention.atUs) ?? intention.device }))
}

function alphabetOf(stream: ReadonlyStream): number {
  return isTextStream(stream) && 'alphabet' in stream ? stream.alphabet ?? 0 : 0
}
