/**
 * Which packets are lost: the same ones on the real wire (relay.py) and in the model. A loss follows from what
 * a packet is, not from when it comes; so the two are compared over the same losses, and a percentile that lies
 * on the edge between lost and not lost (the 99th at 1 % loss) does not differ by luck.
 *
 * Once the two have done different things (a segment more, other boundaries) they draw different fates there.
 */
import type { PacketPath } from '../../sim/network/tcp/packet-path.ts'
import { FIN, RST, SYN, Segment } from '../../sim/network/tcp/segment.ts'

const KIND = { syn: 1, data: 2, acknowledgement: 3 } as const

/** A whole number below 2^32 from a seed and words: MurmurHash3's finalizer, word by word. */
export function fate(seed: number, words: readonly number[]): number {
  let hash = seed | 0
  for (const word of words) {
    hash = Math.imul(hash ^ word, 0x85ebca6b)
    hash ^= hash >>> 13
    hash = Math.imul(hash, 0xc2b2ae35)
    hash ^= hash >>> 16
  }
  return hash >>> 0
}

/** What `fate` must come below for a packet to be lost with this probability. */
export const lossThreshold = (probability: number): number => Math.floor(probability * 2 ** 32)

/** One direction of one connection, losing what relay.py would lose. */
export class FatedPath implements PacketPath {
  lossProbability = 0
  isBlackHole = false
  dropped = 0
  readonly #seen = new Map<string, number>()
  readonly #inner: PacketPath
  readonly #seed: number
  readonly #connection: number
  readonly #direction: 0 | 1

  /** @param direction 0 from the client to the server */
  constructor(inner: PacketPath, seed: number, connection: number, direction: 0 | 1) {
    this.#inner = inner
    this.#seed = seed
    this.#connection = connection
    this.#direction = direction
  }

  send(packet: Segment, arrived: () => void): void {
    const { flags, start, end, ack } = packet
    const [kind, position] = (flags & SYN) !== 0 ? [KIND.syn, 0]
      : end > start || (flags & (FIN | RST)) !== 0 ? [KIND.data, start] : [KIND.acknowledgement, ack]
    const name = `${kind} ${position}`
    const attempt = this.#seen.get(name) ?? 0
    this.#seen.set(name, attempt + 1)
    const drawn = fate(this.#seed, [this.#connection, this.#direction, kind, position, attempt])
    if (this.isBlackHole || drawn < lossThreshold(this.lossProbability)) this.dropped++
    else this.#inner.send(packet, arrived)
  }
}
