/** Requirement B11: a device is offline for 30 s, edits all the while, and misses what the others write. */
import type { ScenarioInput } from '../scenario-schema.ts'

export const longOffline: ScenarioInput = {
  schema: 'syncstorm.scenario/1',
  name: 'long-offline',
  summary: 'one device is offline for 30 s while it and the others go on editing',
  covers: ['B11', 'B08', 'B09', 'F06'],
  simulatedMs: 60_000,
  devices: [
    { id: 'A', user: 'dana' },
    { id: 'B', user: 'dana' },
    { id: 'C', user: 'eli' },
  ],
  documents: [{
    id: 'list',
    fields: [{ name: 'title', type: 'register' }, { name: 'owner', type: 'register' }, { name: 'body', type: 'text' }],
  }],
  workload: {
    streams: [
      { kind: 'fields', name: 'fields', devices: ['A', 'B', 'C'], document: 'list', fields: ['title', 'owner'], hotShare: 0.3, editsPerMinute: 20 },
      { kind: 'typing', name: 'typing', devices: ['A', 'C'], document: 'list', field: 'body', burstsPerMinute: 8 },
    ],
  },
  weather: [
    { type: 'offline', name: 'tunnel', devices: ['A'], count: 1, durationMs: { min: 30_000, max: 30_000 }, fromMs: 8000, untilMs: 20_000 },
  ],
}
