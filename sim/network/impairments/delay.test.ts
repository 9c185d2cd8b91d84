import { describe, expect, it } from 'vitest'
import { DRAW } from '../../kernel/draw-purposes.ts'
import { KeyedRandom } from '../../kernel/keyed-random.ts'
import { normalTail } from '../../kernel/normal-quantile.ts'
import { autocorrelation, ksDistance, ksLimit, meanOf } from '../../testing/link-statistics.ts'
import { Delay, type DelayOptions } from './delay.ts'
import { Dice } from './dice.ts'

const PACKETS = 100_000
const LATENCY_US = 250_000
const JITTER_US = 50_000
const dice = new Dice(new KeyedRandom('delay'), 5)

/** Delays of packets one step apart. */
function delaysOf(options: Partial<DelayOptions>, packets = PACKETS): number[] {
  const delay = new Delay(dice, { latencyUs: LATENCY_US, jitterUs: JITTER_US, ...options })
  return Array.from({ length: packets }, (_, slot) => delay.sampleUs(slot * 10_000, { slot, ordinal: 0 }, DRAW.packetDelay))
}
const inJitters = (delayUs: number): number => (delayUs - LATENCY_US) / JITTER_US

/** netem's pareto: shape 3, mean to 0, times 4/3, cut at 32767/8192. */
const CUT = 32_767 / 8192
const paretoCdf = (x: number): number => x >= CUT ? 1 : x <= -2 / 3 ? 0 : 1 - (x * 3 / 4 + 1.5) ** -3
const belowParetoCut = (x: number): number => x >= CUT - 1e-4 ? 1 - (CUT * 3 / 4 + 1.5) ** -3 : paretoCdf(x)

/** The distribution function of a quantile function, by interpolation in a fine table. */
function inverted(quantile: (share: number) => number): (x: number) => number {
  const points = 40_000
  const table = Float64Array.from({ length: points - 1 }, (_, index) => quantile((index + 1) / points))
  return (x) => {
    let low = 0
    let high = table.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (table[middle] <= x) low = middle + 1
      else high = middle
    }
    const inside = low === 0 || low === table.length ? 0 : (x - table[low - 1]) / (table[low] - table[low - 1])
    return (low + inside) / points
  }
}
const normalQuantile = (share: number): number => share < 0.5 ? -normalTail(share) : normalTail(1 - share)
const paretoQuantile = (share: number): number => Math.min(CUT, ((1 - share) ** (-1 / 3) - 1.5) * 4 / 3)

describe('delay over 100,000 packets against the stated distribution (Kolmogorov-Smirnov)', () => {
  const limit = ksLimit(PACKETS)

  it('A13: uniform', () => {
    const distance = ksDistance(delaysOf({}).map(inJitters), (x) => (x + 1) / 2, (x) => (x + 1) / 2)
    expect(distance).toBeLessThan(limit)
  })

  it('A13: normal', () => {
    const distance = ksDistance(delaysOf({ distribution: 'normal' }).map(inJitters), inverted(normalQuantile))
    expect(distance).toBeLessThan(limit)
  })

  it('A13: pareto', () => {
    const distance = ksDistance(delaysOf({ distribution: 'pareto' }).map(inJitters), (x) => paretoCdf(x + 1e-5), belowParetoCut)
    expect(distance).toBeLessThan(limit)
  })

  it('A13: paretonormal', () => {
    const quantile = (share: number): number => (normalQuantile(share) + 3 * paretoQuantile(share)) / 4
    const distance = ksDistance(delaysOf({ distribution: 'paretonormal' }).map(inJitters), inverted(quantile))
    expect(distance).toBeLessThan(limit)
  })

  it('the test tells them apart: the distance of each to the normal distribution, but for the normal', () => {
    const cdf = inverted(normalQuantile)
    for (const distribution of ['uniform', 'pareto', 'paretonormal'] as const) {
      expect(ksDistance(delaysOf({ distribution }, 10_000).map(inJitters), cdf), distribution).toBeGreaterThan(5 * ksLimit(10_000))
    }
  })
})

describe('delay', () => {
  it('is constant without jitter and never negative with much', () => {
    expect(new Set(delaysOf({ jitterUs: 0 }, 1_000))).toEqual(new Set([LATENCY_US]))
    for (const distribution of ['uniform', 'normal', 'pareto', 'paretonormal'] as const) {
      const delays = delaysOf({ distribution, latencyUs: 10_000, jitterUs: 100_000 }, 5_000)
      expect(Math.min(...delays), distribution).toBe(0)
      expect(delays.every(Number.isSafeInteger)).toBe(true)
    }
  })

  it.each([0.3, 0.8])('correlation %d: packets a step apart correlate by it, around the same mean, with netem\'s narrower jitter', (rho) => {
    const delays = delaysOf({ correlation: rho })
    expect(Math.abs(autocorrelation(delays, 1) - rho)).toBeLessThan(0.02)
    expect(Math.abs(autocorrelation(delays, 3) - rho ** 3)).toBeLessThan(0.03)
    const mean = meanOf(delays)
    expect(Math.abs(mean - LATENCY_US)).toBeLessThan(1_000)
    const deviation = Math.sqrt(meanOf(delays.map((value) => (value - mean) ** 2)))
    expect(deviation / (JITTER_US / Math.sqrt(3) * Math.sqrt((1 - rho) / (1 + rho)))).toBeCloseTo(1, 1.5)
  })

  it('without correlation packets do not correlate, within a slot or across', () => {
    expect(Math.abs(autocorrelation(delaysOf({}), 1))).toBeLessThan(0.013)
    const delay = new Delay(dice, { latencyUs: LATENCY_US, jitterUs: JITTER_US })
    const inOneSlot = Array.from({ length: 20_000 }, (_, ordinal) => delay.sampleUs(5, { slot: 0, ordinal }, DRAW.packetDelay))
    expect(Math.abs(autocorrelation(inOneSlot, 1))).toBeLessThan(0.03)
  })

  it('D4: with correlation the packets of one step share its latency level', () => {
    const delay = new Delay(dice, { latencyUs: LATENCY_US, jitterUs: JITTER_US, correlation: 0.5, stepUs: 20_000 })
    const at = (nowUs: number): number => delay.sampleUs(nowUs, { slot: Math.floor(nowUs / 10_000), ordinal: 0 }, DRAW.packetDelay)
    expect(at(19_999)).toBe(at(0))
    expect(at(20_000)).not.toBe(at(0))
  })

  it('refuses impossible numbers', () => {
    const wrong: readonly Partial<DelayOptions>[] = [
      { latencyUs: -1 }, { latencyUs: 0.5 }, { jitterUs: -1 }, { latencyUs: NaN }, { jitterUs: 1e10 }, { correlation: 1 }, { stepUs: 0 }, { stepUs: 1.5 },
    ]
    for (const options of wrong) expect(() => new Delay(dice, { latencyUs: 1, ...options }), JSON.stringify(options)).toThrow(RangeError)
  })
})
