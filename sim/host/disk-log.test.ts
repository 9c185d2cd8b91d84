import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Writes } from '../contract.ts'
import { crc32, encodeBatch, recoverLog } from './disk-log.ts'

const batches = fc.array(fc.array(fc.tuple(fc.string({ maxLength: 6 }), fc.option(fc.uint8Array({ maxLength: 12 }))), { maxLength: 4 })
  .map((entries): Writes => new Map(entries)), { maxLength: 6 })

function logOf(all: readonly Writes[]): Uint8Array {
  return Uint8Array.from(all.flatMap((batch) => [...encodeBatch(batch)]))
}

describe('disk log', () => {
  it('is CRC-32 as everybody computes it', () => {
    expect(crc32(new TextEncoder().encode('123456789'))).toBe(0xcbf4_3926)
  })

  it('gives back what was written', () => {
    fc.assert(fc.property(batches, (all) => {
      expect(recoverLog(logOf(all))).toEqual({ batches: all, droppedBytes: 0 })
    }))
  })

  it('I10, torn-write: cut anywhere, with or without a page of zeros behind the cut, it gives back the whole batches before the cut', () => {
    fc.assert(fc.property(batches, fc.nat(), fc.boolean(), (all, at, hasZeros) => {
      const log = logOf(all)
      const cut = log.length === 0 ? 0 : at % (log.length + 1)
      const torn = hasZeros ? log.slice().fill(0, cut) : log.slice(0, cut)
      const recovered = recoverLog(torn).batches
      expect(recovered).toEqual(all.slice(0, recovered.length))
      const wholeBytes = logOf(recovered).length
      const next = all[recovered.length]
      expect(wholeBytes).toBeLessThanOrEqual(log.length)
      // The cut went through the next record, unless what it took away was zeros anyway.
      if (next !== undefined) expect(wholeBytes + encodeBatch(next).length).toBeGreaterThan(cut)
    }))
  })

  it('I10: bit rot in any byte is detected: nothing that was not written is ever read', () => {
    const all: Writes[] = [new Map([['a', Uint8Array.of(1, 2)]]), new Map([['b', null], ['c', Uint8Array.of(3)]])]
    const log = logOf(all)
    for (let at = 0; at < log.length; at++) {
      for (let bit = 0; bit < 8; bit++) {
        const rotten = log.slice()
        rotten[at] = (rotten[at] ?? 0) ^ (1 << bit)
        const { batches: read } = recoverLog(rotten)
        expect(read).toEqual(at < encodeBatch(all[0] ?? new Map()).length ? [] : [all[0]])
      }
    }
  })
})
