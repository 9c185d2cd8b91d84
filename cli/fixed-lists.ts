/**
 * What there is besides strategies, scenarios and properties, in a line each. Keyed by the types that the
 * world declares, so that nothing can be added there without an entry here.
 */
import type { StackPart, TransportName } from '../sim/contract.ts'
import { FAULT_PATTERNS, FAULT_TRAITS } from '../sim/scenario/fault-traits.ts'
import type { Stream } from '../sim/scenario/stream-schema.ts'
import type { ListEntry } from '../reports/documents/list-document.ts'

const TRANSPORTS: Readonly<Record<TransportName, string>> = {
  websocket: 'one ordered connection per device over TLS and TCP, requests on up to six more; resumed after reconnection',
  sse: 'events come down one long answer (EventSource, resumed by Last-Event-ID), frames go up in POSTs',
  'long-poll': 'a GET is held until there is news and then asked again, frames go up in POSTs',
  http: 'a GET asks for news every few seconds, frames go up in POSTs',
  datagram: 'messages that may be lost and come in any order (a WebRTC data channel without retransmission); only for strategies that bear it',
  scripted: 'delivers exactly when the plan says; for recorded sessions',
}

const WORKLOADS: Readonly<Record<Stream['kind'], string>> = {
  fields: 'each device sets fields at random moments (Poisson), on a hot field if wanted',
  typing: 'each device types into a text in bursts, deletes, and jumps about',
  'same-caret': 'several devices type at the same place in the same moment, again and again',
  'same-millisecond': 'several devices set one field within a millisecond or in the same microsecond',
  override: 'an admin sets a field in the very moment in which somebody else edits it',
  burst: 'one device sets one field at a steady rate',
  toggle: 'one device sets the same few values over and over: identical payloads on purpose',
}

const CLIENT_PARTS: Readonly<Record<StackPart, string>> = {
  resend: 'the outbox: durable requests, in order, one in flight, with idempotency keys, until answered',
  order: 'frames reach the strategy in the order they were sent',
  dedup: 'a repeated idempotency key gets the first answer',
  resume: 'a session outlives its connections: frames are numbered, acknowledged and sent again',
  persistence: 'what must outlive a restart is written to disk',
  invalidation: 'change signals are gated by version, debounced, and turned into authoritative refetches',
}

export const FIXED_LISTS = {
  transports: entries(TRANSPORTS),
  faults: [...Object.entries(FAULT_TRAITS).map(([name, { summary }]) => ({ name, summary })), ...entries(FAULT_PATTERNS)],
  workloads: [
    ...entries(WORKLOADS),
    { name: 'recorded', summary: 'a recorded editing session: --set workload.recorded=<file> on the scenario recorded' },
  ],
  'client-parts': entries(CLIENT_PARTS),
} as const satisfies Readonly<Record<string, readonly ListEntry[]>>

function entries(summaries: Readonly<Record<string, string>>): readonly ListEntry[] {
  return Object.entries(summaries).map(([name, summary]) => ({ name, summary }))
}
