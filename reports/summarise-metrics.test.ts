import { describe, expect, test } from 'vitest'
import { pairStrategies, summariseMetrics } from './summarise-metrics.ts'

const seeds = Array.from({ length: 20 }, (_, index) => index)

describe('summaries of metrics (H8)', () => {
  test('one value per seed: mean, percentiles, an interval around the mean', () => {
    const { syncAllMs } = summariseMetrics({ name: 'a', metrics: seeds.map((seed) => ({ syncAllMs: seed + 1 })) })
    expect(syncAllMs).toMatchObject({ n: 20, mean: 10.5, p50: 10, p95: 19, p99: 20 })
    const [low, high] = syncAllMs?.ci95 ?? [null, null]
    expect(low).toBeGreaterThan(7)
    expect(low).toBeLessThan(10.5)
    expect(high).toBeGreaterThan(10.5)
    expect(high).toBeLessThan(14)
  })

  test('the same runs give the same intervals', () => {
    const measured = { name: 'a', metrics: seeds.map((seed) => ({ frames: seed * seed })) }
    expect(summariseMetrics(measured)).toEqual(summariseMetrics(measured))
  })

  test('a metric that some runs lack counts those that have it; a metric split by device is no number', () => {
    const summary = summariseMetrics({ name: 'a', metrics: [{ lost: 1, refetchesPerDevice: { A: 1 } }, {}, { lost: 3 }] })
    expect(Object.keys(summary)).toEqual(['lost'])
    expect(summary['lost']).toMatchObject({ n: 2, mean: 2 })
  })

  test('one seed has no interval', () => {
    expect(summariseMetrics({ name: 'a', metrics: [{ lost: 1 }] })['lost']?.ci95).toEqual([null, null])
  })
})

describe('paired differences (H8)', () => {
  const a = { name: 'a', metrics: seeds.map((seed) => ({ lost: seed })) }
  const b = { name: 'b', metrics: seeds.map((seed) => ({ lost: seed + (seed % 2 === 0 ? 2 : 4) })) }

  test('are taken seed by seed: the spread between seeds does not blur them', () => {
    const [pair] = pairStrategies([a, b])
    expect(pair).toMatchObject({ metric: 'lost', a: 'b', b: 'a', meanDifference: 3, aWins: 0 })
    expect((pair?.ci95[1] ?? 99) - (pair?.ci95[0] ?? 0)).toBeLessThan(1.5)
  })

  test('every pair once, and only seeds in which both have the metric', () => {
    const c = { name: 'c', metrics: [{ lost: 5 }] }
    expect(pairStrategies([a, b, c]).map((pair) => [pair.a, pair.b])).toEqual([['b', 'a'], ['c', 'a'], ['c', 'b']])
    expect(pairStrategies([a, c])[0]?.meanDifference).toBe(5)
  })
})
