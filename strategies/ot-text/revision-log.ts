/**
 * The server side of one-in-flight ot-text: a log of revisions per text.
 *
 * An operation is transformed from the revision it was made on to the head, journaled, and only when it is
 * durable acknowledged to its author and sent to the others: nobody ever shows what a crash could take
 * back. The log is kept whole in this release, so a client that comes back catches up from any revision
 * and snapshots are not needed; its length is the price (E08), and truncating it is a later step.
 */
import { ProtocolError, type OpFrame } from './codec.ts'
import { applyOperation, CLIENT_SIDE, growth, reach, textState, type OtType, type TextOp, type TextState } from './operation.ts'
import type { Peer, ServerChannel, ServerPort } from './server-channel.ts'

interface Revision { readonly client: number; readonly number: number; readonly op: TextOp }

export class RevisionLog implements ServerChannel {
  private readonly type: OtType
  private readonly port: ServerPort
  private readonly log: Revision[] = []
  /** The text of the durable revisions: what the server shows. */
  private state: TextState
  private durable = 0
  /** Code points at the head, durable or not. */
  private headPoints: number
  /** The last operation taken in from each client: its number there, and the revision it became. */
  private readonly last = new Map<number, { readonly number: number; readonly revision: number }>()
  private readonly joined = new Map<Peer, number>()

  constructor(type: OtType, initial: string, port: ServerPort) {
    this.type = type
    this.port = port
    this.state = textState(initial)
    this.headPoints = this.state.points
  }

  get text(): string { return this.state.text }
  get pending(): number { return this.log.length - this.durable }

  join(peer: Peer, client: number, received: number): void {
    if (received > this.durable) throw new ProtocolError(`client knows revision ${received} of ${this.durable}`)
    this.joined.set(peer, client)
    for (let revision = received + 1; revision <= this.durable; revision++) this.tell(peer, client, revision)
  }

  operation(peer: Peer, client: number, frame: OpFrame): void {
    const last = this.last.get(client) ?? { number: 0, revision: 0 }
    if (frame.number <= last.number) {
      // Sent again because its acknowledgement was lost. Not yet durable: the acknowledgement is still to come.
      if (frame.number === last.number && last.revision <= this.durable) this.tell(peer, client, last.revision)
      return
    }
    if (frame.number !== last.number + 1) throw new ProtocolError(`operation ${frame.number} after ${last.number}`)
    if (frame.received > this.durable) throw new ProtocolError(`made on revision ${frame.received} of ${this.durable}`)
    const revision = this.append(client, frame)
    this.port.journal(client, frame, () => {
      this.makeDurable()
      for (const [one, its] of this.joined) this.tell(one, its, revision)
      this.port.changed()
    })
  }

  acknowledge(): void {
    throw new ProtocolError('with one operation in flight, clients acknowledge nothing')
  }

  leave(peer: Peer): void { this.joined.delete(peer) }

  restore(client: number, frame: OpFrame): void {
    this.append(client, frame)
    this.makeDurable()
  }

  /** Transforms to the head; the revision the operation becomes. */
  private append(client: number, frame: OpFrame): number {
    let op = frame.op
    for (let index = frame.received; index < this.log.length; index++) {
      const accepted = this.log[index]
      if (accepted !== undefined) op = this.type.transform(op, accepted.op, CLIENT_SIDE)
    }
    if (reach(op) > this.headPoints) throw new ProtocolError('operation reaches past the end of the text')
    this.headPoints += growth(op)
    const revision = this.log.push({ client, number: frame.number, op })
    this.last.set(client, { number: frame.number, revision })
    return revision
  }

  private makeDurable(): void {
    const next = this.log[this.durable]
    if (next === undefined) throw new Error('the journal is ahead of the log')
    this.state = applyOperation(this.state, next.op)
    this.durable += 1
  }

  /** Sends a revision: to its author as an acknowledgement, to others as an operation. */
  private tell(peer: Peer, client: number, revision: number): void {
    const entry = this.log[revision - 1]
    if (entry === undefined) throw new Error(`no revision ${revision}`)
    const { channel } = this.port
    if (entry.client === client) peer.send({ kind: 'ack', channel, number: revision, received: entry.number })
    else peer.send({ kind: 'op', channel, number: revision, received: 0, op: entry.op })
  }
}
