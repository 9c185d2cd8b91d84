import { describe, expect, it } from 'vitest'
import { compare, comparisonTable, firstDeliveriesUs, quantile } from './comparison.ts'

describe('the comparison with a real TCP', () => {
  it('takes the smallest value that the share does not exceed', () => {
    const values = Array.from({ length: 100 }, (_, index) => 100 - index)
    expect([0.5, 0.95, 0.99].map((share) => quantile(values, share))).toEqual([50, 95, 99])
    expect(() => quantile([], 0.5)).toThrow(RangeError)
  })

  it('meets p50 within 5 %, p95 and p99 within 25 %, and misses beyond', () => {
    const real = Array.from({ length: 100 }, (_, index) => (index + 1) * 1_000)
    const scaled = (factor: number): boolean[] => {
      const { percentiles: { p50, p95, p99 } } = compare('idle', 0.01, real, real.map((us) => us * factor))
      return [p50, p95, p99].map(({ isMet }) => isMet)
    }
    expect([0.7, 0.8, 0.96, 1.04, 1.2, 1.3].map(scaled)).toEqual([
      [false, false, false], [false, true, true], [true, true, true], [true, true, true], [false, true, true], [false, false, false]])
    expect(() => compare('idle', 0, [1], [1, 2])).toThrow(/1 real samples and 2/)
  })

  it('tells the share of late samples, which does not depend on where an edge lies', () => {
    const late = (lost: number): readonly number[] => Array.from({ length: 100 }, (_, index) => index < lost ? 275_000 : 25_000)
    const { late: { real, model }, percentiles: { p95 } } = compare('idle', 0.05, late(5), late(6))
    expect([real, model, p95.ratio]).toEqual([0.05, 0.06, 11])
  })

  it('measures a black hole per connection, from its first message to its first delivery', () => {
    expect(firstDeliveriesUs([[1, 20, 95], [1, 10, 90], [2, 15, 40], [1, 30, 91]])).toEqual([80, 25])
  })

  it('says in the table which goals are missed and which checks differ', () => {
    const table = comparisonTable({
      schema: 'syncstorm.real-tcp/1', machine: { kernel: '6.1', node: 'v20', ws: '8', congestion: 'cubic', cores: 2 },
      wire: { oneWayMs: 25, calibratedOneWayUs: 25_400, relayLateP50Us: 60, relayLateP99Us: 300 },
      comparisons: [compare('busy', 0.05, [100_000], [110_000], { real: 7, model: 8 })],
      checks: [{ name: 'sends succeed', isMet: false, found: '3 of 4' }],
    })
    expect(table).toMatch(/busy.*5 %.*1 .*100\.0.*110\.0.*1\.10.*missed.*110\.0.*1\.10.*met.*0\.00 % \/ 0\.00 %.*7 \/ 8/)
    expect(table).toMatch(/DIFFERENT\s+sends succeed: 3 of 4/)
    expect(table).toMatch(/25\.40 ms in the model/)
  })
})
