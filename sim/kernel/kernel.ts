/**
 * Virtual time: runs events in the order of (time, order of scheduling), one after another, in one thread
 * and without waiting (design D2). Nothing here knows what an event does.
 */
import { EventQueue } from './event-queue.ts'
import type { EventRun, Timer } from './event-queue.ts'

export type { EventRun, Timer } from './event-queue.ts'

export interface RunLimit {
  /** Events after this time stay pending. */
  readonly untilUs?: number
  /** How many events this call may handle. */
  readonly maxEvents?: number
}

/**
 * Why `run` returned: nothing is pending; the next event lies after `untilUs`; `maxEvents` were handled and
 * more are pending; `stop()` was called.
 */
export type RunEnd = 'drained' | 'until' | 'events' | 'stopped'

/**
 * @example
 * const kernel = new Kernel()
 * kernel.after(1_000, () => console.log(kernel.nowUs)) // 1000
 * kernel.run()
 */
export class Kernel {
  readonly #queue = new EventQueue()
  #nowUs = 0
  #handled = 0
  #isRunning = false
  #isStopped = false
  readonly #next: EventRun[] = []

  /** Virtual time; inside an event, exactly the time it was scheduled for. */
  get nowUs(): number { return this.#nowUs }
  /** Events handled so far, in all runs. One that throws counts. */
  get handled(): number { return this.#handled }
  get pending(): number { return this.#queue.pending }

  /**
   * Schedules `run` in `delayUs`; with 0, after everything already scheduled for this moment.
   * @throws RangeError unless the delay is a whole number from 0 on, and the time it leads to a safe integer
   */
  after(delayUs: number, run: EventRun): Timer {
    const atUs = this.#nowUs + delayUs
    if (!(delayUs >= 0) || !Number.isSafeInteger(delayUs) || atUs > Number.MAX_SAFE_INTEGER) {
      throw new RangeError(`delayUs must be a whole number of microseconds, at least 0, got ${delayUs} (now: ${this.#nowUs})`)
    }
    return this.#queue.schedule(atUs, run)
  }

  /**
   * Schedules `run` at a virtual time.
   * @throws RangeError unless it is a safe integer, not before `nowUs`
   */
  at(atUs: number, run: EventRun): Timer {
    if (!(atUs >= this.#nowUs) || !Number.isSafeInteger(atUs)) {
      throw new RangeError(`atUs must be a whole number of microseconds, not before now (${this.#nowUs}), got ${atUs}`)
    }
    return this.#queue.schedule(atUs, run)
  }

  /** Runs `run` as a part of the event being handled, after its handler and before whatever else is scheduled for this moment. */
  next(run: EventRun): void {
    if (!this.#isRunning) throw new Error('next() was called outside an event; schedule instead')
    this.#next.push(run)
  }

  /** True if the event was pending; false if it was handled or cancelled before. */
  cancel(timer: Timer): boolean {
    return this.#queue.cancel(timer)
  }

  /** Ends the current `run` after the event being handled. Outside a run it does nothing. */
  stop(): void {
    this.#isStopped = true
  }

  /**
   * Handles events in order. With `untilUs`, events at that very time are still handled, and when later ones
   * are left, `nowUs` becomes `untilUs`; when nothing is left ('drained') it stays at the last event.
   *
   * An event that throws ends the call with its error; it counts as handled, and `run` may be called again.
   * @throws RangeError for an impossible limit; Error when called from inside an event
   */
  run(limit: RunLimit = {}): RunEnd {
    const { untilUs = Infinity, maxEvents = Infinity } = limit
    if (!(untilUs >= this.#nowUs)) throw new RangeError(`untilUs must not be before now (${this.#nowUs}), got ${untilUs}`)
    if (untilUs !== Infinity && !Number.isSafeInteger(untilUs)) {
      throw new RangeError(`untilUs must be a whole number of microseconds, got ${untilUs}`)
    }
    if (!(maxEvents >= 0)) throw new RangeError(`maxEvents must be at least 0, got ${maxEvents}`)
    if (this.#isRunning) throw new Error('run() was called from inside an event; schedule instead')
    this.#isRunning = true
    this.#isStopped = false
    try {
      return this.#dispatch(untilUs, this.#handled + maxEvents)
    } finally {
      this.#isRunning = false
    }
  }

  #dispatch(untilUs: number, handledMax: number): RunEnd {
    const queue = this.#queue
    for (;;) {
      if (this.#isStopped) return 'stopped'
      if (queue.pending === 0) return 'drained'
      if (this.#handled >= handledMax) return 'events'
      const run = queue.take(untilUs)
      if (run === null) {
        this.#nowUs = untilUs
        return 'until'
      }
      this.#nowUs = queue.cursorUs
      this.#handled++
      run()
      while (this.#next.length > 0) this.#next.shift()?.()
    }
  }
}
