/** Problems of scenarios and plans as values, and the few rules that both are checked by. */
import { type BadInputProblem, showValue } from '../bad-input.ts'
import { type JsonPath, renderPath } from './json-path.ts'
import { expectedName } from './nearest-name.ts'

/** A problem whose source is not known yet. */
export type InputProblem = Omit<BadInputProblem, 'where' | 'others'>

/** A problem at a path. */
export function problem(code: InputProblem['code'], path: JsonPath, expected: string, got: string): InputProblem {
  return { code, path: renderPath(path), expected, got }
}

/** One problem per value that occurs before. */
export function repeated(values: readonly string[], path: (index: number) => JsonPath, what: string): readonly InputProblem[] {
  const seen = new Set<string>()
  return values.flatMap((value, index) => {
    if (seen.has(value)) return [problem('contradiction', path(index), `an unused ${what}`, showValue(value))]
    seen.add(value)
    return []
  })
}

/** The problem that a name refers to nothing, if so. */
export function unknownName(value: string, known: readonly string[], path: JsonPath): readonly InputProblem[] {
  return known.includes(value) ? [] : [problem('unknown-name', path, expectedName(value, known), showValue(value))]
}

/** The problem that a range is upside down, if so. */
export function upsideDown(range: { readonly min: number; readonly max: number }, path: JsonPath): readonly InputProblem[] {
  if (range.min <= range.max) return []
  return [problem('contradiction', [...path, 'max'], `at least min (${range.min})`, String(range.max))]
}

/** The problems of a time window. */
export function windowProblems(
  window: { readonly fromMs: number; readonly untilMs?: number | undefined }, simulatedMs: number, path: JsonPath,
): readonly InputProblem[] {
  const until = window.untilMs ?? simulatedMs
  if (until > simulatedMs) {
    return [problem('contradiction', [...path, 'untilMs'], `at most simulatedMs (${simulatedMs})`, String(until))]
  }
  if (window.fromMs >= until) return [problem('contradiction', [...path, 'fromMs'], `less than ${until}, the window's end`, String(window.fromMs))]
  return []
}
