/**
 * Mean and percentiles of latencies of which some are unfinished. Those count with the time until the
 * history ended (censored, design H8): left out, they would make a strategy that gives up look fast.
 */
import { mean, percentile } from '../campaign/statistics.ts'

export interface Latency {
  readonly fromUs: number
  /** Null if it had not ended when the history did. */
  readonly toUs: number | null
}

/** Under the metric's names: `syncAllMs`, `syncAllP50Ms`, ...; none without latencies. */
export function latencyFigures(name: string, latencies: readonly Latency[], endUs: number): Record<string, number> {
  if (latencies.length === 0) return {}
  const ms = latencies.map(({ fromUs, toUs }) => ((toUs ?? endUs) - fromUs) / 1000)
  return {
    [`${name}Ms`]: mean(ms),
    [`${name}P50Ms`]: percentile(ms, 50), [`${name}P95Ms`]: percentile(ms, 95), [`${name}P99Ms`]: percentile(ms, 99),
  }
}
