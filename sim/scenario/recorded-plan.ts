import type { DocumentShape } from '../values.ts'
import type { Plan } from './plan.ts'
import type { RecordedSession } from './recorded-session.ts'
import type { Scenario } from './scenario-schema.ts'
export function makeRecordedPlan(_scenario: Scenario, _seed: string, _documents: readonly DocumentShape[], _session: RecordedSession): Plan {
  throw new Error('recorded sessions come next')
}
