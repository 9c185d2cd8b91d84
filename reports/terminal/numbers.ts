/** How numbers look to a reader. No locale: the same output on every machine. */

/** Three significant digits, whole numbers grouped by thousands: `0.125`, `12.5`, `1,234`. */
export function formatNumber(value: number): string {
  if (!Number.isFinite(value)) return '-'
  const size = Math.abs(value)
  if (Number.isInteger(value) || size >= 100) return groupThousands(Math.round(value))
  if (size >= 10) return value.toFixed(1)
  if (size >= 1) return value.toFixed(2)
  return size < 0.001 ? value.toExponential(1) : value.toPrecision(2)
}

/** For narrow columns: from ten thousand on three significant digits and a unit, `12.3k`, `4.56M`. */
export function formatCompact(value: number): string {
  const unit = UNITS.find(([from]) => Math.abs(value) >= from)
  if (unit === undefined || !Number.isFinite(value)) return formatNumber(value)
  const [, size, suffix] = unit
  return `${Number((value / size).toPrecision(3))}${suffix}`
}

const UNITS = [[1e9, 1e9, 'G'], [1e6, 1e6, 'M'], [1e4, 1e3, 'k']] as const

/** `12345` as `12,345`. */
export function groupThousands(value: number): string {
  const [sign, digits] = value < 0 ? ['-', String(-value)] : ['', String(value)]
  return sign + digits.replace(/\B(?=(\d{3})+(?!\d))/g, ',')
}

/** Durations for people: `0.4 s`, `12 s`, `3 min 05 s`, `2 h 10 min`. */
export function formatDuration(ms: number): string {
  const seconds = ms / 1000
  if (seconds < 10) return `${seconds.toFixed(1)} s`
  const whole = Math.round(seconds)
  if (whole < 60) return `${whole} s`
  const two = (value: number): string => String(value).padStart(2, '0')
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${two(whole % 60)} s`
  return `${Math.floor(whole / 3600)} h ${two(Math.floor((whole % 3600) / 60))} min`
}

/** `1 seed`, `2 seeds`. */
export function count(value: number, one: string, many = `${one}s`): string {
  return `${groupThousands(value)} ${value === 1 ? one : many}`
}
