import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MessageStream } from './message-stream.ts'

describe('MessageStream', () => {
  it('R1: hands out each message once, in order, when its last byte is there', () => {
    fc.assert(fc.property(fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 700 }), fc.array(fc.nat(2_000), { maxLength: 50 }), (sizes, advances) => {
      const stream = new MessageStream<number>()
      sizes.forEach((sizeBytes, index) => stream.write(index, sizeBytes, sizeBytes))
      const ends = sizes.map(((sum) => (size: number) => (sum += size))(0))
      expect(stream.end).toBe(ends.at(-1))
      let position = 0
      const taken: number[] = []
      for (const advance of [...advances, stream.end]) {
        position += advance
        for (let next = stream.take(position); next !== undefined; next = stream.take(position)) taken.push(next.message)
        expect(taken).toHaveLength(ends.filter((end) => end <= position).length)
      }
      expect(taken).toEqual(sizes.map((_, index) => index))
    }), { numRuns: 200 })
  })
})
