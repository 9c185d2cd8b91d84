import { describe, expect, test } from 'vitest'
import { exponential, normal, pareto, paretonormal, uniformBetween } from './distributions.ts'
import { cubeRoot, naturalLog, normalTail } from './normal-quantile.ts'

const DRAWS = 1 << 16
/** Evenly spread draws: the exact share of each quantile, without sampling noise. */
const sweep = (value: (uint32: number) => number): number[] =>
  Array.from({ length: DRAWS }, (_, step) => value(step * 65_536 + 32_768))
const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length
const drawAt = (share: number): number => Math.floor(share * 2 ** 32)

describe('exponential', () => {
  test.each([1_000, 25_000, 3_600_000_000])('D1: mean %i is met to 1 %% and the deviation equals it', (wanted) => {
    const values = sweep((draw) => exponential(draw, wanted))
    const average = mean(values)
    expect(Math.abs(average / wanted - 1)).toBeLessThan(0.01)
    const deviation = Math.sqrt(mean(values.map((value) => (value - average) ** 2)))
    expect(Math.abs(deviation / wanted - 1)).toBeLessThan(0.02)
  })

  test.each([0.5, 0.1, 0.01, 1e-4, 1e-6, 1e-9])('D1: the upper quantile of share %d is that of the true distribution', (share) => {
    expect(exponential(drawAt(share), 1e9) / 1e9).toBeCloseTo(-Math.log(share), share > 1e-8 ? 3 : 1)
  })

  test('D1: falls with the draw, stays finite at both ends, and is an integer', () => {
    const values = [0, 1, 2, 3, 1_000, 2 ** 30, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1].map((draw) => exponential(draw, 1e6))
    expect(values).toEqual([...values].sort((a, b) => b - a))
    expect(values.every(Number.isSafeInteger)).toBe(true)
    expect(values.at(0)).toBeLessThan(23e6)
    expect(values.at(-1)).toBe(0)
    expect(exponential(12_345, 0)).toBe(0)
    expect(() => exponential(1, -1)).toThrow(/mean/)
    expect(() => exponential(1, NaN)).toThrow(/mean/)
  })

  test('D1: golden values, the same on every platform', () => {
    expect([1, 77_777, 123_456_789, 3_000_000_000, 4_294_967_295].map((draw) => exponential(draw, 100_000)))
      .toMatchInlineSnapshot(`
        [
          2177524,
          1091911,
          354932,
          35885,
          0,
        ]
      `)
  })
})

describe('uniformBetween', () => {
  test('D1: every value of a small range is equally likely, ends included', () => {
    const counts = new Map<number, number>()
    for (const value of sweep((draw) => uniformBetween(draw, -3, 4))) counts.set(value, (counts.get(value) ?? 0) + 1)
    expect([...counts].sort(([a], [b]) => a - b)).toEqual([-3, -2, -1, 0, 1, 2, 3, 4].map((value) => [value, DRAWS / 8]))
  })

  test('D1: one value is always itself; bounds in the wrong order, fractions and ranges beyond 2^32 are refused', () => {
    expect(uniformBetween(4_294_967_295, 7, 7)).toBe(7)
    expect(uniformBetween(4_294_967_295, 0, 2 ** 32 - 1)).toBe(2 ** 32 - 1)
    expect(() => uniformBetween(1, 2, 1)).toThrow(RangeError)
    expect(() => uniformBetween(1, 0.5, 1)).toThrow(RangeError)
    expect(() => uniformBetween(1, 0, 2 ** 32)).toThrow(RangeError)
  })
})

describe('normal', () => {
  test('D1: mean, deviation and symmetry', () => {
    const values = sweep((draw) => normal(draw, 50_000, 10_000))
    expect(mean(values)).toBeCloseTo(50_000, -1)
    expect(Math.abs(Math.sqrt(mean(values.map((value) => (value - 50_000) ** 2))) / 10_000 - 1)).toBeLessThan(0.001)
    expect(normal(1_234, 0, 1e6)).toBe(-normal(2 ** 32 - 1 - 1_234, 0, 1e6))
  })

  // Quantiles from tables of the standard normal distribution.
  test.each([
    [0.975, 1.959964], [0.995, 2.575829], [0.999, 3.090232], [0.999999, 4.753424],
    [0.75, 0.674490], [0.025, -1.959964], [0.000001, -4.753424],
  ])('D1: share %d lies below %d deviations', (share, deviations) => {
    expect(normal(drawAt(share), 0, 1e9) / 1e9).toBeCloseTo(deviations, 3)
  })

  test('D1: rises with the draw and stays within 6.3 deviations', () => {
    const values = [0, 1, 1_000, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 2, 2 ** 32 - 1].map((draw) => normal(draw, 0, 1e6))
    expect(values).toEqual([...values].sort((a, b) => a - b))
    expect(values.at(0)).toBeGreaterThan(-6.4e6)
    expect(() => normal(1, 0, -1)).toThrow(/sigma/)
  })

  test('D1: golden values, the same on every platform', () => {
    expect([1, 77_777, 123_456_789, 3_000_000_000, 4_294_967_295].map((draw) => normal(draw, 0, 1_000_000)))
      .toMatchInlineSnapshot(`
        [
          -6166430,
          -4130371,
          -1899577,
          520073,
          6307997,
        ]
      `)
  })
})

/** iproute2's netem/pareto.c and netem/paretonormal.c, restated with ordinary arithmetic. */
const NETEM_MAX = 32_767 / 8192
const netemPareto = (share: number): number => Math.min(NETEM_MAX, (1 / Math.cbrt(1 - share) - 1.5) * 4 / 3)

describe('pareto and paretonormal', () => {
  test.each([0, 0.01, 0.25, 0.5, 0.75, 0.9, 0.98, 0.995])('D1: share %d of pareto lies where netem generates it', (share) => {
    expect(pareto(drawAt(share), 0, 1e9) / 1e9).toBeCloseTo(netemPareto(share), 3)
  })

  // Normal quantiles from tables.
  test.each([[0.025, -1.959964], [0.25, -0.674490], [0.5, 0], [0.75, 0.674490], [0.975, 1.959964], [0.995, 2.575829]])(
    'D1: share %d of paretonormal is a quarter normal and three quarters pareto', (share, deviations) => {
      expect(paretonormal(drawAt(share), 0, 1e9) / 1e9).toBeCloseTo((deviations + 3 * netemPareto(share)) / 4, 3)
    })

  test.each([['pareto', pareto], ['paretonormal', paretonormal]] as const)('D1: %s rises with the draw and ends at netem\'s largest entry', (_, distribution) => {
    const values = [0, 1, 1_000, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 2, 2 ** 32 - 1].map((draw) => distribution(draw, 0, 8192))
    expect(values).toEqual([...values].sort((a, b) => a - b))
    expect(values.at(-1)).toBe(32_767)
    expect(values.every(Number.isSafeInteger)).toBe(true)
    expect(distribution(123, 500, 0)).toBe(500)
    expect(() => distribution(1, 0, -1)).toThrow(/sigma/)
  })

  test('D1: pareto has a floor two thirds of sigma below its mean; paretonormal has none', () => {
    expect(pareto(0, 0, 3_000_000)).toBe(-2_000_000)
    expect(paretonormal(0, 0, 3_000_000)).toBeLessThan(-5_000_000)
    expect(Math.abs(mean(sweep((draw) => pareto(draw, 0, 1_000_000))))).toBeLessThan(40_000) // the cut takes 3 %
  })

  test('D1: golden values, the same on every platform', () => {
    const draws = [1, 77_777, 123_456_789, 3_000_000_000, 4_200_000_000]
    expect([pareto, paretonormal].map((distribution) => draws.map((draw) => distribution(draw, 0, 1_000_000)))).toMatchInlineSnapshot(`
      [
        [
          -666667,
          -666659,
          -653637,
          -11580,
          2750473,
        ],
        [
          -2041607,
          -1532587,
          -965122,
          121333,
          2565850,
        ],
      ]
    `)
  })
})

describe('what the tables are built from', () => {
  test.each([2 ** -32, 1e-9, 0.001, 0.3, 0.5, 1, 8, 12_345.678, 1e9])('D1: cubeRoot(%d) agrees with the true root', (x) => {
    expect(Math.abs(cubeRoot(x) / Math.cbrt(x) - 1)).toBeLessThan(1e-14)
    expect(() => cubeRoot(-x)).toThrow(RangeError)
  })

  test.each([1e-300, 1e-9, 0.1, 0.5, 1, 1.5, 2, 10, 12_345.678, 1e300])('D1: naturalLog(%d) agrees with the true logarithm', (x) => {
    expect(Math.abs(naturalLog(x) - Math.log(x))).toBeLessThanOrEqual(1e-15 * Math.max(1, Math.abs(Math.log(x))))
  })

  test('D1: shares outside the tail and numbers without a logarithm are refused', () => {
    expect(() => normalTail(0)).toThrow(RangeError)
    expect(() => normalTail(0.6)).toThrow(RangeError)
    expect(() => naturalLog(0)).toThrow(RangeError)
    expect(() => naturalLog(NaN)).toThrow(RangeError)
  })
})
