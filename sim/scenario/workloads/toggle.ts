/**
 * Workload `toggle`: one device sets the same few values over and over, on, off, on: identical payloads on
 * purpose, since ids hashed from payloads are a real bug (design section 4). The field belongs to this stream
 * alone, so the device's own order says which edit a value comes from.
 */
import type { Intention } from '../plan.ts'
import type { StreamOf } from '../stream-schema.ts'
import { microsecondsOf } from '../virtual-duration.ts'
import { drawUs, IntentionCollector, type WorkloadContext } from './workload-context.ts'

export function toggleWorkload(stream: StreamOf<'toggle'>, context: WorkloadContext): readonly Intention[] {
  const collector = new IntentionCollector(stream, context)
  const random = context.random(stream.device)
  let atUs = microsecondsOf(stream.fromMs)
  for (let index = 0; index < stream.count; index++) {
    atUs += drawUs(random, stream.everyMs)
    const value = stream.values[index % stream.values.length] ?? ''
    collector.add(stream.device, atUs, stream.field, () => ({ op: 'set', value }))
  }
  return collector.intentions
}
