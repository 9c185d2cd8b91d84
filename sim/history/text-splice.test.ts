import { fc, test } from '@fast-check/vitest'
import { expect } from 'vitest'
import { spliceBetween } from './text-splice.ts'

const text = fc.array(fc.constantFrom('a', 'b', '\u{20000}', '\u{20001}', '\u{21000}', '中'), { maxLength: 12 }).map((points) => points.join(''))

const padding = fc.constantFrom('', '中\u{20000}'.repeat(900))

test.prop([fc.tuple(text, text, padding, padding).map(([a, b, head, tail]) => [head + a + tail, head + b + tail] as const)])('a view splice turns the old text into the new and holds whole code points', ([before, after]) => {
  const splice = spliceBetween(before, after)
  if (splice === null) {
    expect(before).toBe(after)
    return
  }
  expect(before.slice(0, splice.at) + splice.inserted + before.slice(splice.at + splice.removed.length)).toBe(after)
  expect(before.slice(splice.at, splice.at + splice.removed.length)).toBe(splice.removed)
  for (const part of [splice.removed, splice.inserted, before.slice(0, splice.at)]) expect(part.isWellFormed()).toBe(true)
})
