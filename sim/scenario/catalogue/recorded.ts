/**
 * A recorded editing session, replayed: causally, exactly as it was (transport `scripted`), or typed live at
 * the recorded times over a network (`--set transport=websocket`). The file comes from
 * `--set workload.recorded=<file>`; its agents are the devices.
 */
import { MAX_SIMULATED_MS } from '../limits.ts'
import type { ScenarioInput } from '../scenario-schema.ts'

export const recorded: ScenarioInput = {
  schema: 'syncstorm.scenario/1',
  name: 'recorded',
  summary: 'a recorded editing session: --set workload.recorded=<file>, causal or live (--set transport=websocket)',
  covers: ['E06', 'E07', 'E08'],
  // The whole session, live too: less cuts it there.
  simulatedMs: MAX_SIMULATED_MS,
  devices: [],
  documents: [{ id: 'session', fields: [{ name: 'text', type: 'text' }] }],
  transport: 'scripted',
  // Live: half a second from one agent to another, as in one of the published sessions.
  link: { latencyMs: 230, jitterMs: 40 },
  // An agent that looks on for a while leaves thousands of frames held on its way down.
  server: { retainedFrames: 1_000_000 },
  strategy: { inFlight: 'many' },
  workload: { ids: 'ascending' },
}
