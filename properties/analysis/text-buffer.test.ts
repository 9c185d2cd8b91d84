import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CorruptHistory } from './corrupt-history.ts'
import { TextBuffer } from './text-buffer.ts'

describe('a text buffer', () => {
  it('equals plain slicing over random splices of long texts', () => {
    const splices = fc.array(fc.record({ at: fc.nat(), remove: fc.nat(40), insert: fc.string({ maxLength: 30 }) }), { maxLength: 60 })
    fc.assert(fc.property(fc.integer({ min: 0, max: 5000 }), splices, (length, changes) => {
      let plain = Array.from({ length }, (_, index) => String.fromCharCode(97 + (index * 7) % 26)).join('')
      const buffer = new TextBuffer(plain)
      for (const { at, remove, insert } of changes) {
        const from = at % (plain.length + 1)
        const removed = plain.slice(from, from + remove)
        buffer.splice(from, removed, insert)
        plain = plain.slice(0, from) + insert + plain.slice(from + removed.length)
      }
      expect(buffer.toString()).toBe(plain)
    }), { numRuns: 100 })
  })

  it('refuses a splice whose removed text does not stand there', () => {
    expect(() => { new TextBuffer('abc').splice(1, 'c', '') }).toThrow(CorruptHistory)
    expect(() => { new TextBuffer('abc').splice(4, '', 'x') }).toThrow(CorruptHistory)
    expect(() => { new TextBuffer('abc').splice(-1, '', 'x') }).toThrow(CorruptHistory)
    expect(() => { new TextBuffer('').splice(0, 'a', '') }).toThrow(CorruptHistory)
  })
})
