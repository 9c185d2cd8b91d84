/**
 * Names packets for keyed draws (D4): a packet is named by the 10 ms slot in which it was first sent and by
 * its ordinal there, counted apart for each kind, and a retransmission by the same name and its attempt. So
 * a message more or less renames nothing outside its slot, and acknowledgements rename no data.
 */
import type { Kernel } from '../../kernel/kernel.ts'

/** Third word of a key. Numbers are never reused. */
export const PACKET_KIND = { handshake: 1, data: 2, acknowledgement: 3, reset: 4 } as const
export type PacketKind = (typeof PACKET_KIND)[keyof typeof PACKET_KIND]

const SLOT_US = 10_000
const KINDS = 5

export class SegmentKeys {
  readonly #kernel: Kernel
  readonly #connection: number
  readonly #direction: number
  readonly #slots = new Array<number>(KINDS).fill(-1)
  readonly #ordinals = new Array<number>(KINDS).fill(0)

  /** @param direction 0 from the client, 1 from the server */
  constructor(kernel: Kernel, connection: number, direction: 0 | 1) {
    this.#kernel = kernel
    this.#connection = connection
    this.#direction = direction
  }

  /** The key of a packet sent for the first time now. */
  next(kind: PacketKind): readonly number[] {
    const slot = Math.floor(this.#kernel.nowUs / SLOT_US)
    if (this.#slots[kind] !== slot) {
      this.#slots[kind] = slot
      this.#ordinals[kind] = 0
    }
    return [this.#connection, this.#direction, kind, slot, this.#ordinals[kind]++, 0]
  }
}

/** The key of a packet that is sent again, for the `attempt`-th time (from 1). */
export function resentKey(key: readonly number[], attempt: number): readonly number[] {
  return [key[0], key[1], key[2], key[3], key[4], attempt]
}
