/**
 * How entries leave the server: as events of an answer that does not end (SSE), or as the batch that answers a
 * poll, which is held until there is one (long-poll) or is answered at once (plain polling).
 */
import type { Cancel, Response } from '../../contract.ts'
import type { HttpAnswer, HttpPart } from '../http/exchange.ts'
import { encodeBatch, encodeEntryAsEvent, type Entry } from './entry.ts'
import { encodeEvent, KEEP_ALIVE_COMMENT } from './server-sent-events.ts'

/** Content-Type of the event stream or of the batch, and `Cache-Control: no-store`, with CRLFs. */
const EVENT_STREAM_FIELD_BYTES = 33 + 25
const BATCH_FIELD_BYTES = 40 + 25

/** The server's edge turns an exchange away (RFC 9110 section 15.6.4); another status would say no more to a device. */
export const UNAVAILABLE = 503

/** What a carrier needs of its stream. */
export interface CarrierPort {
  /** What stands behind this number. */
  after(number: number): readonly Entry[]
  /** Bytes of an entry that the history counts already, as a frame that goes over the wire for the first time. */
  carriedBytes(entry: Entry): number
  /** Everything up to this entry has gone over the wire; what goes again is counted again. */
  sent(entry: Entry): void
  timer(delayUs: number, run: () => void): Cancel
  /** The answer has ended in order. */
  done(): void
}

export interface Carrier {
  /** There may be something to send. */
  push(): void
  /** The device has gone, or another carrier has come. `isKnown`: the server's kernel knows that nobody is there. */
  drop(isKnown: boolean): void
}

export class EventStreamCarrier implements Carrier {
  #sent: number
  #cancelKeepAlive: Cancel = () => undefined
  readonly #answer: HttpAnswer
  readonly #port: CarrierPort
  readonly #keepAliveUs: number

  /** @param after the number of the last entry that the device has */
  constructor(answer: HttpAnswer, after: number, { keepAliveUs, retryUs }: { readonly keepAliveUs: number; readonly retryUs: number }, port: CarrierPort) {
    this.#answer = answer
    this.#sent = after
    this.#port = port
    this.#keepAliveUs = keepAliveUs
    // An id, so that a reconnection says that it is one, even before the first event.
    this.#write(encodeEvent({ retry: String(Math.round(retryUs / 1000)), id: String(after) }), 0, false)
  }

  push(): void {
    for (const entry of this.#port.after(this.#sent)) {
      const isLast = entry.kind === 'close'
      if (!this.#write(encodeEntryAsEvent(entry), this.#port.carriedBytes(entry), isLast)) return
      this.#port.sent(entry)
      this.#sent = entry.number
      if (isLast) return this.#port.done()
    }
  }

  #write(body: Uint8Array, carriedBytes: number, isLast: boolean): boolean {
    const isWritten = this.#answer.write({ ...control(200, body, EVENT_STREAM_FIELD_BYTES), carriedBytes, isLast, ...(isLast ? { closes: true } : {}) })
    this.#cancelKeepAlive()
    if (!isLast) this.#cancelKeepAlive = this.#port.timer(this.#keepAliveUs, () => { this.#write(KEEP_ALIVE_COMMENT, 0, false) })
    return isWritten
  }

  drop(isKnown: boolean): void {
    this.#cancelKeepAlive()
    if (!isKnown) this.#answer.abort()
  }
}

export class PollCarrier implements Carrier {
  readonly #answer: HttpAnswer
  readonly #after: number
  readonly #port: CarrierPort
  readonly #cancelHold: Cancel

  /** @param holdUs how long the poll waits for something to say */
  constructor(answer: HttpAnswer, after: number, holdUs: number, port: CarrierPort) {
    this.#answer = answer
    this.#after = after
    this.#port = port
    this.#cancelHold = port.timer(holdUs, () => this.#reply(control(204, new Uint8Array(0), 0)))
  }

  push(): void {
    const entries = this.#port.after(this.#after)
    const last = entries.at(-1)
    if (last === undefined) return
    const carriedBytes = entries.reduce((sum, entry) => sum + this.#port.carriedBytes(entry), 0)
    this.#reply({ ...control(200, encodeBatch(this.#after + 1, entries), BATCH_FIELD_BYTES), carriedBytes, ...(last.kind === 'close' ? { closes: true } : {}) })
    for (const entry of entries) this.#port.sent(entry)
  }

  #reply(part: HttpPart): void {
    this.#cancelHold()
    this.#answer.write(part)
    this.#port.done()
  }

  drop(isKnown: boolean): void {
    this.#cancelHold()
    if (!isKnown) this.#answer.abort()
  }
}

/** An answer of the transport's own: nothing of the application is in it but what it carries. */
export function control(status: number, body: Uint8Array, fieldBytes: number): HttpPart {
  const response: Response = { status, body }
  return { response, fieldBytes, traffic: 'control', carriedBytes: 0, isLast: true }
}
