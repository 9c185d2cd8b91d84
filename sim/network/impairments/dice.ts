/** One link direction's access to keyed draws: per packet, and per step of a process in time. */
import type { KeyedRandom } from '../../kernel/keyed-random.ts'
import type { PacketKey } from './packet-key.ts'

const TWO_32 = 0x1_0000_0000

export class Dice {
  readonly #random: KeyedRandom
  readonly #link: number

  constructor(random: KeyedRandom, link: number) {
    this.#random = random
    this.#link = link
  }

  ofPacket(purpose: number, key: PacketKey): number {
    return this.#random.uint32(purpose, this.#link, key.slot, key.ordinal)
  }

  ofStep(purpose: number, step: number): number {
    return this.#random.uint32(purpose, this.#link, step, 0)
  }
}

/**
 * A draw below it happens with this probability.
 * @throws RangeError for what is no probability; `name` says which one it was
 */
export function threshold(name: string, probability: number): number {
  if (!(probability >= 0 && probability <= 1)) throw new RangeError(`${name} must be a probability from 0 to 1, got ${probability}`)
  return Math.floor(probability * TWO_32 + 0.5)
}
