import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DropTailQueue } from './drop-tail-queue.ts'
import { ConstantRate } from './rate.ts'

describe('ConstantRate', () => {
  it('R7: a packet takes its size divided by the rate, in whole microseconds, rounded up', () => {
    expect(new ConstantRate(1000).transmit(5_000, 1500)).toEqual({ startUs: 5_000, endUs: 17_000 })
    expect(new ConstantRate(1_000_000).transmit(0, 100)).toEqual({ startUs: 0, endUs: 1 })
    expect(new ConstantRate(0.5).transmit(0, 100)).toEqual({ startUs: 0, endUs: 1_600_000 })
  })

  it('R7: packets wait for those before them, and an idle link owes nothing', () => {
    const rate = new ConstantRate(1000)
    expect(rate.transmit(0, 1000).endUs).toBe(8_000)
    expect(rate.transmit(1_000, 1000)).toEqual({ startUs: 8_000, endUs: 16_000 })
    expect(rate.transmit(50_000, 1000)).toEqual({ startUs: 50_000, endUs: 58_000 })
  })

  it('R7: the rate is exact over any sizes while the link is busy, ordered and never faster', () => {
    fc.assert(fc.property(
      fc.integer({ min: 1, max: 10_000_000 }), fc.array(fc.integer({ min: 1, max: 1500 }), { minLength: 1, maxLength: 200 }), (kbps, sizes) => {
        const rate = new ConstantRate(kbps)
        let last = 0
        let bytes = 0
        for (const size of sizes) {
          const { startUs, endUs } = rate.transmit(0, size)
          bytes += size
          expect(startUs).toBeGreaterThanOrEqual(last - 1)
          expect(endUs).toBe(Math.ceil(bytes * 8_000 / kbps))
          last = endUs
        }
      },
    ))
  })

  it('refuses rates that are none', () => {
    for (const kbps of [0, -1, NaN, Infinity]) expect(() => new ConstantRate(kbps)).toThrow(/rateKbps/)
  })
})

describe('DropTailQueue', () => {
  /** A plain list that looks at every packet. */
  const model = (waiting: readonly (readonly [number, number])[], nowUs: number): readonly (readonly [number, number])[] =>
    waiting.filter(([startUs]) => startUs > nowUs)

  it('has room exactly while the packets that wait stay within both limits', () => {
    const arrivals = fc.array(fc.record({ gapUs: fc.nat(9_000), bytes: fc.integer({ min: 1, max: 1500 }) }), { maxLength: 60 })
    fc.assert(fc.property(arrivals, fc.integer({ min: 1, max: 8 }), fc.integer({ min: 1500, max: 6000 }), (packets, maxPackets, maxBytes) => {
      const queue = new DropTailQueue({ maxPackets, maxBytes })
      const rate = new ConstantRate(1500)
      let waiting: readonly (readonly [number, number])[] = []
      let nowUs = 0
      for (const { gapUs, bytes } of packets) {
        nowUs += gapUs
        waiting = model(waiting, nowUs)
        const fits = waiting.length < maxPackets && waiting.reduce((sum, [, size]) => sum + size, bytes) <= maxBytes
        expect(queue.hasRoom(nowUs, bytes)).toBe(fits)
        if (!fits) continue
        const { startUs } = rate.transmit(nowUs, bytes)
        queue.push(startUs, bytes)
        waiting = [...waiting, [startUs, bytes]]
      }
    }))
  })

  it('keeps count over many packets', () => {
    const queue = new DropTailQueue({ maxPackets: 3 })
    for (let index = 0; index < 10_000; index++) {
      expect(queue.hasRoom(index * 10, 100)).toBe(true)
      queue.push(index * 10 + 25, 100)
    }
    expect(queue.hasRoom(99_990, 100)).toBe(false)
    expect(queue.hasRoom(99_995, 100)).toBe(true)
  })

  it('refuses limits below one packet', () => {
    expect(() => new DropTailQueue({ maxPackets: 0 })).toThrow(/maxPackets/)
    expect(() => new DropTailQueue({ maxBytes: 1000 })).toThrow(/maxBytes/)
  })
})
