/** Workload `burst`: one device sets one field at a steady rate with some jitter, never out of order (F01-F03). */
import type { Intention } from '../plan.ts'
import type { StreamOf } from '../stream-schema.ts'
import { microsecondsOf } from '../virtual-duration.ts'
import { IntentionCollector, type WorkloadContext } from './workload-context.ts'

export function burstWorkload(stream: StreamOf<'burst'>, context: WorkloadContext): readonly Intention[] {
  const collector = new IntentionCollector(stream, context)
  const random = context.random(stream.device)
  const jitterUs = microsecondsOf(stream.jitterMs)
  for (let index = 0; index < stream.count; index++) {
    const nominalUs = microsecondsOf(stream.fromMs + index * stream.everyMs)
    collector.addSet(stream.device, nominalUs + random.between(0, jitterUs), stream.field)
  }
  return collector.intentions
}
