/**
 * Keyed randomness (design D4): a draw is a function of the run's master key and of what is drawn for, not of
 * how many draws came before. Removing an edit or adding a feature leaves every other draw as it was.
 *
 * The mixing runs two 32-bit lanes over the words of the key, in the manner of MurmurHash3 x86_128 (Austin
 * Appleby, public domain; its constants), and ends with that hash's 32-bit finaliser. Two lanes, because
 * with one, two links in 2^32 would share all their draws. Not for secrets.
 */
import { seededPrng } from './seed.ts'

export { canonicalSeed, masterKey } from './seed.ts'

const TWO_32 = 0x1_0000_0000

export class KeyedRandom {
  readonly #laneA: number
  readonly #laneB: number

  /** @param masterKey any text; runs use `masterKey(canonicalSeed(seed))` */
  constructor(masterKey: string) {
    const prng = seededPrng(`${masterKey} keyed`)
    this.#laneA = prng.int32()
    this.#laneB = prng.int32()
  }

  /**
   * A uniform integer of 32 bits, the same for the same key.
   * @param purpose what the draw decides: one small number per kind of draw
   * @param entity what it is drawn for (a link, a device): an integer of 32 bits
   * @param slot the virtual time divided into slots, or another integer below 2^53
   * @param ordinal which draw in the slot (a message, a segment's attempt): an integer of 32 bits
   */
  uint32(purpose: number, entity: number, slot: number, ordinal: number): number {
    let a = this.#laneA
    let b = this.#laneB
    const slotHigh = Math.floor(slot / TWO_32)
    const slotLow = slot - slotHigh * TWO_32
    // Unrolled: no array, no closure, nothing for the collector.
    a = mixA(a, b, purpose); b = mixB(b, a, purpose)
    a = mixA(a, b, entity); b = mixB(b, a, entity)
    a = mixA(a, b, slotLow); b = mixB(b, a, slotLow)
    a = mixA(a, b, slotHigh); b = mixB(b, a, slotHigh)
    a = mixA(a, b, ordinal); b = mixB(b, a, ordinal)
    return finalise(a ^ finalise(b))
  }

  /**
   * A uniform integer from 0 to n - 1. Single values differ in probability by at most n / 2^32 of it.
   * @param n an integer from 1 to 2^32
   * @throws RangeError for any other n
   */
  below(n: number, purpose: number, entity: number, slot: number, ordinal: number): number {
    return scaledBelow(this.uint32(purpose, entity, slot, ordinal), n)
  }
}

/**
 * Scales 32 uniform bits to 0 .. n - 1.
 * @throws RangeError unless n is an integer from 1 to 2^32
 */
export function scaledBelow(uint32: number, n: number): number {
  if (!(n >= 1 && n <= TWO_32) || Math.floor(n) !== n) {
    throw new RangeError(`a draw needs an integer bound from 1 to 2^32, got ${n}`)
  }
  return Math.floor((uint32 / TWO_32) * n)
}

function mixA(a: number, b: number, word: number): number {
  let k = Math.imul(word, 0x239b961b)
  k = Math.imul((k << 15) | (k >>> 17), 0xab0e9789)
  a ^= k
  a = ((a << 19) | (a >>> 13)) + b
  return (Math.imul(a, 5) + 0x561ccd1b) | 0
}

function mixB(b: number, a: number, word: number): number {
  let k = Math.imul(word, 0xab0e9789)
  k = Math.imul((k << 16) | (k >>> 16), 0x38b34ae5)
  b ^= k
  b = ((b << 17) | (b >>> 15)) + a
  return (Math.imul(b, 5) + 0x0bcaa747) | 0
}

function finalise(hash: number): number {
  let h = hash
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return (h ^ (h >>> 16)) >>> 0
}
