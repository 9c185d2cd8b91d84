import { describe, expect, it } from 'vitest'
import { RoundTrips, RTO_INITIAL_US, RTO_MAX_US } from './rto.ts'

describe('RoundTrips', () => {
  it('R1, RFC 6298: before any sample the timeout is 1 s', () => {
    expect(new RoundTrips().rtoUs).toBe(RTO_INITIAL_US)
  })

  it('R1: the first sample gives three round trips, or one and 200 ms if that is more', () => {
    const slow = new RoundTrips()
    slow.sample(300_000, 0, 0)
    expect(slow.rtoUs).toBe(900_000)
    const quick = new RoundTrips()
    quick.sample(50_000, 0, 0)
    expect(quick.rtoUs).toBe(250_000)
  })

  it('R1: a steady path settles at SRTT + 200 ms, however slow it is', () => {
    const trips = new RoundTrips()
    for (let sent = 1; sent <= 60; sent++) trips.sample(300_000, sent, sent)
    expect(trips.smoothedUs).toBe(300_000)
    expect(trips.rtoUs - 500_000).toBeGreaterThanOrEqual(0)
    expect(trips.rtoUs - 500_000).toBeLessThan(10) // what integer shifts leave over
  })

  it('a longer round trip raises the timeout at once, and it falls slowly after', () => {
    const trips = new RoundTrips()
    let sent = 0
    for (; sent < 30; sent++) trips.sample(50_000, sent, sent)
    const steadyUs = trips.rtoUs
    trips.sample(1_050_000, ++sent, sent)
    const jumpedUs = trips.rtoUs
    expect(jumpedUs).toBeGreaterThan(1_000_000)
    trips.sample(50_000, ++sent, sent)
    expect(trips.rtoUs).toBeLessThan(jumpedUs)
    expect(trips.rtoUs).toBeGreaterThan(steadyUs + 500_000)
    for (let more = 0; more < 100; more++) trips.sample(50_000, ++sent, sent)
    expect(trips.rtoUs).toBeLessThan(steadyUs + 20_000)
  })

  it('R1: the timeout doubles up to 120 s, and the next sample ends the doubling', () => {
    const trips = new RoundTrips()
    trips.sample(50_000, 0, 0)
    const seen: number[] = []
    for (let times = 0; times < 12; times++) {
      trips.backOff()
      seen.push(trips.rtoUs)
    }
    expect(seen.slice(0, 3)).toEqual([500_000, 1_000_000, 2_000_000])
    expect(seen.slice(-2)).toEqual([RTO_MAX_US, RTO_MAX_US])
    trips.sample(50_000, 1, 1)
    expect(trips.rtoUs).toBe(250_000)
  })

  it('knows the shortest round trip, and stays a whole number for the longest', () => {
    const trips = new RoundTrips()
    for (const sampleUs of [70_001, 40_003, 90_007, 2_000_000_000]) trips.sample(sampleUs, 1, 1)
    expect(trips.minUs).toBe(40_003)
    expect(Number.isSafeInteger(trips.rtoUs)).toBe(true)
    expect(trips.rtoUs).toBeLessThanOrEqual(RTO_MAX_US)
  })
})
