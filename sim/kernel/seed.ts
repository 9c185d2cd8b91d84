/**
 * From the user's seed to the run's master key (design D4).
 *
 * A seed is any integer or any non-empty text. It is brought to one canonical text first, so that a seed
 * means the same whether it came from a number in code, a command line or a JSON file.
 */
import seedrandom from 'seedrandom'
import type { PRNG } from 'seedrandom'

/**
 * The canonical text of a seed:
 * - white space around a text does not count: `' 42'` is `'42'`;
 * - an integer, and a text that reads as one (decimal digits, with or without a sign), is its shortest decimal
 *   form: `42`, `42n`, `'42'`, `'+42'` and `'042'` are all `'42'`; `-0` is `'0'`;
 * - any other text stands for itself, code unit by code unit: `'4.0'`, `'0x2a'` and `'4e1'` are texts.
 * @throws RangeError for a text without content, and for a number that is not a safe integer (a larger one
 * can be given as text or bigint)
 */
export function canonicalSeed(seed: string | number | bigint): string {
  if (typeof seed === 'number' && !Number.isSafeInteger(seed)) {
    throw new RangeError(`a seed must be an integer or a non-empty text, got ${seed}; write large integers as text`)
  }
  const text = String(seed).trim()
  if (text === '') throw new RangeError('a seed must be an integer or a non-empty text, got an empty text')
  if (!/^[+-]?[0-9]+$/.test(text)) return text
  const digits = text.replace(/^[+-]?0*(?=[0-9])/, '')
  return text.startsWith('-') && digits !== '0' ? `-${digits}` : digits
}

/**
 * The key from which every draw of a run derives, as text.
 * @param seed in canonical form
 */
export function masterKey(seed: string): string {
  const prng = seededPrng(`syncstorm ${seed}`)
  return Array.from({ length: 4 }, () => (prng.int32() >>> 0).toString(16).padStart(8, '0')).join('')
}

/**
 * Baagøe's Alea from the package `seedrandom`, seeded by text: it mixes whole code units, and similar texts
 * give independent streams. The package's ARC4 reads only the low byte of each, and its xorshift family
 * starts similar texts with correlated draws.
 */
export function seededPrng(text: string): PRNG {
  return seedrandom.alea(text)
}
