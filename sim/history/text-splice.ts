/** The one splice between two texts: longest common prefix and suffix, never cutting a surrogate pair. */
import type { ViewChange } from './events.ts'

const isLowSurrogate = (unit: number): boolean => (unit & 0xfc00) === 0xdc00
/** Texts are compared in blocks first: engines compare whole strings much faster than we compare units. */
const BLOCK = 512

function commonPrefix(before: string, after: string, most: number): number {
  let length = 0
  while (length + BLOCK <= most && before.slice(length, length + BLOCK) === after.slice(length, length + BLOCK)) length += BLOCK
  while (length < most && before.charCodeAt(length) === after.charCodeAt(length)) length++
  return length
}

function commonSuffix(before: string, after: string, most: number): number {
  let length = 0
  const block = (text: string): string => text.slice(text.length - length - BLOCK, text.length - length)
  const unit = (text: string): number => text.charCodeAt(text.length - 1 - length)
  while (length + BLOCK <= most && block(before) === block(after)) length += BLOCK
  while (length < most && unit(before) === unit(after)) length++
  return length
}

/** `before` with `removed` at UTF-16 unit `at` replaced by `inserted` is `after`; null when they are equal. */
export function spliceBetween(before: string, after: string): Extract<ViewChange, { op: 'splice' }> | null {
  if (before === after) return null
  const shorter = Math.min(before.length, after.length)
  let start = commonPrefix(before, after, shorter)
  let tail = commonSuffix(before, after, shorter - start)
  if (isLowSurrogate(before.charCodeAt(start)) || isLowSurrogate(after.charCodeAt(start))) start--
  const endsInPair = (text: string): boolean => isLowSurrogate(text.charCodeAt(text.length - tail))
  if (tail > 0 && (endsInPair(before) || endsInPair(after))) tail--
  return {
    op: 'splice', at: start,
    removed: before.slice(start, before.length - tail), inserted: after.slice(start, after.length - tail),
  }
}
