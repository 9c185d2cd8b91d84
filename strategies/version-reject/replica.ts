/**
 * The device's side of `version-reject`: a base as of one version of the document, and this device's
 * unanswered writes laid over it (requirements E14, C05, D01, D02, D10).
 *
 * The base version moves by two things only, a fetched document that is not older (T41) and an own write's
 * answer; never optimistically, or a remote change of the same number would be taken for
 * known and ignored (T62). A write names the version it was made on. When it builds on an own write that has
 * no answer yet, it also names that write: its number alone would not do, because if the first write is
 * refused after a foreign one took its version, the second would be accepted on top of a value its author
 * never saw (ABA).
 *
 * A refused write is told to its user once and never sent again with a newer version (T70); what was built
 * on it is refused in its turn.
 */
import type {
  DocumentId, DurableRequest, EditHandle, LocalEdit, Replica, ReplicaContext, RequestResult, Response, Session, Version, View,
} from '../../sim/contract.ts'
import { CLOSE_PROTOCOL_ERROR } from '../read-frame.ts'
import { valueAfter, wholeValueFields, wholeValueView } from '../whole-value.ts'
import { decodeDocument, decodeWrite, encodeWrite, type DocumentState, type Write } from './codec.ts'

interface PendingWrite extends Write {
  readonly handle: EditHandle
  readonly document: DocumentId
  /**
   * The version it made, when the answer came before the base it was made on: after a restart the base has
   * to be fetched first. Until the base has that version the write stays on screen.
   */
  acceptedAs: Version | null
  /** Made by an earlier process, on what that process saw. */
  readonly isRecovered: boolean
}

interface OpenDocument {
  base: DocumentState
  isLoading: boolean
  /** This process has fetched it. */
  isLoaded: boolean
}

const NOTHING: DocumentState = { version: 0, fields: new Map() }

export class VersionRejectReplica implements Replica {
  readonly #context: ReplicaContext
  readonly #open = new Map<DocumentId, OpenDocument>()
  /** Oldest first, over all documents. */
  #writes: PendingWrite[]
  #isConnected = false
  #mutations = 0

  constructor(context: ReplicaContext) {
    this.#context = context
    this.#writes = context.recovered.map(({ request, handle }) =>
      ({ ...decodeWrite(request.body), handle, document: request.document, acceptedAs: null, isRecovered: true }))
  }

  open(document: DocumentId): void {
    const opened = { base: NOTHING, isLoading: false, isLoaded: false }
    this.#open.set(document, opened)
    // Loaded only once the session is open: what changed between an earlier load and the first signal that
    // can arrive would stay unknown (T61).
    if (this.#isConnected) this.#load(document, opened)
  }

  opened(): void {
    this.#isConnected = true
    for (const [document, opened] of this.#open) {
      // A new session may have missed signals. Version 0 says that nothing is known, and revalidates.
      if (opened.isLoading) this.#context.invalidate(document, 0)
      else this.#load(document, opened)
    }
  }

  closed(): void { this.#isConnected = false }

  /** State comes by refetch only (C06): whoever sends a frame speaks another protocol. */
  received(session: Session): void { session.close(CLOSE_PROTOCOL_ERROR) }

  edit({ handle, document, field, change }: LocalEdit): void {
    const value = valueAfter(change, this.view(document)[field] ?? null)
    const unanswered = this.#writes.filter((one) => one.document === document && one.acceptedAs === null)
    // Before a new process has loaded the document, the writes of the one before it stand on a version that nobody
    // sees here. What the user does then builds on nothing, and is refused: those writes make or prove a later one.
    const isBlind = this.#open.get(document)?.isLoaded !== true && unanswered.some(({ isRecovered }) => isRecovered)
    const predecessor = isBlind ? undefined : unanswered.at(-1)
    const { device, incarnation } = this.#context.identity
    const write: Write = {
      mutation: `${device}/${incarnation}/${++this.#mutations}`,
      base: predecessor === undefined ? this.#base(document).version : predecessor.base + 1,
      predecessor: predecessor?.mutation ?? null,
      field, value,
    }
    this.#writes.push({ ...write, handle, document, acceptedAs: null, isRecovered: false })
    this.#context.changed(document)
    const request = { method: 'POST', path: `/documents/${document}`, document, body: encodeWrite(write) } as const
    this.#context.request(request, { durable: handle }, (result) => this.#answered(handle, result))
  }

  answered({ handle }: DurableRequest, response: Response): void { this.#answered(handle, response) }

  signalled(document: DocumentId, version: Version): void {
    if (version > this.#base(document).version) this.#context.invalidate(document, version)
  }

  refetched(document: DocumentId, body: Uint8Array): void {
    const opened = this.#open.get(document)
    const fetched = decodeDocument(body)
    if (opened === undefined || fetched.version < opened.base.version) return
    opened.base = fetched
    opened.isLoaded = true
    this.#writes = this.#writes.filter((one) => one.document !== document || one.acceptedAs === null || one.acceptedAs > fetched.version)
    this.#context.changed(document)
  }

  view(document: DocumentId): View {
    const { fields } = this.#base(document)
    return wholeValueView(wholeValueFields(this.#context.documents, document), (field) =>
      this.#writes.findLast((one) => one.document === document && one.field === field)?.value ?? fields.get(field))
  }

  pending(): number { return this.#writes.filter(({ acceptedAs }) => acceptedAs === null).length }

  dispose(): void { this.#isConnected = false }

  #base(document: DocumentId): DocumentState { return this.#open.get(document)?.base ?? NOTHING }

  #load(document: DocumentId, opened: OpenDocument): void {
    opened.isLoading = true
    this.#context.invalidate(document, 0, { initial: true })
  }

  #answered(handle: EditHandle, result: RequestResult): void {
    const write = this.#writes.find((one) => one.handle === handle && one.acceptedAs === null)
    if (write === undefined) throw new Error(`version-reject: an answer to ${handle}, which waits for none`)
    if (!('failed' in result) && result.status >= 200 && result.status < 300) this.#accepted(write, result)
    else this.#rejected(write, result)
    this.#context.changed(write.document)
  }

  #accepted(write: PendingWrite, { version }: Response): void {
    if (version === undefined) throw new Error('version-reject: the answer to a write names no version')
    const opened = this.#open.get(write.document)
    if (opened !== undefined && version === opened.base.version + 1) {
      opened.base = { version, fields: new Map(opened.base.fields).set(write.field, write.value) }
    }
    if (this.#base(write.document).version >= version) this.#drop(write)
    else {
      write.acceptedAs = version
      this.#catchUp(write.document, version)
    }
    this.#context.settle(write.handle, 'server-durable')
  }

  #rejected(write: PendingWrite, result: RequestResult): void {
    this.#drop(write)
    const isConflict = !('failed' in result) && result.status === 409
    const reason = isConflict ? 'version conflict' : 'failed' in result ? result.failed : `status ${result.status}`
    this.#context.settle(write.handle, { rejected: reason })
    this.#context.notify(write.handle, { kind: 'rejected', message: `Your change of ${write.field} was not made: ${reason}.` })
    if (!isConflict) return
    const current = result.version
    if (current === undefined) throw new Error('version-reject: a conflict names no current version')
    if (current > this.#base(write.document).version) this.#catchUp(write.document, current)
  }

  /** What has not been asked for yet is loaded when the session opens, and will show this version then. */
  #catchUp(document: DocumentId, version: Version): void {
    const opened = this.#open.get(document)
    if (opened?.isLoading === true || opened?.isLoaded === true) this.#context.invalidate(document, version)
  }

  #drop(write: PendingWrite): void { this.#writes = this.#writes.filter((one) => one !== write) }
}
