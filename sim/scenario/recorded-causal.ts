/**
 * Causal replay of a recorded session under the `scripted` transport: an agent makes each transaction when it
 * has the transaction's ancestors, and nothing else.
 *
 * Everything goes through one server, in an order it can have received (`recorded-server-order.ts`). Each
 * transaction takes up to three steps of virtual time: what the agent still needs comes down to it, it makes
 * the transaction, and the transaction goes up at once. Frames to an agent are held until then, so all the
 * concurrency is on the way down. In the end everybody gets everything. No network, no weather.
 */
import type { DocumentId, FieldName, HostId } from '../values.ts'
import type { Delivery, Intention } from './plan.ts'
import { agentId, patchIds, type RecordedWorkload } from './recorded-labels.ts'
import { serverOrder } from './recorded-server-order.ts'
import type { RecordedSession } from './recorded-session.ts'

/** Long enough for a strategy that waits for its disk or hands work to a zero timer, once per step. */
const STEP_US = 1000

export function causalWorkload(
  session: RecordedSession, target: { readonly document: DocumentId; readonly field: FieldName }, server: HostId,
): RecordedWorkload {
  const order = serverOrder(session)
  const intentions: Intention[] = []
  const deliveries: Delivery[] = []
  const downlinks = Array.from({ length: session.agents }, (_, agent) => new Downlink(session, order, agent))
  let atUs = 0
  const step = (): number => (atUs += STEP_US)
  const down = (agent: number, through: string | undefined): void => {
    if (through !== undefined) deliveries.push({ atUs: step(), from: server, to: agentId(agent), through })
  }
  const up = (agent: number, through: string | undefined): void => {
    if (through !== undefined) deliveries.push({ atUs: step(), from: agentId(agent), to: server, through })
  }

  for (const index of order) {
    const { agent, ancestors, patches } = session.transactions[index]
    down(agent, downlinks[agent].advanceTo(ancestors))
    const ids = patchIds(session, index)
    for (const { id, patch } of ids) {
      const { at, removed, inserted } = patches[patch]
      intentions.push({
        id, atUs: step(), device: agentId(agent), ...target,
        action: { op: 'replace', place: { kind: 'at', position: at }, remove: removed, insert: inserted },
      })
    }
    up(agent, ids[ids.length - 1]?.id)
  }

  // Foreign transactions first, then what answers an agent's own last one; then the answers to those.
  const last = lastLabels(session, order)
  downlinks.forEach((downlink, agent) => {
    down(agent, downlink.drain())
    down(agent, last.ofAgent[agent])
  })
  downlinks.forEach((_, agent) => { up(agent, last.notOfAgent(agent)) })
  return { durationUs: step(), intentions, deliveries }
}

/** How far the server's frames to one agent have been delivered. */
class Downlink {
  private position = 0
  private received = 0

  constructor(private readonly session: RecordedSession, private readonly order: readonly number[], private readonly agent: number) {}

  /** Delivers up to where the agent has exactly these ancestors; the label of the last frame, if there is one. */
  advanceTo(ancestors: readonly number[]): string | undefined {
    const needed = ancestors.reduce((sum, count, agent) => agent === this.agent ? sum : sum + count, 0)
    let label: string | undefined
    while (this.received < needed) {
      const index = this.order[this.position++]
      const { agent, ordinal } = this.session.transactions[index]
      if (agent === this.agent) continue
      if (ordinal >= ancestors[agent]) throw new Error(`transaction ${index} would reach agent ${this.agent} before it is needed`)
      this.received++
      label = lastLabel(this.session, index) ?? label
    }
    return label
  }

  /** Delivers all foreign transactions that are left. */
  drain(): string | undefined {
    let label: string | undefined
    for (; this.position < this.order.length; this.position++) {
      const index = this.order[this.position]
      if (this.session.transactions[index].agent !== this.agent) label = lastLabel(this.session, index) ?? label
    }
    return label
  }
}

function lastLabel(session: RecordedSession, index: number): string | undefined {
  const ids = patchIds(session, index)
  return ids[ids.length - 1]?.id
}

/** The labels that each agent's own frames, and everybody else's, end with in the server's order. */
function lastLabels(session: RecordedSession, order: readonly number[]): {
  readonly ofAgent: readonly (string | undefined)[]
  notOfAgent(agent: number): string | undefined
} {
  const ofAgent: (string | undefined)[] = Array.from({ length: session.agents }, () => undefined)
  const inOrder: { readonly agent: number; readonly label: string }[] = []
  for (const index of order) {
    const { agent } = session.transactions[index]
    const label = lastLabel(session, index)
    if (label === undefined) continue
    ofAgent[agent] = label
    inOrder.push({ agent, label })
  }
  return { ofAgent, notOfAgent: (agent) => inOrder.findLast((entry) => entry.agent !== agent)?.label }
}
