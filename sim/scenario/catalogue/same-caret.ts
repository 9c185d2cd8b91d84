/**
 * Three people at one caret: ties and near ties in every run, with a break or a partition now and then. Short,
 * so that thousands of runs are quick.
 */
import type { ScenarioInput } from '../scenario-schema.ts'

export const sameCaret: ScenarioInput = {
  schema: 'syncstorm.scenario/1',
  name: 'same-caret',
  summary: 'three devices type at one caret in the same moments, through breaks and partitions',
  covers: ['E06', 'E07', 'B08', 'B09'],
  simulatedMs: 12_000,
  devices: [
    { id: 'A', user: 'ann', link: { latencyMs: 30, jitterMs: 60 } },
    { id: 'B', user: 'ben', link: { latencyMs: 60, jitterMs: 90 } },
    { id: 'C', user: 'cy', link: { latencyMs: 120, jitterMs: 40 } },
  ],
  documents: [{ id: 'page', fields: [{ name: 'body', type: 'text' }] }],
  client: { reconnect: { initialMs: 200, capMs: 2000 } },
  workload: {
    streams: [
      {
        kind: 'same-caret', name: 'caret', devices: ['A', 'B', 'C'], document: 'page', field: 'body',
        rounds: 6, keys: { min: 1, max: 3 }, spreadMs: 40, deleteShare: 0.4, fromMs: 500, untilMs: 11_000,
      },
      { kind: 'typing', name: 'typing', devices: ['A', 'B'], document: 'page', field: 'body', burstsPerMinute: 6, keysPerBurst: { min: 1, max: 4 }, fromMs: 500, untilMs: 11_000 },
    ],
  },
  weather: [
    { type: 'break', name: 'reset', perMinute: 3, fromMs: 1000 },
    { type: 'partition', name: 'partition', perMinute: 3, durationMs: { min: 300, max: 1500 }, fromMs: 1000 },
  ],
}
