/**
 * Requirements L04 and A06: people with a document open in several tabs of one browser. The tabs share a link,
 * sockets, clocks and power, and nothing else: each is a replica of its own. Tabs are killed, hidden and reloaded one
 * by one, the device as a whole goes offline, sleeps and loses power.
 */
import type { ScenarioInput } from '../scenario-schema.ts'

export const manyTabs: ScenarioInput = {
  schema: 'syncstorm.scenario/1',
  name: 'many-tabs',
  summary: 'three devices with seven, three and one tabs edit one page; single tabs die, whole devices vanish',
  covers: ['L04', 'A06', 'A15', 'I02', 'I07', 'B08'],
  simulatedMs: 60_000,
  devices: [
    { id: 'A', user: 'dana', tabs: 7, link: { latencyMs: 45, jitterMs: 30 } },
    { id: 'B', user: 'eli', tabs: 3, link: { latencyMs: 90, jitterMs: 60 } },
    { id: 'C', user: 'dana', link: { latencyMs: 25, jitterMs: 10 } },
  ],
  documents: [{
    id: 'page',
    fields: [
      { name: 'title', type: 'register', initial: 'title-0' },
      { name: 'owner', type: 'register', initial: 'owner-0' },
      { name: 'body', type: 'text' },
    ],
  }],
  client: { requestTimeoutMs: 4000, reconnect: { initialMs: 500, capMs: 5000 } },
  workload: {
    streams: [
      { kind: 'fields', name: 'fields', devices: ['A', 'B', 'C'], document: 'page', fields: ['title', 'owner'], hotShare: 0.5, editsPerMinute: 20 },
      { kind: 'typing', name: 'typing', devices: ['A', 'B', 'C'], document: 'page', field: 'body', burstsPerMinute: 8, keysPerBurst: { min: 2, max: 5 }, keyMs: { min: 80, max: 300 } },
      // The same user in two tabs at once: what a script or a second pair of hands does.
      { kind: 'same-millisecond', name: 'ties', devices: ['A-1', 'A-2'], document: 'page', field: 'title', count: 6 },
    ],
  },
  weather: [
    { type: 'kill', name: 'tab-killed', devices: ['A-1', 'A-3', 'B-2'], count: 2, durationMs: { min: 300, max: 3000 }, fromMs: 3000, untilMs: 50_000 },
    { type: 'restart', name: 'tab-reloaded', devices: ['A-2', 'B-1'], count: 2, durationMs: { min: 100, max: 1000 }, fromMs: 3000, untilMs: 50_000 },
    { type: 'hide', name: 'tab-hidden', devices: ['A-4', 'B-3'], count: 2, durationMs: { min: 2000, max: 8000 }, fromMs: 3000, untilMs: 45_000 },
    { type: 'offline', name: 'tunnel', devices: ['A', 'B'], count: 1, durationMs: { min: 1000, max: 4000 }, fromMs: 5000, untilMs: 50_000 },
    { type: 'suspend', name: 'lid', devices: ['A', 'B'], count: 1, durationMs: { min: 2000, max: 6000 }, fromMs: 5000, untilMs: 45_000 },
    { type: 'crash', name: 'battery', devices: ['A', 'B'], count: 1, durationMs: { min: 500, max: 3000 }, fromMs: 5000, untilMs: 50_000 },
  ],
}
