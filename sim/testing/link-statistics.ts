/** The statistics by which links are compared with what they claim to be. */

/**
 * Kolmogorov-Smirnov: the largest distance between the samples' distribution and `cdf`, P(X <= x). Jumps of the
 * stated distribution are handled when the samples jump there too: `below` gives P(X < x) where it differs.
 */
export function ksDistance(samples: readonly number[], cdf: (x: number) => number, below: (x: number) => number = cdf): number {
  const sorted = Float64Array.from(samples).sort()
  let distance = 0
  for (let start = 0; start < sorted.length;) {
    let end = start
    while (end < sorted.length && sorted[end] === sorted[start]) end++
    distance = Math.max(distance, Math.abs(cdf(sorted[start]) - end / sorted.length), Math.abs(start / sorted.length - below(sorted[start])))
    start = end
  }
  return distance
}

/** What a KS distance of n samples stays below in 999 of 1,000 cases if they have the distribution (Kolmogorov). */
export function ksLimit(n: number): number {
  return 1.9495 / Math.sqrt(n)
}

/** Whether a count of n trials is within 3.89 deviations (99.99 %) of what the probability says. */
export function isBinomial(count: number, n: number, probability: number): boolean {
  return Math.abs(count - n * probability) <= 3.89 * Math.sqrt(n * probability * (1 - probability))
}

export function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

/** Correlation of each value with the one `lag` later. */
export function autocorrelation(values: readonly number[], lag: number): number {
  const mean = meanOf(values)
  let square = 0
  let product = 0
  values.forEach((value, index) => {
    square += (value - mean) * (value - mean)
    if (index + lag < values.length) product += (value - mean) * (values[index + lag] - mean)
  })
  return product / square
}

/** Lengths of the runs of `true`. */
export function runLengths(values: readonly boolean[]): number[] {
  const runs: number[] = []
  values.forEach((value, index) => {
    if (!value) return
    if (index > 0 && values[index - 1]) runs[runs.length - 1]++
    else runs.push(1)
  })
  return runs
}
