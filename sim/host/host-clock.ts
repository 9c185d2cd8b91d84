/**
 * A host's two clocks (R6): the wall clock, which is wrong by an offset, runs too fast or too slow and may be
 * set anew at any moment; and the monotonic clock, which drifts with the same oscillator but is never set,
 * starts with the process and stands still while the host sleeps (as CLOCK_MONOTONIC does on Linux, Android
 * and macOS, and with it `performance.now`). What ends, freezes or wakes a process leaves the wall clock as it is,
 * so tabs whose clocks began alike and are set alike always agree. Left out: slewing (a correction is a step), temperature.
 */

/** Wall clocks start here: 2024-01-01T00:00:00Z, in milliseconds since the Unix epoch. */
const EPOCH_MS = 1_704_067_200_000
const MILLION = 1_000_000

export class HostClock {
  readonly #trueUs: () => number
  #ppm: number
  /** At true time `atUs` a clock showed this; since then the rate has been `#ppm`. */
  readonly #wall: { atUs: number; shownUs: number }
  readonly #monotonic: { atUs: number; shownUs: number }
  #isFrozen = false

  /** @param offsetUs error of the wall clock at the start; @param driftPpm how many parts per million it runs too fast */
  constructor(trueUs: () => number, offsetUs: number, driftPpm = 0) {
    this.#trueUs = trueUs
    this.#ppm = driftPpm
    const atUs = trueUs()
    this.#wall = { atUs, shownUs: atUs + offsetUs }
    this.#monotonic = { atUs, shownUs: atUs }
  }

  get driftPpm(): number { return this.#ppm }

  /** Milliseconds since the Unix epoch, as the host believes. */
  wallMs(): number { return EPOCH_MS + (this.#wall.shownUs + this.#sinceUs(this.#wall)) / 1000 }

  /** Milliseconds of the host's own time since its process started, without its sleep. */
  monotonicMs(): number { return (this.#monotonic.shownUs + (this.#isFrozen ? 0 : this.#sinceUs(this.#monotonic))) / 1000 }

  /** True time in which the host's oscillator counts `localUs`. */
  trueDelayUs(localUs: number): number {
    return this.#ppm === 0 ? Math.round(localUs) : Math.round(localUs * MILLION / (MILLION + this.#ppm))
  }

  /** Somebody, or NTP, sets the wall clock. */
  step(byUs: number): void { this.#wall.shownUs += byUs }

  drift(ppm: number): void {
    this.#wall.shownUs += this.#sinceUs(this.#wall)
    this.#wall.atUs = this.#trueUs()
    this.#anchor()
    this.#ppm = ppm
  }

  /** A process begins. */
  restart(): void {
    this.#anchor()
    this.#monotonic.shownUs = 0
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

  #sinceUs({ atUs }: { readonly atUs: number }): number {
    const elapsedUs = this.#trueUs() - atUs
    return elapsedUs + Math.round(elapsedUs * this.#ppm / MILLION)
  }

  #anchor(): void {
    if (!this.#isFrozen) this.#monotonic.shownUs += this.#sinceUs(this.#monotonic)
    this.#monotonic.atUs = this.#trueUs()
  }
}
