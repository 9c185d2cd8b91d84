/**
 * Requirements L01, B13: an interface that goes down and up some ten times in a second, a path whose packets stop and go,
 * and packets that are held and let go in another order, while three people edit. The links are fast enough for
 * a connection to open between two drops, so that a backoff which forgets its failures too early would dial without pause.
 */
import type { ScenarioInput } from '../scenario-schema.ts'

export const flapping: ScenarioInput = {
  schema: 'syncstorm.scenario/1',
  name: 'flapping',
  summary: 'connections go down and up ten times in a second, packets stop and go, while three people edit a card',
  covers: ['L01', 'B13', 'K01', 'C01'],
  simulatedMs: 60_000,
  devices: [
    { id: 'A', user: 'ann', link: { latencyMs: 3, jitterMs: 2 } },
    { id: 'B', user: 'ben', link: { latencyMs: 5, jitterMs: 5 } },
    { id: 'C', user: 'cy', link: { latencyMs: 8, jitterMs: 2 } },
  ],
  documents: [{
    id: 'card',
    fields: [
      { name: 'title', type: 'register', initial: 'title-0' },
      { name: 'owner', type: 'register', initial: 'owner-0' },
      { name: 'note', type: 'text' },
    ],
  }],
  client: { requestTimeoutMs: 2000, reconnect: { initialMs: 100, capMs: 3000 } },
  workload: {
    streams: [
      { kind: 'fields', name: 'fields', devices: ['A', 'B', 'C'], document: 'card', fields: ['title', 'owner'], hotShare: 0.5, editsPerMinute: 25 },
      { kind: 'typing', name: 'note', devices: ['A', 'B', 'C'], document: 'card', field: 'note', burstsPerMinute: 10, keysPerBurst: { min: 2, max: 5 }, keyMs: { min: 60, max: 250 } },
    ],
  },
  weather: [
    { type: 'flap', by: 'offline', name: 'cable', count: 6, durationMs: { min: 1000, max: 1000 }, upMs: 30, blockedMs: 10, stableMs: 30, fromMs: 3000, untilMs: 55_000 },
    { type: 'flap', name: 'path', count: 3, durationMs: { min: 2000, max: 6000 }, upMs: 300, blockedMs: 300, stableMs: 50, fromMs: 3000, untilMs: 55_000 },
    { type: 'swizzle', name: 'swizzle', count: 2, durationMs: { min: 2000, max: 4000 }, fromMs: 3000, untilMs: 55_000 },
  ],
}
