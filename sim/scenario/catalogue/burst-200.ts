/**
 * Requirements F01 and F02: 200 changes of one key in 2 s, seen by two observers. With the debounce they
 * become one refetch each, started after the last; without it, 200.
 *
 * The writer's uplink and the server are fast enough that an outbox with one request in flight keeps up with
 * 10 ms: a round trip of 1 ms and at most 2 ms of service. The signals' delays differ by less than the debounce.
 */
import type { ScenarioInput } from '../scenario-schema.ts'

export const burst200: ScenarioInput = {
  schema: 'syncstorm.scenario/1',
  name: 'burst-200',
  summary: 'one device changes one field 200 times in 2 s while two others watch',
  covers: ['F01', 'F02'],
  simulatedMs: 4000,
  devices: [
    { id: 'feed', user: 'feed', link: { latencyMs: 0.5, jitterMs: 0 } },
    { id: 'A', user: 'dana' },
    { id: 'B', user: 'eli' },
  ],
  documents: [{ id: 'quote', fields: [{ name: 'price', type: 'register', initial: 'price-0' }] }],
  link: { latencyMs: 40, jitterMs: 20 },
  client: { debounceMs: 300, maxWaitMs: 5000 },
  server: { serviceMs: { min: 1, max: 2 }, fanOutMs: { min: 1, max: 5 } },
  workload: {
    streams: [{ kind: 'burst', name: 'burst', device: 'feed', document: 'quote', field: 'price', count: 200, everyMs: 10, jitterMs: 4, fromMs: 1000 }],
  },
}
