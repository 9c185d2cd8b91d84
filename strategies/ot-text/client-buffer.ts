/**
 * A client with one operation in flight and the rest composed into one buffer (requirement E07; the client
 * of Google Wave and ShareJS, a Jupiter client that waits for its acknowledgement).
 *
 * The text shows server text + in flight + buffer. What the server sends is transformed past both; they
 * are transformed past it, so after a lost connection the operation in flight is sent again as it now
 * stands, on the revision now known, under its old number: the server recognises (client, number) and
 * never applies it twice. That is why this strategy owns dedup as well as resend, order and resume.
 */
import type { EditHandle } from '../../sim/contract.ts'
import type { ClientChannel, ClientPort } from './client-channel.ts'
import { ProtocolError, type Frame } from './codec.ts'
import { applyOperation, CLIENT_SIDE, SERVER_SIDE, textState, type OtType, type TextOp, type TextState } from './operation.ts'

interface Pending { op: TextOp; readonly handles: EditHandle[] }

export class ClientBuffer implements ClientChannel {
  private state: TextState
  private revision = 0
  /** Number of the operation in flight, or of the last one that was. Numbers start at 1. */
  private number = 0
  private inFlight: Pending | null = null
  private buffer: Pending | null = null
  private readonly type: OtType
  private readonly port: ClientPort

  constructor(type: OtType, initial: string, port: ClientPort) {
    this.type = type
    this.port = port
    this.state = textState(initial)
  }

  get text(): string { return this.state.text }
  get pending(): number { return (this.inFlight?.handles.length ?? 0) + (this.buffer?.handles.length ?? 0) }

  edit(op: TextOp, handle: EditHandle): void {
    this.state = applyOperation(this.state, op)
    if (this.buffer !== null) {
      this.buffer.op = this.type.compose(this.buffer.op, op)
      this.buffer.handles.push(handle)
      return
    }
    this.buffer = { op, handles: [handle] }
    this.sendNext()
  }

  join(): void {
    const { channel, client } = this.port
    this.port.send({ kind: 'join', channel, client, received: this.revision })
    if (this.inFlight !== null) this.sendInFlight(this.inFlight.op)
  }

  receive(frame: Frame): void {
    if (frame.kind === 'op') this.remote(frame.number, frame.op)
    else if (frame.kind === 'ack') this.acknowledged(frame.received, frame.number)
    else throw new ProtocolError('a server does not join')
  }

  private remote(revision: number, op: TextOp): void {
    if (revision !== this.revision + 1) throw new ProtocolError(`revision ${revision} came after ${this.revision}`)
    let incoming = op
    for (const own of [this.inFlight, this.buffer]) {
      if (own === null) continue
      const passed = this.type.transform(incoming, own.op, SERVER_SIDE)
      own.op = this.type.transform(own.op, incoming, CLIENT_SIDE)
      incoming = passed
    }
    this.state = applyOperation(this.state, incoming)
    this.revision = revision
    this.port.changed()
  }

  private acknowledged(number: number, revision: number): void {
    // A repeated operation is acknowledged twice: when its turn comes in the catch-up, and for itself.
    if (revision <= this.revision) return
    if (this.inFlight === null || number !== this.number || revision !== this.revision + 1) {
      throw new ProtocolError(`operation ${number} acknowledged as revision ${revision}, not expected`)
    }
    this.revision = revision
    const { handles } = this.inFlight
    this.inFlight = null
    for (const handle of handles) this.port.settle(handle)
    this.sendNext()
  }

  private sendNext(): void {
    if (this.inFlight !== null || this.buffer === null) return
    this.inFlight = this.buffer
    this.buffer = null
    this.number += 1
    this.sendInFlight(this.inFlight.op)
  }

  private sendInFlight(op: TextOp): void {
    this.port.send({ kind: 'op', channel: this.port.channel, number: this.number, received: this.revision, op })
  }
}
