import { fc, test } from '@fast-check/vitest'
import { describe, expect } from 'vitest'
import { KeyedRandom, scaledBelow } from './keyed-random.ts'
import { canonicalSeed, masterKey } from './seed.ts'

const random = new KeyedRandom(masterKey('42'))
type Key = [purpose: number, entity: number, slot: number, ordinal: number]
const keys: fc.Arbitrary<Key> = fc.tuple(fc.nat({ max: 50 }), fc.nat({ max: 2 ** 31 - 1 }), fc.maxSafeNat(), fc.nat({ max: 2 ** 31 - 1 }))

/** How far counts are from uniform, in standard deviations of the chi-square statistic. */
function chiSquareDeviation(counts: readonly number[]): number {
  const expected = counts.reduce((sum, count) => sum + count, 0) / counts.length
  const statistic = counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0)
  const degrees = counts.length - 1
  return (statistic - degrees) / Math.sqrt(2 * degrees)
}

function histogram(buckets: number, draws: Iterable<number>): number[] {
  const counts = new Array<number>(buckets).fill(0)
  for (const draw of draws) counts[draw]++
  return counts
}

/** Each walks along one word of the key, as neighbouring messages, slots, links and purposes do. */
const walks: readonly [name: string, keyAt: (step: number) => Key][] = [
  ['purpose', (step) => [step, 1, 2, 3]],
  ['entity', (step) => [1, step, 2, 3]],
  ['slot', (step) => [1, 2, step, 3]],
  ['slots far out', (step) => [1, 2, 2 ** 40 + step * 2 ** 33, 3]],
  ['ordinal', (step) => [1, 2, 3, step]],
  ['entity and ordinal together', (step) => [1, step, 7, step]],
  ['a grid of slots and ordinals', (step) => [1, 2, step >> 6, step & 63]],
]

describe('KeyedRandom', () => {
  test.each(walks)('D4: draws along %s are uniform, in their high, middle and low bits', (_name, keyAt) => {
    const draws = Array.from({ length: 50_000 }, (_, step) => random.uint32(...keyAt(step)))
    for (const shift of [24, 12, 0]) {
      expect(Math.abs(chiSquareDeviation(histogram(256, draws.map((draw) => (draw >>> shift) & 255))))).toBeLessThan(4.5)
    }
  })

  test.each(walks)('D4: neighbours along %s are independent', (_name, keyAt) => {
    const draws = Array.from({ length: 50_001 }, (_, step) => random.uint32(...keyAt(step)))
    const pairs = (shift: number): number[] => histogram(256, draws.slice(1).map((draw, at) => (((draw >>> shift) & 15) << 4) | ((draws[at] >>> shift) & 15)))
    for (const shift of [28, 14, 0]) expect(Math.abs(chiSquareDeviation(pairs(shift)))).toBeLessThan(4.5)
  })

  test('D4: seeds that follow each other give independent draws', () => {
    const first = Array.from({ length: 4_000 }, (_, seed) => new KeyedRandom(masterKey(String(seed))).uint32(1, 0, 0, 0))
    expect(Math.abs(chiSquareDeviation(histogram(64, first.map((draw) => draw >>> 26))))).toBeLessThan(4.5)
    const pairs = first.slice(1).map((draw, at) => ((draw >>> 29) << 3) | (first[at] >>> 29))
    expect(Math.abs(chiSquareDeviation(histogram(64, pairs)))).toBeLessThan(4.5)
  })

  test('D4: one flipped bit of the key flips each bit of the draw with probability one half', () => {
    const flips = new Array<number>(32).fill(0)
    let count = 0
    for (let step = 0; step < 400; step++) {
      const key: Key = [step % 7, step * 31, step * 1_000_003, step]
      const draw = random.uint32(...key)
      for (let word = 0; word < 4; word++) {
        for (let bit = 0; bit < 31; bit++) {
          const changed = key.with(word, key[word] + (Math.floor(key[word] / 2 ** bit) % 2 === 0 ? 1 : -1) * 2 ** bit) as Key
          const difference = draw ^ random.uint32(...changed)
          for (let out = 0; out < 32; out++) flips[out] += (difference >>> out) & 1
          count++
        }
      }
    }
    for (const flipped of flips) expect(Math.abs(flipped / count - 0.5)).toBeLessThan(0.01)
  })

  test('D4: two entities never share their draws: a million keys collide no more than chance', () => {
    const seen = new Set<string>()
    for (let entity = 0; entity < 100_000; entity++) seen.add(`${random.uint32(1, entity, 0, 0)} ${random.uint32(1, entity, 0, 1)}`)
    expect(seen.size).toBe(100_000)
  })

  test.prop([fc.uniqueArray(keys, { minLength: 2, maxLength: 40, selector: String }), fc.nat()])(
    'D4: leaving one draw out, or asking in another order, changes none of the others', (all, at) => {
      const draws = new Map(all.map((key) => [String(key), random.uint32(...key)]))
      const others = all.toSpliced(at % all.length, 1).reverse()
      const again = new KeyedRandom(masterKey('42'))
      expect(others.map((key) => again.uint32(...key))).toEqual(others.map((key) => draws.get(String(key))))
    })

  test.prop([fc.uniqueArray(keys, { minLength: 60, maxLength: 60, selector: String })])('D4: different keys draw differently', (all) => {
    expect(new Set(all.map((key) => random.uint32(...key))).size).toBeGreaterThan(58)
  })

  test.prop([fc.integer({ min: 1, max: 2 ** 32 - 1 }), keys])('D4: below stays in range', (n, key) => {
    const draw = random.below(n, ...key)
    expect(Number.isInteger(draw) && draw >= 0 && draw < n).toBe(true)
  })

  test('D4: below reaches both ends, and refuses bounds that make no sense', () => {
    expect([scaledBelow(0, 10), scaledBelow(2 ** 32 - 1, 10), scaledBelow(2 ** 32 - 1, 2 ** 32)]).toEqual([0, 9, 2 ** 32 - 1])
    for (const n of [0, -1, 1.5, NaN, 2 ** 32 + 1, Infinity]) expect(() => random.below(n, 1, 1, 1, 1)).toThrow(RangeError)
  })

  test('D4: golden draws, the same on every platform', () => {
    expect([random.uint32(1, 2, 3, 4), random.uint32(0, 0, 0, 0), random.uint32(1, 2, 2 ** 52 + 1, 4), random.below(1_000, 3, 1, 4, 1)])
      .toMatchInlineSnapshot(`
        [
          2275750934,
          2720751337,
          3278748303,
          775,
        ]
      `)
  })
})

describe('seeds', () => {
  test.each([
    [42, '42'], [42n, '42'], ['42', '42'], [' 42\n', '42'], ['042', '42'], ['+42', '42'], [-7, '-7'], ['-007', '-7'],
    [0, '0'], [-0, '0'], ['-0', '0'], ['000', '0'], [2 ** 53 - 1, '9007199254740991'], [10n ** 30n, `1${'0'.repeat(30)}`],
    ['9'.repeat(400), '9'.repeat(400)], ['4.0', '4.0'], ['0x2a', '0x2a'], ['4e1', '4e1'], ['order desk', 'order desk'],
    ['42a', '42a'], ['日本', '日本'], ['🌩', '🌩'], ['--1', '--1'], ['-', '-'],
  ])('D4: %o is the seed %s', (seed, canonical) => {
    expect(canonicalSeed(seed)).toBe(canonical)
    expect(canonicalSeed(canonical)).toBe(canonical)
  })

  test.each(['', '  ', '\n', NaN, Infinity, 1.5, 2 ** 53])('D4: %o is no seed', (seed) => {
    expect(() => canonicalSeed(seed)).toThrow(/a seed must be an integer or a non-empty text/)
  })

  test('D4: similar seeds have different master keys', () => {
    const seeds = Array.from({ length: 20_000 }, (_, seed) => String(seed)).concat('a', 'b', 'aa', 'ā', '\u0001', '丁', '众', 'A')
    const made = seeds.map(masterKey)
    expect(new Set(made).size).toBe(seeds.length)
    expect(new Set(made.map((key) => key.slice(0, 16))).size).toBe(seeds.length)
    expect(made.every((key) => /^[0-9a-f]{32}$/.test(key))).toBe(true)
    expect(masterKey('42')).toMatchInlineSnapshot(`"36348bdfa495b7f746af5a062a57c0b9"`)
  })
})
