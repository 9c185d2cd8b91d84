/** What a scenario's shape cannot say: names that must exist and be unique, and values that contradict each other. */
import { showValue } from '../bad-input.ts'
import { PROFILES } from '../network/profiles/index.ts'
import {
  arrivalProblems, bufferProblems, fallbackProblems, type InputProblem, problem, proxyProblems, repeated, unknownName, upsideDown, windowProblems,
} from './input-problem.ts'
import type { TransportName } from '../contract.ts'
import type { JsonPath } from './json-path.ts'
import { strikesTabs, targetsOf } from './fault-traits.ts'
import { FASTEST_FLAP_US, strikeOf } from './weather-patterns.ts'
import { MAX_DEVICES, name } from './limits.ts'
import { MAX_RECORDINGS } from './link-recording.ts'
import { chainOf } from './proxy-policy.ts'
import { recordedLinks, recordedWith } from './recorded-links.ts'
import { hostsWith } from './plan.ts'
import type { Scenario } from './scenario-schema.ts'
import { streamProblems } from './stream-checks.ts'
import { deviceAndTabIds, tabIds } from './tabs.ts'
import { shortestTokenLifeUs } from './transport-times.ts'
import { planWire } from './wire-config.ts'

/** All problems of a scenario of the right shape, in document order; none if it can be expanded into plans. */
export function scenarioProblems(scenario: Scenario): readonly InputProblem[] {
  return [
    ...deviceProblems(scenario),
    ...documentProblems(scenario),
    ...linkProblems(scenario.link, ['link']),
    ...scenario.devices.flatMap(({ link }, index) => linkProblems(link ?? {}, ['devices', index, 'link'])),
    ...recordedLinkProblems(scenario),
    ...configurationProblems(scenario),
    ...chainOf(scenario).flatMap((transport) => wireProblems(transport, scenario.wire)),
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
    ...tabProblems(scenario),
    ...servers.flatMap((server, index) => devices.some((device) => device.id === server.id)
      ? [problem('contradiction', ['servers', index, 'id'], 'an id that no device has', showValue(server.id))] : []),
  ]
}

/** Tabs are hosts under names made from the device's: those must be free, and not too many or too long. */
function tabProblems({ devices, servers }: Scenario): readonly InputProblem[] {
  const hosts = devices.reduce((sum, device) => sum + tabIds(device).length, 0)
  const taken = [...devices, ...servers].map(({ id }) => id)
  return [
    ...(hosts > MAX_DEVICES ? [problem('too-much', ['devices'], `at most ${MAX_DEVICES} devices and tabs`, String(hosts))] : []),
    ...devices.flatMap((device, index) => {
      const tabs = tabIds(device)
      const last = tabs.at(-1) ?? ''
      const rival = tabs.find((tab) => tab !== device.id && taken.includes(tab))
      return [
        ...(rival === undefined ? [] : [problem('contradiction', ['devices', index, 'tabs'], `tabs whose names are free (${rival} is another host)`, String(tabs.length))]),
        ...(name.safeParse(last).success ? [] : [problem('contradiction', ['devices', index, 'tabs'], 'an id short enough for the names of its tabs (40 characters)', showValue(last))]),
      ]
    }),
  ]
}

/** A profile says the latency, the jitter and the rate: nothing else may. A recording needs both ways, and a network. */
function linkProblems({ profile, latencyMs, jitterMs, recorded, queuePackets }: Scenario['link'], path: JsonPath): readonly InputProblem[] {
  return [
    ...(profile === undefined ? [] : unknownName(profile, PROFILES.map(({ name }) => name), [...path, 'profile'])),
    ...(profile === undefined || (latencyMs === undefined && jitterMs === undefined) ? []
      : [problem('contradiction', [...path, 'profile'], 'either a profile or latencyMs and jitterMs', showValue(profile))]),
    ...(profile === undefined || (recorded === undefined && queuePackets === undefined) ? []
      : [problem('contradiction', [...path, 'profile'], 'either a profile or recorded and queuePackets', showValue(profile))]),
    ...(recorded === undefined ? [] : (['up', 'down'] as const).filter((way) => recorded[way] === undefined).map((way) =>
      problem('bad-value', [...path, 'recorded', way], 'the file of a recorded link (mahimahi), as for the other way', 'nothing'))),
  ]
}

/** What the recordings of links need: a network, and no more of them than a plan holds. */
function recordedLinkProblems(scenario: Scenario): readonly InputProblem[] {
  const sources = recordedLinks(scenario)
  return [
    ...(sources.length > 0 && scenario.transport === 'scripted'
      ? [problem('contradiction', ['link', 'recorded'],
          'a transport that runs over a network (--set transport=websocket): "scripted" delivers exactly when the plan says', showValue(sources[0]))] : []),
    ...(sources.length > MAX_RECORDINGS
      ? [problem('too-much', ['link', 'recorded'], `at most ${MAX_RECORDINGS} different files in a scenario`, `${sources.length} of them`)] : []),
    ...[scenario, ...scenario.devices].flatMap(({ link }, index) => link?.queuePackets === undefined || recordedWith(scenario, link) !== undefined ? []
      : [problem('contradiction', [...(index === 0 ? [] : ['devices', index - 1]), 'link', 'queuePackets'], 'nothing, unless the link is recorded', String(link.queuePackets))]),
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
  const lifeMsPerDevice = shortestTokenLifeUs({ transport: scenario.transport, client, wire: planWire(scenario.wire) }, 1) / 1000
  const shortestLifeMs = scenario.devices.flatMap(tabIds).length * lifeMsPerDevice
  return [
    ...(client.maxWaitMs < client.debounceMs
      ? [problem('contradiction', ['client', 'maxWaitMs'], `at least debounceMs (${client.debounceMs})`, String(client.maxWaitMs))] : []),
    ...(client.reconnect.capMs < client.reconnect.initialMs
      ? [problem('contradiction', ['client', 'reconnect', 'capMs'], `at least initialMs (${client.reconnect.initialMs})`, String(client.reconnect.capMs))] : []),
    ...fallbackProblems(scenario.transport, client.fallback.to, ['client', 'fallback', 'to']),
    ...proxyProblems(scenario.link.proxy, chainOf(scenario), ['link', 'proxy']),
    ...scenario.devices.flatMap(({ link }, index) => proxyProblems(link?.proxy, chainOf(scenario), ['devices', index, 'link', 'proxy'])),
    ...(server.tokenLifeMs !== undefined && server.tokenLifeMs < shortestLifeMs
      ? [problem('contradiction', ['server', 'tokenLifeMs'], `at least ${shortestLifeMs}: ${lifeMsPerDevice / 1000} s for each device and tab, over ${scenario.transport}`, String(server.tokenLifeMs))] : []),
    ...upsideDown(server.serviceMs, ['server', 'serviceMs']),
    ...upsideDown(server.fanOutMs, ['server', 'fanOutMs']),
  ]
}

/** Patience that ends before what it waits for can come: such a stream would be lost for ever anew. */
function wireProblems(transport: TransportName, wire: Scenario['wire']): readonly InputProblem[] {
  const { keepAliveMs, pollMs, exchangeTimeoutMs } = wire
  const beyond = (setting: 'livenessMs' | 'sessionMs', what: string, leastMs: number): readonly InputProblem[] => wire[setting] > leastMs ? []
    : [problem('contradiction', ['wire', setting], `more than ${what} (${leastMs}), for transport "${transport}"`, String(wire[setting]))]
  switch (transport) {
    case 'sse': return [...beyond('livenessMs', 'keepAliveMs', keepAliveMs), ...beyond('sessionMs', 'exchangeTimeoutMs', exchangeTimeoutMs)]
    case 'long-poll': return beyond('sessionMs', 'exchangeTimeoutMs', exchangeTimeoutMs)
    case 'http': return beyond('sessionMs', 'pollMs and exchangeTimeoutMs together', pollMs + exchangeTimeoutMs)
    case 'websocket': case 'datagram': case 'scripted': return []
  }
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
  const devices = scenario.devices.map((device) => device.id)
  const tabs = deviceAndTabIds(scenario.devices).filter((id) => !devices.includes(id))
  const recorded = scenario.workload.recorded !== undefined
  const servers = scenario.servers.map((server) => server.id)
  const hosts = scenario.devices.flatMap(tabIds)
  // A server has one way to each device: clogging it clogs them all at once, which is no swizzle.
  const known = (entry: WeatherEntry): readonly string[] =>
    targetsOf(strikeOf(entry), [...devices, ...(strikesTabs(strikeOf(entry)) ? tabs : [])], entry.type === 'swizzle' ? [] : servers)
  return [
    ...repeated(scenario.weather.map((entry) => entry.name), (index) => ['weather', index, 'name'], 'weather name'),
    ...scenario.weather.flatMap((entry, index) => [
      ...(recorded ? [] : (entry.devices ?? []).flatMap((id, at) => tabs.includes(id) && !strikesTabs(strikeOf(entry))
        ? [problem('contradiction', ['weather', index, 'devices', at], `a device, with all its tabs (a ${entry.type} strikes no tab alone)`, showValue(id))]
        : unknownName(id, known(entry), ['weather', index, 'devices', at]))),
      ...repeated(entry.devices ?? [], (at) => ['weather', index, 'devices', at], 'device id'),
      ...((entry.count === undefined) === (entry.perMinute === undefined)
        ? [problem('contradiction', ['weather', index], 'either count or perMinute', entry.count === undefined ? 'neither' : 'both')] : []),
      ...waitingProblems(entry, ['weather', index]),
      ...(entry.when?.host === undefined || recorded ? [] : unknownName(entry.when.host, hostsWith(entry.when.event, hosts, servers), ['weather', index, 'when', 'host'])),
      ...('durationMs' in entry && entry.durationMs !== undefined ? upsideDown(entry.durationMs, ['weather', index, 'durationMs']) : []),
      ...('byMs' in entry ? upsideDown(entry.byMs, ['weather', index, 'byMs']) : []),
      ...('withinMs' in entry ? upsideDown(entry.withinMs, ['weather', index, 'withinMs']) : []),
      ...('lagMs' in entry ? upsideDown(entry.lagMs, ['weather', index, 'lagMs']) : []),
      ...('ppm' in entry ? upsideDown(entry.ppm, ['weather', index, 'ppm']) : []),
      ...(entry.type === 'switch' ? switchProblems(scenario, entry, ['weather', index, 'link']) : []),
      ...patternProblems(entry, recorded ? Infinity : devices.length, ['weather', index]),
      ...(entry.type === 'proxy-block' ? bufferProblems(entry, ['weather', index]) : []),
      ...windowProblems(entry, scenario.simulatedMs, ['weather', index]),
    ]),
  ]
}

type WeatherEntry = Scenario['weather'][number]

/** A fault that waits lasts as long as it would otherwise; what is made of several faults has times between them. */
function waitingProblems(entry: WeatherEntry, path: JsonPath): readonly InputProblem[] {
  const isSeveral = entry.type === 'swizzle' || entry.type === 'flap' || (entry.type === 'switch' && entry.durationMs !== undefined)
  return entry.when === undefined || !isSeveral ? []
    : [problem('contradiction', [...path, 'when'], `none (a ${entry.type}${entry.type === 'switch' ? ' and the way back' : ''} is several faults, each at a time of its own)`, `${entry.when.event}`)]
}

/** Of the network that devices change to, and of the proxies that they find there and when they are back. */
function switchProblems(scenario: Scenario, { link, devices, durationMs }: Extract<WeatherEntry, { type: 'switch' }>, path: JsonPath): readonly InputProblem[] {
  const back = scenario.devices.filter(({ id }) => durationMs !== undefined && (devices ?? [id]).includes(id)).map((device) => device.link)
  const proxies = new Set([link, ...back].map((own) => own?.proxy ?? scenario.link.proxy))
  return [...linkProblems(link, path), ...[...proxies].flatMap((proxy) => arrivalProblems(proxy, chainOf(scenario), [...path, 'proxy']))]
}

function patternProblems(entry: WeatherEntry, devices: number, path: JsonPath): readonly InputProblem[] {
  if (entry.type === 'swizzle') {
    const count = entry.devices?.length ?? devices
    return count >= 2 ? [] : [problem('contradiction', [...path, 'devices'], 'at least 2 devices, to be held and released in different orders', String(count))]
  }
  if (entry.type === 'flap') {
    const shortestMs = entry.stableMs + Math.min(entry.upMs, entry.blockedMs)
    const leastMs = FASTEST_FLAP_US / 1000
    return shortestMs >= leastMs ? [] : [problem('contradiction', [...path, 'stableMs'], `at least ${leastMs} ms together with the shorter of upMs and blockedMs`, `${shortestMs} ms`)]
  }
  return []
}
