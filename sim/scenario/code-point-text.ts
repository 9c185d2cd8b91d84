/**
 * Counting and cutting texts in Unicode code points, without building an array of them.
 *
 * JavaScript strings count UTF-16 units; positions here count code points (design section 4). Texts without
 * surrogates, the common case, cost one scan.
 */

const SURROGATE = /[\ud800-\udfff]/
const LONE_SURROGATE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/

export function isWellFormed(text: string): boolean {
  return !SURROGATE.test(text) || !LONE_SURROGATE.test(text)
}

/** Code points in `text`, or in its first `endUnit` UTF-16 units. */
export function codePointLength(text: string, endUnit: number = text.length): number {
  if (!SURROGATE.test(text)) return endUnit
  let points = 0
  for (let unit = 0; unit < endUnit; unit++) {
    const code = text.charCodeAt(unit)
    // A low surrogate is the second half of a code point that has been counted.
    if (code < 0xdc00 || code > 0xdfff) points++
  }
  return points
}

/** The UTF-16 unit at which code point `point` begins; the text's end if it is shorter. */
export function unitOfCodePoint(text: string, point: number, fromUnit = 0): number {
  let unit = fromUnit
  let left = point
  while (left > 0 && unit < text.length) {
    const code = text.charCodeAt(unit)
    unit += code >= 0xd800 && code <= 0xdbff ? 2 : 1
    left--
  }
  return Math.min(unit, text.length)
}
