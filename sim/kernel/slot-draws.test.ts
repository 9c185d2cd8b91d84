import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Kernel } from './kernel.ts'
import { KeyedRandom } from './keyed-random.ts'
import { SlotDraws } from './slot-draws.ts'

const SLOT_US = 10_000

/** Draws at each of the times, in order. */
function drawsAt(timesUs: readonly number[], entity = 1, purpose = 1): number[] {
  const kernel = new Kernel()
  const draws = new SlotDraws(kernel, new KeyedRandom('key'), purpose, entity)
  const values: number[] = []
  for (const atUs of timesUs) kernel.at(atUs, () => { values.push(draws.between(0, 1_000_000)) })
  kernel.run()
  return values
}

describe('SlotDraws', () => {
  it('D4: another draw in a slot changes no draw of any other slot, and none before it in its own', () => {
    fc.assert(fc.property(
      fc.array(fc.nat(200_000), { minLength: 2, maxLength: 40 }), fc.nat(1_000), (times, which) => {
        const timesUs = times.sort((a, b) => a - b)
        const extra = which % timesUs.length
        const slot = Math.floor(timesUs[extra] / SLOT_US)
        const without = timesUs.toSpliced(extra, 1)
        const [all, fewer] = [drawsAt(timesUs), drawsAt(without)]
        for (const [index, atUs] of without.entries()) {
          if (Math.floor(atUs / SLOT_US) !== slot || index < extra) expect(fewer[index]).toBe(all[index < extra ? index : index + 1])
        }
      },
    ), { numRuns: 200 })
  })

  it('D4: draws of one slot differ by ordinal, and those of other entities and purposes are others', () => {
    const same = drawsAt([5, 6, 7, 8])
    expect(new Set(same).size).toBe(4)
    expect(drawsAt([5, 6, 7, 8], 2)).not.toEqual(same)
    expect(drawsAt([5, 6, 7, 8], 1, 2)).not.toEqual(same)
  })

  it('D4: what is drawn in a slot does not depend on when in the slot', () => {
    expect(drawsAt([0, 1])).toEqual(drawsAt([9_998, 9_999]))
    expect(drawsAt([0, 1])).not.toEqual(drawsAt([10_000, 10_001]))
  })

  it('reaches both bounds and nothing outside', () => {
    const draws = new SlotDraws(new Kernel(), new KeyedRandom('key'), 1, 1)
    const seen = new Set(Array.from({ length: 200 }, () => draws.between(3, 5)))
    expect([...seen].sort()).toEqual([3, 4, 5])
    expect(draws.between(7, 7)).toBe(7)
  })
})
