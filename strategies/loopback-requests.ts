/**
 * Requests in the loopback: a device's calls, the stack's outbox among them, and the gateway that answers
 * repeated idempotency keys with the first answer.
 *
 * Durable requests are kept across lost connections and restarts, one in flight, in order, and repeated
 * until an answer below 500; refetches are repeated too; anything else fails with its connection. Stricter
 * in the world: an outbox entry is on disk only once the disk has synced, and timeouts repeat requests.
 */
import type {
  Authority, Cancel, DocumentId, DurableRequest, EditHandle, HostId, Request, RequestResult, Response,
} from '../sim/contract.ts'

interface Call {
  readonly request: Request
  readonly kind: 'plain' | 'refetch' | 'durable'
  readonly handle: EditHandle | undefined
  /** Absent for a durable request that outlived its incarnation. */
  done: ((result: RequestResult) => void) | null
  state: 'waiting' | 'sent' | Response
}

/** A device's calls, oldest first. */
export class LoopbackCalls {
  private readonly device: HostId
  private calls: Call[] = []
  private serial = 0

  constructor(device: HostId) { this.device = device }

  request(request: Request, handle: EditHandle | undefined, done: (result: RequestResult) => void): Cancel {
    return this.add(request, handle === undefined ? 'plain' : 'durable', handle, done)
  }

  /** Asks for a document, unless that has been asked and not yet been handled. */
  refetch(document: DocumentId, refetched: (body: Uint8Array) => void): void {
    if (this.calls.some(({ kind, request, state }) => kind === 'refetch' && request.document === document && state === 'waiting')) return
    const request: Request = { method: 'GET', path: `/documents/${document}`, document, body: new Uint8Array() }
    this.add(request, 'refetch', undefined, (result) => {
      if (!('failed' in result) && result.status < 300) refetched(result.body)
    })
  }

  /** The connection is gone: plain requests fail, the others wait to be sent again. */
  lost(): void {
    const calls = this.calls
    this.calls = calls.filter(({ kind }) => kind !== 'plain')
    for (const call of this.calls) call.state = 'waiting'
    for (const call of calls) if (call.kind === 'plain') call.done?.({ failed: 'network' })
  }

  /** The device restarted: what its outbox still holds. */
  recover(): readonly DurableRequest[] {
    this.calls = this.calls.filter(({ kind }) => kind === 'durable')
    for (const call of this.calls) {
      call.done = null
      call.state = 'waiting'
    }
    return this.calls.flatMap(({ request, handle }) => (handle === undefined ? [] : [{ request, handle }]))
  }

  /** Which calls can go on, by index: be handled by the server, or bring their answer home. */
  ready(): readonly { readonly kind: 'request' | 'answer'; readonly index: number }[] {
    const head = this.calls.findIndex(({ kind }) => kind === 'durable')
    return this.calls.flatMap(({ kind, state }, index) => {
      if (state === 'sent' || (kind === 'durable' && index !== head)) return []
      return [{ kind: state === 'waiting' ? 'request' as const : 'answer' as const, index }]
    })
  }

  send(index: number, gateway: LoopbackGateway): void {
    const call = this.call(index)
    call.state = 'sent'
    gateway.handle(call.request, (response) => {
      // After a lost connection the call may have been sent again: the first execution answers that too.
      if (call.state === 'sent') call.state = response
    })
  }

  answer(index: number, answered: (durable: DurableRequest, response: Response) => void): void {
    const call = this.call(index)
    const { state, request, handle } = call
    if (typeof state === 'string') throw new Error(`call ${index} of ${this.device} has no answer`)
    if (call.kind === 'durable' && state.status >= 500) {
      call.state = 'waiting'
      return
    }
    this.calls.splice(index, 1)
    if (call.done !== null) call.done(state)
    else if (handle !== undefined) answered({ request, handle }, state)
  }

  private add(request: Request, kind: Call['kind'], handle: EditHandle | undefined, done: Call['done']): Cancel {
    const copy = { ...request, body: request.body.slice() }
    const call: Call = {
      kind, handle, done, state: 'waiting',
      request: kind === 'durable' ? { ...copy, idempotencyKey: `${this.device}:${++this.serial}` } : copy,
    }
    this.calls.push(call)
    return () => { this.calls = this.calls.filter((other) => other !== call) }
  }

  private call(index: number): Call {
    const call = this.calls[index]
    if (call === undefined) throw new Error(`no call ${index} of ${this.device}`)
    return call
  }
}

/** The server's side: hands requests to the authority, each idempotency key once. */
export class LoopbackGateway {
  private readonly authority: () => Authority
  /** First answers; they outlive restarts of the authority. */
  private readonly answers = new Map<string, Response>()
  private readonly executing = new Set<string>()
  private epoch = 0

  constructor(authority: () => Authority) { this.authority = authority }

  handle(request: Request, respond: (response: Response) => void): void {
    const key = request.idempotencyKey
    const known = key === undefined ? undefined : this.answers.get(key)
    if (known !== undefined) {
      respond(known)
      return
    }
    if (key !== undefined) {
      if (this.executing.has(key)) return
      this.executing.add(key)
    }
    const { epoch } = this
    this.authority().request(request, (response) => {
      if (this.epoch !== epoch) return
      if (key !== undefined) {
        this.executing.delete(key)
        if (response.status < 500) this.answers.set(key, response)
      }
      respond(response)
    })
  }

  /** The server crashed: what it was executing is never answered. */
  crash(): void {
    this.epoch += 1
    this.executing.clear()
  }
}
