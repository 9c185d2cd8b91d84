import { describe, expect, it } from 'vitest'
import { codePointLength, isWellFormed, unitOfCodePoint } from './code-point-text.ts'
import { ALPHABETS, CODE_POINT_COUNT, CodePointAllocator } from './code-points.ts'

function allOf(alphabet: number | 'all'): readonly string[] {
  const allocator = new CodePointAllocator(alphabet, new Set(), 'test')
  const points: string[] = []
  for (;;) {
    try {
      points.push(allocator.take(1))
    } catch {
      return points
    }
  }
}

describe('code points for inserted characters', () => {
  it('are all different, one code point each, and unchanged by normalisation', () => {
    const all = allOf('all')
    expect(all).toHaveLength(CODE_POINT_COUNT)
    expect(CODE_POINT_COUNT).toBeGreaterThan(70_000)
    expect(new Set(all).size).toBe(CODE_POINT_COUNT)
    for (const point of all) expect(codePointLength(point)).toBe(1)
    const text = all.join('')
    expect(isWellFormed(text)).toBe(true)
    expect(text.normalize('NFC')).toBe(text)
    expect(/\p{M}/u.test(text)).toBe(false)
    expect(text.match(/^(\p{Lu}|\p{Ll}|\p{Lo})*$/u)).not.toBeNull()
  })

  it('mix surrogate pairs into every alphabet from the fourth character on', () => {
    for (let alphabet = 0; alphabet < ALPHABETS; alphabet++) {
      const text = new CodePointAllocator(alphabet, new Set(), 'test').take(400)
      expect(text.length - 400).toBe(100)
    }
    expect(new CodePointAllocator(0, new Set(), 'test').take(7)).toBe('abc\u{20000}def')
  })

  it('are disjoint between alphabets, which together use nearly all of them', () => {
    const dealt = Array.from({ length: ALPHABETS }, (_, alphabet) => allOf(alphabet))
    const total = dealt.reduce((sum, points) => sum + points.length, 0)
    expect(new Set(dealt.flat()).size).toBe(total)
    expect(total).toBe(CODE_POINT_COUNT)
    for (const points of dealt) expect(points.length).toBeGreaterThan(9000)
  })

  it('leave out what is reserved, and say so when there are no more', () => {
    expect(new CodePointAllocator(0, new Set(['a', 'c']), 'test').take(2)).toBe('b\u{20000}')
    expect(() => new CodePointAllocator(3, new Set(), 'shop.json').take(20_000))
      .toThrow(/^shop\.json: workload: expected at most \d+ inserted characters/)
  })
})

describe('counting in code points', () => {
  it.each(['', 'abc', '\u{20000}', 'a\u{20000}b\u{20001}c', '\u{20000}\u{20001}'])('agrees with Array.from on %j', (text) => {
    const points = Array.from(text)
    expect(codePointLength(text)).toBe(points.length)
    for (let point = 0; point <= points.length; point++) {
      const unit = points.slice(0, point).join('').length
      expect(unitOfCodePoint(text, point)).toBe(unit)
      expect(codePointLength(text, unit)).toBe(point)
    }
    expect(unitOfCodePoint(text, 99)).toBe(text.length)
  })

  it('tells lone surrogates', () => {
    expect(isWellFormed('a\u{20000}b')).toBe(true)
    for (const text of ['\ud800', '\udc00', 'a\ud800b', '\udc00\ud800', '\ud800\ud800\udc00']) expect(isWellFormed(text)).toBe(false)
  })
})
