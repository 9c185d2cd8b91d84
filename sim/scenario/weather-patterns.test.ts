import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { openStream, type RandomStream } from '../kernel/random-streams.ts'
import { flap, swizzle } from './weather-patterns.ts'

const DEVICES = ['A', 'B', 'C', 'D']
const WINDOW = { atUs: 1_000_000, untilUs: 9_000_000 }
const streamOf = (name: string | number): RandomStream => openStream('patterns', String(name))

/** The devices in the order in which they are held, or let go. */
function orderOf(devices: readonly string[], seed: number, by: 'atUs' | 'untilUs'): string {
  const windows = swizzle(devices, WINDOW, streamOf(seed))
  return devices.map((device, index) => ({ device, time: windows[index][by] })).sort((a, b) => a.time - b.time).map(({ device }) => device).join('')
}

describe('swizzle (C01, R3)', () => {
  it('holds one device after another in the first quarter and lets them go in another order in the last', () => {
    for (let seed = 0; seed < 200; seed++) {
      const devices = DEVICES.slice(0, 2 + seed % 3)
      for (const { atUs, untilUs } of swizzle(devices, WINDOW, streamOf(seed))) {
        expect(atUs).toBeGreaterThanOrEqual(1_000_000)
        expect(atUs).toBeLessThanOrEqual(3_000_000)
        expect(untilUs).toBeGreaterThanOrEqual(7_000_000)
        expect(untilUs).toBeLessThanOrEqual(9_000_000)
      }
      expect(orderOf(devices, seed, 'untilUs')).not.toBe(orderOf(devices, seed, 'atUs'))
    }
  })

  it('takes all orders, staggers, repeats for one stream, and needs two', () => {
    expect(new Set(Array.from({ length: 100 }, (_, seed) => orderOf(['A', 'B', 'C'], seed, 'untilUs'))).size).toBe(6)
    const once = swizzle(DEVICES, WINDOW, streamOf(1))
    expect(swizzle(DEVICES, WINDOW, streamOf(1))).toEqual(once)
    expect(new Set(once.map(({ atUs }) => atUs)).size).toBe(4)
    expect(() => swizzle(['A'], WINDOW, streamOf(1))).toThrow(/two devices/)
  })
})

describe('flapping (B13, L01)', () => {
  it('stability windows: the path does not flip again before its time, but at the end of the fault', () => {
    fc.assert(fc.property(fc.nat(), fc.integer({ min: 80_000, max: 2_000_000 }), fc.nat(500_000), fc.nat(500_000), (seed, stableUs, upMeanUs, blockedMeanUs) => {
      let upUs = WINDOW.atUs
      for (const { atUs, untilUs } of flap(WINDOW, { upMeanUs, blockedMeanUs, stableUs }, streamOf(seed), 1000)) {
        expect(atUs - upUs).toBeGreaterThanOrEqual(stableUs)
        if (untilUs !== WINDOW.untilUs) expect(untilUs - atUs).toBeGreaterThanOrEqual(stableUs)
        expect(untilUs).toBeLessThanOrEqual(WINDOW.untilUs)
        upUs = untilUs
      }
    }), { numRuns: 100 })
  })

  it('has the stated mean times', () => {
    const window = { atUs: 0, untilUs: 10_000_000_000 }
    const blocked = flap(window, { upMeanUs: 300_000, blockedMeanUs: 100_000, stableUs: 50_000 }, streamOf('mean'), 1e6)
    expect(Math.abs(window.untilUs / blocked.length / 500_000 - 1)).toBeLessThan(0.03)
    const blockedUs = blocked.reduce((sum, { atUs, untilUs }) => sum + untilUs - atUs, 0)
    expect(Math.abs(blockedUs / blocked.length / 150_000 - 1)).toBeLessThan(0.03)
  })

  it('ends early at the number of blocks that is allowed', () => {
    expect(flap(WINDOW, { upMeanUs: 0, blockedMeanUs: 0, stableUs: 1_000 }, streamOf(1), 12)).toHaveLength(12)
  })

  it('refuses times that never let time pass', () => {
    expect(() => flap(WINDOW, { upMeanUs: 0, blockedMeanUs: 1_000, stableUs: 0 }, streamOf(1), 9)).toThrow(/1000 us/)
  })
})
