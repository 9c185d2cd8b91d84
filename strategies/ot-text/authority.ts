/** The server's side of ot-text: one channel per text, one journal for all, booted by replaying it. */
import type { Authority, AuthorityContext, DocumentId, Request, Response, Session, View } from '../../sim/contract.ts'
import { Journal } from '../journal.ts'
import { documentView, textChannels, type Channel } from './channels.ts'
import { decodeEntry, decodeFrame, encodeEntry, encodeFrame, ProtocolError, type Frame } from './codec.ts'
import { JupiterHub } from './jupiter-hub.ts'
import type { OtType } from './operation.ts'
import { CLOSE_PROTOCOL_ERROR } from './replica.ts'
import { RevisionLog } from './revision-log.ts'
import type { Peer, ServerChannel } from './server-channel.ts'

interface Text { readonly channel: Channel; readonly server: ServerChannel }
/** A session as the channels see it, and the client number it joined each with. */
interface Guest { readonly peer: Peer; readonly clients: Map<number, number> }

export class OtAuthority implements Authority {
  private readonly context: AuthorityContext
  private readonly journal: Journal
  private readonly texts: readonly Text[]
  private readonly guests = new Map<Session, Guest>()
  private entries = 0

  constructor(type: OtType, context: AuthorityContext) {
    this.context = context
    this.journal = new Journal(context)
    const Server = context.options.inFlight === 'one' ? RevisionLog : JupiterHub
    this.texts = textChannels(context.documents).map((channel) => ({
      channel,
      server: new Server(type, channel.initial, {
        channel: channel.number,
        journal: (client, frame, durable) => {
          this.journal.append(new Map([[entryKey(this.entries++), encodeEntry(client, frame)]]), durable)
        },
        changed: () => { context.changed(channel.document) },
      }),
    }))
    for (const bytes of context.disk.boot.values()) {
      const { client, frame } = decodeEntry(bytes)
      this.channel(frame.channel).restore(client, frame)
      this.entries += 1
    }
  }

  opened(session: Session): void {
    // An acknowledgement may let the client go on, so it is data: a run is not quiet while one travels (H3).
    const peer = { device: session.peer, send: (frame: Frame) => { session.send(encodeFrame(frame), 'data') } }
    this.guests.set(session, { peer, clients: new Map() })
  }

  received(session: Session, bytes: Uint8Array): void {
    const guest = this.guests.get(session)
    if (guest === undefined) return
    try {
      this.handle(guest, decodeFrame(bytes))
    } catch (problem) {
      if (!(problem instanceof ProtocolError)) throw problem
      session.close(CLOSE_PROTOCOL_ERROR)
    }
  }

  closed(session: Session): void {
    const guest = this.guests.get(session)
    this.guests.delete(session)
    if (guest !== undefined) for (const { server } of this.texts) server.leave(guest.peer)
  }

  request(_request: Request, respond: (response: Response) => void): void {
    respond({ status: 404, body: new Uint8Array() })
  }

  view(document: DocumentId): View {
    return documentView(this.context.documents, document, (field) =>
      this.texts.find(({ channel }) => channel.document === document && channel.field === field)?.server.text)
  }

  pending(): number {
    return this.texts.reduce((sum, { server }) => sum + server.pending, 0)
  }

  dispose(): void {
    this.journal.dispose()
    this.guests.clear()
  }

  private handle({ peer, clients }: Guest, frame: Frame): void {
    const server = this.channel(frame.channel)
    if (frame.kind === 'join') {
      clients.set(frame.channel, frame.client)
      server.join(peer, frame.client, frame.received)
      return
    }
    const client = clients.get(frame.channel)
    if (client === undefined) throw new ProtocolError(`channel ${frame.channel} was not joined`)
    if (frame.kind === 'op') server.operation(peer, client, frame)
    else server.acknowledge(peer, client, frame.received)
  }

  private channel(number: number): ServerChannel {
    const text = this.texts[number]
    if (text === undefined) throw new ProtocolError(`no channel ${number}`)
    return text.server
  }
}

/** Twelve digits, so that the disk's key order is the order of the entries. */
function entryKey(index: number): string {
  return `op/${String(index).padStart(12, '0')}`
}
