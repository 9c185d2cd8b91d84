import { fc, test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import { applySplice } from '../values.ts'
import { resolveIntention } from './intentions.ts'
import type { IntentionAction, Place } from './plan.ts'

const INSERTED: ReadonlyMap<string, string> = new Map([['one', 'x'], ['run', 'p\u{20001}q'], ['none', '']])
const insertedBy = (id: string): string | undefined => INSERTED.get(id)

function replace(place: Place, remove: number, insert: string): IntentionAction {
  return { op: 'replace', place, remove, insert }
}

describe('the one rule from intention to edit (design section 4)', () => {
  it.each<[string, Place, string, number, string, unknown]>([
    ['start', { kind: 'start' }, 'ab', 0, 'z', { op: 'splice', at: 0, removed: '', inserted: 'z' }],
    ['end', { kind: 'end' }, '\u{20000}b', 0, 'z', { op: 'splice', at: 2, removed: '', inserted: 'z' }],
    ['at', { kind: 'at', position: 1 }, '\u{20000}b', 1, 'z', { op: 'splice', at: 1, removed: 'b', inserted: 'z' }],
    ['at, past the end', { kind: 'at', position: 9 }, '\u{20000}b', 3, 'z', { op: 'splice', at: 2, removed: '', inserted: 'z' }],
    ['after', { kind: 'after', intention: 'one' }, '\u{20000}xb', 0, 'z', { op: 'splice', at: 2, removed: '', inserted: 'z' }],
    ['after the last visible of several', { kind: 'after', intention: 'run' }, 'ap\u{20001}b', 0, 'z', { op: 'splice', at: 3, removed: '', inserted: 'z' }],
    ['after nothing visible: the end', { kind: 'after', intention: 'one' }, 'ab', 0, 'z', { op: 'splice', at: 2, removed: '', inserted: 'z' }],
    ['after an intention nobody knows: the end', { kind: 'after', intention: 'gone' }, 'ab', 0, 'z', { op: 'splice', at: 2, removed: '', inserted: 'z' }],
    ['of', { kind: 'of', intention: 'one' }, '\u{20000}xb', 1, '', { op: 'splice', at: 1, removed: 'x', inserted: '' }],
    ['of the first visible of several', { kind: 'of', intention: 'run' }, 'a\u{20001}qb', 1, '', { op: 'splice', at: 1, removed: '\u{20001}', inserted: '' }],
    ['of nothing visible: skipped', { kind: 'of', intention: 'one' }, 'ab', 1, '', null],
    ['of an intention that inserted nothing: skipped', { kind: 'of', intention: 'none' }, 'ab', 1, 'z', null],
    ['a removal takes what stands there', { kind: 'at', position: 1 }, 'a\u{20000}', 5, '', { op: 'splice', at: 1, removed: '\u{20000}', inserted: '' }],
    ['nothing to take out and nothing to put in: skipped', { kind: 'end' }, 'ab', 1, '', null],
  ])('%s', (_, place, text, remove, insert, expected) => {
    expect(resolveIntention(replace(place, remove, insert), 'text', text, insertedBy)).toEqual(expected)
  })

  it('sets a register whatever stands there, the same value too', () => {
    expect(resolveIntention({ op: 'set', value: 'on' }, 'register', 'on', insertedBy)).toEqual({ op: 'set', value: 'on' })
    expect(resolveIntention({ op: 'set', value: 'on' }, 'register', null, insertedBy)).toEqual({ op: 'set', value: 'on' })
  })

  it('has no meaning on a field of another type', () => {
    expect(resolveIntention({ op: 'set', value: 'on' }, 'text', 'a', insertedBy)).toBeNull()
    expect(resolveIntention(replace({ kind: 'end' }, 0, 'z'), 'register', 'a', insertedBy)).toBeNull()
  })

  const point = fc.constantFrom('a', 'b', '\u{20000}', '\u{20001}', 'x')
  test.prop([
    fc.array(point, { maxLength: 12 }),
    fc.oneof(
      fc.constantFrom<Place>({ kind: 'start' }, { kind: 'end' }, { kind: 'after', intention: 'one' }, { kind: 'of', intention: 'run' }),
      fc.nat(15).map((position): Place => ({ kind: 'at', position })),
    ),
    fc.nat(4), fc.array(point, { maxLength: 3 }),
  ])('every edit is a splice of the text it was resolved against', (points, place, remove, inserted) => {
    const text = points.join('')
    const change = resolveIntention(replace(place, remove, inserted.join('')), 'text', text, insertedBy)
    if (change === null || change.op !== 'splice') return
    const removed = Array.from(change.removed)
    expect(points.slice(change.at, change.at + removed.length)).toEqual(removed)
    expect(removed.length).toBe(Math.min(remove, points.length - change.at))
    expect(applySplice(text, change.at, removed.length, change.inserted))
      .toBe([...points.slice(0, change.at), ...inserted, ...points.slice(change.at + removed.length)].join(''))
  })
})
