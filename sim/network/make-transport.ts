/** The transport that a plan asks for, for one device; several, where it may fall back. */
import type { Plan } from '../scenario/plan.ts'
import type { StreamTransport } from '../scenario/proxy-policy.ts'
import { DatagramTransport } from './datagram/datagram-transport.ts'
import { EventStreamTransport } from './event-stream/event-stream-transport.ts'
import { ScriptedTransport } from './scripted-transport.ts'
import { SelectingTransport } from './selection/selecting-transport.ts'
import type { Transport, TransportParts } from './transport.ts'
import { WebSocketTransport } from './websocket/websocket-transport.ts'

/** What a plan says of transports. */
export interface TransportChoice extends Pick<Plan, 'transport' | 'wire'> {
  readonly client?: Pick<Plan['client'], 'fallback'>
}

export function makeTransport({ transport, wire, client: { fallback } = {} }: TransportChoice, parts: TransportParts): Transport {
  const make = (name: StreamTransport): Transport => {
    switch (name) {
      case 'websocket': return new WebSocketTransport(parts, wire)
      case 'sse': case 'long-poll': case 'http': return new EventStreamTransport(name, parts, wire)
    }
  }
  switch (transport) {
    case 'datagram': return new DatagramTransport(parts, wire)
    case 'scripted': return new ScriptedTransport(parts.device, parts.server, parts.listener)
    default: return fallback === undefined ? make(transport)
      : new SelectingTransport([make(transport), ...fallback.to.map(make)], fallback, parts.device, parts.link)
  }
}
