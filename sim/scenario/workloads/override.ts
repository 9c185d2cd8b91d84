/** Workload `override`: an admin sets a field in the very moment in which somebody else edits it, before or after. */
import type { Intention } from '../plan.ts'
import type { StreamOf } from '../stream-schema.ts'
import { microsecondsOf } from '../virtual-duration.ts'
import { IntentionCollector, spreadMoments, windowUs, type WorkloadContext } from './workload-context.ts'

export function overrideWorkload(stream: StreamOf<'override'>, context: WorkloadContext): readonly Intention[] {
  const collector = new IntentionCollector(stream, context)
  const { fromUs, untilUs } = windowUs(stream, context)
  const random = context.random('moments')
  const withinUs = microsecondsOf(stream.withinMs)
  for (const momentUs of spreadMoments(random, stream.count, fromUs, untilUs)) {
    const editor = random.pick(stream.editors)
    const overrideUs = Math.min(Math.max(momentUs + random.between(-withinUs, withinUs), 0), context.simulatedUs)
    collector.addSet(editor, momentUs, stream.field)
    collector.addSet(stream.device, overrideUs, stream.field)
  }
  return collector.intentions
}
