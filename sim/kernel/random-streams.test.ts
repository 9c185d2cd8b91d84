import { fc, test } from '@fast-check/vitest'
import { describe, expect } from 'vitest'
import { openStream } from './random-streams.ts'
import { masterKey } from './seed.ts'

const key = masterKey('42')
const draws = (name: string, count: number, from = key): number[] => {
  const stream = openStream(from, name)
  return Array.from({ length: count }, () => stream.uint32())
}

describe('named streams', () => {
  test('D4: a stream is a function of master key and name, whatever else was opened or drawn', () => {
    const alone = draws('host A 1', 20)
    const [other, again] = [openStream(key, 'host B 1'), openStream(key, 'host A 1')]
    expect(Array.from({ length: 20 }, () => { other.uint32(); return again.uint32() })).toEqual(alone)
    expect(draws('host A 2', 20)).not.toEqual(alone)
    expect(draws('host A 1', 20, masterKey('43'))).not.toEqual(alone)
    expect(alone.slice(0, 3)).toMatchInlineSnapshot(`
      [
        3474862584,
        3435875810,
        1784903305,
      ]
    `)
  })

  test('D4: streams of similar names are uncorrelated from their first draws on', () => {
    for (const draw of [0, 1, 2, 9]) {
      const values = Array.from({ length: 3_000 }, (_, at) => draws(`host ${at}`, draw + 1)[draw] / 2 ** 32)
      const mean = values.reduce((sum, value) => sum + value, 0) / values.length
      const correlation = values.slice(1).reduce((sum, value, at) => sum + (value - 0.5) * (values[at] - 0.5), 0) / values.length * 12
      expect(Math.abs(mean - 0.5)).toBeLessThan(0.025)
      expect(Math.abs(correlation)).toBeLessThan(0.08)
    }
  })

  test.prop([fc.maxSafeInteger(), fc.maxSafeInteger(), fc.string()])('D4: between stays within its bounds, for ranges of any size', (a, b, name) => {
    const [lo, hi] = [Math.min(a, b), Math.max(a, b)]
    fc.pre(hi - lo < 2 ** 53)
    const stream = openStream(key, name)
    for (let draw = 0; draw < 10; draw++) {
      const value = stream.between(lo, hi)
      expect(Number.isSafeInteger(value) && value >= lo && value <= hi).toBe(true)
    }
  })

  test('D4: between reaches both ends of small ranges and all parts of large ones', () => {
    const stream = openStream(key, 'between')
    expect(new Set(Array.from({ length: 200 }, () => stream.between(-2, 2)))).toEqual(new Set([-2, -1, 0, 1, 2]))
    const large = Array.from({ length: 4_000 }, () => stream.between(0, 2 ** 53 - 2))
    expect(large.reduce((sum, value) => sum + value / 2 ** 53, 0) / 4_000).toBeCloseTo(0.5, 1)
    expect(large.filter((value) => value % 2 === 1).length / 4_000).toBeCloseTo(0.5, 1)
    expect(stream.between(5, 5)).toBe(5)
  })

  test('D4: chance, pick, below and unit keep to their probabilities', () => {
    const stream = openStream(key, 'chances')
    const share = (test: () => boolean): number => Array.from({ length: 40_000 }, test).filter(Boolean).length / 40_000
    expect(share(() => stream.chance(50_000))).toBeCloseTo(0.05, 2)
    expect(share(() => stream.chance(0))).toBe(0)
    expect(share(() => stream.chance(1_000_000))).toBe(1)
    expect(share(() => stream.pick(['a', 'b', 'c', 'd']) === 'b')).toBeCloseTo(0.25, 1)
    expect(share(() => stream.below(10) === 9)).toBeCloseTo(0.1, 2)
    expect(share(() => stream.unit() < 0.3)).toBeCloseTo(0.3, 1)
    expect(share(() => { const unit = stream.unit(); return unit >= 0 && unit < 1 })).toBe(1)
  })

  test('D4: bounds that make no sense are refused', () => {
    const stream = openStream(key, 'refused')
    expect(() => stream.below(0)).toThrow(RangeError)
    expect(() => stream.between(2, 1)).toThrow(RangeError)
    expect(() => stream.between(0.5, 1)).toThrow(RangeError)
    expect(() => stream.between(-(2 ** 53 - 1), 2 ** 53 - 1)).toThrow(RangeError)
    expect(() => stream.chance(-1)).toThrow(RangeError)
    expect(() => stream.chance(1_000_001)).toThrow(RangeError)
    expect(() => stream.pick([])).toThrow(RangeError)
  })
})
