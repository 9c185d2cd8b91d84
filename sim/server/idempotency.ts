/**
 * The gateway's memory of answers: a request with an idempotency key takes effect once, and its repetitions
 * get the first answer (requirements C08, C10).
 *
 * An answer is remembered only after processing has succeeded (T20): a 5xx or a handler that throws leaves
 * nothing behind, and the next repetition is processed again. A repetition that arrives while the first is
 * still in work waits for the same answer. A 409 is an answer like any other and is repeated as it was, even
 * if the write would be accepted by now. A key that comes back with another request is refused with 422: a
 * key names one intent (C10).
 *
 * The memory outlives the process (T22): an answer is on disk before it is sent. A handler that changes
 * something puts the record of its answer in the batch that makes the change durable (`remember`); otherwise
 * there would be a moment in which a crash leaves the change and forgets the answer. What was in work when the
 * process ended is processed again when it is repeated.
 *
 * Left out: a time window (C08, C09: entries are kept for good).
 */
import { ByteReader, ByteWriter } from '../binary.ts'
import type { Request, Response, Writes } from '../contract.ts'

type Respond = (response: Response) => void
type Remember = (answer: Response) => Writes
type Execute = (request: Request, respond: Respond, remember: Remember) => void

interface KnownKey {
  readonly request: Request
  state: { readonly waiting: Respond[] } | { readonly answer: Response }
}

/** What became of a request at the gateway, for metrics and coverage. */
export type Admission = 'processed' | 'waiting' | 'repeated' | 'key-reused'

export interface IdempotencyPorts {
  /** What earlier incarnations have recorded. */
  readonly boot: ReadonlyMap<string, Uint8Array>
  /** Makes an answer durable that its handler did not remember; `durable` is called in any case. */
  write(batch: Writes, durable: () => void): void
}

/** Keys on disk begin with this; an authority beside the store sees none of them. */
export const IDEMPOTENCY_PREFIX = 'idempotency/'
const METHODS = ['GET', 'POST'] as const
const VOLATILE: IdempotencyPorts = { boot: new Map(), write: (_batch, durable) => durable() }

/**
 * @example
 * store.handle(request, respond, (request, respond, remember) => authority.request(request, respond, remember))
 */
export class IdempotencyStore {
  readonly #keys = new Map<string, KnownKey>()
  readonly #ports: IdempotencyPorts

  /** Without ports, the memory is as volatile as its process. */
  constructor(ports: IdempotencyPorts = VOLATILE) {
    this.#ports = ports
    for (const [key, record] of ports.boot) {
      if (!key.startsWith(IDEMPOTENCY_PREFIX)) continue
      const { request, answer } = decodeRecord(record)
      this.#keys.set(key.slice(IDEMPOTENCY_PREFIX.length), { request, state: { answer } })
    }
  }

  /** Keys that are remembered or in work. */
  get size(): number { return this.#keys.size }

  handle(request: Request, respond: Respond, execute: Execute): Admission {
    const key = request.idempotencyKey
    if (key === undefined) {
      execute(request, respond, () => new Map())
      return 'processed'
    }
    const known = this.#keys.get(key)
    if (known === undefined) {
      this.#process(key, request, respond, execute)
      return 'processed'
    }
    if (!isSameRequest(known.request, request)) {
      respond({ status: 422, body: new Uint8Array() })
      return 'key-reused'
    }
    if ('waiting' in known.state) {
      known.state.waiting.push(respond)
      return 'waiting'
    }
    respond(known.state.answer)
    return 'repeated'
  }

  #process(key: string, request: Request, respond: Respond, execute: Execute): void {
    const waiting = [respond]
    const known: KnownKey = { request, state: { waiting } }
    this.#keys.set(key, known)
    let isAnswered = false
    let isRemembered = false
    const remember = (answer: Response): Writes => {
      isRemembered = true
      return new Map([[IDEMPOTENCY_PREFIX + key, encodeRecord(request, answer)]])
    }
    try {
      execute(request, (answer) => {
        if (isAnswered) throw new Error(`two answers to request ${key}`)
        isAnswered = true
        const give = (): void => {
          if (answer.status < 500) known.state = { answer }
          else this.#keys.delete(key)
          for (const one of waiting) one(answer)
        }
        if (isRemembered || answer.status >= 500) give()
        else this.#ports.write(remember(answer), give)
      }, remember)
    } catch (error) {
      if (!isAnswered) this.#keys.delete(key)
      throw error
    }
  }
}

function encodeRecord(request: Request, { status, body, version }: Response): Uint8Array {
  return new ByteWriter().varint(METHODS.indexOf(request.method)).text(request.path).text(request.document).bytes(request.body)
    .varint(status).varint(version === undefined ? 0 : version + 1).bytes(body).finish()
}

function decodeRecord(record: Uint8Array): { readonly request: Request; readonly answer: Response } {
  const reader = new ByteReader(record)
  const method = METHODS[reader.varint()]
  if (method === undefined) throw new RangeError('not the record of an answer')
  const request: Request = { method, path: reader.text(), document: reader.text(), body: reader.bytes() }
  const status = reader.varint()
  const version = reader.varint()
  const body = reader.bytes()
  reader.end()
  return { request, answer: version === 0 ? { status, body } : { status, body, version: version - 1 } }
}

function isSameRequest(a: Request, b: Request): boolean {
  return a.method === b.method && a.path === b.path && a.document === b.document
    && a.body.length === b.body.length && a.body.every((byte, index) => byte === b.body[index])
}
