import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ReconnectBackoff, type BackoffConfig } from './reconnect-backoff.ts'

const B01: BackoffConfig = { initialUs: 1_000_000, multiplier: 2, capUs: 30_000_000, jitter: 0.1 }
const draws = (backoff: ReconnectBackoff, count: number): number[] => Array.from({ length: count }, () => backoff.next())

describe('reconnect backoff', () => {
  it('B01: the nominal delays are 1, 2, 4, 8, 16 and then 30 s', () => {
    expect(draws(new ReconnectBackoff({ ...B01, jitter: 0 }, () => 0.9), 7))
      .toEqual([1_000_000, 2_000_000, 4_000_000, 8_000_000, 16_000_000, 30_000_000, 30_000_000])
  })

  it('B01: every delay lies in the envelope of its nominal delay and under the cap, whatever is drawn', () => {
    const config = fc.record({
      initialUs: fc.integer({ min: 1, max: 5_000_000 }),
      multiplier: fc.double({ min: 1, max: 4, noNaN: true }),
      capUs: fc.integer({ min: 1, max: 60_000_000 }),
      jitter: fc.double({ min: 0, max: 1, noNaN: true }),
    })
    const unit = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })
    fc.assert(fc.property(config, fc.array(unit, { minLength: 1, maxLength: 40 }), (given, units) => {
      let drawn = 0
      const backoff = new ReconnectBackoff(given, () => units[drawn++] ?? 0)
      let nominal = Math.min(given.initialUs, given.capUs)
      for (let attempt = 0; attempt < units.length; attempt++) {
        const delayUs = backoff.next()
        expect(Number.isSafeInteger(delayUs)).toBe(true)
        expect(delayUs).toBeLessThanOrEqual(given.capUs)
        expect(delayUs).toBeGreaterThanOrEqual(Math.min(given.capUs, Math.floor(nominal * (1 - given.jitter))))
        expect(delayUs).toBeLessThanOrEqual(Math.ceil(nominal * (1 + given.jitter)))
        const following = Math.min(given.capUs, Math.round(nominal * given.multiplier))
        expect(following).toBeGreaterThanOrEqual(nominal)
        nominal = following
      }
      expect(drawn).toBe(units.length)
      expect(backoff.attempts).toBe(units.length)
    }))
  })

  it('B01: jitter spreads the delay over its whole envelope', () => {
    const lowest = new ReconnectBackoff(B01, () => 0)
    const highest = new ReconnectBackoff(B01, () => 1 - 2 ** -53)
    expect([lowest.next(), highest.next()]).toEqual([900_000, 1_100_000])
  })

  it('B02: ten attempts of the defaults take 177 s in the mean, because of the cap', () => {
    let drawn = 0
    let sumUs = 0
    const rounds = 200
    for (let round = 0; round < rounds; round++) {
      const backoff = new ReconnectBackoff(B01, () => ((drawn++ * 0.618_033_988_749) % 1))
      for (const delayUs of draws(backoff, 10)) sumUs += delayUs
    }
    expect(sumUs / rounds / 1e6).toBeCloseTo(177.25, 0)
  })

  it('B13: only a connection that settled starts the delays over, and settling takes at least a second', () => {
    const backoff = new ReconnectBackoff({ ...B01, initialUs: 100_000, jitter: 0 }, () => 0)
    expect(backoff.settledAfterUs).toBe(1_000_000)
    draws(backoff, 6)
    expect(backoff.settledAfterUs).toBe(6_400_000)
    expect(backoff.next()).toBe(6_400_000)
    backoff.settled()
    expect([backoff.attempts, backoff.next()]).toEqual([0, 100_000])
  })
})
