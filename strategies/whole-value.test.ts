import { describe, expect, it } from 'vitest'
import { valueAfter, wholeValueFields, wholeValueView } from './whole-value.ts'

const documents = [{ id: 'doc', fields: [
  { name: 'price', type: 'register', initial: null }, { name: 'stock', type: 'counter', initial: null }, { name: 'note', type: 'text', initial: 'hi' },
] }] as const

describe('whole values', () => {
  it('knows registers and texts, in declared order, and no other type', () => {
    expect(wholeValueFields(documents, 'doc').map(({ name }) => name)).toEqual(['price', 'note'])
    expect(() => wholeValueFields(documents, 'other')).toThrow(/no document "other"/)
  })

  it('replaces a register, and makes the whole text of a splice, in code points', () => {
    expect(valueAfter({ op: 'set', value: 'new' }, 'old')).toBe('new')
    expect(valueAfter({ op: 'splice', at: 1, removed: '😀', inserted: 'xy' }, 'a😀b')).toBe('axyb')
    expect(valueAfter({ op: 'splice', at: 0, removed: '', inserted: 'x' }, null)).toBe('x')
  })

  it('shows what is known and the initial content of the rest; an emptied text is known', () => {
    expect(wholeValueView(wholeValueFields(documents, 'doc'), (field) => (field === 'note' ? '' : undefined))).toEqual({ price: null, note: '' })
  })
})
