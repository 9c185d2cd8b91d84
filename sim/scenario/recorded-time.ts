/** Reads the times of recorded sessions: ISO 8601 with an offset. Ours, because the platform's clock object is barred (D3). */

const TIME = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,6})\d*)?(Z|[+-]\d{2}:\d{2})$/
const DAY_S = 86_400

/** Microseconds since 1970-01-01T00:00:00Z, or undefined for what is no such time. */
export function parseRecordedTime(written: string): number | undefined {
  const match = TIME.exec(written)
  if (match === null) return undefined
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map(Number)
  if (month < 1 || month > 12 || day < 1 || day > 31 || hour > 23 || minute > 59 || second > 60) return undefined
  const fractionUs = Number((match[7] ?? '0').padEnd(6, '0'))
  const offset = match[8]
  const offsetMinutes = offset === 'Z' ? 0 : Number(`${offset[0]}1`) * (Number(offset.slice(1, 3)) * 60 + Number(offset.slice(4)))
  const seconds = daysSince1970(year, month, day) * DAY_S + hour * 3600 + (minute - offsetMinutes) * 60 + second
  return seconds * 1_000_000 + fractionUs
}

/** Days of the proleptic Gregorian calendar; Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", days_from_civil. */
function daysSince1970(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year
  const era = Math.floor(y / 400)
  const yearOfEra = y - era * 400
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear
  return era * 146_097 + dayOfEra - 719_468
}
