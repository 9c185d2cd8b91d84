/** The one splice between two texts: longest common prefix and suffix, never cutting a surrogate pair. */
import type { ViewChange } from './events.ts'

const isLowSurrogate = (unit: number): boolean => (unit & 0xfc00) === 0xdc00

/** `before` with `removed` at UTF-16 unit `at` replaced by `inserted` is `after`; null when they are equal. */
export function spliceBetween(before: string, after: string): Extract<ViewChange, { op: 'splice' }> | null {
  if (before === after) return null
  const shorter = Math.min(before.length, after.length)
  let start = 0
  while (start < shorter && before.charCodeAt(start) === after.charCodeAt(start)) start++
  let tail = 0
  while (tail < shorter - start
    && before.charCodeAt(before.length - 1 - tail) === after.charCodeAt(after.length - 1 - tail)) tail++
  if (isLowSurrogate(before.charCodeAt(start)) || isLowSurrogate(after.charCodeAt(start))) start--
  const endsInPair = (text: string): boolean => isLowSurrogate(text.charCodeAt(text.length - tail))
  if (tail > 0 && (endsInPair(before) || endsInPair(after))) tail--
  return {
    op: 'splice', at: start,
    removed: before.slice(start, before.length - tail), inserted: after.slice(start, after.length - tail),
  }
}
