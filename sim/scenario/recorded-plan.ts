/** Makes a plan from a recorded session: the agents are the devices, the transactions the workload. */
import type { DocumentShape } from '../values.ts'
import { planConfiguration, planDevice } from './plan-configuration.ts'
import type { Plan } from './plan.ts'
import { causalWorkload } from './recorded-causal.ts'
import { agentId } from './recorded-labels.ts'
import { liveWorkload } from './recorded-live.ts'
import type { RecordedSession } from './recorded-session.ts'
import type { Scenario } from './scenario-schema.ts'
import { microsecondsOf } from './virtual-duration.ts'
import { expandWeather } from './weather.ts'

/**
 * Transport `scripted`: causal replay, every agent makes each transaction on exactly what it had seen, and the
 * text must end as recorded. Otherwise: live typing at the recorded times, with characters that tell the edits
 * apart. Throws `BadInput` where the session cannot be replayed so.
 */
export function makeRecordedPlan(
  scenario: Scenario, seed: string, documents: readonly DocumentShape[], session: RecordedSession,
): Plan {
  const [document] = documents
  const target = { document: document.id, field: document.fields[0].name }
  const devices = Array.from({ length: session.agents }, (_, agent) => planDevice(scenario, { id: agentId(agent), clockOffsetMs: 0 }))
  const configuration = planConfiguration(scenario)
  const isCausal = scenario.transport === 'scripted'
  const workload = isCausal ? causalWorkload(session, target, configuration.servers[0]) : liveWorkload(session, target, microsecondsOf(scenario.simulatedMs))
  const deviceIds = devices.map((device) => device.id)
  return {
    schema: 'syncstorm.plan/1',
    scenario: scenario.name,
    seed,
    durationUs: workload.durationUs,
    devices,
    ...configuration,
    documents,
    intentions: workload.intentions,
    faults: expandWeather(scenario, seed, deviceIds, workload.durationUs),
    ...(isCausal ? { deliveries: workload.deliveries, endContent: { ...target, text: session.endContent } } : {}),
    distinctText: !isCausal,
    repeatedValues: [],
  }
}
