/**
 * Live replay of a recorded session: the agents type over a network, at the recorded times.
 *
 * Recorded times are to the second: what happened within one second is spread over it evenly. Where a
 * recording has no times (all are equal), each agent types steadily: a transaction comes 200 ms after the
 * last of its parents, so that concurrent transactions stay concurrent. Positions are as recorded and the
 * text is not, so an edit may land elsewhere than it did; what is kept is people's rhythm, bursts and places,
 * not their text: inserted characters are replaced by unique code points, which tell the edits apart.
 *
 * The session is played from its beginning for as long as the scenario lasts; what comes later is left out.
 */
import { BadInput } from '../bad-input.ts'
import type { DocumentId, FieldName } from '../values.ts'
import { codePointLength } from './code-point-text.ts'
import { CodePointAllocator } from './code-points.ts'
import { MAX_SIMULATED_US } from './limits.ts'
import type { Intention } from './plan.ts'
import { agentId, patchIds, type RecordedWorkload } from './recorded-labels.ts'
import type { RecordedSession } from './recorded-session.ts'

const SECOND_US = 1_000_000
/** A good typist's time per key. */
const KEY_US = 200_000

export function liveWorkload(
  session: RecordedSession, target: { readonly document: DocumentId; readonly field: FieldName }, simulatedUs = MAX_SIMULATED_US,
): RecordedWorkload {
  const timesUs = liveTimes(session)
  const wholeUs = timesUs.reduce((latest, atUs) => Math.max(latest, atUs), 0) + SECOND_US
  if (wholeUs > MAX_SIMULATED_US && simulatedUs === MAX_SIMULATED_US) {
    throw new BadInput({
      code: 'too-much', where: session.source, path: 'txns',
      expected: `a session of at most ${MAX_SIMULATED_US / SECOND_US} s, to be typed live`, got: `${Math.ceil(wholeUs / SECOND_US)} s`,
    })
  }
  const codePoints = new CodePointAllocator('all', new Set(), session.source)
  const intentions = session.transactions.flatMap(({ agent, patches }, index): readonly Intention[] =>
    patchIds(session, index).map(({ id, patch }) => {
      const { at, removed, inserted } = patches[patch]
      return {
        id, atUs: timesUs[index], device: agentId(agent), ...target,
        action: {
          op: 'replace', place: { kind: 'at', position: at }, remove: removed,
          insert: codePoints.take(codePointLength(inserted)),
        },
      }
    }))
  // The sort is stable: an agent's own transactions, whose times never fall, stay in order.
  return {
    durationUs: Math.min(wholeUs, simulatedUs),
    intentions: intentions.filter(({ atUs }) => atUs <= simulatedUs).sort((a, b) => a.atUs - b.atUs),
  }
}

function liveTimes(session: RecordedSession): readonly number[] {
  const { transactions } = session
  const hasTimes = transactions.some((transaction) => transaction.recordedUs !== transactions[0].recordedUs)
  return hasTimes ? recordedTimes(session) : steadyTimes(session)
}

/** The recorded seconds, from the first, each agent's never falling, with the transactions of a second spread over it. */
function recordedTimes({ transactions, agents }: RecordedSession): readonly number[] {
  const firstUs = transactions.reduce((earliest, { recordedUs }) => Math.min(earliest, recordedUs), Infinity)
  const latest = Array.from({ length: agents }, () => 0)
  const seconds = transactions.map(({ agent, recordedUs }) =>
    (latest[agent] = Math.max(latest[agent], Math.floor((recordedUs - firstUs) / SECOND_US))))
  const total = new Map<number, number>()
  for (const second of seconds) total.set(second, (total.get(second) ?? 0) + 1)
  const placed = new Map<number, number>()
  return seconds.map((second) => {
    const place = placed.get(second) ?? 0
    placed.set(second, place + 1)
    return second * SECOND_US + Math.floor(place * SECOND_US / (total.get(second) ?? 1))
  })
}

function steadyTimes({ transactions }: RecordedSession): readonly number[] {
  const timesUs: number[] = []
  for (const { parents } of transactions) {
    timesUs.push(parents.reduce((latest, parent) => Math.max(latest, timesUs[parent]), 0) + KEY_US)
  }
  return timesUs
}
