/**
 * The durable outbox: requests that carry an edit are kept on disk and sent in order, one in flight, again
 * and again, until they are answered (requirements I01, I02, C10).
 *
 * A request is sent only after its record has synced, and forgotten on disk before its answer is handed on:
 * whatever a crash interrupts is sent again under its old idempotency key, and an answer that was handed on
 * never comes a second time. Everything below 500 is final, 409 and 413 included, or one refused request
 * would block the queue for good (T84); 5xx, timeouts and broken connections are tried again after a backoff,
 * and at once when the device is connected again. Each record is its own key, deleted alone, so that nothing
 * a user does while an answer is awaited can be cleared away with it (D09, T42).
 *
 * The record of an answered request is being deleted while the next one is already on its way: the order at
 * the server is the same, and a crash in between repeats both, in order.
 *
 * A 429 or 401 does not come this far, nor does anything leave before `Retry-After`: `request-gate.ts`.
 *
 * Left out: a bound on the queue (F06), several tabs (I03, I12).
 */
import { ByteReader, ByteWriter } from '../binary.ts'
import type { Cancel, Disk, DurableRequest, EditHandle, Request, RequestResult, Response } from '../contract.ts'
import { ReconnectBackoff, type BackoffConfig } from './reconnect-backoff.ts'
import type { StackTimer } from '../session/stack-timer.ts'

export type DiskProblem = 'quota' | 'io'

export interface OutboxConfig {
  readonly device: string
  readonly incarnation: number
  readonly requestTimeoutUs: number
  readonly retry: BackoffConfig
}

export interface OutboxPorts {
  readonly disk: Disk
  readonly timer: StackTimer
  random(): number
  /** Sends once; `done` is called exactly once, unless cancelled before. */
  send(request: Request, timeoutUs: number, done: (result: RequestResult) => void): Cancel
  /** The final answer of an entry; `recovered` if an earlier incarnation enqueued it. */
  answered(entry: DurableRequest, response: Response, recovered: boolean): void
  /** The entry could not be kept and was not sent; its edit is safe nowhere but in memory. */
  refused(entry: DurableRequest, problem: DiskProblem): void
}

const KEY_PREFIX = 'outbox/'
const KEY_DIGITS = 16
const RECORD_FORMAT = 1
const METHODS = ['GET', 'POST'] as const

interface Entry extends DurableRequest {
  readonly ordinal: number
  readonly recovered: boolean
  state: 'writing' | 'ready'
}

/**
 * @example
 * const outbox = new Outbox({ device: 'a', incarnation: 1, requestTimeoutUs, retry }, ports)
 * outbox.enqueue(request, handle) // on disk, then sent, then ports.answered(...)
 * outbox.connected()              // the connection is back: do not wait for the backoff
 */
export class Outbox {
  /** What earlier incarnations left behind, oldest first; it is sent again without being asked. */
  readonly recovered: readonly DurableRequest[]
  readonly #config: OutboxConfig
  readonly #ports: OutboxPorts
  readonly #backoff: ReconnectBackoff
  /** Oldest first. Only the head is ever in flight. */
  readonly #queue: Entry[] = []
  #nextOrdinal = 1
  #cancelSend: Cancel | null = null
  #cancelRetry: Cancel | null = null
  #isStopped = false

  /** Boots from the disk; sends nothing before `start` or `connected`. */
  constructor(config: OutboxConfig, ports: OutboxPorts) {
    this.#config = config
    this.#ports = ports
    this.#backoff = new ReconnectBackoff(config.retry, () => ports.random())
    for (const [key, record] of ports.disk.boot) {
      if (!key.startsWith(KEY_PREFIX)) continue
      const ordinal = Number(key.slice(KEY_PREFIX.length))
      this.#queue.push({ ...decodeRecord(record), ordinal, recovered: true, state: 'ready' })
      this.#nextOrdinal = Math.max(this.#nextOrdinal, ordinal + 1)
    }
    this.recovered = this.pending()
  }

  /** Entries that have no answer yet. */
  get depth(): number { return this.#queue.length }

  pending(): readonly DurableRequest[] {
    return this.#queue.map(({ request, handle }) => ({ request, handle }))
  }

  /** Sends what was recovered; call it once the node above is ready to hear answers. */
  start(): void { this.#pump() }

  /** Keeps `request` until it is answered. Returns the request as it will be sent, with its key. */
  enqueue(request: Request, handle: EditHandle): DurableRequest {
    const ordinal = this.#nextOrdinal++
    const entry: Entry = {
      request: {
        ...request, body: request.body.slice(),
        // Stable across retries of this intent, and unlike that of any other, equal content or not (C10).
        idempotencyKey: `${this.#config.device}/${this.#config.incarnation}/${ordinal}`,
      },
      handle, ordinal, recovered: false, state: 'writing',
    }
    this.#queue.push(entry)
    this.#ports.disk.write(new Map([[recordKey(ordinal), encodeRecord(entry)]]), (problem) => {
      if (this.#isStopped) return
      if (problem === undefined) entry.state = 'ready'
      else {
        this.#queue.splice(this.#queue.indexOf(entry), 1)
        this.#ports.refused(publicPart(entry), problem)
      }
      this.#pump()
    })
    return publicPart(entry)
  }

  /** The device is connected again: what waits for a retry is sent now. */
  connected(): void {
    this.#cancelRetry?.()
    this.#cancelRetry = null
    this.#pump()
  }

  /** The process ends: nothing is sent or called back any more. */
  stop(): void {
    this.#isStopped = true
    this.#cancelSend?.()
    this.#cancelRetry?.()
  }

  #pump(): void {
    const head = this.#queue[0]
    if (this.#isStopped || this.#cancelSend !== null || this.#cancelRetry !== null) return
    if (head === undefined || head.state === 'writing') return
    let isDone = false
    // Held before `send` returns, in case the answer comes from inside the call.
    this.#cancelSend = () => undefined
    const cancel = this.#ports.send(head.request, this.#config.requestTimeoutUs, (result) => {
      if (this.#isStopped) return
      if (isDone) throw new Error(`two results for one sending of ${head.request.idempotencyKey}`)
      isDone = true
      this.#cancelSend = null
      this.#finish(head, result)
    })
    if (!isDone) this.#cancelSend = cancel
  }

  #finish(head: Entry, result: RequestResult): void {
    if ('failed' in result || result.status >= 500) {
      this.#cancelRetry = this.#ports.timer(this.#backoff.next(), () => {
        this.#cancelRetry = null
        this.#pump()
      })
      return
    }
    this.#backoff.reset()
    this.#queue.shift()
    // If the deletion fails, the record is sent once more after the next start, and the gateway repeats its answer.
    this.#ports.disk.write(new Map([[recordKey(head.ordinal), null]]), () => {
      if (!this.#isStopped) this.#ports.answered(publicPart(head), result, head.recovered)
    })
    this.#pump()
  }
}

function publicPart({ request, handle }: Entry): DurableRequest { return { request, handle } }

/** Zero-padded, so that the disk's key order is the queue's order. */
function recordKey(ordinal: number): string { return KEY_PREFIX + String(ordinal).padStart(KEY_DIGITS, '0') }

function encodeRecord({ request, handle }: DurableRequest): Uint8Array {
  return new ByteWriter().varint(RECORD_FORMAT).varint(METHODS.indexOf(request.method))
    .text(request.path).text(request.document).text(request.idempotencyKey ?? '').text(handle).bytes(request.body).finish()
}

function decodeRecord(record: Uint8Array): DurableRequest {
  const reader = new ByteReader(record)
  const format = reader.varint()
  const method = METHODS[reader.varint()]
  if (format !== RECORD_FORMAT || method === undefined) throw new RangeError(`not an outbox record of format ${RECORD_FORMAT}`)
  const path = reader.text()
  const document = reader.text()
  const idempotencyKey = reader.text()
  // The handle was made by this device's host and stored by this class; the brand does not survive bytes.
  const handle = reader.text() as EditHandle
  const request: Request = { method, path, document, idempotencyKey, body: reader.bytes() }
  reader.end()
  return { request, handle }
}
