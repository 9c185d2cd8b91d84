/**
 * Named random streams, forked from the master key by name (design D4): for things that have no identity of
 * their own, such as the bytes a library draws on one host. Streams of different names are independent, and
 * opening one never moves another. Where the thing drawn for has an identity, use `KeyedRandom`.
 */
import { scaledBelow } from './keyed-random.ts'
import { seededPrng } from './seed.ts'

const TWO_32 = 0x1_0000_0000
const TWO_26 = 0x400_0000
const TWO_53 = 0x20_0000_0000_0000

export interface RandomStream {
  /** A uniform integer from 0 to 2^32 - 1. */
  uint32(): number
  /** A uniform integer from 0 to n - 1; n from 1 to 2^32. */
  below(n: number): number
  /** A uniform integer from lo to hi, both included; safe integers whose distance is below 2^53. */
  between(lo: number, hi: number): number
  /** True with a probability in parts per million: 50_000 is 5 %. */
  chance(ppm: number): boolean
  /** One of the elements, all equally likely. */
  pick<T>(array: readonly T[]): T
  /** A multiple of 2^-32 in [0, 1). */
  unit(): number
}

/** Opens the stream `name` at its beginning. Each method throws RangeError for bounds that make no sense. */
export function openStream(masterKey: string, name: string): RandomStream {
  const prng = seededPrng(`${masterKey} stream ${name}`)
  const uint32 = (): number => prng.int32() >>> 0
  return {
    uint32,
    below: (n) => scaledBelow(uint32(), n),
    between: (lo, hi) => {
      const count = hi - lo + 1
      if (!Number.isSafeInteger(lo) || !Number.isSafeInteger(hi) || count < 1 || count > TWO_53) {
        throw new RangeError(`a draw between ${lo} and ${hi} needs safe integers, the smaller one first`)
      }
      if (count <= TWO_32) return lo + scaledBelow(uint32(), count)
      // 53 bits; the product is below 2^53, so it is off by less than one and the floor stays in range.
      const unit53 = ((uint32() >>> 5) * TWO_26 + (uint32() >>> 6)) / TWO_53
      return lo + Math.min(count - 1, Math.floor(unit53 * count))
    },
    chance: (ppm) => {
      if (!(ppm >= 0 && ppm <= 1_000_000)) throw new RangeError(`a chance is 0 to 1000000 parts per million, got ${ppm}`)
      return scaledBelow(uint32(), 1_000_000) < ppm
    },
    pick: <T>(array: readonly T[]): T => {
      if (array.length === 0) throw new RangeError('cannot pick from an empty array')
      return array[scaledBelow(uint32(), array.length)]
    },
    unit: () => uint32() / TWO_32,
  }
}
