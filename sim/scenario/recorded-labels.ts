/** How the parts of a recorded session are called in a plan. */
import type { Delivery, Intention } from './plan.ts'
import type { RecordedSession } from './recorded-session.ts'

/** What the two ways of replaying have in common. */
export interface RecordedWorkload {
  readonly durationUs: number
  readonly intentions: readonly Intention[]
  readonly deliveries?: readonly Delivery[]
}

/** The device of an agent. */
export function agentId(agent: number): string {
  return `agent${agent}`
}

/** The ids of a transaction's patches that change something, in order; `t7`, or `t7.0`, `t7.1` if it has several. */
export function patchIds(session: RecordedSession, index: number): readonly { readonly id: string; readonly patch: number }[] {
  const { patches } = session.transactions[index]
  return patches.flatMap(({ removed, inserted }, patch) => removed === 0 && inserted === '' ? []
    : [{ id: patches.length === 1 ? `t${index}` : `t${index}.${patch}`, patch }])
}
