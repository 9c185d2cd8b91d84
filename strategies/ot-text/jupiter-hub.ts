/**
 * The server side of many-in-flight ot-text: one Jupiter link per client, all on one text.
 *
 * What a client sends is transformed to the server's text and becomes an operation of the server's own on
 * every other link, at once: the journal is written behind it. So an acknowledgement here means received,
 * and journaled soon, where one in flight means durable; a server crash between the two leaves clients
 * with counts that the server cannot match, and their joins are refused. This mode is for the causal
 * replay of recorded sessions, where the server does not crash.
 *
 * A link starts with everything accepted so far as its queue, so late joiners need no snapshot. The link
 * of a client that never comes back is dropped when its device joins with a newer one.
 */
import { ProtocolError, type OpFrame } from './codec.ts'
import { JupiterEnd, type Message } from './jupiter.ts'
import { applyOperation, reach, SERVER_SIDE, textState, type OtType, type TextOp, type TextState } from './operation.ts'
import type { Peer, ServerChannel, ServerPort } from './server-channel.ts'

interface Link { readonly end: JupiterEnd<null>; peer: Peer | null; device: string | null }

export class JupiterHub implements ServerChannel {
  private readonly type: OtType
  private readonly port: ServerPort
  private state: TextState
  private readonly accepted: TextOp[] = []
  private readonly links = new Map<number, Link>()
  private unsynced = 0

  constructor(type: OtType, initial: string, port: ServerPort) {
    this.type = type
    this.port = port
    this.state = textState(initial)
  }

  get text(): string { return this.state.text }
  get pending(): number { return this.unsynced }

  join(peer: Peer, client: number, received: number): void {
    const link = this.link(client)
    link.end.acknowledge(received)
    for (const [other, { device }] of this.links) if (device === peer.device && other !== client) this.links.delete(other)
    link.device = peer.device
    link.peer = peer
    this.confirm(peer, link)
    for (const message of link.end.resend()) this.send(peer, message)
  }

  operation(peer: Peer, client: number, frame: OpFrame): void {
    const link = this.link(client)
    // A session that the same client has replaced: what it still carries was sent again on the new one.
    if (link.peer !== peer) return
    const repeated = frame.number < link.end.received
    if (!repeated) this.accept(client, frame)
    this.confirm(peer, link)
    if (repeated) return
    this.unsynced += 1
    this.port.journal(client, frame, () => { this.unsynced -= 1 })
    this.port.changed()
  }

  acknowledge(peer: Peer, client: number, received: number): void {
    const link = this.link(client)
    if (link.peer === peer) link.end.acknowledge(received)
  }

  leave(peer: Peer): void {
    for (const link of this.links.values()) if (link.peer === peer) link.peer = null
  }

  restore(client: number, frame: OpFrame): void { this.accept(client, frame) }

  private accept(client: number, frame: OpFrame): void {
    const link = this.link(client)
    link.end.acknowledge(frame.received)
    const op = link.end.receive(frame, (incoming) => {
      if (reach(incoming) > this.state.points) throw new ProtocolError('operation reaches past the end of the text')
    })
    if (op === null) return
    this.state = applyOperation(this.state, op)
    this.accepted.push(op)
    for (const other of this.links.values()) {
      if (other === link) continue
      const message = other.end.generate(op, null)
      if (other.peer !== null) this.send(other.peer, message)
    }
  }

  private link(client: number): Link {
    const known = this.links.get(client)
    if (known !== undefined) return known
    const end = new JupiterEnd<null>(this.type, SERVER_SIDE)
    for (const op of this.accepted) end.generate(op, null)
    const link: Link = { end, peer: null, device: null }
    this.links.set(client, link)
    return link
  }

  private send(peer: Peer, message: Message): void {
    peer.send({ kind: 'op', channel: this.port.channel, ...message })
  }

  private confirm(peer: Peer, link: Link): void {
    peer.send({ kind: 'ack', channel: this.port.channel, number: link.end.sent, received: link.end.received })
  }
}
