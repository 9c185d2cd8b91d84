/**
 * Exponential backoff with jitter, for reconnecting and for every other retry of the client stack
 * (requirements B01).
 *
 * The nominal delay starts at `initialUs` and grows by `multiplier` up to `capUs`; the delay used is drawn
 * uniformly within +-`jitter` of it and cut at the cap. With the defaults of B01 (1 s, x2, 30 s, +-10 %)
 * ten attempts take 181 s nominally and about 177 s in the mean, because of that cut.
 *
 * Resetting is the caller's decision, and "the connection opened" is not a reason for it: a link that
 * flaps opens a connection every time, and would be dialled without any pause (requirements B13). Call
 * `settled()` only when a connection has stayed open for `settledAfterUs`, or when a retried request has
 * been answered. Left out: giving up after a number of attempts (B02); `attempts` is there for a caller
 * that wants to. Pauses that servers ask for (B03, B04) are kept elsewhere: `request-gate.ts`.
 */
import type { ClientConfig } from '../scenario/plan.ts'

export type BackoffConfig = ClientConfig['reconnect']

/** A connection that lived less than a second says nothing about the network (requirements B13). */
const SETTLED_AFTER_US_MIN = 1_000_000

/**
 * @example
 * const backoff = new ReconnectBackoff(config.reconnect, random)
 * timer(backoff.next(), dial)
 */
export class ReconnectBackoff {
  readonly #config: BackoffConfig
  readonly #random: () => number
  #nominalUs: number
  #attempts = 0

  /** @param random uniform in [0, 1) */
  constructor(config: BackoffConfig, random: () => number) {
    this.#config = config
    this.#random = random
    this.#nominalUs = Math.min(config.initialUs, config.capUs)
  }

  /** Delays handed out since the last reset. */
  get attempts(): number { return this.#attempts }

  /** How long a connection has to stay open before it counts: as long as the wait that its loss would bring. */
  get settledAfterUs(): number { return Math.max(SETTLED_AFTER_US_MIN, this.#nominalUs) }

  /** The wait before the next attempt, in whole microseconds. */
  next(): number {
    const { multiplier, capUs, jitter } = this.#config
    const nominalUs = this.#nominalUs
    this.#attempts += 1
    this.#nominalUs = Math.min(capUs, Math.round(nominalUs * multiplier))
    const swing = jitter * (2 * this.#random() - 1)
    return Math.min(capUs, Math.max(0, Math.round(nominalUs * (1 + swing))))
  }

  /** The connection has lasted `settledAfterUs`: the failures before it are forgotten. */
  settled(): void { this.reset() }

  /** Starts over, as a user's "try again now" does. */
  reset(): void {
    this.#attempts = 0
    this.#nominalUs = Math.min(this.#config.initialUs, this.#config.capUs)
  }
}
