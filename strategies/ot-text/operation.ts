/**
 * Text operations in the format of ot-text-unicode, and how they change a text.
 *
 * An operation walks the text: a number skips code points, a string inserts, `{ d: n }` deletes n code
 * points. Transforming and composing is the library's; applying is ours, for two reasons: the library
 * silently clamps a delete that reaches past the end, which hides divergence until much later (mutant
 * T10), and it counts code points by walking the whole text, which a text without surrogate pairs does
 * not need. `operation.test.ts` holds ours against the library's.
 */
import type { EditChange } from '../../sim/contract.ts'
import { codePointLength, unitOfCodePoint } from '../../sim/scenario/code-point-text.ts'

export type TextOp = readonly (number | string | { readonly d: number | string })[]
export type Side = 'left' | 'right'

/** What we use of the library's `type`. */
export interface OtType {
  transform(op: TextOp, other: TextOp, side: Side): TextOp
  compose(first: TextOp, second: TextOp): TextOp
  apply(text: string, op: TextOp): string
  checkOp(op: TextOp): void
}

/** The side of a client's operation against the server's; of two inserts at one place, the left one goes first. */
export const CLIENT_SIDE: Side = 'left'
export const SERVER_SIDE: Side = 'right'

/** A text and how many code points it has. */
export interface TextState {
  readonly text: string
  readonly points: number
}

export function textState(text: string): TextState {
  return { text, points: codePointLength(text) }
}

/** The operation of a user's splice. What is inserted stands before what is deleted. */
export function operationOf(change: EditChange): TextOp {
  if (change.op !== 'splice') throw new Error(`a text takes splices, not '${change.op}'`)
  const op: (number | string | { d: number })[] = []
  if (change.at > 0) op.push(change.at)
  if (change.inserted !== '') op.push(change.inserted)
  if (change.removed !== '') op.push({ d: codePointLength(change.removed) })
  return typeof op.at(-1) === 'number' ? [] : op
}

/** By how many code points `op` makes a text longer. */
export function growth(op: TextOp): number {
  return op.reduce<number>((sum, part) =>
    sum + (typeof part === 'number' ? 0 : typeof part === 'string' ? codePointLength(part) : -deleted(part)), 0)
}

/** Code points of the text that `op` skips or deletes: the text must have at least as many. */
export function reach(op: TextOp): number {
  return op.reduce<number>((sum, part) => sum + (typeof part === 'string' ? 0 : typeof part === 'number' ? part : deleted(part)), 0)
}

/** @throws RangeError when `op` was made for a longer text (never clamps). */
export function applyOperation(state: TextState, op: TextOp): TextState {
  const needed = reach(op)
  if (needed > state.points) {
    throw new RangeError(`operation reaches to code point ${needed} of a text of ${state.points}`)
  }
  const { text } = state
  const plain = text.length === state.points
  const move = (unit: number, points: number): number => (plain ? unit + points : unitOfCodePoint(text, points, unit))
  let unit = 0
  let result = ''
  for (const part of op) {
    if (typeof part === 'number') {
      const next = move(unit, part)
      result += text.slice(unit, next)
      unit = next
    } else if (typeof part === 'string') {
      result += part
    } else unit = move(unit, deleted(part))
  }
  return { text: result + text.slice(unit), points: state.points + growth(op) }
}

function deleted(part: { readonly d: number | string }): number {
  return typeof part.d === 'number' ? part.d : codePointLength(part.d)
}
