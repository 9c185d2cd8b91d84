/**
 * The default scenario (requirement D12): one order open on two devices of one account, an admin who changes
 * the price while they edit, a short drop of the network, change signals out of order.
 */
import type { ScenarioInput } from '../scenario-schema.ts'

export const orderDesk: ScenarioInput = {
  schema: 'syncstorm.scenario/1',
  name: 'order-desk',
  summary: 'two devices of one account edit an order, an admin overrides the price, the network drops for seconds',
  covers: ['D12', 'D10', 'D11', 'C05', 'C06', 'E05', 'E14', 'E15', 'B08', 'B09'],
  simulatedMs: 120_000,
  devices: [
    { id: 'A', user: 'dana', link: { latencyMs: 45, jitterMs: 30 }, clockOffsetMs: 700 },
    { id: 'B', user: 'dana', link: { latencyMs: 90, jitterMs: 80 }, clockOffsetMs: -1200 },
    { id: 'admin', user: 'admin', link: { latencyMs: 20, jitterMs: 10 } },
  ],
  servers: [{ id: 'server' }],
  documents: [{
    id: 'order',
    fields: [
      { name: 'price', type: 'register', initial: 'price-0' },
      { name: 'quantity', type: 'register', initial: 'quantity-0' },
      { name: 'status', type: 'register', initial: 'status-0' },
      { name: 'address', type: 'register', initial: 'address-0' },
      { name: 'urgent', type: 'register', initial: 'off' },
      { name: 'note', type: 'text' },
    ],
  }],
  client: { requestTimeoutMs: 4000, debounceMs: 200, maxWaitMs: 1000 },
  // Requests in parallel and a wide fan-out: signals of several writes overtake each other.
  server: { serviceMs: { min: 2, max: 25 }, fanOutMs: { min: 1, max: 250 } },
  workload: {
    streams: [
      {
        kind: 'fields', name: 'fields', devices: ['A', 'B'], document: 'order',
        fields: ['quantity', 'price', 'status', 'address'], hotShare: 0.4, editsPerMinute: 19,
      },
      {
        kind: 'override', name: 'override', device: 'admin', editors: ['A', 'B'], document: 'order',
        field: 'price', count: 12, withinMs: 120,
      },
      {
        kind: 'same-millisecond', name: 'ties', devices: ['A', 'B'], document: 'order', field: 'status', count: 6,
      },
      {
        kind: 'toggle', name: 'toggle', device: 'A', document: 'order', field: 'urgent', values: ['on', 'off'],
        count: 16, everyMs: { min: 400, max: 7000 },
      },
      {
        kind: 'typing', name: 'note', devices: ['A', 'B'], document: 'order', field: 'note',
        burstsPerMinute: 6, keysPerBurst: { min: 2, max: 4 }, keyMs: { min: 90, max: 400 },
      },
    ],
  },
  weather: [
    { type: 'offline', name: 'drop', devices: ['A', 'B'], count: 2, durationMs: { min: 2000, max: 6000 }, fromMs: 10_000, untilMs: 105_000 },
    { type: 'break', name: 'reset', devices: ['A', 'B'], count: 1, fromMs: 5000, untilMs: 115_000 },
  ],
}
