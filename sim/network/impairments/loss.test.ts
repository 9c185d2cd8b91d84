import { describe, expect, it } from 'vitest'
import { KeyedRandom } from '../../kernel/keyed-random.ts'
import { autocorrelation, isBinomial, meanOf, runLengths } from '../../testing/link-statistics.ts'
import { makeCorruption } from './corrupt.ts'
import { Dice } from './dice.ts'
import { makeDuplication } from './duplicate.ts'
import { type LossOptions, makeLoss } from './loss.ts'
import { Reorder } from './reorder.ts'

const PACKETS = 100_000
const dice = new Dice(new KeyedRandom('loss'), 8)
const share = (values: readonly boolean[]): number => values.filter((value) => value).length / values.length

/** Which of the packets are lost, `spacingUs` apart. */
function lossesOf(options: LossOptions, spacingUs = 10_000, packets = PACKETS): boolean[] {
  const loss = makeLoss(dice, options)
  return Array.from({ length: packets }, (_, index) => {
    const nowUs = index * spacingUs
    const slot = Math.floor(nowUs / 10_000)
    return loss.takes(nowUs, { slot, ordinal: Math.floor((nowUs - slot * 10_000) / spacingUs) })
  })
}

describe('random loss over 100,000 packets', () => {
  it.each([0.001, 0.01, 0.05, 0.5])('A13: %d lies in its binomial interval, packets of one slot apart included', (probability) => {
    for (const spacingUs of [10_000, 500]) {
      const lost = lossesOf({ model: 'random', probability }, spacingUs).filter((value) => value).length
      expect(isBinomial(lost, PACKETS, probability)).toBe(true)
    }
  })

  it('0 loses nothing and 1 everything', () => {
    expect(share(lossesOf({ model: 'random', probability: 0 }))).toBe(0)
    expect(share(lossesOf({ model: 'random', probability: 1 }))).toBe(1)
  })

  it.each([[0.01, 0.25], [0.05, 0.5], [0.2, 0.9]])('%d with correlation %d keeps both numbers, unlike netem', (probability, correlation) => {
    const losses = lossesOf({ model: 'random', probability, correlation }, 10_000, 400_000)
    // Runs repeat a fate: the count varies more than a binomial one by (1 + rho) / (1 - rho).
    const deviation = Math.sqrt(probability * (1 - probability) * (1 + correlation) / (1 - correlation) / losses.length)
    expect(Math.abs(share(losses) - probability)).toBeLessThan(3.89 * deviation)
    expect(Math.abs(autocorrelation(losses.map(Number), 1) - correlation)).toBeLessThan(0.03)
    expect(meanOf(runLengths(losses)) * (1 - correlation) * (1 - probability)).toBeCloseTo(1, 1)
  })
})

describe('Gilbert-Elliott', () => {
  it.each([[0.01, 0.25], [0.005, 0.1], [0.3, 0.6], [0.7, 0.6]])('p %d, r %d: bursts of mean 1/r, geometric, with a share of p / (p + r)', (p, r) => {
    const losses = lossesOf({ model: 'gilbert-elliott', p, r })
    const bad = p / (p + r)
    const memory = 1 - p - r
    const deviation = Math.sqrt(bad * (1 - bad) * (1 + memory) / (1 - memory) / PACKETS)
    expect(Math.abs(share(losses) - bad)).toBeLessThan(3.89 * deviation)
    const runs = runLengths(losses)
    const runDeviation = Math.sqrt((1 - r) / (r * r) / runs.length)
    expect(Math.abs(meanOf(runs) - 1 / r)).toBeLessThan(3.89 * runDeviation)
    // Geometric: the share of runs that end at once is r.
    expect(isBinomial(runs.filter((run) => run === 1).length, runs.length, r)).toBe(true)
    const gaps = runLengths(losses.map((lost) => !lost))
    expect(Math.abs(meanOf(gaps) * p - 1)).toBeLessThan(3.89 * Math.sqrt((1 - p) / gaps.length))
  })

  it('loses 1-h of the packets in the bad state and 1-k in the good', () => {
    const [p, r, lossInBad, lossInGood] = [0.05, 0.2, 0.6, 0.01]
    const bad = p / (p + r)
    const losses = lossesOf({ model: 'gilbert-elliott', p, r, lossInBad, lossInGood })
    expect(Math.abs(share(losses) - (bad * lossInBad + (1 - bad) * lossInGood))).toBeLessThan(0.006)
    // After a loss the state is most likely bad: the next one is lost far more often than on average.
    const afterLoss = losses.filter((_, index) => index > 0 && losses[index - 1])
    const badGivenLoss = bad * lossInBad / (bad * lossInBad + (1 - bad) * lossInGood)
    const badNext = badGivenLoss * (1 - r) + (1 - badGivenLoss) * p
    expect(Math.abs(share(afterLoss) - (badNext * lossInBad + (1 - badNext) * lossInGood))).toBeLessThan(0.02)
  })

  it('D4: a burst lasts in time: four packets a step see bursts four times as long, and a step of their own spacing brings them back', () => {
    const options = { model: 'gilbert-elliott', p: 0.02, r: 0.25 } as const
    expect(Math.abs(meanOf(runLengths(lossesOf(options, 2_500))) - 16)).toBeLessThan(1.5)
    expect(Math.abs(meanOf(runLengths(lossesOf({ ...options, stepUs: 2_500 }, 2_500))) - 4)).toBeLessThan(0.4)
    expect(Math.abs(share(lossesOf(options, 2_500)) - 0.02 / 0.27)).toBeLessThan(0.015)
  })
})

describe('four-state loss', () => {
  it('has the stationary loss and the burst lengths of its chain', () => {
    const [p13, p31, p32, p23, p14] = [0.02, 0.2, 0.1, 0.3, 0.01]
    const losses = lossesOf({ model: 'four-state', p13, p31, p32, p23, p14 }, 10_000, 400_000)
    // Stationary weights relative to state 1 (balance of states 1 + 4, of 2, and of 4).
    const [three, four] = [p13 / p31, p14]
    const two = three * p32 / p23
    const expected = (three + four) / (1 + two + three + four)
    expect(Math.abs(share(losses) / expected - 1)).toBeLessThan(0.06)
    // A run of losses is a stay in state 3 (mean 1 / (p31 + p32)) or a single loss in state 4.
    const runs = runLengths(losses)
    const stays = three * (p31 + p32)
    expect(Math.abs(meanOf(runs) - (stays / (p31 + p32) + p14) / (stays + p14))).toBeLessThan(0.08)
  })

  it('with p14 alone every loss is a single one', () => {
    const losses = lossesOf({ model: 'four-state', p13: 0, p31: 1, p32: 0, p23: 0, p14: 0.2 })
    expect(new Set(runLengths(losses))).toEqual(new Set([1]))
    expect(Math.abs(share(losses) - 0.2 / 1.2)).toBeLessThan(0.005)
  })
})

describe('duplicate, corrupt and reorder over 100,000 packets', () => {
  const countOf = (happens: (nowUs: number, key: { slot: number; ordinal: number }) => boolean, perSlot: number): number => {
    let count = 0
    for (let index = 0; index < PACKETS; index++) {
      const slot = Math.floor(index / perSlot)
      if (happens(slot * 10_000, { slot, ordinal: index % perSlot })) count++
    }
    return count
  }

  it('duplicate and corrupt lie in their intervals, and are not the same packets', () => {
    const duplicate = makeDuplication(dice, { probability: 0.03 })
    const corrupt = makeCorruption(dice, { probability: 0.03 })
    expect(isBinomial(countOf((nowUs, key) => duplicate.happens(nowUs, key), 4), PACKETS, 0.03)).toBe(true)
    expect(isBinomial(countOf((nowUs, key) => corrupt.happens(nowUs, key), 4), PACKETS, 0.03)).toBe(true)
    const both = countOf((nowUs, key) => corrupt.happens(nowUs, key) && duplicate.happens(nowUs, key), 4)
    expect(isBinomial(both, PACKETS, 0.03 * 0.03)).toBe(true)
  })

  it.each([[0.25, 1, 1], [1, 5, 1], [0.5, 5, 1], [0.25, 5, 20], [1, 3, 7]])('reorder %d gap %i, %i packets a slot: netem\'s long-run share', (probability, gap, perSlot) => {
    const reorder = new Reorder(dice, { probability, gap })
    const count = countOf((nowUs, key) => reorder.skipsDelay(nowUs, key), perSlot)
    expect(isBinomial(count, PACKETS, 1 / (gap - 1 + 1 / probability))).toBe(true)
  })

  it('reorder with gap: within a slot the overtaking packets are a multiple of the gap apart', () => {
    const reorder = new Reorder(dice, { probability: 1, gap: 4 })
    for (let slot = 0; slot < 50; slot++) {
      const skips = Array.from({ length: 20 }, (_, ordinal) => reorder.skipsDelay(slot * 10_000, { slot, ordinal }))
      expect(skips.filter((skip) => skip)).toHaveLength(5)
      const places = skips.flatMap((skip, ordinal) => skip ? [ordinal] : [])
      expect(new Set(places.map((place) => place % 4)).size).toBe(1)
    }
  })

  it('refuses impossible numbers, naming them', () => {
    expect(() => makeLoss(dice, { model: 'random', probability: 1.2 })).toThrow(/loss probability.*1\.2/)
    expect(() => makeLoss(dice, { model: 'random', probability: 0.1, correlation: 1 })).toThrow(/loss correlation/)
    expect(() => makeLoss(dice, { model: 'gilbert-elliott', p: -0.1, r: 0.5 })).toThrow(/p must be/)
    expect(() => makeLoss(dice, { model: 'gilbert-elliott', p: 0.1, r: 1.5 })).toThrow(/r must be/)
    expect(() => makeLoss(dice, { model: 'four-state', p13: 0.6, p31: 0, p32: 0, p23: 0, p14: 0.6 })).toThrow(/p14 \+ p13/)
    expect(() => makeLoss(dice, { model: 'four-state', p13: 1.2, p31: 0, p32: 0, p23: 0, p14: -0.5 })).toThrow(/must be a probability/)
    expect(() => makeDuplication(dice, { probability: NaN })).toThrow(/duplicate/)
    expect(() => makeCorruption(dice, { probability: -1 })).toThrow(/corrupt/)
    expect(() => new Reorder(dice, { probability: 2 })).toThrow(/reorder probability/)
    expect(() => new Reorder(dice, { probability: 0.5, gap: 0 })).toThrow(/gap/)
  })
})
