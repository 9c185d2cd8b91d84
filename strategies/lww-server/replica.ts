/**
 * The device's side of `lww-server`: what the server is known to hold, with this device's unanswered writes
 * laid over it (requirements D01, D02, D04).
 *
 * The overlay is why nothing flickers: an echo or somebody else's older write of a field that has an own
 * pending write is kept below it and not shown (J02). Base values only ever move to newer versions (T41),
 * whichever of the POST's answer and the frame comes first (A07). Each edit has its own entry, several on one
 * field too (T34), and none is taken for another.
 *
 * What is known is also kept on the device's disk, in the order in which it was learnt: a process that starts
 * again without a connection shows what the one before it showed, or its user would write over texts that have
 * gone from the screen.
 */
import type {
  DocumentId, DurableRequest, EditHandle, FieldName, LocalEdit, Replica, ReplicaContext, RequestResult, Response, Session, Version, View,
} from '../../sim/contract.ts'
import { readFrame } from '../read-frame.ts'
import { valueAfter, wholeValueFields, wholeValueView } from '../whole-value.ts'
import { decodeFields, decodeRecord, decodeWrite, encodeRecord, encodeSubscription, encodeWrite } from './codec.ts'

interface PendingWrite {
  readonly handle: EditHandle
  readonly document: DocumentId
  readonly field: FieldName
  readonly value: string
}

interface Known {
  readonly version: Version
  readonly value: string
}

const CACHE_PREFIX = 'known/'

export class LwwReplica implements Replica {
  readonly #context: ReplicaContext
  readonly #open = new Map<DocumentId, Map<FieldName, Known>>()
  /** Oldest first, over all documents. */
  readonly #pending: PendingWrite[]
  #session: Session | null = null

  constructor(context: ReplicaContext) {
    this.#context = context
    this.#pending = context.recovered.map(({ request, handle }) => ({ handle, document: request.document, ...decodeWrite(request.body) }))
  }

  open(document: DocumentId): void {
    const known = new Map<FieldName, Known>()
    for (const { name } of wholeValueFields(this.#context.documents, document)) {
      const record = this.#context.disk.boot.get(cacheKey(document, name))
      if (record !== undefined) known.set(name, decodeRecord(record))
    }
    this.#open.set(document, known)
    this.#session?.send(encodeSubscription(document), 'data')
  }

  edit({ handle, document, field, change }: LocalEdit): void {
    const value = valueAfter(change, this.view(document)[field] ?? null)
    this.#pending.push({ handle, document, field, value })
    this.#context.changed(document)
    const request = { method: 'POST', path: `/documents/${document}`, document, body: encodeWrite({ field, value }) } as const
    this.#context.request(request, { durable: handle }, (result) => this.#answered(handle, result))
  }

  answered({ handle }: DurableRequest, response: Response): void { this.#answered(handle, response) }

  opened(session: Session): void {
    this.#session = session
    for (const document of this.#open.keys()) session.send(encodeSubscription(document), 'data')
  }

  received(session: Session, bytes: Uint8Array): void {
    const frame = readFrame(session, bytes, decodeFields)
    if (frame === null) return
    const { document, fields } = frame
    for (const { field, version, value } of fields) this.#learn(document, field, { version, value })
    this.#context.changed(document)
  }

  closed(session: Session): void {
    if (this.#session === session) this.#session = null
  }

  view(document: DocumentId): View {
    return wholeValueView(wholeValueFields(this.#context.documents, document), (field) =>
      this.#pending.findLast((one) => one.document === document && one.field === field)?.value
        ?? this.#open.get(document)?.get(field)?.value)
  }

  pending(): number { return this.#pending.length }

  dispose(): void { this.#session = null }

  #answered(handle: EditHandle, result: RequestResult): void {
    const index = this.#pending.findIndex((one) => one.handle === handle)
    const [write] = index === -1 ? [] : this.#pending.splice(index, 1)
    if (write === undefined) throw new Error(`lww-server: an answer to ${handle}, which waits for none`)
    if (!('failed' in result) && result.status >= 200 && result.status < 300) {
      if (result.version === undefined) throw new Error('lww-server: the answer to a write names no version')
      this.#learn(write.document, write.field, { version: result.version, value: write.value })
      this.#context.settle(handle, 'server-durable')
    } else {
      const reason = 'failed' in result ? result.failed : `status ${result.status}`
      this.#context.settle(handle, { rejected: reason })
      this.#context.notify(handle, { kind: 'rejected', message: `Your change of ${write.field} was refused (${reason}).` })
    }
    this.#context.changed(write.document)
  }

  #learn(document: DocumentId, field: FieldName, known: Known): void {
    const base = this.#open.get(document)
    if (base === undefined || known.version <= (base.get(field)?.version ?? 0)) return
    base.set(field, known)
    // A cache: what could not be kept is fetched again, so nobody waits for it.
    this.#context.disk.write(new Map([[cacheKey(document, field), encodeRecord(known)]]), () => undefined)
  }
}

function cacheKey(document: DocumentId, field: FieldName): string { return CACHE_PREFIX + JSON.stringify([document, field]) }
