/**
 * Requirements I01, I02, I10, J01: devices and the server lose power, are killed and restarted in the middle of
 * work. What was acknowledged stays; an edit whose process died before a word was said may have happened or not.
 */
import type { ScenarioInput } from '../scenario-schema.ts'

export const crashRecovery: ScenarioInput = {
  schema: 'syncstorm.scenario/1',
  name: 'crash-recovery',
  summary: 'devices and the server crash, are killed and restart while three people edit one order',
  covers: ['I01', 'I02', 'I10', 'J01'],
  simulatedMs: 60_000,
  devices: [
    { id: 'A', user: 'dana', link: { latencyMs: 45, jitterMs: 30 } },
    { id: 'B', user: 'eli', link: { latencyMs: 90, jitterMs: 60 } },
    { id: 'C', user: 'fay', link: { latencyMs: 25, jitterMs: 10 } },
  ],
  documents: [{
    id: 'order',
    fields: [
      { name: 'price', type: 'register', initial: 'price-0' },
      { name: 'quantity', type: 'register', initial: 'quantity-0' },
      { name: 'note', type: 'text' },
    ],
  }],
  client: { requestTimeoutMs: 3000, reconnect: { initialMs: 500, capMs: 5000 } },
  workload: {
    streams: [
      { kind: 'fields', name: 'fields', devices: ['A', 'B', 'C'], document: 'order', fields: ['price', 'quantity'], hotShare: 0.5, editsPerMinute: 25 },
      { kind: 'typing', name: 'note', devices: ['A', 'B', 'C'], document: 'order', field: 'note', burstsPerMinute: 10, keysPerBurst: { min: 2, max: 6 }, keyMs: { min: 60, max: 250 } },
    ],
  },
  weather: [
    { type: 'crash', name: 'power', devices: ['A', 'B', 'C'], count: 2, durationMs: { min: 500, max: 4000 }, fromMs: 4000, untilMs: 50_000 },
    { type: 'kill', name: 'killed', devices: ['A', 'B', 'C'], count: 2, durationMs: { min: 200, max: 2000 }, fromMs: 4000, untilMs: 50_000 },
    { type: 'torn-write', name: 'torn', devices: ['A', 'B', 'C', 'server'], count: 1, durationMs: { min: 500, max: 3000 }, fromMs: 4000, untilMs: 50_000 },
    { type: 'restart', name: 'deploy', devices: ['server'], count: 1, durationMs: { min: 200, max: 2000 }, fromMs: 6000, untilMs: 50_000 },
    { type: 'kill', name: 'server-killed', devices: ['server'], count: 1, durationMs: { min: 500, max: 3000 }, fromMs: 6000, untilMs: 50_000 },
    { type: 'crash', name: 'server-power', devices: ['server'], count: 1, durationMs: { min: 500, max: 3000 }, fromMs: 6000, untilMs: 50_000 },
  ],
}
