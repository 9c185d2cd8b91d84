/** What a replica needs of either client protocol for one text, and what it gives it. */
import type { EditHandle } from '../../sim/contract.ts'
import type { Frame } from './codec.ts'
import type { TextOp } from './operation.ts'

export interface ClientPort {
  readonly channel: number
  /** Unique to this device's incarnation: the server tells repetitions by it. */
  readonly client: number
  /** Sends if there is a session; otherwise the next `join` sends what is needed. */
  send(frame: Frame): void
  settle(handle: EditHandle): void
  changed(): void
}

export interface ClientChannel {
  readonly text: string
  /** Edits not yet settled. */
  readonly pending: number
  edit(op: TextOp, handle: EditHandle): void
  /** A session has begun: says where this client stands and sends again what may not have arrived. */
  join(): void
  /** @throws ProtocolError when the frame does not fit. */
  receive(frame: Frame): void
}
