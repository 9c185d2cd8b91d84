/**
 * What replica and authority of crdt-yjs share: documents, their logs on disk, and the sync protocol.
 *
 * The protocol is y-protocols/sync with a document's number before each message. Whoever has a document
 * open sends step 1 (its state vector); the other answers with step 2 (what is missing there) and its own
 * step 1. An end sends updates on a session only after it has answered step 1 there: what came before is
 * in the answer, so updates never arrive before what they depend on. An update is sent to every session
 * but the one it came from, which makes the authority a relay and lets a replica keep its own to itself.
 *
 * Over datagrams, where no such order can be had, `anti-entropy.ts` takes the place of the two steps.
 */
import type { Context, DocumentId, Node, Session, View } from '../../sim/contract.ts'
import { Journal } from '../journal.ts'
import { AntiEntropy, type DocumentState, type Piece, type Synced } from './anti-entropy.ts'
import type { YjsLibraries } from './libraries.ts'
import { UpdateLog } from './update-log.ts'
import { YjsDocument } from './yjs-document.ts'

/** WebSocket close code for a peer that does not keep to the protocol (RFC 6455, 7.4.1). */
const CLOSE_PROTOCOL_ERROR = 1002

/** Types of messages beside those of y-protocols/sync, over datagrams only. */
const MESSAGE_STATE = 3
const MESSAGE_PIECE = 4

/** `number` is the place in the list of documents, which both ends know: names the document in frames. */
interface Entry extends Synced {
  readonly id: DocumentId
  readonly log: UpdateLog
}

type Encoder = ReturnType<YjsLibraries['encoding']['createEncoder']>

/** Which documents' step 1 this end has sent, and which it has answered. */
interface Progress { readonly asked: Set<number>; readonly answered: Set<number> }

type Message =
  | { readonly type: 'step 1'; readonly entry: Entry; readonly answer: Uint8Array }
  | { readonly type: 'update'; readonly entry: Entry; readonly update: Uint8Array }
  | { readonly type: 'state'; readonly entry: Entry; readonly state: DocumentState }
  | { readonly type: 'piece'; readonly entry: Entry; readonly piece: Piece }

export abstract class YjsNode implements Node {
  protected readonly context: Context
  private readonly libraries: YjsLibraries
  private readonly journal: Journal
  private readonly entries: readonly Entry[]
  private readonly sessions = new Map<Session, Progress>()
  private readonly exchange: AntiEntropy
  /** Updates from a session that have just changed a document. */
  private readonly applied: { readonly entry: Entry; readonly update: Uint8Array }[] = []
  /** Called when the next local update is durable. */
  private whenDurable: (() => void) | null = null

  constructor(libraries: YjsLibraries, context: Context) {
    this.libraries = libraries
    this.context = context
    this.journal = new Journal(context)
    this.exchange = new AntiEntropy(libraries, context, {
      state: (session, entry, { vector, print, asks }) => this.send(session, entry, 'control', (encoder, { writeVarUint, writeVarUint8Array }) => {
        writeVarUint(encoder, MESSAGE_STATE)
        writeVarUint8Array(encoder, vector)
        writeVarUint(encoder, print)
        writeVarUint(encoder, asks ? 1 : 0)
      }),
      update: (session, entry, update) => this.sendUpdate(session, entry, update),
      piece: (session, entry, { whole, index, count, content }) => this.send(session, entry, 'data', (encoder, { writeVarUint, writeVarUint8Array }) => {
        for (const part of [MESSAGE_PIECE, whole, index, count]) writeVarUint(encoder, part)
        writeVarUint8Array(encoder, content)
      }),
    })
    this.entries = context.documents.map((shape, number) => {
      const log = new UpdateLog(this.journal, shape.id, context.disk.boot)
      const document: YjsDocument = new YjsDocument(libraries.Y, shape, context.replicaNumber, log.saved, (update, origin) => {
        this.updated(entry, update, origin)
      })
      const entry: Entry = { number, id: shape.id, document, log }
      return entry
    })
  }

  /** The documents whose sync this end begins. */
  protected abstract begins(document: DocumentId): boolean
  abstract pending(): number

  opened(session: Session): void {
    this.sessions.set(session, { asked: new Set(), answered: new Set() })
    if (session.delivery === 'datagrams') this.exchange.opened(session)
    for (const entry of this.entries) if (this.begins(entry.id)) this.ask(session, entry)
  }

  received(session: Session, bytes: Uint8Array): void {
    const progress = this.sessions.get(session)
    if (progress === undefined) return
    let message: Message | null
    try {
      message = this.read(bytes, session.delivery)
      const update = message.type === 'update' ? message.update
        : message.type === 'piece' ? this.exchange.gathered(session, message.entry, message.piece) : null
      if (update !== null) message.entry.document.apply(update, session)
    } catch {
      // The libraries throw plain errors of every kind on bytes they cannot read. Of ours only reading runs in there.
      message = null
    }
    // Even a broken update may have been applied in part.
    for (const { entry, update } of this.applied.splice(0)) this.spread(entry, update, session, () => undefined)
    if (message === null) session.close(CLOSE_PROTOCOL_ERROR)
    else if (message.type === 'state') this.exchange.heard(session, message.entry, message.state)
    else if (message.type === 'step 1') {
      progress.answered.add(message.entry.number)
      session.send(message.answer, 'data')
      this.ask(session, message.entry)
    }
  }

  closed(session: Session): void {
    this.sessions.delete(session)
    this.exchange.closed(session)
  }

  view(document: DocumentId): View { return this.entry(document).document.view() }

  dispose(): void {
    this.journal.dispose()
    this.sessions.clear()
    this.exchange.dispose()
    for (const { document } of this.entries) document.doc.destroy()
  }

  protected entry(id: DocumentId): Entry {
    const entry = this.entries.find((one) => one.id === id)
    if (entry === undefined) throw new Error(`no document '${id}'`)
    return entry
  }

  /** Starts syncing a document on the sessions that stand. */
  protected begin(id: DocumentId): void {
    for (const session of this.sessions.keys()) this.ask(session, this.entry(id))
  }

  /** Runs a user's edit; `durable` is called when its update is on disk, also when it changed nothing. */
  protected editing(run: () => void, durable: () => void): void {
    this.whenDurable = durable
    run()
    if (this.whenDurable === null) return
    this.whenDurable = null
    this.journal.append(new Map(), durable)
  }

  private updated(entry: Entry, update: Uint8Array, origin: object | undefined): void {
    if (origin !== undefined) {
      this.applied.push({ entry, update })
      return
    }
    const durable = this.whenDurable
    this.whenDurable = null
    this.spread(entry, update, undefined, durable ?? (() => undefined))
  }

  /** Keeps an update that changed a document, and sends it on. */
  private spread(entry: Entry, update: Uint8Array, from: Session | undefined, durable: () => void): void {
    const { Y } = this.libraries
    entry.log.append(update, durable, () => Y.encodeStateAsUpdate(entry.document.doc))
    for (const [session, { answered }] of this.sessions) {
      const isShared = session.delivery === 'datagrams' ? this.exchange.shares(session, entry) : answered.has(entry.number)
      if (session !== from && isShared) this.sendUpdate(session, entry, update)
    }
    this.exchange.changed(entry, from)
    this.context.changed(entry.id)
  }

  private read(bytes: Uint8Array, delivery: Session['delivery']): Message {
    const { sync, encoding, decoding } = this.libraries
    const decoder = decoding.createDecoder(bytes)
    const entry = this.entries[decoding.readVarUint(decoder)]
    if (entry === undefined) throw new Error('no such document')
    const type = decoding.readVarUint(decoder)
    if (delivery === 'datagrams' && type === MESSAGE_PIECE) {
      const [whole, index, count] = [decoding.readVarUint(decoder), decoding.readVarUint(decoder), decoding.readVarUint(decoder)]
      return { type: 'piece', entry, piece: { whole, index, count, content: decoding.readVarUint8Array(decoder) } }
    }
    const payload = decoding.readVarUint8Array(decoder)
    if (delivery === 'datagrams' && type === MESSAGE_STATE) {
      const [print, asks] = [decoding.readVarUint(decoder), decoding.readVarUint(decoder)]
      this.libraries.Y.decodeStateVector(payload) // throws on what is none
      return { type: 'state', entry, state: { vector: payload, print, asks: asks === 1 } }
    }
    if (decoding.hasContent(decoder)) throw new Error('bytes behind the message')
    if (type === sync.messageYjsSyncStep2 || type === sync.messageYjsUpdate) return { type: 'update', entry, update: payload }
    if (type !== sync.messageYjsSyncStep1) throw new Error(`unknown message ${type}`)
    const encoder = this.frame(entry)
    sync.writeSyncStep2(encoder, entry.document.doc, payload)
    return { type: 'step 1', entry, answer: encoding.toUint8Array(encoder) }
  }

  private ask(session: Session, entry: Entry): void {
    if (session.delivery === 'datagrams') return this.exchange.ask(session, entry)
    const progress = this.sessions.get(session)
    if (progress === undefined || progress.asked.has(entry.number)) return
    progress.asked.add(entry.number)
    this.send(session, entry, 'data', (encoder) => this.libraries.sync.writeSyncStep1(encoder, entry.document.doc))
  }

  private sendUpdate(session: Session, entry: Synced, update: Uint8Array): void {
    this.send(session, entry, 'data', (encoder) => this.libraries.sync.writeUpdate(encoder, update))
  }

  private send(
    session: Session, entry: Synced, traffic: 'data' | 'control', write: (encoder: Encoder, encoding: YjsLibraries['encoding']) => void,
  ): void {
    const { encoding } = this.libraries
    const encoder = this.frame(entry)
    write(encoder, encoding)
    session.send(encoding.toUint8Array(encoder), traffic)
  }

  private frame(entry: Synced): Encoder {
    const encoder = this.libraries.encoding.createEncoder()
    this.libraries.encoding.writeVarUint(encoder, entry.number)
    return encoder
  }
}
