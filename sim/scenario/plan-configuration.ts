/** The parts of a plan that a scenario states outright, in the plan's units: no draws, no expansion. */
import type { DocumentShape } from '../values.ts'
import { linksOf, profileNamed } from '../network/profiles/index.ts'
import { radioTailUs } from '../network/profiles/radio.ts'
import { jitteredLink, type LinkPlan } from './link-plan.ts'
import type { Plan, PlannedDevice } from './plan.ts'
import { recordedWith } from './recorded-links.ts'
import type { Scenario } from './scenario-schema.ts'
import { tabIds } from './tabs.ts'
import { microsecondsOf } from './virtual-duration.ts'
import { planWire } from './wire-config.ts'

/** The parts of a plan that are the scenario's configuration in microseconds. */
export function planConfiguration(scenario: Scenario): Pick<Plan, 'servers' | 'transport' | 'wire' | 'client' | 'server' | 'strategy'> {
  const { client, server } = scenario
  return {
    servers: scenario.servers.map((entry) => entry.id),
    transport: scenario.transport,
    wire: planWire(scenario.wire),
    client: {
      requestTimeoutUs: microsecondsOf(client.requestTimeoutMs),
      reconnect: {
        initialUs: microsecondsOf(client.reconnect.initialMs),
        multiplier: client.reconnect.multiplier,
        capUs: microsecondsOf(client.reconnect.capMs),
        jitter: client.reconnect.jitter,
      },
      invalidation: client.invalidation,
      ...(client.flushMs === 0 ? {} : { flushUs: microsecondsOf(client.flushMs) }),
      debounceUs: microsecondsOf(client.debounceMs),
      maxWaitUs: microsecondsOf(client.maxWaitMs),
      ...(client.fallback.to.length === 0 ? {} : {
        fallback: { to: client.fallback.to, connectTimeoutUs: microsecondsOf(client.fallback.connectTimeoutMs), memoryUs: microsecondsOf(client.fallback.memoryMs) },
      }),
    },
    server: {
      serviceUs: [microsecondsOf(server.serviceMs.min), microsecondsOf(server.serviceMs.max)],
      fanOutUs: [microsecondsOf(server.fanOutMs.min), microsecondsOf(server.fanOutMs.max)],
      retainedFrames: server.retainedFrames,
      ...(server.tokenLifeMs === undefined ? {} : { tokenLifeUs: microsecondsOf(server.tokenLifeMs) }),
    },
    strategy: { inFlight: scenario.strategy.inFlight, ids: scenario.workload.ids },
  }
}

/** The devices of the plan, tab by tab. */
export function planDevices(scenario: Scenario): readonly PlannedDevice[] {
  return scenario.devices.flatMap((device) => {
    const planned = planDevice(scenario, device)
    const tabs = tabIds(device)
    return tabs.length === 1 ? [planned] : tabs.map((id) => ({ ...planned, id, machine: device.id }))
  })
}

/** A device of the plan; what it does not say of its link comes from the scenario's. */
export function planDevice(scenario: Scenario, device: Scenario['devices'][number]): PlannedDevice {
  return {
    id: device.id,
    user: device.user ?? device.id,
    link: planLink(scenario, device.link),
    clockOffsetUs: microsecondsOf(device.clockOffsetMs),
    ...(device.clockDriftPpm === undefined ? {} : { clockDriftPpm: device.clockDriftPpm }),
  }
}

/** Of a link for which nothing is said. */
const DEFAULT_LINK = { latencyMs: 40, jitterMs: 20 }
const DEFAULT_RADIO = 'lte'

/**
 * What the device says itself comes first: a profile, or a latency of its own in place of the scenario's profile. A
 * recording is a rate, and goes with either's latency.
 */
export function planLink(scenario: Scenario, own: Scenario['devices'][number]['link']): LinkPlan {
  const radio = own?.radio ?? (own?.profile === undefined ? scenario.link.radio : undefined)
  const { radioTailUs: profileTailUs, ...link } = networkOf(scenario, own)
  const tailUs = radio === undefined ? profileTailUs : radioTailUs(radio)
  const proxy = own?.proxy ?? scenario.link.proxy
  return { ...link, ...(tailUs === undefined || tailUs === 0 ? {} : { radioTailUs: tailUs }), ...(proxy === undefined ? {} : { proxy }) }
}

/** What the scenario says of the radio and the proxy is left out. */
function networkOf(scenario: Scenario, own: Scenario['devices'][number]['link']): LinkPlan {
  const saysDelay = own?.latencyMs !== undefined || own?.jitterMs !== undefined
  const recorded = recordedWith(scenario, own)
  const profile = own?.profile ?? (saysDelay || recorded !== undefined ? undefined : scenario.link.profile)
  if (profile !== undefined) return linksOf(profileNamed(profile, scenario.name, 'link.profile'))
  const { latencyMs, jitterMs } = { ...DEFAULT_LINK, ...given(scenario.link), ...given(own) }
  const { up, down } = jitteredLink(microsecondsOf(latencyMs), microsecondsOf(jitterMs))
  const radio = { radioTailUs: radioTailUs(DEFAULT_RADIO) }
  if (recorded === undefined) return { up, down, ...radio }
  const maxPackets = own?.queuePackets ?? scenario.link.queuePackets
  const queue = maxPackets === undefined ? {} : { queue: { maxPackets } }
  const from = recorded.fromUs === 0 ? {} : { fromUs: recorded.fromUs }
  return {
    up: { ...up, bottleneck: { recording: recorded.up, ...from }, ...queue },
    down: { ...down, bottleneck: { recording: recorded.down, ...from }, ...queue },
    ...radio,
  }
}

function given(link: Scenario['link'] | undefined): { readonly latencyMs?: number; readonly jitterMs?: number } {
  return {
    ...(link?.latencyMs === undefined ? {} : { latencyMs: link.latencyMs }),
    ...(link?.jitterMs === undefined ? {} : { jitterMs: link.jitterMs }),
  }
}

/** The documents with their initial contents filled in. */
export function planDocuments(scenario: Scenario): readonly DocumentShape[] {
  return scenario.documents.map((document) => ({
    id: document.id,
    fields: document.fields.map((field) => ({
      name: field.name,
      type: field.type,
      initial: field.initial ?? (field.type === 'text' ? '' : null),
    })),
  }))
}
