/** The transport that a plan asks for, for one device. */
import type { Plan } from '../scenario/plan.ts'
import { DatagramTransport } from './datagram/datagram-transport.ts'
import { EventStreamTransport } from './event-stream/event-stream-transport.ts'
import { ScriptedTransport } from './scripted-transport.ts'
import type { Transport, TransportParts } from './transport.ts'
import { WebSocketTransport } from './websocket/websocket-transport.ts'

export function makeTransport(plan: Pick<Plan, 'transport' | 'wire'>, parts: TransportParts): Transport {
  switch (plan.transport) {
    case 'websocket': return new WebSocketTransport(parts, plan.wire)
    case 'sse': case 'long-poll': case 'http': return new EventStreamTransport(plan.transport, parts, plan.wire)
    case 'datagram': return new DatagramTransport(parts)
    case 'scripted': return new ScriptedTransport(parts.device, parts.server, parts.listener)
  }
}
