/**
 * A client with many operations in flight: original Jupiter, one message per edit.
 *
 * Edits settle when the server says, on its own or with an operation, that it has received them. Used for
 * the causal replay of recorded sessions, where operations must reach the others before the author has
 * heard of them.
 */
import type { EditHandle } from '../../sim/contract.ts'
import type { ClientChannel, ClientPort } from './client-channel.ts'
import { ProtocolError, type Frame } from './codec.ts'
import { JupiterEnd, type Message } from './jupiter.ts'
import { applyOperation, CLIENT_SIDE, textState, type OtType, type TextOp, type TextState } from './operation.ts'

/** A silent reader acknowledges after this many operations, so that the server's queue stays short. */
const ACKNOWLEDGE_EVERY = 32

export class ClientJupiter implements ClientChannel {
  private state: TextState
  private readonly end: JupiterEnd<EditHandle>
  private readonly port: ClientPort
  /** The count of received operations that the server last heard of. */
  private reported = 0

  constructor(type: OtType, initial: string, port: ClientPort) {
    this.end = new JupiterEnd(type, CLIENT_SIDE)
    this.port = port
    this.state = textState(initial)
  }

  get text(): string { return this.state.text }
  get pending(): number { return this.end.unacknowledged }

  edit(op: TextOp, handle: EditHandle): void {
    this.state = applyOperation(this.state, op)
    this.send(this.end.generate(op, handle))
  }

  join(): void {
    const { channel, client } = this.port
    this.port.send({ kind: 'join', channel, client, received: this.end.received })
    for (const message of this.end.resend()) this.send(message)
  }

  receive(frame: Frame): void {
    if (frame.kind === 'join') throw new ProtocolError('a server does not join')
    for (const handle of this.end.acknowledge(frame.received)) this.port.settle(handle)
    if (frame.kind !== 'op') return
    const op = this.end.receive(frame)
    if (op === null) return
    this.state = applyOperation(this.state, op)
    this.port.changed()
    if (this.end.received - this.reported < ACKNOWLEDGE_EVERY) return
    this.reported = this.end.received
    this.port.send({ kind: 'ack', channel: this.port.channel, number: this.end.sent, received: this.end.received })
  }

  private send(message: Message): void {
    this.reported = message.received
    this.port.send({ kind: 'op', channel: this.port.channel, ...message })
  }
}
