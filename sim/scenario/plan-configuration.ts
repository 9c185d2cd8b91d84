/** The parts of a plan that a scenario states outright, in the plan's units: no draws, no expansion. */
import type { DocumentShape } from '../values.ts'
import type { Plan, PlannedDevice } from './plan.ts'
import type { Scenario } from './scenario-schema.ts'
import { microsecondsOf } from './virtual-duration.ts'

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
    ...(device.clockDriftPpm === undefined ? {} : { clockDriftPpm: device.clockDriftPpm }),
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
