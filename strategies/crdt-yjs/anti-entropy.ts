/**
 * What crdt-yjs does over datagrams, where any frame may be lost, or come late: anti-entropy.
 *
 * Updates are pushed as over streams; Yjs keeps one that comes too early, and applies each once. Beside that, an
 * end that does not know a peer to have the same state of a document tells it its own every second: the state
 * vector, and a hash over everything including deletions, since a lost deletion moves no clock. Whoever hears a
 * state unlike its own sends what is missing there, and answers with its own; two that are alike know it, and are silent.
 * The timer runs in the foreground: as long as something may be missing, the world is not quiet (H3).
 *
 * What is missing may be large, and a large message seldom arrives whole. So it goes in pieces of one packet each,
 * named by the hash of the whole: pieces of later tellings complete those of earlier ones. For that the same bytes
 * are sent again until the peer has them, also while newer updates come.
 *
 * Left out: a pace for the pieces (they all go at once), and backing off on paths that lose nearly everything.
 */
import type { Cancel, Context, Session } from '../../sim/contract.ts'
import type { YjsLibraries } from './libraries.ts'
import type { YjsDocument } from './yjs-document.ts'

/** The contract's promise for `delivery: 'datagrams'`. */
const REPEAT_MS = 1_000
/** One packet, with what the stack and the protocol put before it. */
const PIECE_BYTES = 1_100
/** Beyond it a peer is not believed: 64 MiB. */
const PIECES_MAX = 60_000

/** A document as the protocol sees it. */
export interface Synced {
  readonly number: number
  readonly document: YjsDocument
}

export interface DocumentState {
  readonly vector: Uint8Array
  /** FNV-1a over the snapshot: state vector and deletions. */
  readonly print: number
  /** Whether the peer wants to hear ours. */
  readonly asks: boolean
}

export interface Piece {
  readonly whole: number
  readonly index: number
  readonly count: number
  readonly content: Uint8Array
}

/** What an end sends of its own accord; how it is put into bytes is the protocol's. */
export interface ExchangePort {
  state(session: Session, entry: Synced, state: DocumentState): void
  update(session: Session, entry: Synced, update: Uint8Array): void
  piece(session: Session, entry: Synced, piece: Piece): void
}

/** What is known of one document at one peer. */
interface Known {
  readonly entry: Synced
  isAlike: boolean
  offered: Offer | null
  gathering: Gathering | null
}

interface Offer {
  readonly update: Uint8Array
  /** Where the peer stood in what it lacked. */
  readonly since: readonly (readonly [client: number, clock: number])[]
}

interface Gathering {
  readonly whole: number
  readonly pieces: Map<number, Uint8Array>
}

export class AntiEntropy {
  private readonly peers = new Map<Session, Map<number, Known>>()
  private readonly states = new Map<number, Omit<DocumentState, 'asks'>>()
  private readonly Y: YjsLibraries['Y']
  private readonly context: Pick<Context, 'timer'>
  private readonly port: ExchangePort
  private timer: Cancel | null = null

  constructor({ Y }: YjsLibraries, context: Pick<Context, 'timer'>, port: ExchangePort) {
    this.Y = Y
    this.context = context
    this.port = port
  }

  opened(session: Session): void { this.peers.set(session, new Map()) }

  closed(session: Session): void {
    this.peers.delete(session)
    this.look()
  }

  dispose(): void {
    this.peers.clear()
    this.look()
  }

  /** Whether the peer has spoken of the document, or has been asked about it: then it is sent updates. */
  shares(session: Session, entry: Synced): boolean { return this.peers.get(session)?.has(entry.number) ?? false }

  /** Begins with a document. */
  ask(session: Session, entry: Synced): void {
    const known = this.known(session, entry)
    if (known === undefined) return
    this.tell(session, entry, true)
    this.look()
  }

  /** The document has changed here, by an update of `from` (undefined: the user). */
  changed(entry: Synced, from: Session | undefined): void {
    this.states.delete(entry.number)
    for (const [session, documents] of this.peers) {
      const known = documents.get(entry.number)
      // A peer's own update makes us more like it, not less.
      if (known !== undefined && session !== from) known.isAlike = false
    }
    this.look()
  }

  /** A peer has told its state. */
  heard(session: Session, entry: Synced, theirs: DocumentState): void {
    const known = this.known(session, entry)
    if (known === undefined) return
    const { vector, print } = this.stateOf(entry)
    known.isAlike = print === theirs.print && vector.length === theirs.vector.length && vector.every((byte, index) => byte === theirs.vector[index])
    if (known.isAlike) known.offered = null
    else this.offer(session, known, theirs.vector)
    if (theirs.asks) this.tell(session, entry, false)
    this.look()
  }

  /** A piece has come; the whole update, when it was the last one missing. */
  gathered(session: Session, entry: Synced, { whole, index, count, content }: Piece): Uint8Array | null {
    if (!(index < count && count <= PIECES_MAX)) throw new Error('no such piece')
    const known = this.known(session, entry)
    if (known === undefined) return null
    if (known.gathering?.whole !== whole) known.gathering = { whole, pieces: new Map() }
    const { pieces } = known.gathering
    pieces.set(index, content)
    if (pieces.size < count) return null
    known.gathering = null
    return joined(Array.from({ length: count }, (_, at) => pieces.get(at) ?? new Uint8Array(0)))
  }

  private known(session: Session, entry: Synced): Known | undefined {
    const documents = this.peers.get(session)
    if (documents === undefined) return undefined
    const known = documents.get(entry.number) ?? { entry, isAlike: false, offered: null, gathering: null }
    documents.set(entry.number, known)
    return known
  }

  /** Sends what the peer lacks; the same bytes as before, if it still lacks those. */
  private offer(session: Session, known: Known, theirVector: Uint8Array): void {
    const { entry } = known
    const theirs = this.Y.decodeStateVector(theirVector)
    const before = known.offered
    const isAsBefore = before !== null && before.since.length > 0 && before.since.every(([client, clock]) => (theirs.get(client) ?? 0) === clock)
    const offer = isAsBefore ? before : this.offerFor(entry, theirs, theirVector)
    known.offered = offer
    const { update } = offer
    if (update.length <= PIECE_BYTES) return this.port.update(session, entry, update)
    const whole = hashOf(update)
    const count = Math.ceil(update.length / PIECE_BYTES)
    for (let index = 0; index < count; index++) {
      this.port.piece(session, entry, { whole, index, count, content: update.subarray(index * PIECE_BYTES, (index + 1) * PIECE_BYTES) })
    }
  }

  private offerFor({ document: { doc } }: Synced, theirs: ReadonlyMap<number, number>, theirVector: Uint8Array): Offer {
    const mine = this.Y.decodeStateVector(this.Y.encodeStateVector(doc))
    const since = [...mine].flatMap(([client, clock]) => clock > (theirs.get(client) ?? 0) ? [[client, theirs.get(client) ?? 0] as const] : [])
    return { update: this.Y.encodeStateAsUpdate(doc, theirVector), since }
  }

  private tell(session: Session, entry: Synced, asks: boolean): void {
    this.port.state(session, entry, { ...this.stateOf(entry), asks })
  }

  private stateOf(entry: Synced): Omit<DocumentState, 'asks'> {
    const { doc } = entry.document
    const state = this.states.get(entry.number)
      ?? { vector: this.Y.encodeStateVector(doc), print: hashOf(this.Y.encodeSnapshot(this.Y.snapshot(doc))) }
    this.states.set(entry.number, state)
    return state
  }

  /** Arms the timer while a peer is not known to be alike, and only then. */
  private look(): void {
    const isWaiting = [...this.peers.values()].some((documents) => [...documents.values()].some(({ isAlike }) => !isAlike))
    if (isWaiting) this.timer ??= this.context.timer(REPEAT_MS, () => this.repeat())
    else {
      this.timer?.()
      this.timer = null
    }
  }

  private repeat(): void {
    this.timer = null
    for (const [session, documents] of this.peers) {
      for (const { entry, isAlike } of documents.values()) if (!isAlike) this.tell(session, entry, true)
    }
    this.look()
  }
}

/** FNV-1a, 32 bits. */
function hashOf(bytes: Uint8Array): number {
  let hash = 0x811c9dc5
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193)
  return hash >>> 0
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}
