/**
 * Timing of several things against each other: A B C A B C ..., medians. Machines drift, so that only what is
 * measured in the same minute can be divided.
 */
export interface Contestant {
  readonly name: string
  /** How many operations one round does; more for faster ones, so that rounds take about as long. */
  readonly operations: number
  readonly round: (operations: number) => void
}

/** Median speed of each contestant, in million operations per second, in the order given. */
export function medianSpeeds(contestants: readonly Contestant[], rounds: number): number[] {
  for (const { round, operations } of contestants) round(operations)
  const speeds = contestants.map((): number[] => [])
  for (let turn = 0; turn < rounds; turn++) {
    contestants.forEach(({ round, operations }, at) => {
      const startMs = performance.now()
      round(operations)
      speeds[at].push(operations / (performance.now() - startMs) / 1000)
    })
  }
  return speeds.map(median)
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}
