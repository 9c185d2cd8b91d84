/** What a scenario's shape cannot say: names that must exist and be unique, and values that contradict each other. */
import { showValue } from '../bad-input.ts'
import { PROFILES } from '../network/profiles/index.ts'
import { TOKEN_LIFE_MS_PER_DEVICE } from './limits.ts'
import { type InputProblem, problem, repeated, unknownName, upsideDown, windowProblems } from './input-problem.ts'
import type { JsonPath } from './json-path.ts'
import { targetsOf } from './fault-traits.ts'
import { hostsWith } from './plan.ts'
import type { Scenario } from './scenario-schema.ts'
import { streamProblems } from './stream-checks.ts'

/** All problems of a scenario of the right shape, in document order; none if it can be expanded into plans. */
export function scenarioProblems(scenario: Scenario): readonly InputProblem[] {
  return [
    ...deviceProblems(scenario),
    ...documentProblems(scenario),
    ...linkProblems(scenario.link, ['link']),
    ...scenario.devices.flatMap(({ link }, index) => linkProblems(link ?? {}, ['devices', index, 'link'])),
    ...configurationProblems(scenario),
    ...recordedProblems(scenario),
    ...streamProblems(scenario),
    ...weatherProblems(scenario),
  ]
}

function deviceProblems(scenario: Scenario): readonly InputProblem[] {
  const { devices, servers } = scenario
  const none = devices.length === 0 && scenario.workload.recorded === undefined && scenario.transport !== 'scripted'
  return [
    ...(none ? [problem('bad-value', ['devices'], 'at least 1 device', '[]')] : []),
    ...repeated(devices.map((device) => device.id), (index) => ['devices', index, 'id'], 'device id'),
    ...servers.flatMap((server, index) => devices.some((device) => device.id === server.id)
      ? [problem('contradiction', ['servers', index, 'id'], 'an id that no device has', showValue(server.id))] : []),
  ]
}

/** A profile says the latency and the jitter: nothing else may. */
function linkProblems({ profile, latencyMs, jitterMs }: Scenario['link'], path: JsonPath): readonly InputProblem[] {
  if (profile === undefined) return []
  return [
    ...unknownName(profile, PROFILES.map(({ name }) => name), [...path, 'profile']),
    ...(latencyMs === undefined && jitterMs === undefined ? []
      : [problem('contradiction', [...path, 'profile'], 'either a profile or latencyMs and jitterMs', showValue(profile))]),
  ]
}

function documentProblems(scenario: Scenario): readonly InputProblem[] {
  return [
    ...repeated(scenario.documents.map((document) => document.id), (index) => ['documents', index, 'id'], 'document id'),
    ...scenario.documents.flatMap((document, at) => [
      ...repeated(document.fields.map((field) => field.name), (index) => ['documents', at, 'fields', index, 'name'], 'field name'),
      ...document.fields.flatMap((field, index) => field.type === 'text' && field.initial === null
        ? [problem('contradiction', ['documents', at, 'fields', index, 'initial'], 'a text (the field is a text)', 'null')] : []),
    ]),
  ]
}

function configurationProblems(scenario: Scenario): readonly InputProblem[] {
  const { client, server } = scenario
  return [
    ...(client.maxWaitMs < client.debounceMs
      ? [problem('contradiction', ['client', 'maxWaitMs'], `at least debounceMs (${client.debounceMs})`, String(client.maxWaitMs))] : []),
    ...(client.reconnect.capMs < client.reconnect.initialMs
      ? [problem('contradiction', ['client', 'reconnect', 'capMs'], `at least initialMs (${client.reconnect.initialMs})`, String(client.reconnect.capMs))] : []),
    ...(server.tokenLifeMs !== undefined && server.tokenLifeMs < scenario.devices.length * TOKEN_LIFE_MS_PER_DEVICE
      ? [problem('contradiction', ['server', 'tokenLifeMs'], `at least ${scenario.devices.length * TOKEN_LIFE_MS_PER_DEVICE}: ${TOKEN_LIFE_MS_PER_DEVICE / 1000} s for each device`, String(server.tokenLifeMs))] : []),
    ...upsideDown(server.serviceMs, ['server', 'serviceMs']),
    ...upsideDown(server.fanOutMs, ['server', 'fanOutMs']),
  ]
}

function recordedProblems(scenario: Scenario): readonly InputProblem[] {
  const { workload, transport, devices, weather, documents } = scenario
  if (workload.recorded === undefined) {
    return transport === 'scripted'
      ? [problem('contradiction', ['workload', 'recorded'],
          'the file of a recorded editing session, which transport "scripted" replays (--set workload.recorded=<file>)', 'nothing')]
      : []
  }
  const [document] = documents
  const onlyOneText = documents.length === 1 && document?.fields.length === 1 && document.fields[0]?.type === 'text'
  return [
    ...(devices.length > 0
      ? [problem('contradiction', ['devices'], 'no devices: the agents of workload.recorded are the devices', `${devices.length} of them`)] : []),
    ...(workload.streams.length > 0
      ? [problem('contradiction', ['workload', 'streams'], 'no streams beside workload.recorded', `${workload.streams.length} of them`)] : []),
    ...(onlyOneText ? [] : [problem('contradiction', ['documents'], 'one document with one text field, for workload.recorded', showValue(documents))]),
    ...(onlyOneText && (document.fields[0]?.initial ?? '') !== ''
      ? [problem('contradiction', ['documents', 0, 'fields', 0, 'initial'], 'an empty text: workload.recorded begins with one', showValue(document.fields[0]?.initial))] : []),
    ...(transport === 'scripted' && weather.length > 0
      ? [problem('contradiction', ['weather'], 'no weather under transport "scripted", which delivers exactly as recorded', `${weather.length} entries`)] : []),
    ...weather.flatMap((entry, index) => entry.devices === undefined ? []
      : [problem('contradiction', ['weather', index, 'devices'], 'no list of devices: the agents of workload.recorded are all meant', showValue(entry.devices))]),
  ]
}

function weatherProblems(scenario: Scenario): readonly InputProblem[] {
  const known = scenario.devices.map((device) => device.id)
  const recorded = scenario.workload.recorded !== undefined
  const servers = scenario.servers.map((server) => server.id)
  return [
    ...repeated(scenario.weather.map((entry) => entry.name), (index) => ['weather', index, 'name'], 'weather name'),
    ...scenario.weather.flatMap((entry, index) => [
      ...(recorded ? [] : (entry.devices ?? []).flatMap((id, at) => unknownName(id, targetsOf(entry.type, known, servers), ['weather', index, 'devices', at]))),
      ...repeated(entry.devices ?? [], (at) => ['weather', index, 'devices', at], 'device id'),
      ...((entry.count === undefined) === (entry.perMinute === undefined)
        ? [problem('contradiction', ['weather', index], 'either count or perMinute', entry.count === undefined ? 'neither' : 'both')] : []),
      ...(entry.when?.host === undefined || recorded ? [] : unknownName(entry.when.host, hostsWith(entry.when.event, known, servers), ['weather', index, 'when', 'host'])),
      ...('durationMs' in entry ? upsideDown(entry.durationMs, ['weather', index, 'durationMs']) : []),
      ...('byMs' in entry ? upsideDown(entry.byMs, ['weather', index, 'byMs']) : []),
      ...('withinMs' in entry ? upsideDown(entry.withinMs, ['weather', index, 'withinMs']) : []),
      ...('lagMs' in entry ? upsideDown(entry.lagMs, ['weather', index, 'lagMs']) : []),
      ...('ppm' in entry ? upsideDown(entry.ppm, ['weather', index, 'ppm']) : []),
      ...windowProblems(entry, scenario.simulatedMs, ['weather', index]),
    ]),
  ]
}
