import { describe, expect, it } from 'vitest'
import { parsePath, renderPath, valueAt } from './json-path.ts'

describe('JSON paths', () => {
  it.each([
    ['a', ['a']],
    ['a.b', ['a', 'b']],
    ['devices[0].link.latencyMs', ['devices', 0, 'link', 'latencyMs']],
    ['a[1][2]', ['a', 1, 2]],
  ])('%s parses and renders back', (text, path) => {
    expect(parsePath(text)).toEqual(path)
    expect(renderPath(path)).toBe(text)
  })

  it.each(['', '.', 'a.', '.a', 'a..b', 'a[', 'a[x]', 'a]', 'a[0', 'a[-1]', 'a[0]b'])('%j is no path', (text) => {
    expect(parsePath(text)).toBeUndefined()
  })

  it('looks at own properties only', () => {
    expect(valueAt({ a: [{ b: 1 }] }, ['a', 0, 'b'])).toBe(1)
    expect(valueAt({}, ['constructor'])).toBeUndefined()
    expect(valueAt('text', ['length'])).toBeUndefined()
  })
})
