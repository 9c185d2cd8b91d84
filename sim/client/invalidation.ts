/**
 * Turns change signals into authoritative refetches, document by document (requirements F01-F05, C05-C07).
 *
 * Mode `debounced`: a signal first passes the replica's version gate; what the gate asks for is fetched after
 * a trailing debounce that ends at the latest `maxWaitUs` after the burst's first event (T67), with a timer
 * per document (T68) and one fetch in flight per document. An event during a fetch causes another, unless
 * the fetch's answer already shows it (F05). An answer older than what is wanted is used and fetched again
 * after a backoff, a bounded number of times (C07, T63); one older than what was delivered before is thrown
 * away (T64). A failed fetch is tried again after a backoff, and at once when the device is connected again.
 * Asking for a version that is already here, or for version 0 ("I do not know"), revalidates: it causes a
 * fetch that starts after the question.
 *
 * Mode `immediate` is the baseline to compare with (F02): every signal fetches at once, without gate and
 * without coalescing. Its answers pass the same guard against older ones.
 *
 * Left out: polling and foreground revalidation (I05), and 304 answers.
 */
import type { Cancel, DocumentId, RequestResult, Version } from '../contract.ts'
import type { ClientConfig } from '../scenario/plan.ts'
import { ReconnectBackoff } from './reconnect-backoff.ts'
import type { StackTimer } from '../session/stack-timer.ts'

/** After so many answers in a row that are older than what was signalled, the part waits for the next event (C07). */
export const STALE_ANSWERS_MAX = 10

export type InvalidationConfig = Pick<ClientConfig, 'invalidation' | 'debounceUs' | 'maxWaitUs'> & {
  readonly retry: ClientConfig['reconnect']
}

/** A fetch that ended, for the history. */
export interface RefetchObservation {
  readonly document: DocumentId
  readonly startedAtUs: number
  readonly endedAtUs: number
  /** The first load of a document, which counts as no refetch. */
  readonly initial: boolean
  readonly result: 'fetched' | 'failed'
  readonly version: Version | null
}

export interface InvalidationPorts {
  nowUs(): number
  readonly timer: StackTimer
  random(): number
  /** Asks the authority for the document; `done` is called exactly once, unless cancelled before. */
  fetch(document: DocumentId, done: (result: RequestResult) => void): Cancel
  /** Hands an answer to the replica. */
  deliver(document: DocumentId, body: Uint8Array, version: Version | null): void
  /** The replica's gate: it calls `invalidate` if the version is newer than what it has (C05). */
  signalled(document: DocumentId, version: Version): void
  observed(refetch: RefetchObservation): void
}

interface Tracked {
  /** The highest version asked for, and the highest delivered; -1 before the first. */
  wanted: Version
  held: Version
  /** A fetch that starts from now on is needed, whatever the versions say. */
  isUnsure: boolean
  /** Until the first answer to a fetch that was asked for with `initial`. */
  isInitial: boolean
  inFlight: number
  /** The debounce ended while a fetch was in flight. */
  isDue: boolean
  burstStartedAtUs: number | null
  timer: { readonly kind: 'burst' | 'retry'; readonly cancel: Cancel } | null
  staleAnswers: number
  readonly backoff: ReconnectBackoff
}

/**
 * @example
 * const part = new Invalidation(config, ports)
 * part.invalidate('doc', 0, { initial: true }) // first load, at once
 * part.signal('doc', 4)                        // ports.signalled, then perhaps a fetch after the debounce
 */
export class Invalidation {
  readonly #config: InvalidationConfig
  readonly #ports: InvalidationPorts
  readonly #documents = new Map<DocumentId, Tracked>()
  /** Of the fetches in flight, in the order they began. */
  readonly #cancels = new Set<Cancel>()
  #isStopped = false

  constructor(config: InvalidationConfig, ports: InvalidationPorts) {
    this.#config = config
    this.#ports = ports
  }

  /** A change signal arrived from the network. Never state (C06). */
  signal(document: DocumentId, version: Version): void {
    if (this.#isStopped) return
    if (this.#config.invalidation === 'immediate') this.invalidate(document, version)
    else this.#ports.signalled(document, version)
  }

  /** Brings `document` to at least `version`; `initial` loads it at once. */
  invalidate(document: DocumentId, version: Version, options?: { readonly initial?: boolean }): void {
    if (this.#isStopped) return
    const tracked = this.#track(document)
    if (version <= tracked.held || version === 0) tracked.isUnsure = true
    tracked.wanted = Math.max(tracked.wanted, version)
    if (options?.initial === true) tracked.isInitial = true
    if (this.#config.invalidation === 'immediate') this.#start(document, tracked)
    else if (options?.initial === true) this.#due(document, tracked)
    else this.#debounce(document, tracked)
  }

  /** The device is connected again: fetches that wait for a retry start now. */
  connected(): void {
    for (const [document, tracked] of this.#documents) {
      const isIdle = tracked.inFlight === 0 && tracked.timer === null
      if (tracked.timer?.kind === 'retry' || (isIdle && isBehind(tracked))) this.#due(document, tracked)
    }
  }

  /** Signals may have been lost on the way (T61): revalidates every document ever asked for. */
  reconnected(): void {
    for (const document of this.#documents.keys()) this.invalidate(document, 0)
  }

  /** Documents that are not yet where they were asked to be. */
  pending(): readonly DocumentId[] {
    return [...this.#documents].filter(([, one]) => isBehind(one) || one.inFlight > 0).map(([document]) => document)
  }

  /** The process ends: nothing is fetched or called back any more. */
  stop(): void {
    this.#isStopped = true
    for (const cancel of this.#cancels) cancel()
    for (const tracked of this.#documents.values()) tracked.timer?.cancel()
  }

  #track(document: DocumentId): Tracked {
    const known = this.#documents.get(document)
    if (known !== undefined) return known
    const tracked: Tracked = {
      wanted: -1, held: -1, isUnsure: false, isInitial: false, inFlight: 0, isDue: false,
      burstStartedAtUs: null, timer: null, staleAnswers: 0,
      backoff: new ReconnectBackoff(this.#config.retry, () => this.#ports.random()),
    }
    this.#documents.set(document, tracked)
    return tracked
  }

  /** (Re)starts the trailing debounce of this document's burst. */
  #debounce(document: DocumentId, tracked: Tracked): void {
    const nowUs = this.#ports.nowUs()
    tracked.burstStartedAtUs ??= nowUs
    const latestUs = tracked.burstStartedAtUs + this.#config.maxWaitUs
    this.#arm(document, tracked, 'burst', Math.max(0, Math.min(this.#config.debounceUs, latestUs - nowUs)))
  }

  #arm(document: DocumentId, tracked: Tracked, kind: 'burst' | 'retry', delayUs: number): void {
    tracked.timer?.cancel()
    tracked.timer = { kind, cancel: this.#ports.timer(delayUs, () => this.#due(document, tracked)) }
  }

  /** A fetch is due: now, or as soon as the one in flight has ended. */
  #due(document: DocumentId, tracked: Tracked): void {
    this.#disarm(tracked)
    if (tracked.inFlight > 0) tracked.isDue = true
    else this.#start(document, tracked)
  }

  #disarm(tracked: Tracked): void {
    tracked.timer?.cancel()
    tracked.timer = null
    tracked.burstStartedAtUs = null
  }

  #start(document: DocumentId, tracked: Tracked): void {
    const wasUnsure = tracked.isUnsure
    tracked.isDue = false
    tracked.isUnsure = false
    tracked.inFlight += 1
    const startedAtUs = this.#ports.nowUs()
    const initial = tracked.isInitial
    const wantedAtStart = tracked.wanted
    let isDone = false
    let cancel: Cancel | null = null
    cancel = this.#ports.fetch(document, (result) => {
      if (this.#isStopped) return
      if (isDone) throw new Error(`two results for one fetch of ${document}`)
      isDone = true
      if (cancel !== null) this.#cancels.delete(cancel)
      tracked.inFlight -= 1
      const isFetched = !('failed' in result) && result.status >= 200 && result.status < 300
      const version = isFetched ? result.version ?? null : null
      this.#ports.observed({
        document, startedAtUs, endedAtUs: this.#ports.nowUs(), initial, result: isFetched ? 'fetched' : 'failed', version,
      })
      // An answer without a version shows at least what was known when it was asked for.
      if (isFetched) this.#answered(document, tracked, result.body, version, version ?? wantedAtStart)
      else {
        tracked.isUnsure ||= wasUnsure
        this.#again(document, tracked, true)
      }
    })
    if (!isDone) this.#cancels.add(cancel)
  }

  #answered(document: DocumentId, tracked: Tracked, body: Uint8Array, version: Version | null, shows: Version): void {
    tracked.isInitial = false
    if (shows >= tracked.held) {
      tracked.held = shows
      this.#ports.deliver(document, body, version)
    }
    if (isBehind(tracked)) {
      this.#again(document, tracked, false)
      return
    }
    // Whatever asked for more while this fetch was on its way has been shown by it.
    tracked.staleAnswers = 0
    tracked.backoff.reset()
    this.#disarm(tracked)
  }

  /** A fetch ended, and another is needed: at the debounce's end, at once if that is over, or after a backoff. */
  #again(document: DocumentId, tracked: Tracked, isFailure: boolean): void {
    if (tracked.inFlight > 0 || tracked.timer !== null || !isBehind(tracked)) return
    if (!isFailure) tracked.staleAnswers += tracked.isDue ? 0 : 1
    if (tracked.isDue && !isFailure) this.#start(document, tracked)
    else if (isFailure || tracked.staleAnswers <= STALE_ANSWERS_MAX) this.#arm(document, tracked, 'retry', tracked.backoff.next())
  }
}

function isBehind(tracked: Tracked): boolean { return tracked.isUnsure || tracked.wanted > tracked.held }
