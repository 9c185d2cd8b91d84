/** Workload `fields`: each device sets fields at random moments, with a hot field that gets more than its share. */
import type { Intention } from '../plan.ts'
import type { StreamOf } from '../stream-schema.ts'
import { happens, IntentionCollector, poissonTimes, windowUs, type WorkloadContext } from './workload-context.ts'

export function fieldsWorkload(stream: StreamOf<'fields'>, context: WorkloadContext): readonly Intention[] {
  const collector = new IntentionCollector(stream, context)
  const { fromUs, untilUs } = windowUs(stream, context)
  const [hot] = stream.fields
  for (const device of stream.devices) {
    const random = context.random(device)
    for (const atUs of poissonTimes(random, stream.editsPerMinute, fromUs, untilUs)) {
      const isHot = happens(random, stream.hotShare)
      const picked = random.pick(stream.fields)
      collector.addSet(device, atUs, isHot && hot !== undefined ? hot : picked)
    }
  }
  return collector.intentions
}
