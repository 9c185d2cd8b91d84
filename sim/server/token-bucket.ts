/** A rate limit as servers implement it: a bucket of tokens that fills at a steady rate and holds a second's worth. */
const SECOND_US = 1_000_000

export class TokenBucket {
  readonly #perSecond: number
  readonly #capacity: number
  #tokens: number
  #filledAtUs: number

  /** Full at the start. A rate below one a second still lets one through. */
  constructor(perSecond: number, nowUs: number) {
    this.#perSecond = perSecond
    this.#capacity = Math.max(1, perSecond)
    this.#tokens = this.#capacity
    this.#filledAtUs = nowUs
  }

  /** Whether one more is admitted now. */
  take(nowUs: number): boolean {
    this.#tokens = Math.min(this.#capacity, this.#tokens + (nowUs - this.#filledAtUs) * this.#perSecond / SECOND_US)
    this.#filledAtUs = nowUs
    if (this.#tokens < 1) return false
    this.#tokens -= 1
    return true
  }
}
