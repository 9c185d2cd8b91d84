/**
 * One end of an original Jupiter link: many operations in flight in both directions (Nichols, Curtis,
 * Dixon, Lamping: High-latency, low-bandwidth windowing in the Jupiter collaboration system, UIST 1995).
 *
 * Both ends run this same machine. An operation is numbered and carries how many of the other side's had
 * been received when it was sent; with that, both ends walk the same two-dimensional state space and meet
 * in the same state. What is sent stays queued until the other side is known to have it, and is
 * transformed there by what arrives: the queue always stands on (all received, all acknowledged).
 *
 * Beyond the paper: that invariant makes a lost connection bridgeable. Each end sends its queue again, as
 * it now stands, and ignores numbers it has already received.
 */
import { ProtocolError } from './codec.ts'
import type { OtType, Side, TextOp } from './operation.ts'

export interface Message {
  readonly number: number
  readonly received: number
  readonly op: TextOp
}

interface Queued<Tag> { op: TextOp; readonly tag: Tag }

export class JupiterEnd<Tag> {
  /** How many of the other side's operations have been received. */
  received = 0
  private acknowledged = 0
  private queue: Queued<Tag>[] = []
  private readonly type: OtType
  private readonly side: Side

  /** `side`: the side of this end's own operations against the other's. */
  constructor(type: OtType, side: Side) {
    this.type = type
    this.side = side
  }

  get sent(): number { return this.acknowledged + this.queue.length }
  get unacknowledged(): number { return this.queue.length }

  /** Numbers an operation that has just been applied at this end. */
  generate(op: TextOp, tag: Tag): Message {
    const message = { number: this.sent, received: this.received, op }
    this.queue.push({ op, tag })
    return message
  }

  /** The other side has `count` of ours: forgets those, and returns what they were tagged with. */
  acknowledge(count: number): readonly Tag[] {
    if (count > this.sent) throw new ProtocolError(`the other side has ${count} operations of ${this.sent} sent`)
    if (count <= this.acknowledged) return []
    const done = this.queue.splice(0, count - this.acknowledged)
    this.acknowledged = count
    return done.map(({ tag }) => tag)
  }

  /**
   * Takes in an operation, whose `received` has been acknowledged before. The result applies to this end's
   * text; null for a repetition. `check` may refuse it by throwing, and nothing has changed then.
   */
  receive(message: Message, check: (op: TextOp) => void = () => undefined): TextOp | null {
    if (message.number < this.received) return null
    if (message.number > this.received) throw new ProtocolError(`operation ${message.number} came, ${this.received} was due`)
    if (message.received !== this.acknowledged) {
      throw new ProtocolError(`operation made on ${message.received} of ours, ${this.acknowledged} are acknowledged`)
    }
    let incoming = message.op
    const passed = this.queue.map(({ op }) => {
      const own = this.type.transform(op, incoming, this.side)
      incoming = this.type.transform(incoming, op, this.side === 'left' ? 'right' : 'left')
      return own
    })
    check(incoming)
    this.queue.forEach((own, index) => { own.op = passed[index] ?? own.op })
    this.received += 1
    return incoming
  }

  /** Everything unacknowledged, in order and in its present form: what a new session begins with. */
  resend(): readonly Message[] {
    return this.queue.map(({ op }, index) => ({ number: this.acknowledged + index, received: this.received, op }))
  }
}
