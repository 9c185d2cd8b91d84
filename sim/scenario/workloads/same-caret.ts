/**
 * Workload `same-caret`: in each round all devices type at one place within moments of each other: the ties
 * and near ties in which texts diverge. Now and then all of them also delete the same character.
 */
import type { Intention, Place } from '../plan.ts'
import type { StreamOf } from '../stream-schema.ts'
import { microsecondsOf } from '../virtual-duration.ts'
import { drawUs, happens, IntentionCollector, spreadMoments, windowUs, type WorkloadContext } from './workload-context.ts'

export function sameCaretWorkload(stream: StreamOf<'same-caret'>, context: WorkloadContext): readonly Intention[] {
  const collector = new IntentionCollector(stream, context)
  const { fromUs, untilUs } = windowUs(stream, context)
  const rounds = context.random('rounds')
  const randoms = new Map(stream.devices.map((device) => [device, context.random(device)]))
  /** The insertions of the last round, any of which may carry the next round's caret. */
  let last: readonly string[] = []
  for (const momentUs of spreadMoments(rounds, stream.rounds, fromUs, untilUs)) {
    const caret = sharedCaret(last, rounds.below(4), last.length === 0 ? 0 : rounds.below(last.length))
    const victim = last.length > 0 && happens(rounds, stream.deleteShare) ? rounds.pick(last) : undefined
    const inserted: string[] = []
    for (const [device, random] of randoms) {
      let atUs = momentUs + random.between(0, microsecondsOf(stream.spreadMs))
      let place = caret
      const keys = random.between(stream.keys.min, stream.keys.max)
      for (let key = 0; key < keys; key++) {
        const at = place
        const id = collector.add(device, atUs, stream.field,
          () => ({ op: 'replace', place: at, remove: 0, insert: context.codePoints.take(1) }))
        if (id === undefined) break
        inserted.push(id)
        place = { kind: 'after', intention: id }
        atUs += drawUs(random, stream.keyMs)
      }
      if (victim !== undefined) {
        collector.add(device, atUs, stream.field,
          () => ({ op: 'replace', place: { kind: 'of', intention: victim }, remove: 1, insert: '' }))
      }
    }
    last = inserted
  }
  return collector.intentions
}

/** Mostly after a character of the last round, which everyone is likely to have seen; else an end of the text. */
function sharedCaret(last: readonly string[], choice: number, index: number): Place {
  const intention = last[index]
  if (intention === undefined || choice === 0) return { kind: 'start' }
  return choice === 1 ? { kind: 'end' } : { kind: 'after', intention }
}
