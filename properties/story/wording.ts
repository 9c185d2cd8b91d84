/** Words for what stands in a history: values, edits, lists of hosts. Columns are counted as code points. */
import type { EditEvent } from '../../sim/history/events.ts'
import type { FieldValue } from '../../sim/values.ts'

const LONGEST_VALUE = 24
export const COLUMNS = 100

/** A value in quotes, cut in the middle if it is long; the ends are where texts differ. */
export function quoted(value: FieldValue): string {
  if (value === null) return 'nothing'
  const points = Array.from(value)
  const half = LONGEST_VALUE / 2
  return points.length <= LONGEST_VALUE ? `'${value}'` : `'${points.slice(0, half).join('')}\u2026${points.slice(-half).join('')}'`
}

/** What an edit put there, or took away, as a thing that can be spoken of later. */
export function thingOf({ change }: EditEvent): string {
  if (change.op === 'set') return quoted(change.value)
  return change.inserted === '' ? `the removal of ${quoted(change.removed)}` : quoted(change.inserted)
}

/** What the user did to the field. */
export function deedOf({ change }: EditEvent, label: string): string {
  if (change.op === 'set') return `sets ${label} to ${quoted(change.value)}`
  if (change.inserted === '') return `deletes ${quoted(change.removed)} at ${change.at} of ${label}`
  if (change.removed === '') return `types ${quoted(change.inserted)} at ${change.at} of ${label}`
  return `replaces ${quoted(change.removed)} by ${quoted(change.inserted)} at ${change.at} of ${label}`
}

/** `a`, `a and b`, `a, b and c`; of names that count on, the first and the last: `A-1 to A-7`. */
export function listed(all: readonly string[]): string {
  const names = runsOf(all).flatMap((run) => run.length < 3 ? run : [`${run[0]} to ${run.at(-1) ?? ''}`])
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1) ?? ''}`
}

/** Runs of names that end in numbers which follow one another, as those of tabs do. */
function runsOf(names: readonly string[]): readonly (readonly string[])[] {
  const runs: string[][] = []
  for (const name of names) {
    const run = runs.at(-1)
    if (run !== undefined && next(run.at(-1) ?? '') === name) run.push(name)
    else runs.push([name])
  }
  return runs
}

function next(name: string): string | undefined {
  const match = /^(.*-)([1-9]\d*)$/.exec(name)
  return match === null ? undefined : `${match[1]}${Number(match[2]) + 1}`
}

/** Breaks a line at spaces to `COLUMNS`; what follows is indented. A longer word stays whole. */
export function wrapped(line: string, indent: number): readonly string[] {
  const lines: string[] = []
  let current = line.match(/^ */)?.[0] ?? ''
  let isStart = true
  for (const word of line.trim().split(' ')) {
    const candidate = isStart ? current + word : `${current} ${word}`
    if (!isStart && Array.from(candidate).length > COLUMNS) {
      lines.push(current)
      current = ' '.repeat(indent) + word
    } else {
      current = candidate
    }
    isStart = false
  }
  return [...lines, current]
}
