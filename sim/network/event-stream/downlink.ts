/**
 * The device's hold on what comes down: one answer at a time, whose end or failure leads to the next request with
 * the number of the last entry received. So nothing is missed between two of them, and nothing comes twice.
 *
 * - `sse`: an `EventSource` (WHATWG HTML 9.2). An answer that ends, breaks or falls silent (no event and no comment
 *   within the liveness timeout) is asked for again after the reconnection time, with `Last-Event-ID`. A 204 means:
 *   do not come back; an error, that the stream is lost;
 * - `long-poll`: `GET ...?since=`, held by the server until there is something or its time is up, asked again at
 *   once; at most one is outstanding (A10);
 * - `http`: the same, answered at once and asked again after the poll interval. Here and there a poll that the server
 *   refuses is repeated as one that broke.
 *
 * It never gives up by itself, as an `EventSource` does not: the server says when there is nothing to come back to, or a
 * proxy that it refuses.
 * Left out: a pause that grows from failure to failure (9.2.3 allows one), polls that adapt their interval.
 */
import type { Cancel, Response } from '../../contract.ts'
import type { WireConfig } from '../../scenario/wire-config.ts'
import type { HttpEvents, HttpExchange } from '../http/exchange.ts'
import { UNAVAILABLE } from './carriers.ts'
import { decodeBatch, decodeEventAsEntry, type Entry } from './entry.ts'
import { EventStreamReader } from './server-sent-events.ts'

export type EventStreamName = 'sse' | 'long-poll' | 'http'

export interface DownlinkPort {
  /** Asks for what stands behind `after`; for a new stream, with null. */
  ask(after: number | null, events: HttpEvents): HttpExchange
  timer(delayUs: number, run: () => void): Cancel
  /** Runs on the device when it is awake. */
  whenAwake(run: () => void): void
  /** The server answers. */
  up(): void
  entry(entry: Entry): void
  /** It does not. */
  down(): void
  /** The answer that is open is dead, and the device does not know it. */
  doomed(): void
  /** The server does not know the stream, or no longer has what was missed. */
  reset(): void
  /** The server, or somebody on the way in its place, answers with an error that is final. */
  refused(): void
}

export class Downlink {
  #received: number | null = null
  #exchange: HttpExchange | null = null
  #isStopped = false
  #isUp = false
  #retryUs: number
  #cancelPatience: Cancel = () => undefined
  #cancelPause: Cancel = () => undefined
  readonly #name: EventStreamName
  readonly #wire: WireConfig
  readonly #port: DownlinkPort

  constructor(name: EventStreamName, wire: WireConfig, port: DownlinkPort) {
    this.#name = name
    this.#wire = wire
    this.#port = port
    this.#retryUs = wire.retryUs
  }

  start(): void { this.#attempt() }

  stop(): void {
    this.#isStopped = true
    this.#exchange?.abandon()
    this.#exchange = null
    for (const cancel of [this.#cancelPatience, this.#cancelPause]) cancel()
  }

  /** A middlebox forgets the connection that is open now. */
  forgetConnection(): void { this.#exchange?.forget() }

  #attempt(): void {
    const reader = new EventStreamReader()
    let isDead = false
    this.#awaitFor(this.#wire.exchangeTimeoutUs + (this.#name === 'long-poll' && this.#received !== null ? this.#wire.holdUs : 0))
    const exchange = this.#port.ask(this.#received, {
      part: (response, isLast) => this.#port.whenAwake(() => { if (this.#exchange === exchange) this.#answered(reader, response, isLast, isDead) }),
      failed: () => this.#port.whenAwake(() => { if (this.#exchange === exchange) this.#broken() }),
      doomed: () => {
        isDead = true
        if (this.#exchange !== exchange) return
        this.#isUp = false
        this.#port.doomed()
      },
    })
    this.#exchange = exchange
  }

  #awaitFor(patienceUs: number): void {
    this.#cancelPatience()
    this.#cancelPatience = this.#port.timer(patienceUs, () => {
      this.#exchange?.abandon()
      this.#broken()
    })
  }

  #answered(reader: EventStreamReader, { status, body }: Response, isLast: boolean, isDead: boolean): void {
    const isStream = this.#name === 'sse'
    if (status === 410 || (isStream && status === 204)) return this.#port.reset()
    // An EventSource takes any other status than 200 for final (9.2.2); who dials anew is the stack.
    if (status === UNAVAILABLE) return isStream ? this.#port.refused() : this.#broken()
    // No answer of the server's: a proxy refuses.
    if (status >= 400) return this.#port.refused()
    if (!isDead) this.#goUp()
    const entries = isStream ? reader.read(body).map(decodeEventAsEntry) : status === 204 ? [] : decodeBatch(body)
    this.#received ??= 0
    this.#retryUs = reader.retryMs === null ? this.#retryUs : reader.retryMs * 1000
    for (const entry of entries) {
      if (this.#isStopped) return
      if (entry.number !== this.#received + 1) throw new Error(`entry ${entry.number} came down after ${this.#received}`)
      this.#received = entry.number
      this.#port.entry(entry)
    }
    if (this.#isStopped) return
    if (!isLast) return this.#awaitFor(this.#wire.livenessUs)
    if (isStream) return this.#broken()
    this.#cancelPatience()
    this.#exchange = null
    this.#pause(this.#name === 'http' ? this.#wire.pollUs : 0)
  }

  #pause(us: number): void {
    if (us === 0) return this.#attempt()
    this.#cancelPause = this.#port.timer(us, () => this.#attempt())
  }

  #broken(): void {
    if (this.#isStopped) return
    this.#cancelPatience()
    this.#exchange = null
    this.#isUp = false
    this.#pause(this.#retryUs)
    this.#port.down()
  }

  #goUp(): void {
    if (this.#isUp) return
    this.#isUp = true
    this.#port.up()
  }
}
