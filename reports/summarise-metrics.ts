/**
 * Summaries of a campaign's metrics: one value per seed, its distribution and interval, and the
 * differences between strategies seed by seed (H8). Resampling draws from a stream of its own with a fixed
 * key, so that the same runs always give the same intervals.
 */
import { bootstrapMeanInterval, mean, pairedDifference, percentileOfSorted, type Interval, type UniformSource } from '../properties/campaign/statistics.ts'
import { masterKey } from '../sim/kernel/seed.ts'
import { openStream } from '../sim/kernel/random-streams.ts'
import type { Metrics } from '../sim/history/run-record.ts'
import type { CompareDocument, MetricSummary } from './documents/compare-document.ts'

/** A strategy's metrics, one entry per seed, in the order of the seeds. */
export interface MeasuredStrategy {
  readonly name: string
  readonly metrics: readonly Metrics[]
}

/** What strategies are compared on, pair by pair. Metrics that split by device are left to the runs. */
const PAIRED_METRICS: readonly string[] = [
  'syncAllMs', 'syncDurableMs', 'convergenceMs', 'stalenessMs', 'bytesUp', 'bytesDown', 'frames', 'refetches', 'rejected', 'overwritten', 'lost',
]

const RESAMPLED_VALUES_MAX = 2_000_000
const RESAMPLES_MAX = 2_000
const RESAMPLES_MIN = 200

export function summariseMetrics({ name, metrics }: MeasuredStrategy): Record<string, MetricSummary> {
  const keys = new Set(metrics.flatMap((run) => Object.keys(run)))
  return Object.fromEntries([...keys].flatMap((key) => {
    const values = metrics.map((run) => run[key]).filter((value) => typeof value === 'number')
    return values.length === 0 ? [] : [[key, summary(values, stream(`${name} ${key}`))]]
  }))
}

function summary(values: readonly number[], random: UniformSource): MetricSummary {
  const sorted = [...values].sort((a, b) => a - b)
  return {
    n: values.length,
    mean: mean(values),
    p50: percentileOfSorted(sorted, 50),
    p95: percentileOfSorted(sorted, 95),
    p99: percentileOfSorted(sorted, 99),
    ci95: interval(bootstrapMeanInterval(values, random, resamples(values.length)), values.length),
  }
}

/** Every pair of strategies (a later one less an earlier one) on each metric that both have in some seed. */
export function pairStrategies(strategies: readonly MeasuredStrategy[]): CompareDocument['paired'] {
  return PAIRED_METRICS.flatMap((metric) => strategies.flatMap((b, index) => strategies.slice(index + 1).flatMap((a) => {
    const pairs = a.metrics.flatMap((run, seed): readonly (readonly [number, number])[] => {
      const [left, right] = [run[metric], b.metrics[seed]?.[metric]]
      return typeof left === 'number' && typeof right === 'number' ? [[left, right]] : []
    })
    if (pairs.length === 0) return []
    const { meanDifference, ci95, aWins } = pairedDifference(
      pairs.map(([left]) => left), pairs.map(([, right]) => right), stream(`${metric} ${a.name} ${b.name}`))
    return [{ metric, a: a.name, b: b.name, meanDifference, ci95: interval(ci95, pairs.length), aWins }]
  })))
}

/** One seed says nothing about the spread. */
function interval([low, high]: Interval, n: number): [number | null, number | null] {
  return n < 2 ? [null, null] : [low, high]
}

function resamples(n: number): number {
  return Math.max(RESAMPLES_MIN, Math.min(RESAMPLES_MAX, Math.floor(RESAMPLED_VALUES_MAX / n)))
}

function stream(name: string): UniformSource {
  return openStream(masterKey('statistics'), name)
}
