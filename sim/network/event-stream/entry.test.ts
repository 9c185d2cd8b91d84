import { Buffer } from 'node:buffer'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeBase64, encodeBase64 } from './base64.ts'
import { batchedBytes, decodeBatch, decodeEventAsEntry, encodeBatch, encodeEntryAsEvent, type EntryContent } from './entry.ts'
import { EventStreamReader } from './server-sent-events.ts'

const bytes = fc.uint8Array({ maxLength: 300 })
const content: fc.Arbitrary<EntryContent> = fc.oneof(
  bytes.map((content) => ({ kind: 'frame' as const, content })), fc.nat(4999).map((code) => ({ kind: 'close' as const, code })))

describe('base64 (RFC 4648)', () => {
  it('is what others write, and reads it back', () => {
    fc.assert(fc.property(bytes, (value) => {
      expect(encodeBase64(value)).toBe(Buffer.from(value).toString('base64'))
      expect(decodeBase64(encodeBase64(value))).toEqual(value)
    }))
  })

  it.each(['abc', 'ab=c', '====', 'a+-/', 'ab==cdef'])('refuses %s', (text) => {
    expect(() => decodeBase64(text)).toThrow(RangeError)
  })
})

describe('entries', () => {
  it('A08: go through an event stream as they were, whatever their bytes', () => {
    fc.assert(fc.property(fc.array(content, { maxLength: 10 }), (contents) => {
      const reader = new EventStreamReader()
      const entries = contents.map((one, index) => ({ ...one, number: index + 1 }))
      expect(entries.flatMap((entry) => reader.read(encodeEntryAsEvent(entry))).map(decodeEventAsEntry)).toEqual(entries)
    }))
  })

  it('A10: go through a batch as they were; a batch is its head and its entries', () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 1000 }), fc.array(content, { maxLength: 10 }), (first, contents) => {
      const batch = encodeBatch(first, contents)
      expect(decodeBatch(batch)).toEqual(contents.map((one, index) => ({ ...one, number: first + index })))
      expect(batch.length).toBe(encodeBatch(first, []).length + contents.reduce((sum, one) => sum + batchedBytes(one), 0))
    }))
  })

  it('R7: base64 makes four bytes of three, and the framing of an event is 13 bytes and its number', () => {
    const size = (length: number, number: number): number => encodeEntryAsEvent({ kind: 'frame', number, content: new Uint8Array(length) }).length
    expect([size(3, 1), size(300, 1), size(300, 12)]).toEqual([4 + 14, 400 + 14, 400 + 15])
  })

  it('refuses a kind that nobody writes', () => {
    expect(() => decodeBatch(new Uint8Array([1, 1, 9]))).toThrow('an entry of unknown kind')
  })
})
