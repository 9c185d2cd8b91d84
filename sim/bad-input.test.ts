import { describe, expect, it } from 'vitest'
import { BadInput, renderBadInput, showValue } from './bad-input.ts'

describe('BadInput', () => {
  it('renders file, path, expectation and what stands there, in one line', () => {
    const problem = { code: 'bad-value', where: 'shop.json', path: 'devices[0].id', expected: 'a text', got: '7' } as const
    expect(renderBadInput(problem)).toBe('shop.json: devices[0].id: expected a text, got 7')
    expect(renderBadInput({ ...problem, path: '' })).toBe('shop.json: expected a text, got 7')
    expect(renderBadInput({ ...problem, others: 1 })).toBe('shop.json: devices[0].id: expected a text, got 7 (and 1 more problem)')
    expect(renderBadInput({ ...problem, others: 3 })).toBe('shop.json: devices[0].id: expected a text, got 7 (and 3 more problems)')
  })

  it('carries the problem as data and keeps the cause', () => {
    const cause = new Error('bottom')
    const error = new BadInput({ code: 'unreadable', where: 'plan.json', path: '', expected: 'JSON', got: 'bytes' }, { cause })
    expect(error).toMatchObject({ name: 'BadInput', code: 'unreadable', where: 'plan.json', path: '', expected: 'JSON', got: 'bytes', others: 0 })
    expect(error.cause).toBe(cause)
  })

  it('shows values short, on one line, without control characters', () => {
    expect(showValue(undefined)).toBe('nothing')
    expect(showValue(Number.NaN)).toBe('NaN')
    expect(showValue(-3)).toBe('-3')
    expect(showValue(null)).toBe('null')
    expect(showValue([1, 2, 3, 4, 5])).toBe('an array of 5 values')
    expect(showValue('a\u009bb')).toBe('"a\ufffdb"')
    expect(showValue('x'.repeat(500))).toHaveLength(63)
    expect(showValue(10n)).toBe('a bigint')
    const circular: Record<string, unknown> = {}
    circular.self = circular
    expect(showValue(circular)).toBe('an object that is not plain JSON')
  })
})
