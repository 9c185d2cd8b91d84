import { fc, test } from '@fast-check/vitest'
import { type } from 'ot-text-unicode'
import { describe, expect, it } from 'vitest'
import { applySplice } from '../../sim/values.ts'
import { applyOperation, operationOf, textState, type OtType, type Side, type TextOp } from './operation.ts'

const ot = type as unknown as OtType
const apply = (text: string, op: TextOp): string => applyOperation(textState(text), op).text

/** Every single insert and delete on `text`, with the text it makes, worked out without any `apply`. */
function singleOps(text: string, inserted: string): { readonly op: TextOp; readonly result: string }[] {
  const skip = (count: number): TextOp => (count > 0 ? [count] : [])
  const ops: { op: TextOp; result: string }[] = []
  for (let at = 0; at <= text.length; at++) {
    ops.push({ op: [...skip(at), inserted], result: text.slice(0, at) + inserted + text.slice(at) })
    if (at < text.length) ops.push({ op: [...skip(at), { d: 1 }], result: text.slice(0, at) + text.slice(at + 1) })
  }
  return ops
}

/** TP1 on one pair: both ways round the square end in the same text. */
function square(text: string, left: TextOp, right: TextOp): readonly [string, string] {
  return [
    apply(apply(text, left), ot.transform(right, left, 'right')),
    apply(apply(text, right), ot.transform(left, right, 'left')),
  ]
}

describe('TP1', () => {
  it('E06 T01 P-TP1: holds for all pairs of single operations on all small texts, both sides', () => {
    let pairs = 0
    let ties = 0
    for (const text of ['', 'a', 'ab', 'abc']) {
      for (const one of singleOps(text, 'X')) {
        for (const other of singleOps(text, 'Y')) {
          for (const [left, right] of [[one.op, other.op], [other.op, one.op]] as const) {
            const [first, second] = square(text, left, right)
            expect(first, `${text} ${JSON.stringify(left)} ${JSON.stringify(right)}`).toBe(second)
            // Nothing inserted is lost, and of two inserts at one place the left one stands first.
            const inserted = [left, right].flat().filter((part) => typeof part === 'string')
            for (const part of inserted) expect(first).toContain(part)
            if (inserted.length === 2 && left.length === right.length && left[0] === right[0]) ties += 1
          }
          pairs += 1
        }
      }
    }
    expect(pairs).toBe(84)
    expect(ties).toBeGreaterThan(0)
  })

  it('T01: the test above would see a tie left unbroken', () => {
    const untied = (op: TextOp, other: TextOp): TextOp =>
      JSON.stringify(op.slice(0, -1)) === JSON.stringify(other.slice(0, -1)) ? op : ot.transform(op, other, 'left')
    expect(apply(apply('a', ['X']), untied(['Y'], ['X']))).not.toBe(apply(apply('a', ['Y']), untied(['X'], ['Y'])))
  })

  const text = fc.string({ unit: 'grapheme', maxLength: 8 })
  const opOn = (on: string): fc.Arbitrary<TextOp> => {
    const points = Array.from(on).length
    return fc.tuple(fc.nat(points), fc.nat(points), fc.string({ maxLength: 3 })).map(([a, b, inserted]) => operationOf({
      op: 'splice', at: Math.min(a, b), removed: Array.from(on).slice(Math.min(a, b), Math.max(a, b)).join(''), inserted,
    }))
  }
  test.prop([text.chain((on) => fc.tuple(fc.constant(on), opOn(on), opOn(on)))])(
    'E06: holds for random splices', ([on, left, right]) => {
      const [first, second] = square(on, left, right)
      expect(first).toBe(second)
    })

  test.prop([text.chain((on) => fc.tuple(fc.constant(on), opOn(on))
    .chain(([start, first]) => fc.tuple(fc.constant(start), fc.constant(first), opOn(apply(start, first)))))])(
    'E07: composing is the same as applying one after the other', ([on, first, second]) => {
      expect(apply(on, ot.compose(first, second))).toBe(apply(apply(on, first), second))
    })

  test.prop([text.chain((on) => fc.tuple(fc.constant(on), opOn(on)))])(
    'applying agrees with the library, and counts code points', ([on, op]) => {
      const state = applyOperation(textState(on), op)
      expect(state.text).toBe(ot.apply(on, op))
      expect(state.points).toBe(Array.from(state.text).length)
    })

  test.prop([text, fc.nat(), fc.nat(), fc.string({ maxLength: 3 })])(
    'a splice becomes the operation that does it', (on, from, length, inserted) => {
      const points = Array.from(on)
      const at = from % (points.length + 1)
      const removed = points.slice(at, at + (length % 4))
      expect(apply(on, operationOf({ op: 'splice', at, removed: removed.join(''), inserted })))
        .toBe(applySplice(on, at, removed.length, inserted))
    })
})

describe('golden examples', () => {
  it("E18 T09: 'abc', X inserted at 2 against the delete at 1: untransformed 'acX', transformed 'aXc'", () => {
    const insert: TextOp = [2, 'X']
    const remove: TextOp = [1, { d: 1 }]
    expect(apply(apply('abc', remove), insert)).toBe('acX')
    for (const side of ['left', 'right'] as readonly Side[]) {
      expect(apply(apply('abc', remove), ot.transform(insert, remove, side))).toBe('aXc')
    }
    expect(apply(apply('abc', insert), ot.transform(remove, insert, 'right'))).toBe('aXc')
  })

  it('T10: an operation that reaches past the end is an error, where the library clamps it', () => {
    expect(ot.apply('ab', [{ d: 5 }])).toBe('')
    expect(() => apply('ab', [{ d: 5 }])).toThrow(RangeError)
    expect(() => apply('ab', [3, 'x'])).toThrow('reaches to code point 3 of a text of 2')
    expect(() => apply('😀', [1, { d: 1 }])).toThrow(RangeError)
  })

  it('takes splices only', () => {
    expect(() => operationOf({ op: 'set', value: 'x' })).toThrow("not 'set'")
    expect(operationOf({ op: 'splice', at: 3, removed: '', inserted: '' })).toEqual([])
  })
})
