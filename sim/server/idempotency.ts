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
 * Left out: a time window (C08, C09: entries are kept for good) and the server's restart (T22: the memory is
 * as volatile as the process that holds it).
 */
import type { Request, Response } from '../contract.ts'

type Respond = (response: Response) => void

interface KnownKey {
  readonly request: Request
  state: { readonly waiting: Respond[] } | { readonly answer: Response }
}

/** What became of a request at the gateway, for metrics and coverage. */
export type Admission = 'processed' | 'waiting' | 'repeated' | 'key-reused'

/**
 * @example
 * store.handle(request, respond, (request, respond) => authority.request(request, respond))
 */
export class IdempotencyStore {
  readonly #keys = new Map<string, KnownKey>()

  /** Keys that are remembered or in work. */
  get size(): number { return this.#keys.size }

  handle(request: Request, respond: Respond, execute: (request: Request, respond: Respond) => void): Admission {
    const key = request.idempotencyKey
    if (key === undefined) {
      execute(request, respond)
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

  #process(key: string, request: Request, respond: Respond, execute: (request: Request, respond: Respond) => void): void {
    const waiting = [respond]
    const known: KnownKey = { request, state: { waiting } }
    this.#keys.set(key, known)
    let isAnswered = false
    try {
      execute(request, (answer) => {
        if (isAnswered) throw new Error(`two answers to request ${key}`)
        isAnswered = true
        if (answer.status < 500) known.state = { answer }
        else this.#keys.delete(key)
        for (const one of waiting) one(answer)
      })
    } catch (error) {
      if (!isAnswered) this.#keys.delete(key)
      throw error
    }
  }
}

function isSameRequest(a: Request, b: Request): boolean {
  return a.method === b.method && a.path === b.path && a.document === b.document
    && a.body.length === b.body.length && a.body.every((byte, index) => byte === b.body[index])
}
