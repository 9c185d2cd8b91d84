/** Durations: scenarios speak in milliseconds, plans in whole microseconds. */

/** Milliseconds in whole microseconds, rounded to the nearest. */
export function microsecondsOf(ms: number): number {
  return Math.round(ms * 1000)
}
