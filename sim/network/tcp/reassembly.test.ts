import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Reassembly } from './reassembly.ts'

describe('Reassembly', () => {
  it('R1: its end of the in-order bytes is that of a set of positions, for ranges in any order, repeated or overlapping', () => {
    const range = fc.tuple(fc.nat(60), fc.integer({ min: 1, max: 12 }))
    fc.assert(fc.property(fc.array(range, { maxLength: 60 }), (ranges) => {
      const reassembly = new Reassembly()
      const seen = new Set<number>()
      for (const [start, length] of ranges) {
        const isKnown = Array.from({ length }, (_, offset) => start + offset).every((position) => seen.has(position))
        const arrival = reassembly.take(start, start + length)
        expect(arrival === 'duplicate').toBe(isKnown)
        for (let offset = 0; offset < length; offset++) seen.add(start + offset)
        let next = 0
        while (seen.has(next)) next++
        expect(reassembly.next).toBe(next)
        expect(reassembly.hasHoles).toBe([...seen].some((position) => position > next))
        const sacks = reassembly.sacks() ?? []
        expect(sacks.length).toBeLessThanOrEqual(6)
        for (let block = 0; block < sacks.length; block += 2) {
          expect(sacks[block]).toBeGreaterThan(next)
          for (let position = sacks[block]; position < sacks[block + 1]; position++) expect(seen.has(position)).toBe(true)
          expect(seen.has(sacks[block] - 1) || seen.has(sacks[block + 1])).toBe(false)
        }
      }
    }), { numRuns: 500 })
  })

  it('RFC 2018: reports at most three ranges, the latest first', () => {
    const reassembly = new Reassembly()
    for (const start of [10, 30, 20, 40]) reassembly.take(start, start + 5)
    expect(reassembly.sacks()).toEqual([40, 45, 20, 25, 30, 35])
    expect(reassembly.take(35, 40)).toBe('out-of-order')
    expect(reassembly.sacks()).toEqual([30, 45, 20, 25, 10, 15])
    expect(reassembly.take(0, 10)).toBe('fills-hole')
    expect(reassembly.next).toBe(15)
  })
})
