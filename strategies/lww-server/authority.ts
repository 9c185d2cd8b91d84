/**
 * The server's side of `lww-server`: the last write to arrive wins its field (requirements J02, E02).
 *
 * The order is that of arrival at the authority, and no clock is compared. A write is answered, broadcast and
 * shown only once its journal record is durable (T100), so that nobody has seen what a crash then undoes.
 * Whoever has a document open gets every write of it, its author included.
 */
import type {
  Authority, AuthorityContext, DocumentId, FieldName, Request, Response, Session, Version, View, Writes,
} from '../../sim/contract.ts'
import { Journal } from '../journal.ts'
import { readFrame } from '../read-frame.ts'
import { wholeValueFields, wholeValueView } from '../whole-value.ts'
import { decodeRecord, decodeSubscription, decodeWrite, encodeFields, encodeRecord, type StampedField, type Write } from './codec.ts'

interface HeldDocument {
  /** The version given out last; ahead of what is durable while writes are being journaled. */
  assigned: Version
  /** Durable fields. */
  readonly fields: Map<FieldName, StampedField>
}

const EMPTY = new Uint8Array()

export class LwwAuthority implements Authority {
  readonly #context: AuthorityContext
  readonly #journal: Journal
  readonly #documents = new Map<DocumentId, HeldDocument>()
  readonly #subscribers = new Map<Session, Set<DocumentId>>()
  #unsynced = 0

  constructor(context: AuthorityContext) {
    this.#context = context
    this.#journal = new Journal(context)
    for (const { id } of context.documents) {
      const held: HeldDocument = { assigned: 0, fields: new Map() }
      for (const { name } of wholeValueFields(context.documents, id)) {
        const record = context.disk.boot.get(recordKey(id, name))
        if (record === undefined) continue
        const stamped = { field: name, ...decodeRecord(record) }
        held.fields.set(name, stamped)
        held.assigned = Math.max(held.assigned, stamped.version)
      }
      this.#documents.set(id, held)
    }
  }

  request({ method, document, body }: Request, respond: (response: Response) => void, remember?: (answer: Response) => Writes): void {
    const held = this.#documents.get(document)
    if (method !== 'POST') return respond({ status: 405, body: EMPTY })
    if (held === undefined) return respond({ status: 404, body: EMPTY })
    let write: Write
    try {
      write = decodeWrite(body)
    } catch {
      // Not something that a replica can have sent: the caller's mistake, and the caller hears of it.
      return respond({ status: 400, body: EMPTY })
    }
    if (!wholeValueFields(this.#context.documents, document).some(({ name }) => name === write.field)) return respond({ status: 404, body: EMPTY })
    const stamped = { ...write, version: ++held.assigned }
    this.#unsynced += 1
    const answer: Response = { status: 200, body: EMPTY, version: stamped.version }
    // With the answer in the same batch, a repetition after a crash is never taken for a new, later write (T22).
    const writes: Writes = new Map([[recordKey(document, write.field), encodeRecord(stamped)], ...(remember?.(answer) ?? [])])
    this.#journal.append(writes, () => {
      this.#unsynced -= 1
      held.fields.set(write.field, stamped)
      this.#context.changed(document)
      respond(answer)
      this.#broadcast(document, stamped)
    })
  }

  opened(session: Session): void { this.#subscribers.set(session, new Set()) }

  received(session: Session, bytes: Uint8Array): void {
    const document = readFrame(session, bytes, decodeSubscription)
    if (document === null) return
    const held = this.#documents.get(document)
    if (held === undefined) return session.close(4_404)
    this.#subscribers.get(session)?.add(document)
    session.send(encodeFields({ document, fields: [...held.fields.values()] }), 'data')
  }

  closed(session: Session): void { this.#subscribers.delete(session) }

  view(document: DocumentId): View {
    const held = this.#documents.get(document)
    return wholeValueView(wholeValueFields(this.#context.documents, document), (field) => held?.fields.get(field)?.value)
  }

  pending(): number { return this.#unsynced }

  dispose(): void { this.#journal.dispose() }

  #broadcast(document: DocumentId, stamped: StampedField): void {
    const frame = encodeFields({ document, fields: [stamped] })
    for (const [session, documents] of this.#subscribers) if (documents.has(document)) session.send(frame, 'data')
  }
}

function recordKey(document: DocumentId, field: FieldName): string { return JSON.stringify([document, field]) }
