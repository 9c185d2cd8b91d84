import { describe, expect, test } from 'vitest'
import { count, formatCompact, formatDuration, formatNumber, groupThousands } from './numbers.ts'

describe('numbers for people', () => {
  test.each([
    [0, '0'], [0.125, '0.13'], [-0.5, '-0.50'], [0.00001, '1.0e-5'], [1.005, '1.00'], [12.34, '12.3'],
    [123.4, '123'], [7, '7'], [1234567, '1,234,567'], [-1234, '-1,234'], [Number.NaN, '-'],
  ])('%s reads as %s', (value, expected) => {
    expect(formatNumber(value)).toBe(expected)
  })

  test.each([[9_999, '9,999'], [12_345, '12.3k'], [-999_499, '-999k'], [4_560_000, '4.56M'], [2e9, '2G'], [0.5, '0.50']])(
    '%s is short as %s', (value, expected) => {
      expect(formatCompact(value)).toBe(expected)
    })

  test('groups by thousands without a locale', () => {
    expect([0, 999, 1000, -1000000].map(groupThousands)).toEqual(['0', '999', '1,000', '-1,000,000'])
  })

  test.each([
    [0, '0.0 s'], [9_940, '9.9 s'], [59_400, '59 s'], [59_600, '1 min 00 s'], [185_000, '3 min 05 s'], [7_800_000, '2 h 10 min'],
  ])('%s ms is %s', (ms, expected) => {
    expect(formatDuration(ms)).toBe(expected)
  })

  test('counts agree with their noun', () => {
    expect([count(1, 'seed'), count(0, 'seed'), count(2, 'retry', 'retries')]).toEqual(['1 seed', '0 seeds', '2 retries'])
  })
})
