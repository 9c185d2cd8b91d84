/**
 * netem's correlated draw, `level = rho * last + (1 - rho) * new`, as a process in time (D4).
 *
 * Faithful to netem in its known weakness too: averaging uniform draws narrows them, so that the jitter of a
 * correlated delay is smaller than stated, by sqrt((1 - rho) / (1 + rho)) in deviation for the uniform
 * distribution, and rounder. That belongs to the vocabulary; only delays use it.
 *
 * The level at a step is computed from the steps before it. To be a function of the step alone without walking
 * all of time, time is cut into blocks, and each block starts so many steps early that what came before counts
 * for less than 2^-32.
 */
import type { Dice } from './dice.ts'
import { MAX_CORRELATION } from './step.ts'

const FORGOTTEN = 1 / 0x1_0000_0000
const WARM_UPS_PER_BLOCK = 4

export class CorrelatedLevel {
  #knownStep = -1
  #knownLevel = 0
  readonly #dice: Dice
  readonly #purpose: number
  readonly #rho: number
  readonly #warmUpSteps: number

  /** @throws RangeError unless the correlation is from 0 to 0.999 */
  constructor(dice: Dice, purpose: number, correlation: number) {
    if (!(correlation >= 0 && correlation <= MAX_CORRELATION)) {
      throw new RangeError(`correlation must be from 0 to ${MAX_CORRELATION}, got ${correlation}`)
    }
    this.#dice = dice
    this.#purpose = purpose
    this.#rho = correlation
    let steps = 1
    for (let weight = correlation; weight > FORGOTTEN; weight *= correlation) steps++
    this.#warmUpSteps = steps
  }

  /** 32 bits. */
  at(step: number): number {
    if (step === this.#knownStep) return this.#knownLevel
    const block = this.#warmUpSteps * WARM_UPS_PER_BLOCK
    const blockStart = step - step % block
    let at = this.#knownStep
    let level = this.#knownLevel
    if (at < blockStart || at > step) {
      at = blockStart - this.#warmUpSteps
      level = this.#dice.ofStep(this.#purpose, at)
    }
    while (at < step) {
      at++
      level = Math.floor(level * this.#rho + this.#dice.ofStep(this.#purpose, at) * (1 - this.#rho))
    }
    this.#knownStep = step
    this.#knownLevel = level
    return level
  }
}
