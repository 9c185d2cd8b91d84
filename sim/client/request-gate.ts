/**
 * The one door through which every request of a device leaves (requirements A16, B03, B04): it keeps the pauses
 * that servers ask for, so that no part of the stack, and no strategy, has to know of them.
 *
 * - 429: the request is kept, since it was not executed, and goes again after a pause of min(2^n * 100 ms, 30 s),
 *   n being the number of 429s in a row before it, and never before `Retry-After`. Everything else that would leave
 *   meanwhile waits too, in order. The first other answer sets n back.
 * - `Retry-After` on any other answer (503): the answer is handed on, and nothing leaves before.
 * - 5xx, timeouts and broken connections are handed on as they are: whoever asked retries with a full backoff
 *   (outbox, invalidation), and what it sends too early waits here.
 *
 * Where the server wants access tokens, every request gets the current one here and nowhere else; while there is
 * none, requests wait. A 401 is no retry: the request is kept, the token refreshed once however many ask, and what
 * has waited leaves in the order in which it was handed in. Nothing is dropped.
 *
 * Jitter only ever lengthens a pause. A caller's timeout counts from when its request leaves. Left out: a limit on
 * how many requests wait, pauses per origin (there is one).
 */
import type { Cancel, Request, RequestResult } from '../contract.ts'
import { tokenRequest, UNAUTHORIZED } from '../session/access-tokens.ts'
import type { StackTimer } from '../session/stack-timer.ts'
import { AccessToken } from './access-token.ts'
import type { BackoffConfig } from './reconnect-backoff.ts'

/** Requirements B03. */
const FIRST_PAUSE_US = 100_000
export const LONGEST_PAUSE_US = 30_000_000

export interface RequestGateConfig {
  /** Its `jitter` is the share of a pause that may be added to it. */
  readonly retry: BackoffConfig
  readonly requestTimeoutUs: number
  readonly usesTokens: boolean
}

export interface RequestGatePorts {
  nowUs(): number
  readonly timer: StackTimer
  random(): number
  /** Sends once; `done` is called exactly once, unless cancelled before. */
  send(request: Request, timeoutUs: number, done: (result: RequestResult) => void): Cancel
  /** Keeps what the device is at now for when `run` is called (the history's cause). */
  bind(run: () => void): () => void
}

interface Call {
  /** Rises with every request handed in; 0 is that for a token, which needs none itself. */
  readonly ordinal: number
  readonly request: Request
  readonly timeoutUs: number
  readonly done: (result: RequestResult) => void
  /** Makes it leave, on behalf of whoever handed it in. */
  readonly start: () => void
  cancel: Cancel
}

export class RequestGate {
  readonly #config: RequestGateConfig
  readonly #ports: RequestGatePorts
  /** In the order in which they were handed in. */
  #waiting: Call[] = []
  #next = 1
  /** Of the next 429. */
  #pauseUs = FIRST_PAUSE_US
  #pause: { readonly untilUs: number; readonly cancel: Cancel } | null = null
  readonly #token: AccessToken | null
  /** Who waits for a token besides requests. */
  #admitted: ((token: string) => void)[] = []

  constructor(config: RequestGateConfig, ports: RequestGatePorts) {
    this.#config = config
    this.#ports = ports
    this.#token = !config.usesTokens ? null : new AccessToken(config.retry, {
      ...ports,
      fetch: (done) => this.#handIn(0, tokenRequest(), config.requestTimeoutUs, done),
      renewed: () => this.#flush(),
    })
  }

  /** Requests that wait for a pause to end, or for a token. */
  get waiting(): number { return this.#waiting.length }

  /** Calls `go` when there is a token for a stream, with null where none is used. */
  whenAdmitted(go: (token: string | null) => void): void {
    if (this.#token === null || this.#token.current !== null) return go(this.#token?.current ?? null)
    this.#admitted.push(go)
    this.#token.need()
  }

  /** A server has closed a stream because of its token. */
  refused(token: string | null): void { if (token !== null) this.#token?.refused(token) }

  /** The device is connected again. */
  connected(): void { this.#token?.connected() }

  send(request: Request, timeoutUs: number, done: (result: RequestResult) => void): Cancel {
    return this.#handIn(this.#next++, request, timeoutUs, done)
  }

  #handIn(ordinal: number, request: Request, timeoutUs: number, done: (result: RequestResult) => void): Cancel {
    const call: Call = {
      ordinal, request, timeoutUs, done, start: this.#ports.bind(() => this.#start(call)), cancel: () => this.#forget(call),
    }
    if (this.#isHeld(call)) this.#wait(call)
    else this.#start(call)
    return () => call.cancel()
  }

  #isHeld({ ordinal }: Call): boolean { return this.#pause !== null || (ordinal > 0 && this.#token?.current === null) }

  #start(call: Call): void {
    let isDone = false
    const token = call.ordinal > 0 ? this.#token?.current ?? null : null
    const request = token === null ? call.request : { ...call.request, authorization: token }
    const cancel = this.#ports.send(request, call.timeoutUs, (result) => {
      isDone = true
      call.cancel = () => this.#forget(call)
      if (token === null || 'failed' in result || result.status !== UNAUTHORIZED) return this.#ended(call, result)
      this.#wait(call)
      this.#token?.refused(token)
      this.#flush() // in case the token had been replaced by then
    })
    if (!isDone) call.cancel = cancel
  }

  #ended(call: Call, result: RequestResult): void {
    if (!('failed' in result) && result.status === 429) {
      // Of several refused in one go the first tells how long the pause is.
      const isFirst = this.#pause === null
      this.#wait(call)
      this.#pauseFor(Math.max(isFirst ? this.#pauseUs : 0, (result.retryAfterMs ?? 0) * 1000))
      if (isFirst) this.#pauseUs = Math.min(2 * this.#pauseUs, LONGEST_PAUSE_US)
      return
    }
    if (!('failed' in result)) {
      if (result.status < 500) this.#pauseUs = FIRST_PAUSE_US
      if (result.retryAfterMs !== undefined) this.#pauseFor(result.retryAfterMs * 1000)
    }
    call.done(result)
  }

  #wait(call: Call): void {
    const at = this.#waiting.findIndex(({ ordinal }) => ordinal > call.ordinal)
    this.#waiting.splice(at < 0 ? this.#waiting.length : at, 0, call)
    if (call.ordinal > 0) this.#token?.need()
  }

  #forget(call: Call): void { this.#waiting = this.#waiting.filter((one) => one !== call) }

  /** Nothing leaves for so long; an earlier pause that lasts longer holds. */
  #pauseFor(atLeastUs: number): void {
    const pauseUs = Math.ceil(atLeastUs * (1 + this.#config.retry.jitter * this.#ports.random()))
    const untilUs = this.#ports.nowUs() + pauseUs
    if (this.#pause !== null && this.#pause.untilUs >= untilUs) return
    this.#pause?.cancel()
    this.#pause = {
      untilUs,
      cancel: this.#ports.timer(pauseUs, () => {
        this.#pause = null
        this.#flush()
      }),
    }
  }

  /** Lets go what need not wait any more, requests before streams. */
  #flush(): void {
    for (let next = this.#waiting.find((call) => !this.#isHeld(call)); next !== undefined; next = this.#waiting.find((call) => !this.#isHeld(call))) {
      this.#forget(next)
      next.start()
    }
    const token = this.#token?.current ?? null
    if (token !== null) for (const go of this.#admitted.splice(0)) go(token)
  }
}
