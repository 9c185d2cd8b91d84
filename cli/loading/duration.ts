/** Durations given to flags: `15s`, `5m`, `1h`. */
import { BadInput } from '../../sim/bad-input.ts'

const UNIT_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000 }
const DURATION_MAX_MS = 30 * 24 * 3_600_000

export function parseDurationMs(flag: string, text: string): number {
  const match = /^(\d{1,9}(?:\.\d{1,3})?)([smh])$/.exec(text)
  const durationMs = match === null ? Number.NaN : Number(match[1]) * (UNIT_MS[match[2] ?? ''] ?? Number.NaN)
  if (!(durationMs > 0 && durationMs <= DURATION_MAX_MS)) {
    throw new BadInput({ code: 'bad-value', where: flag, path: '', expected: 'a duration such as 15s, 5m or 1h (at most 30 days)', got: text })
  }
  return Math.round(durationMs)
}
