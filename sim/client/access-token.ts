/**
 * A device's access token: kept in memory, fetched before the first request of a process, and again when a server
 * says that it is not good any more (requirements B04, B15).
 *
 * However many requests and streams hear of it, one refresh is made: a refusal of a token that has been replaced
 * by then says nothing new. The refresh is a request as others are; while it fails it is tried again with the full
 * backoff, and at once when the device is connected again. A token that is refused as soon as it has come waits for the
 * backoff too, or a server that cannot tell its own tokens would be asked without end.
 *
 * Left out: refreshing ahead of the expiry (device clocks are wrong), a refresh token that is refused (a login).
 */
import type { Cancel, RequestResult } from '../contract.ts'
import type { StackTimer } from '../session/stack-timer.ts'
import { ReconnectBackoff, type BackoffConfig } from './reconnect-backoff.ts'

export interface AccessTokenPorts {
  nowUs(): number
  readonly timer: StackTimer
  random(): number
  /** Asks for a new token; the body of a 2xx answer is it. */
  fetch(done: (result: RequestResult) => void): void
  /** A token has come. */
  renewed(): void
}

const decoder = new TextDecoder()

export class AccessToken {
  readonly #ports: AccessTokenPorts
  readonly #backoff: ReconnectBackoff
  #current: string | null = null
  #renewedAtUs = 0
  #isFetching = false
  #cancelRetry: Cancel | null = null

  constructor(retry: BackoffConfig, ports: AccessTokenPorts) {
    this.#ports = ports
    this.#backoff = new ReconnectBackoff(retry, () => ports.random())
  }

  get current(): string | null { return this.#current }

  /** A token is needed: fetches one, unless that is under way. */
  need(): void {
    if (this.#current === null && !this.#isFetching && this.#cancelRetry === null) this.#fetch()
  }

  /** A server has refused `token`. */
  refused(token: string): void {
    if (token !== this.#current) return
    this.#current = null
    const isFresh = this.#ports.nowUs() - this.#renewedAtUs < this.#backoff.settledAfterUs
    if (!isFresh) this.#backoff.settled()
    if (isFresh) this.#fetchLater()
    else this.#fetch()
  }

  /** The device is connected again: what waits for a retry is tried now. */
  connected(): void {
    if (this.#cancelRetry === null) return
    this.#cancelRetry()
    this.#cancelRetry = null
    this.#fetch()
  }

  #fetch(): void {
    this.#isFetching = true
    this.#ports.fetch((result) => {
      this.#isFetching = false
      if ('failed' in result || result.status < 200 || result.status >= 300) return this.#fetchLater()
      this.#current = decoder.decode(result.body)
      this.#renewedAtUs = this.#ports.nowUs()
      this.#ports.renewed()
    })
  }

  #fetchLater(): void {
    this.#cancelRetry = this.#ports.timer(this.#backoff.next(), () => {
      this.#cancelRetry = null
      this.#fetch()
    })
  }
}
