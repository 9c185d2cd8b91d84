import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { KeyedRandom } from '../../kernel/keyed-random.ts'
import { autocorrelation, meanOf } from '../../testing/link-statistics.ts'
import { CorrelatedLevel } from './correlated-level.ts'
import { Dice } from './dice.ts'
import { MarkovChain, type Move } from './markov-chain.ts'

const dice = new Dice(new KeyedRandom('processes'), 3)
const share = (draw: number): number => draw / 2 ** 32
const twoState: Move = (state, draw) => share(draw) < (state === 1 ? 0.7 : 0.1) ? 1 : 0
/** Counts the draws per step. */
class CountingDice extends Dice {
  drawn = 0
  override ofStep(purpose: number, step: number): number {
    this.drawn++
    return super.ofStep(purpose, step)
  }
}
const countingDice = (): CountingDice => new CountingDice(new KeyedRandom('processes'), 3)

/** Turns round three states and now and then rests: long memory. */
const wheel: Move = (state, draw) => share(draw) < 0.98 ? (state + 1) % 3 : state
/** Never forgets where it began. */
const toggle: Move = (state) => 1 - state

describe('MarkovChain', () => {
  const asked = fc.array(fc.nat(3_000), { minLength: 1, maxLength: 30 })

  it.each([['two states', 2, twoState], ['a wheel', 3, wheel], ['a toggle', 2, toggle]] as const)(
    'D4: %s: the state at a step is that of the walk from step 0, in whatever order one asks', (_, states, move) => {
      const walk: number[] = []
      for (let step = 0, state = 0; step <= 3_000; step++) walk.push(state = move(state, dice.ofStep(9, step)))
      fc.assert(fc.property(asked, (steps) => {
        const chain = new MarkovChain(dice, 9, states, move)
        for (const step of steps) expect(chain.stateAt(step)).toBe(walk[step])
      }), { numRuns: 100 })
    })

  it('looks back no further than the chain remembers', () => {
    const counting = countingDice()
    const chain = new MarkovChain(counting, 9, 2, twoState)
    chain.stateAt(10)
    chain.stateAt(8_640_000)
    expect(counting.drawn).toBeLessThan(100)
  })
})

describe('CorrelatedLevel', () => {
  it.each([0.25, 0.9, 0.99])('D4: with rho %d the level at a step does not depend on what was asked before', (rho) => {
    fc.assert(fc.property(fc.array(fc.nat(100_000), { minLength: 2, maxLength: 8 }), (steps) => {
      const level = new CorrelatedLevel(dice, 9, rho)
      for (const step of steps) expect(level.at(step)).toBe(new CorrelatedLevel(dice, 9, rho).at(step))
    }), { numRuns: 60 })
  })

  it.each([0.25, 0.9])('rho %d: each level is rho of the last and 1 - rho of a new draw, seams of blocks included', (rho) => {
    const level = new CorrelatedLevel(dice, 9, rho)
    let last = level.at(1_000)
    for (let step = 1_001; step < 5_000; step++) {
      const expected = last * rho + dice.ofStep(9, step) * (1 - rho)
      last = level.at(step)
      expect(Math.abs(last - expected)).toBeLessThan(3)
    }
  })

  it.each([0.25, 0.9])('rho %d: correlates by rho, rho^2 at two steps, and narrows as netem does', (rho) => {
    const level = new CorrelatedLevel(dice, 9, rho)
    const levels = Array.from({ length: 100_000 }, (_, step) => level.at(step) / 2 ** 32)
    expect(autocorrelation(levels, 1)).toBeCloseTo(rho, 1.5)
    expect(autocorrelation(levels, 2)).toBeCloseTo(rho * rho, 1.5)
    const mean = meanOf(levels)
    expect(mean).toBeCloseTo(0.5, 1.5)
    const deviation = Math.sqrt(meanOf(levels.map((value) => (value - mean) ** 2)))
    expect(deviation / (Math.sqrt(1 / 12) * Math.sqrt((1 - rho) / (1 + rho)))).toBeCloseTo(1, 1.5)
  })

  it('looks back no further than the level remembers', () => {
    const counting = countingDice()
    const level = new CorrelatedLevel(counting, 9, 0.5)
    level.at(10)
    level.at(8_640_000)
    expect(counting.drawn).toBeLessThan(500)
  })

  it('refuses a correlation that leaves nothing to draw', () => {
    for (const rho of [-0.1, 1, 1.2, NaN]) expect(() => new CorrelatedLevel(dice, 9, rho)).toThrow(/correlation/)
  })
})
