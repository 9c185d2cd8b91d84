import { describe, expect, it } from 'vitest'
import { bootstrapMeanInterval, mean, pairedDifference, percentile, wilsonInterval } from './statistics.ts'

/** A small generator for tests: mulberry32. */
function source(seed: number): { below(n: number): number } {
  let state = seed
  return {
    below(n) {
      state = (state + 0x6d2b79f5) | 0
      let mixed = Math.imul(state ^ (state >>> 15), state | 1)
      mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
      return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296) * n)
    },
  }
}

describe('statistics', () => {
  it('percentiles are of nearest rank', () => {
    const values = [40, 15, 50, 35, 20]
    expect([5, 30, 40, 50, 100, 0].map((percent) => percentile(values, percent))).toEqual([15, 20, 20, 35, 50, 15])
    expect(percentile([], 50)).toBeNaN()
    expect(() => percentile(values, 101)).toThrow(RangeError)
    expect(percentile(Array.from({ length: 10 }, (_, index) => index), 100)).toBe(9)
  })

  it('Wilson intervals agree with published ones', () => {
    const [low, high] = wilsonInterval(8, 1000)
    expect([low, high].map((share) => Math.round(share * 1e4) / 1e4)).toEqual([0.0041, 0.0157]) // 0.41 % to 1.57 %
    expect(wilsonInterval(0, 1000)[0]).toBe(0)
    expect(wilsonInterval(0, 1000)[1]).toBeCloseTo(0.0038, 4)
    expect(wilsonInterval(10, 10)[1]).toBe(1)
    expect(wilsonInterval(0, 0)).toEqual([0, 1])
    expect(() => wilsonInterval(3, 2)).toThrow(RangeError)
  })

  it('bootstrap intervals cover the mean of their population about 95 times in 100', () => {
    const random = source(7)
    let covered = 0
    for (let trial = 0; trial < 200; trial += 1) {
      const values = Array.from({ length: 60 }, () => random.below(1000))
      const [low, high] = bootstrapMeanInterval(values, random, 400)
      if (low <= 499.5 && 499.5 <= high) covered += 1
    }
    expect(covered).toBeGreaterThan(178)
    expect(covered).toBeLessThan(200)
    expect(bootstrapMeanInterval([3, 3, 3], random)).toEqual([3, 3])
    expect(bootstrapMeanInterval([], random)).toEqual([NaN, NaN])
  })

  it('H8: paired differences keep the pairing', () => {
    const noise = source(3)
    const b = Array.from({ length: 50 }, () => noise.below(10_000))
    const a = b.map((value, seed) => value - 10 + (seed % 3))
    const { n, meanDifference, ci95, aWins } = pairedDifference(a, b, source(1))
    expect([n, aWins]).toEqual([50, 1])
    expect(meanDifference).toBeCloseTo(mean(a) - mean(b), 9)
    expect(ci95[0]).toBeGreaterThan(-10)
    expect(ci95[1]).toBeLessThan(-8)
    expect(pairedDifference([1, 2, 3, 3], [1, 1, 4, 4], source(1), 'higher').aWins).toBe(0.375)
    expect(() => pairedDifference([1], [], source(1))).toThrow(RangeError)
  })

  it('D1: the same source gives the same interval', () => {
    const values = [1, 5, 9, 2, 8]
    expect(bootstrapMeanInterval(values, source(5))).toEqual(bootstrapMeanInterval(values, source(5)))
  })
})
