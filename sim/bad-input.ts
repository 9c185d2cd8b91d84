/**
 * The one error for what a user handed in and got wrong: a scenario, a plan, a seed, a recorded session, a name.
 *
 * The problem is data; the sentence is made here and nowhere else. Everything else that is thrown is a bug
 * of syncstorm.
 */

/** Stable, for programs: what kind of mistake it was. */
export type BadInputCode =
  /** A value of the wrong type, outside its limits, or of the wrong shape. */
  | 'bad-value'
  /** A key or name that does not exist. */
  | 'unknown-name'
  /** Values that are fine one by one and cannot all be true. */
  | 'contradiction'
  /** The bytes or text could not be read as what they should be. */
  | 'unreadable'
  /** More than a stated limit of the testbed allows. */
  | 'too-much'

export interface BadInputProblem {
  readonly code: BadInputCode
  /** The file, or another name of the source, such as `--set` or `scenario order-desk`. */
  readonly where: string
  /** Path inside the source, such as `devices[0].link.latencyMs`; empty for the whole. */
  readonly path: string
  readonly expected: string
  readonly got: string
  /** How many further problems the same source has. */
  readonly others?: number
}

/**
 * Bad input. `message` is one clear sentence without a stack trace in it.
 *
 * @example throw new BadInput({ code: 'bad-value', where: 'shop.json', path: 'simulatedMs', expected: 'a number', got: '"soon"' })
 */
export class BadInput extends Error implements BadInputProblem {
  readonly code: BadInputCode
  readonly where: string
  readonly path: string
  readonly expected: string
  readonly got: string
  readonly others: number

  constructor(problem: BadInputProblem, options?: { readonly cause?: unknown }) {
    super(renderBadInput(problem), options)
    this.name = 'BadInput'
    this.code = problem.code
    this.where = problem.where
    this.path = problem.path
    this.expected = problem.expected
    this.got = problem.got
    this.others = problem.others ?? 0
  }
}

/** `file: path: expected ..., got ...`, with the number of further problems where there are any. */
export function renderBadInput(problem: BadInputProblem): string {
  const place = [problem.where, problem.path].filter((part) => part !== '').join(': ')
  const others = problem.others ?? 0
  const more = others === 0 ? '' : ` (and ${others} more ${others === 1 ? 'problem' : 'problems'})`
  return `${place}: expected ${problem.expected}, got ${problem.got}${more}`
}

const SHOWN_CHARACTERS = 60

/** A value as it is shown after "got": JSON, cut to one short line without control characters. */
export function showValue(value: unknown): string {
  if (value === undefined) return 'nothing'
  if (typeof value === 'number') return String(value)
  if (typeof value === 'function' || typeof value === 'symbol' || typeof value === 'bigint') return `a ${typeof value}`
  if (Array.isArray(value) && value.length > 4) return `an array of ${value.length} values`
  let text: string
  try {
    text = JSON.stringify(value)
  } catch {
    // Circular, or a toJSON that throws: it came from a program, and no text of it would help.
    return 'an object that is not plain JSON'
  }
  const points = Array.from(text.replace(/[\u0000-\u001f\u007f-\u009f]/g, '\ufffd'))
  return points.length <= SHOWN_CHARACTERS ? points.join('') : `${points.slice(0, SHOWN_CHARACTERS).join('')}...`
}
