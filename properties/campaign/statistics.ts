/**
 * Statistics for campaigns: percentiles, intervals, paired differences. Seeds are the unit of sampling
 * (edits within a run depend on each other), and percentiles are never averaged.
 */

/** A source of uniform integers in [0, n). */
export interface UniformSource {
  below(n: number): number
}

export type Interval = readonly [low: number, high: number]

/** The nearest-rank percentile: the smallest value that at least `percent` % of the values do not exceed. */
export function percentile(values: readonly number[], percent: number): number {
  return percentileOfSorted(sorted(values), percent)
}

export function percentileOfSorted(values: readonly number[], percent: number): number {
  if (!(percent >= 0 && percent <= 100)) throw new RangeError(`a percentile lies between 0 and 100, not at ${percent}`)
  const rank = Math.max(1, Math.ceil((percent * values.length) / 100))
  return values[rank - 1] ?? NaN
}

/** NaN for no values. */
export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

const Z_95 = 1.959963984540054 // 97.5 % quantile of the standard normal distribution

/** Wilson's score interval (1927) at 95 % for `successes` out of `trials`; [0, 1] without trials. */
export function wilsonInterval(successes: number, trials: number): Interval {
  if (!(successes >= 0 && successes <= trials)) throw new RangeError(`${successes} successes of ${trials} trials`)
  if (trials === 0) return [0, 1]
  const share = successes / trials
  const z2 = Z_95 * Z_95
  const scale = 1 + z2 / trials
  const middle = (share + z2 / (2 * trials)) / scale
  const half = (Z_95 * Math.sqrt((share * (1 - share)) / trials + z2 / (4 * trials * trials))) / scale
  return [successes === 0 ? 0 : Math.max(0, middle - half), successes === trials ? 1 : Math.min(1, middle + half)]
}

const RESAMPLES = 2000

/** Percentile bootstrap (Efron 1979) of the mean at 95 %, one value per seed. */
export function bootstrapMeanInterval(values: readonly number[], random: UniformSource, resamples = RESAMPLES): Interval {
  const { length } = values
  if (length === 0) return [NaN, NaN]
  const means: number[] = []
  for (let resample = 0; resample < resamples; resample += 1) {
    let sum = 0
    for (let draw = 0; draw < length; draw += 1) sum += values[random.below(length)] ?? 0
    means.push(sum / length)
  }
  const ordered = sorted(means)
  return [percentileOfSorted(ordered, 2.5), percentileOfSorted(ordered, 97.5)]
}

export interface PairedDifference {
  readonly n: number
  /** Mean of a - b over the seeds. */
  readonly meanDifference: number
  readonly ci95: Interval
  /** Share of the seeds in which a is better; ties count half. */
  readonly aWins: number
}

/** Compares two strategies over the same seeds: `a[i]` and `b[i]` belong to one seed (common random numbers). */
export function pairedDifference(
  a: readonly number[], b: readonly number[], random: UniformSource, better: 'lower' | 'higher' = 'lower',
): PairedDifference {
  if (a.length !== b.length) throw new RangeError(`paired samples differ in length: ${a.length} and ${b.length}`)
  const differences = a.map((value, index) => value - (b[index] ?? NaN))
  const sign = better === 'lower' ? -1 : 1
  const wins = differences.reduce((sum, difference) => sum + (difference * sign > 0 ? 1 : difference === 0 ? 0.5 : 0), 0)
  return { n: a.length, meanDifference: mean(differences), ci95: bootstrapMeanInterval(differences, random), aWins: wins / a.length }
}

function sorted(values: readonly number[]): number[] {
  return [...values].sort((a, b) => a - b)
}
