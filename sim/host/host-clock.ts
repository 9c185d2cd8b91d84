/**
 * A host's two clocks (R6): the wall clock, which is wrong by an offset, runs too fast or too slow and may be
 * set anew at any moment; and the monotonic clock, which drifts with the same oscillator but is never set,
 * starts with the process and stands still while the host sleeps (as CLOCK_MONOTONIC does on Linux, Android
 * and macOS, and with it `performance.now`). Left out: slewing (a correction is a step), temperature.
 */

/** Wall clocks start here: 2024-01-01T00:00:00Z, in milliseconds since the Unix epoch. */
const EPOCH_MS = 1_704_067_200_000
const MILLION = 1_000_000

export class HostClock {
  readonly #trueUs: () => number
  #ppm: number
  /** At true time `#anchorUs` the clocks showed these; since then the rate has been `#ppm`. */
  #anchorUs: number
  #wallUs: number
  #monotonicUs = 0
  #isFrozen = false

  /** @param offsetUs error of the wall clock at the start; @param driftPpm how many parts per million it runs too fast */
  constructor(trueUs: () => number, offsetUs: number, driftPpm = 0) {
    this.#trueUs = trueUs
    this.#ppm = driftPpm
    this.#anchorUs = trueUs()
    this.#wallUs = this.#anchorUs + offsetUs
    this.#monotonicUs = this.#anchorUs
  }

  get driftPpm(): number { return this.#ppm }

  /** Milliseconds since the Unix epoch, as the host believes. */
  wallMs(): number { return EPOCH_MS + (this.#wallUs + this.#elapsedUs()) / 1000 }

  /** Milliseconds of the host's own time since its process started, without its sleep. */
  monotonicMs(): number { return (this.#monotonicUs + (this.#isFrozen ? 0 : this.#elapsedUs())) / 1000 }

  /** True time in which the host's oscillator counts `localUs`. */
  trueDelayUs(localUs: number): number {
    return this.#ppm === 0 ? Math.round(localUs) : Math.round(localUs * MILLION / (MILLION + this.#ppm))
  }

  /** Somebody, or NTP, sets the wall clock. */
  step(byUs: number): void { this.#wallUs += byUs }

  drift(ppm: number): void {
    this.#anchor()
    this.#ppm = ppm
  }

  /** A process begins. */
  restart(): void {
    this.#anchor()
    this.#monotonicUs = 0
    this.#isFrozen = false
  }

  freeze(): void {
    this.#anchor()
    this.#isFrozen = true
  }

  thaw(): void {
    this.#anchor()
    this.#isFrozen = false
  }

  #elapsedUs(): number {
    const elapsedUs = this.#trueUs() - this.#anchorUs
    return elapsedUs + Math.round(elapsedUs * this.#ppm / MILLION)
  }

  #anchor(): void {
    const elapsedUs = this.#elapsedUs()
    this.#wallUs += elapsedUs
    if (!this.#isFrozen) this.#monotonicUs += elapsedUs
    this.#anchorUs = this.#trueUs()
  }
}
