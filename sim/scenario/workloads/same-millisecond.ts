/**
 * Workload `same-millisecond`: several devices set the same field in the same microsecond, or within one
 * millisecond: the ties that wall clocks and careless event queues get wrong.
 */
import type { Intention } from '../plan.ts'
import type { StreamOf } from '../stream-schema.ts'
import { happens, IntentionCollector, spreadMoments, windowUs, type WorkloadContext } from './workload-context.ts'

const MILLISECOND_US = 1000

export function sameMillisecondWorkload(stream: StreamOf<'same-millisecond'>, context: WorkloadContext): readonly Intention[] {
  const collector = new IntentionCollector(stream, context)
  const { fromUs, untilUs } = windowUs(stream, context)
  const moments = context.random('moments')
  const randoms = new Map(stream.devices.map((device) => [device, context.random(device)]))
  for (const momentUs of spreadMoments(moments, stream.count, fromUs, untilUs)) {
    const isSameMicrosecond = happens(moments, stream.sameMicrosecondShare)
    const millisecondUs = momentUs - (momentUs % MILLISECOND_US)
    for (const [device, random] of randoms) {
      const withinUs = random.below(MILLISECOND_US)
      collector.addSet(device, isSameMicrosecond ? momentUs : millisecondUs + withinUs, stream.field)
    }
  }
  return collector.intentions
}
