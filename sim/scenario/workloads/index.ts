/** The workloads by kind. */
import type { Intention } from '../plan.ts'
import type { ReadonlyStream, StreamKind } from '../stream-schema.ts'
import { burstWorkload } from './burst.ts'
import { fieldsWorkload } from './fields.ts'
import { overrideWorkload } from './override.ts'
import { sameCaretWorkload } from './same-caret.ts'
import { sameMillisecondWorkload } from './same-millisecond.ts'
import { toggleWorkload } from './toggle.ts'
import { typingWorkload } from './typing.ts'
import type { WorkloadContext } from './workload-context.ts'

/** What there is, for lists: one line each. */
export const WORKLOADS: readonly { readonly name: StreamKind; readonly summary: string }[] = [
  { name: 'fields', summary: 'each device sets fields at random moments, one of them hot' },
  { name: 'typing', summary: 'each device types and deletes in bursts at its caret' },
  { name: 'same-caret', summary: 'several devices type at one place in the same moment, again and again' },
  { name: 'same-millisecond', summary: 'several devices set one field in the same microsecond or millisecond' },
  { name: 'override', summary: 'an admin sets a field in the moment in which others edit it' },
  { name: 'burst', summary: 'one device sets one field at a steady high rate' },
  { name: 'toggle', summary: 'one device sets the same few values over and over: identical payloads on purpose' },
]

/** The intentions of one stream, not yet in time order. */
export function expandStream(stream: ReadonlyStream, context: WorkloadContext): readonly Intention[] {
  switch (stream.kind) {
    case 'fields': return fieldsWorkload(stream, context)
    case 'typing': return typingWorkload(stream, context)
    case 'same-caret': return sameCaretWorkload(stream, context)
    case 'same-millisecond': return sameMillisecondWorkload(stream, context)
    case 'override': return overrideWorkload(stream, context)
    case 'burst': return burstWorkload(stream, context)
    case 'toggle': return toggleWorkload(stream, context)
  }
}
