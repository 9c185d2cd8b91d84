/**
 * Round-trip estimation and the retransmission timeout: RFC 6298 as Linux computes it (`tcp_rtt_estimator`).
 *
 * Linux differs from the RFC where it shows: the floor of 200 ms is under the variance term, not under the
 * sum, so that the timeout of a steady path is SRTT + 200 ms; the variance rises at once and falls once per
 * window. All integers, so that no platform rounds differently (D1). Left out: the granularity of jiffies,
 * and the windowed minimum of round trips (Linux forgets it after 300 s; here it is of the connection).
 */

/** Linux TCP_TIMEOUT_INIT, RFC 6298 section 2.1. */
export const RTO_INITIAL_US = 1_000_000
/** Linux TCP_RTO_MIN. */
export const RTO_MIN_US = 200_000
/** Linux TCP_RTO_MAX. */
export const RTO_MAX_US = 120_000_000

export class RoundTrips {
  #srttUs8 = 0 // eight times the smoothed round trip
  #mdevUs4 = 0 // four times the mean deviation
  #mdevMaxUs = RTO_MIN_US
  #varianceUs = 0
  #windowEnd = 0
  #rtoUs = RTO_INITIAL_US
  #minUs = Infinity

  /** The timeout with the doublings it has had. */
  get rtoUs(): number { return this.#rtoUs }
  /** Smoothed round trip; 0 before the first sample. */
  get smoothedUs(): number { return this.#srttUs8 >>> 3 }
  /** The shortest round trip; infinite before the first sample. */
  get minUs(): number { return this.#minUs }

  /**
   * Takes a sample, which also ends the doubling. By Karn's rule it must be of a segment sent once, or
   * come from an echoed timestamp.
   * @param acknowledged the first position not acknowledged
   * @param sent the first position not sent: a window passes between the two
   */
  sample(roundTripUs: number, acknowledged: number, sent: number): void {
    const sampleUs = Math.min(Math.max(1, roundTripUs), RTO_MAX_US)
    if (sampleUs < this.#minUs) this.#minUs = sampleUs
    if (this.#srttUs8 === 0) {
      this.#srttUs8 = sampleUs * 8
      this.#mdevUs4 = sampleUs * 2
      this.#varianceUs = Math.max(this.#mdevUs4, RTO_MIN_US)
      this.#mdevMaxUs = this.#varianceUs
      this.#windowEnd = sent
    } else {
      this.#smooth(sampleUs)
      this.#settleVariance(acknowledged, sent)
    }
    this.#rtoUs = Math.min(this.smoothedUs + this.#varianceUs, RTO_MAX_US)
  }

  /** RFC 6298 section 5.5: doubles the timeout. */
  backOff(): void {
    this.#rtoUs = Math.min(this.#rtoUs * 2, RTO_MAX_US)
  }

  #smooth(sampleUs: number): void {
    const errorUs = sampleUs - this.smoothedUs
    this.#srttUs8 = Math.max(1, this.#srttUs8 + errorUs)
    let change = Math.abs(errorUs) - (this.#mdevUs4 >>> 2)
    // A round trip that became shorter is no reason for a longer timeout.
    if (errorUs < 0 && change > 0) change >>= 3
    this.#mdevUs4 += change
  }

  #settleVariance(acknowledged: number, sent: number): void {
    if (this.#mdevUs4 > this.#mdevMaxUs) {
      this.#mdevMaxUs = this.#mdevUs4
      if (this.#mdevMaxUs > this.#varianceUs) this.#varianceUs = this.#mdevMaxUs
    }
    if (acknowledged <= this.#windowEnd) return
    if (this.#mdevMaxUs < this.#varianceUs) this.#varianceUs -= (this.#varianceUs - this.#mdevMaxUs) >>> 2
    this.#windowEnd = sent
    this.#mdevMaxUs = RTO_MIN_US
  }
}
