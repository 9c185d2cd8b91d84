/**
 * A path for tests of connections: delay, jitter (which reorders), independent loss and duplication, and a
 * rate with a drop-tail queue that several connections may share. Draws are keyed by the packet's ordinal.
 */
import type { Kernel } from '../../../kernel/kernel.ts'
import { KeyedRandom } from '../../../kernel/keyed-random.ts'
import type { Packet, PacketPath } from '../packet-path.ts'

export interface LossyPathProfile {
  readonly delayUs: number
  readonly jitterUs?: number
  /** Per thousand. */
  readonly loss?: number
  readonly duplicate?: number
  /** Bits per microsecond, which is Mbit/s; infinite without. */
  readonly rateMbps?: number
  readonly queueBytes?: number
}

const DRAW = { loss: 1, duplicate: 2, jitter: 3, again: 4 } as const

export class LossyPath implements PacketPath {
  /** Drops every packet while true. */
  isCut = false
  /** Decides over a packet in place of the draw, if it says something: true drops it. */
  fate: (packet: Packet, ordinal: number) => boolean | undefined = () => undefined
  readonly packets: { readonly packet: Packet; readonly atUs: number; readonly isLost: boolean }[] = []
  lost = 0
  deepestQueueBytes = 0
  readonly #kernel: Kernel
  readonly #profile: LossyPathProfile
  readonly #random: KeyedRandom
  #ordinal = 0
  #freeAtUs = 0

  constructor(kernel: Kernel, profile: LossyPathProfile, seed: string) {
    this.#kernel = kernel
    this.#profile = profile
    this.#random = new KeyedRandom(seed)
  }

  send(packet: Packet, arrived: () => void): void {
    const ordinal = this.#ordinal++
    const { loss = 0, duplicate = 0, rateMbps = Infinity } = this.#profile
    const isLost = this.isCut || (this.fate(packet, ordinal) ?? this.#perMille(DRAW.loss, ordinal) < loss) || this.#isQueueFull(packet)
    this.packets.push({ packet, atUs: this.#kernel.nowUs, isLost })
    if (isLost) {
      this.lost++
      return
    }
    this.#freeAtUs = Math.max(this.#freeAtUs, this.#kernel.nowUs) + Math.ceil(packet.sizeBytes * 8 / rateMbps)
    this.#deliver(arrived, DRAW.jitter, ordinal)
    if (this.#perMille(DRAW.duplicate, ordinal) < duplicate) this.#deliver(arrived, DRAW.again, ordinal)
  }

  #deliver(arrived: () => void, purpose: number, ordinal: number): void {
    const { delayUs, jitterUs = 0 } = this.#profile
    this.#kernel.at(this.#freeAtUs + delayUs + this.#random.below(jitterUs + 1, purpose, 0, 0, ordinal), () => {
      if (!this.isCut) arrived()
    })
  }

  #isQueueFull(packet: Packet): boolean {
    const { rateMbps, queueBytes = Infinity } = this.#profile
    if (rateMbps === undefined) return false
    const waitingBytes = Math.max(this.#freeAtUs - this.#kernel.nowUs, 0) * rateMbps / 8
    this.deepestQueueBytes = Math.max(this.deepestQueueBytes, waitingBytes)
    return waitingBytes + packet.sizeBytes > queueBytes
  }

  #perMille(purpose: number, ordinal: number): number {
    return this.#random.below(1_000, purpose, 0, 0, ordinal)
  }
}
