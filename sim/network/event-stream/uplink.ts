/**
 * The device's way up: frames go in POSTs, one in flight, each with all that has gathered meanwhile. Frames are
 * numbered, so that a POST that is repeated after a time-out, which may have arrived (R2), is applied once and in
 * order. Up and down race one another (A07).
 *
 * What cannot be brought for as long as the server keeps a stream ends the stream. An end that closes sends what
 * is left with the code in one last request, as a page that goes does (`fetch` with `keepalive`); it is not
 * repeated. Left out: its limit of 64 KiB.
 */
import type { Cancel } from '../../contract.ts'
import type { WireConfig } from '../../scenario/wire-config.ts'
import type { HttpEvents, HttpExchange } from '../http/exchange.ts'
import { UNAVAILABLE } from './carriers.ts'
import { batchedBytes, encodeBatch, type Entry, type EntryContent } from './entry.ts'
import type { StreamFrames } from './stream-frames.ts'

/** A POST on its way: what it is made of, and what to tell of it. */
export interface Post {
  readonly body: Uint8Array
  /** Asked once, when it goes out. */
  carriedBytes(): number
  /** It is no longer on its way: the server has it, or will never have it. */
  arrived(): void
}

export interface UplinkPort {
  post(post: Post, events: HttpEvents): HttpExchange
  timer(delayUs: number, run: () => void): Cancel
  whenAwake(run: () => void): void
  /** The server does not know the stream. */
  reset(): void
  gaveUp(): void
}

const TIMERS = ['patience', 'pause', 'givingUp'] as const
type TimerName = (typeof TIMERS)[number]

export class Uplink {
  /** Sent and not known to have arrived, oldest first. */
  #queue: Entry[] = []
  #last = 0
  #exchange: HttpExchange | null = null
  /** No POST before it is over. */
  #isPausing = false
  #isClosed = false
  /** Closed, and all that will ever go out has gone out. */
  #hasLeft = false
  /** POSTs that went out and have neither arrived nor been lost. */
  #onTheWay = 0
  /** Sizes of entries that the history counts as frames and that have not gone over the wire yet. */
  readonly #unsent = new Map<number, number>()
  #cancels: Readonly<Record<TimerName, Cancel | null>> = { patience: null, pause: null, givingUp: null }
  readonly #wire: WireConfig
  readonly #frames: StreamFrames
  readonly #port: UplinkPort

  constructor(wire: WireConfig, frames: StreamFrames, port: UplinkPort) {
    this.#wire = wire
    this.#frames = frames
    this.#port = port
  }

  send(content: Uint8Array, traffic: 'data' | 'control'): void {
    const entry = this.#append({ kind: 'frame', content })
    const sizeBytes = batchedBytes(entry)
    this.#unsent.set(entry.number, sizeBytes)
    this.#frames.send(entry.number, content, sizeBytes, traffic)
    this.#flush()
  }

  #append(content: EntryContent): Entry {
    const entry = { ...content, number: ++this.#last }
    this.#queue.push(entry)
    if (this.#queue.length === 1) this.#awaitProgress()
    return entry
  }

  #flush(): void {
    if (this.#exchange !== null || this.#isPausing || this.#isClosed || this.#queue.length === 0) return
    const last = this.#queue[this.#queue.length - 1].number
    const exchange = this.#post({
      part: ({ status }) => this.#port.whenAwake(() => { if (this.#exchange === exchange) this.#answered(status, last) }),
      failed: () => this.#port.whenAwake(() => { if (this.#exchange === exchange) this.#failed() }),
      doomed: () => undefined,
    })
    this.#exchange = exchange
    this.#set('patience', this.#wire.exchangeTimeoutUs, () => {
      exchange.abandon()
      this.#failed()
    })
  }

  #answered(status: number, last: number): void {
    if (status === UNAVAILABLE) return this.#failed()
    this.#over()
    if (status === 410) return this.#port.reset()
    this.#queue = this.#queue.filter(({ number }) => number > last)
    this.#awaitProgress()
    this.#flush()
  }

  #awaitProgress(): void {
    this.#cancel('givingUp')
    if (this.#queue.length > 0) this.#set('givingUp', this.#wire.sessionUs, () => this.#port.gaveUp())
  }

  /** @param goesOut called when it does */
  #post(events: HttpEvents, goesOut: () => void = () => undefined): HttpExchange {
    const entries = [...this.#queue]
    return this.#port.post({
      body: encodeBatch(entries[0].number, entries),
      carriedBytes: () => {
        this.#onTheWay += 1
        goesOut()
        return entries.reduce((sum, { number }) => sum + this.#takeUnsent(number), 0)
      },
      arrived: () => this.#arrived(),
    }, events)
  }

  #takeUnsent(number: number): number {
    const sizeBytes = this.#unsent.get(number) ?? 0
    this.#unsent.delete(number)
    return sizeBytes
  }

  /** A POST is no longer on its way. */
  #arrived(): void {
    this.#onTheWay -= 1
    this.#endIfAlone()
  }

  #endIfAlone(): void { if (this.#hasLeft && this.#onTheWay === 0) this.#frames.end() }

  #over(): void {
    this.#exchange = null
    this.#cancel('patience')
  }

  #failed(): void {
    this.#over()
    this.#isPausing = true
    this.#set('pause', this.#wire.retryUs, () => {
      this.#isPausing = false
      this.#flush()
    })
  }

  /** Sends what is left, and the code. */
  close(code: number): void {
    this.#append({ kind: 'close', code })
    this.#post({ part: () => undefined, failed: () => this.leave(), doomed: () => undefined }, () => { this.#hasLeft = true })
    this.#stop()
  }

  /** Nothing more is sent. What has gone out may still arrive; the rest is lost. */
  leave(): void {
    this.#hasLeft = true
    this.#stop()
    this.#endIfAlone()
  }

  #stop(): void {
    this.#isClosed = true
    this.#exchange?.abandon()
    this.#exchange = null
    for (const name of TIMERS) this.#cancel(name)
  }

  #set(name: TimerName, delayUs: number, run: () => void): void {
    this.#cancel(name)
    this.#cancels = { ...this.#cancels, [name]: this.#port.timer(delayUs, run) }
  }

  #cancel(name: TimerName): void {
    this.#cancels[name]?.()
    this.#cancels = { ...this.#cancels, [name]: null }
  }
}
