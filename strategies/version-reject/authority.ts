/**
 * The server's side of `version-reject`: accepted writes of a document form a chain, version after version
 * (requirements E14).
 *
 * A write is accepted if it was made on the current version and, where it names a predecessor, if that write
 * made the current version; otherwise it is refused with 409 and the current version. Checks see writes that
 * are still on their way to the disk, or two writes could take one version; answers, change signals, fetched
 * documents and views wait until the record is durable (T100), a 409 too: the version it names must not be
 * undone by a crash after somebody was refused for its sake.
 */
import type { Authority, AuthorityContext, DocumentId, FieldName, Request, Response, Session, Version, View, Writes } from '../../sim/contract.ts'
import { Journal } from '../journal.ts'
import { CLOSE_PROTOCOL_ERROR } from '../read-frame.ts'
import { wholeValueFields, wholeValueView } from '../whole-value.ts'
import { decodeLogRecord, decodeWrite, encodeDocument, encodeLogRecord, type LogRecord, type MutationId, type Write } from './codec.ts'

type Respond = (response: Response) => void
type Remember = (answer: Response) => Writes

interface HeldDocument {
  /** The newest accepted write, durable or not. */
  head: { readonly version: Version; readonly mutation: MutationId | null; readonly refused: Respond[] }
  /** What is durable. */
  version: Version
  readonly fields: Map<FieldName, string>
}

const EMPTY = new Uint8Array()
const LOG_PREFIX = 'log/'
const LOG_DIGITS = 16

export class VersionRejectAuthority implements Authority {
  readonly #context: AuthorityContext
  readonly #journal: Journal
  readonly #documents = new Map<DocumentId, HeldDocument>()
  #records = 0
  #unsynced = 0

  constructor(context: AuthorityContext) {
    this.#context = context
    this.#journal = new Journal(context)
    for (const { id } of context.documents) {
      this.#documents.set(id, { head: { version: 0, mutation: null, refused: [] }, version: 0, fields: new Map() })
    }
    for (const [key, bytes] of context.disk.boot) {
      if (!key.startsWith(LOG_PREFIX)) continue
      this.#records = Number(key.slice(LOG_PREFIX.length))
      this.#replay(decodeLogRecord(bytes))
    }
  }

  request(request: Request, respond: Respond, remember?: Remember): void {
    const held = this.#documents.get(request.document)
    if (held === undefined) return respond({ status: 404, body: EMPTY })
    switch (request.method) {
      case 'GET': return respond({ status: 200, body: encodeDocument(held), version: held.version })
      case 'POST': return this.#write(request, held, respond, remember)
    }
  }

  opened(): void { /* Change signals go to whoever is connected; no state is kept per session. */ }

  /** Writes come as requests: whoever sends a frame speaks another protocol. */
  received(session: Session): void { session.close(CLOSE_PROTOCOL_ERROR) }

  closed(): void { /* As for `opened`. */ }

  view(document: DocumentId): View {
    const held = this.#documents.get(document)
    return wholeValueView(wholeValueFields(this.#context.documents, document), (field) => held?.fields.get(field))
  }

  pending(): number { return this.#unsynced }

  dispose(): void { this.#journal.dispose() }

  #write({ document, body }: Request, held: HeldDocument, respond: Respond, remember?: Remember): void {
    let write: Write
    try {
      write = decodeWrite(body)
    } catch {
      // Not something that a replica can have sent: the caller's mistake, and the caller hears of it.
      return respond({ status: 400, body: EMPTY })
    }
    const { mutation, base, predecessor, field, value } = write
    if (!wholeValueFields(this.#context.documents, document).some(({ name }) => name === field)) return respond({ status: 404, body: EMPTY })
    const { head } = held
    if (base !== head.version || (predecessor !== null && predecessor !== head.mutation)) {
      if (head.version > held.version) head.refused.push(respond)
      else respond(conflict(head.version))
      return
    }
    const version = head.version + 1
    const refused: Respond[] = []
    held.head = { version, mutation, refused }
    this.#unsynced += 1
    const record = encodeLogRecord({ document, version, mutation, field, value })
    const answer: Response = { status: 200, body: EMPTY, version }
    // With the answer in the same batch, a repetition after a crash is never taken for a conflict (T22).
    const writes: Writes = new Map([[logKey(++this.#records), record], ...(remember?.(answer) ?? [])])
    this.#journal.append(writes, () => {
      this.#unsynced -= 1
      held.version = version
      held.fields.set(field, value)
      this.#context.changed(document)
      respond(answer)
      for (const one of refused) one(conflict(version))
      this.#context.publish(document, version)
    })
  }

  #replay({ document, version, mutation, field, value }: LogRecord): void {
    const held = this.#documents.get(document)
    if (held === undefined) throw new Error(`version-reject: the log speaks of an unknown document ${JSON.stringify(document)}`)
    if (version !== held.version + 1) throw new Error(`version-reject: the log of ${document} goes from version ${held.version} to ${version}`)
    held.head = { version, mutation, refused: [] }
    held.version = version
    held.fields.set(field, value)
  }
}

function conflict(version: Version): Response { return { status: 409, body: EMPTY, version } }

/** Zero-padded, so that the disk's key order is the order of acceptance. */
function logKey(record: number): string { return LOG_PREFIX + String(record).padStart(LOG_DIGITS, '0') }
