/**
 * Requirements L08, B14: two phones leave the Wi-Fi for the cellular network and come back, each time with another address:
 * their connections are gone, the server is not told, and what they have buffered goes over the new link. Now and then a
 * middlebox on the way resets what is left.
 */
import type { ScenarioInput } from '../scenario-schema.ts'

export const networkSwitch: ScenarioInput = {
  schema: 'syncstorm.scenario/1',
  name: 'network-switch',
  summary: 'two phones change between Wi-Fi and cellular while they and a desk edit one order',
  covers: ['L08', 'B14', 'A13', 'B07'],
  simulatedMs: 90_000,
  link: { profile: 'nlc-wifi-avg' },
  devices: [
    { id: 'phone', user: 'dana' },
    { id: 'tablet', user: 'eli' },
    { id: 'desk', user: 'dana', link: { profile: 'wpt-cable' } },
  ],
  documents: [{
    id: 'order',
    fields: [
      { name: 'price', type: 'register', initial: 'price-0' },
      { name: 'quantity', type: 'register', initial: 'quantity-0' },
      { name: 'note', type: 'text' },
    ],
  }],
  client: { requestTimeoutMs: 5000, reconnect: { initialMs: 500, capMs: 8000 } },
  workload: {
    streams: [
      { kind: 'fields', name: 'fields', devices: ['phone', 'tablet', 'desk'], document: 'order', fields: ['price', 'quantity'], hotShare: 0.5, editsPerMinute: 20 },
      { kind: 'typing', name: 'note', devices: ['phone', 'tablet', 'desk'], document: 'order', field: 'note', burstsPerMinute: 8, keysPerBurst: { min: 2, max: 5 }, keyMs: { min: 60, max: 250 } },
    ],
  },
  weather: [
    { type: 'switch', name: 'walk', devices: ['phone', 'tablet'], count: 3, durationMs: { min: 4000, max: 20_000 }, link: { profile: 'wpt-lte' }, fromMs: 5000, untilMs: 70_000 },
    { type: 'switch', name: 'away', devices: ['phone'], count: 1, link: { profile: 'loadero-4g' }, fromMs: 60_000, untilMs: 80_000 },
    { type: 'offline', name: 'lift', devices: ['phone', 'tablet'], count: 1, durationMs: { min: 2000, max: 8000 }, fromMs: 10_000, untilMs: 80_000 },
    { type: 'reset', name: 'firewall', count: 1, fromMs: 10_000, untilMs: 80_000 },
  ],
}
