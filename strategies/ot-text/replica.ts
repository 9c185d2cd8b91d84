/**
 * A device's side of ot-text: one client machine per text, all over one session.
 *
 * What is not modelled in this release: nothing is kept on the device's disk, so a restarted device starts
 * from the server's log as a new client.
 */
import type {
  DocumentId, EditHandle, LocalEdit, Replica, ReplicaContext, Session, View,
} from '../../sim/contract.ts'
import { documentView, textChannels, type Channel } from './channels.ts'
import { ClientBuffer } from './client-buffer.ts'
import type { ClientChannel } from './client-channel.ts'
import { ClientJupiter } from './client-jupiter.ts'
import { decodeFrame, encodeFrame, ProtocolError } from './codec.ts'
import { operationOf, type OtType } from './operation.ts'

/** WebSocket close code for a peer that does not keep to the protocol (RFC 6455, 7.4.1). */
export const CLOSE_PROTOCOL_ERROR = 1002

interface Text { readonly channel: Channel; readonly client: ClientChannel }

export class OtReplica implements Replica {
  private readonly context: ReplicaContext
  private readonly texts: readonly Text[]
  private readonly openDocuments = new Set<DocumentId>()
  private session: Session | null = null

  constructor(type: OtType, context: ReplicaContext) {
    this.context = context
    const Client = context.options.inFlight === 'one' ? ClientBuffer : ClientJupiter
    this.texts = textChannels(context.documents).map((channel) => ({
      channel,
      client: new Client(type, channel.initial, {
        channel: channel.number,
        client: context.replicaNumber,
        send: (frame) => { this.session?.send(encodeFrame(frame), frame.kind === 'ack' ? 'control' : 'data') },
        settle: (handle: EditHandle) => { context.settle(handle, 'server-durable') },
        changed: () => { context.changed(channel.document) },
      }),
    }))
  }

  open(document: DocumentId): void {
    this.openDocuments.add(document)
    if (this.session !== null) this.join(document)
  }

  edit(edit: LocalEdit): void {
    this.text(edit.document, edit.field).client.edit(operationOf(edit.change), edit.handle)
    this.context.changed(edit.document)
  }

  opened(session: Session): void {
    this.session = session
    for (const document of this.openDocuments) this.join(document)
  }

  received(session: Session, bytes: Uint8Array): void {
    if (session !== this.session) return
    try {
      const frame = decodeFrame(bytes)
      const text = this.texts[frame.channel]
      if (text === undefined) throw new ProtocolError(`no channel ${frame.channel}`)
      text.client.receive(frame)
    } catch (problem) {
      if (!(problem instanceof ProtocolError)) throw problem
      session.close(CLOSE_PROTOCOL_ERROR)
    }
  }

  closed(session: Session): void {
    if (session === this.session) this.session = null
  }

  view(document: DocumentId): View {
    return documentView(this.context.documents, document, (field) =>
      this.texts.find(({ channel }) => channel.document === document && channel.field === field)?.client.text)
  }

  pending(): number {
    return this.texts.reduce((sum, { client }) => sum + client.pending, 0)
  }

  dispose(): void { this.session = null }

  private join(document: DocumentId): void {
    for (const { channel, client } of this.texts) if (channel.document === document) client.join()
  }

  private text(document: DocumentId, field: string): Text {
    const text = this.texts.find(({ channel }) => channel.document === document && channel.field === field)
    if (text === undefined) throw new Error(`ot-text works on texts; ${document}/${field} is none`)
    return text
  }
}
