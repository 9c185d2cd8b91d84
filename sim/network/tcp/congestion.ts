/**
 * The congestion window, counted in segments of any size as Linux counts it: IW10, slow start, congestion
 * avoidance and halving by NewReno (RFC 5681, 6582), restart after idle.
 *
 * Linux defaults to CUBIC, which falls to 0.7 instead of half and then grows as a function of time. The
 * messages of sync protocols seldom outgrow the initial window, and what does is over within a few round
 * trips of slow start, so the difference matters to long bulk transfers only. Left out for the same reason:
 * HyStart, proportional rate reduction (the window halves at once), undo after a spurious loss (Eifel,
 * F-RTO, DSACK), ECN, pacing, the slow decay of a window that is not used in full.
 */

/** RFC 6928. */
export const INITIAL_WINDOW = 10
const WINDOW_MIN = 2 // RFC 5681, equation 4

export class Congestion {
  #window = INITIAL_WINDOW
  #threshold = Infinity
  #towardsNext = 0
  #isLimited = false
  #flightMax = 0
  #usageEnd = 0

  get window(): number { return this.#window }
  get threshold(): number { return this.#threshold }
  get isSlowStart(): boolean { return this.#window < this.#threshold }

  /** RFC 5681 section 3.1: after a lost SYN the window starts with one segment. */
  startWithOne(): void {
    this.#window = 1
  }

  /**
   * Notes how much of the window is used, once all that may be sent is sent (Linux `tcp_cwnd_validate`): a
   * window that is not used does not grow (RFC 2861, 7661).
   */
  used(segmentsOut: number, isLimited: boolean, acknowledged: number, sent: number): void {
    if (acknowledged < this.#usageEnd && !isLimited && (this.#isLimited || segmentsOut <= this.#flightMax)) return
    this.#isLimited = isLimited
    this.#flightMax = segmentsOut
    this.#usageEnd = sent
  }

  /** Grows by newly acknowledged segments: one each in slow start, one per window after. */
  acknowledged(segments: number): void {
    const grows = this.#isLimited || (this.isSlowStart && this.#window < 2 * this.#flightMax)
    if (!grows) return
    let left = segments
    if (this.isSlowStart) {
      const grown = Math.min(left, this.#threshold - this.#window)
      this.#window += grown
      left -= grown
    }
    this.#towardsNext += left
    if (left > 0 && this.#towardsNext >= this.#window) {
      this.#towardsNext -= this.#window
      this.#window++
    }
  }

  /** Fast retransmit, or a tail loss that a probe repaired: the window halves. */
  halve(): void {
    this.#lowerThreshold()
    this.#window = this.#threshold
  }

  /** A timeout: what is still believed to be on the way, and one segment. */
  collapse(inFlight: number, isNewEpisode: boolean): void {
    if (isNewEpisode) this.#lowerThreshold()
    this.#window = inFlight + 1
  }

  /** The end of a recovery: never more than the threshold. */
  recovered(): void {
    this.#window = Math.max(WINDOW_MIN, Math.min(this.#window, this.#threshold))
    this.#towardsNext = 0
  }

  /**
   * Restart after idle (RFC 2861; Linux tcp_slow_start_after_idle, on by default): the window halves for
   * every timeout that has passed, down to the initial window.
   */
  restartAfterIdle(idleUs: number, rtoUs: number): void {
    const restart = Math.min(INITIAL_WINDOW, this.#window)
    this.#threshold = Math.max(this.#threshold, (this.#window >> 1) + (this.#window >> 2))
    for (let leftUs = idleUs - rtoUs; leftUs > 0 && this.#window > restart; leftUs -= rtoUs) this.#window >>= 1
    this.#window = Math.max(this.#window, restart)
    this.#isLimited = false
    this.#flightMax = 0
  }

  #lowerThreshold(): void {
    this.#threshold = Math.max(this.#window >> 1, WINDOW_MIN)
    this.#towardsNext = 0
  }
}
