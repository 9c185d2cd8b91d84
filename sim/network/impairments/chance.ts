/**
 * Whether something random happens to a packet: netem's `PERCENT [CORRELATION]`, for loss, duplication,
 * corruption and reordering.
 *
 * Without correlation each packet draws for itself. With it, each step of time draws anew with probability
 * 1 - rho and otherwise repeats the step before, so that both stated numbers hold: the share of packets hit is
 * the probability, and the yes-or-no of neighbouring steps correlates by rho. This departs from netem on
 * purpose: there the draws are averaged (`rho * last + (1 - rho) * new`), whose low tail nearly vanishes, so
 * that `loss 1% 25%` loses 3 packets in a million (iterated 10,000,000 times).
 */
import type { Dice } from './dice.ts'
import { threshold } from './dice.ts'
import { MarkovChain } from './markov-chain.ts'
import type { PacketKey } from './packet-key.ts'
import { checkedStepUs, MAX_CORRELATION, type Stepped } from './step.ts'

export interface ChanceOptions extends Stepped {
  readonly probability: number
  /** Of neighbouring steps, from 0 (default) to 0.999. */
  readonly correlation?: number
}

export class Chance {
  readonly #dice: Dice
  readonly #purpose: number
  readonly #below: number
  readonly #stepUs: number
  readonly #chain: MarkovChain | null

  /** @throws RangeError for what is no probability, correlation or step; `name` says whose */
  constructor(dice: Dice, name: string, purposes: { readonly packet: number; readonly state: number }, options: ChanceOptions) {
    const { probability, correlation = 0 } = options
    this.#dice = dice
    this.#purpose = purposes.packet
    this.#below = threshold(`${name} probability`, probability)
    this.#stepUs = checkedStepUs(options)
    if (!(correlation >= 0 && correlation <= MAX_CORRELATION)) {
      throw new RangeError(`${name} correlation must be from 0 to ${MAX_CORRELATION}, got ${correlation}`)
    }
    const begins = threshold(name, probability * (1 - correlation))
    const lasts = threshold(name, probability * (1 - correlation) + correlation)
    this.#chain = correlation === 0 ? null
      : new MarkovChain(dice, purposes.state, 2, (state, draw) => draw < (state === 1 ? lasts : begins) ? 1 : 0)
  }

  happens(nowUs: number, key: PacketKey): boolean {
    if (this.#chain !== null) return this.#chain.stateAt(Math.floor(nowUs / this.#stepUs)) === 1
    return this.#dice.ofPacket(this.#purpose, key) < this.#below
  }
}
