import { describe, expect, it } from 'vitest'
import { fateId, PacketKeys, retransmissionKey } from './packet-key.ts'

describe('packet keys', () => {
  it('D4: a packet is named by its slot and its place in it', () => {
    const keys = new PacketKeys()
    const ids = [0, 1, 9_999, 10_000, 10_000, 35_000].map((nowUs) => fateId(4, keys.next(nowUs)))
    expect(ids).toEqual(['4/0.0', '4/0.1', '4/0.2', '4/1.0', '4/1.1', '4/3.0'])
  })

  it('D4: a retransmission is named by segment and attempt, apart from every slot', () => {
    expect(fateId(4, retransmissionKey({ segment: 57, attempt: 2 }))).toBe('4/s57.2')
    const lastSlot = Math.floor(Number.MAX_SAFE_INTEGER / 10_000)
    expect(retransmissionKey({ segment: 0, attempt: 0 }).slot).toBeGreaterThan(lastSlot)
    expect(Number.isSafeInteger(retransmissionKey({ segment: 2 ** 45 - 1, attempt: 1 }).slot)).toBe(true)
    for (const wrong of [{ segment: -1, attempt: 1 }, { segment: 2 ** 45, attempt: 1 }, { segment: 1.5, attempt: 1 }, { segment: 1, attempt: -1 }, { segment: 1, attempt: NaN }]) {
      expect(() => retransmissionKey(wrong)).toThrow(RangeError)
    }
  })
})
