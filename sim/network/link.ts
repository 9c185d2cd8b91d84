/**
 * The path between one device and the servers: delay, partitions, being offline.
 *
 * Models a one-way delay per packet (latency plus a uniform draw), drawn per (seed, link, direction, 10 ms
 * slot, ordinal in the slot), so that removing one message moves no other slot's draws (D4); partitions
 * during which nothing arrives; and an interface that is off. A packet that meets a partition is lost and
 * sent again by TCP's timer: minimum 200 ms, doubling, capped at 60 s (RFC 6298), which is why a stream is
 * late and never has a hole (R1). Left out until there are full links: random loss, bandwidth, queues.
 */
import type { Kernel } from '../kernel/kernel.ts'
import type { KeyedRandom } from '../kernel/keyed-random.ts'
import { DRAW } from '../kernel/draw-purposes.ts'
import { SlotDraws } from '../kernel/slot-draws.ts'

export const RETRANSMIT_MIN_US = 200_000 // Linux's TCP_RTO_MIN; RFC 6298 allows it
export const RETRANSMIT_CAP_US = 60_000_000 // RFC 6298, section 2.5

export type Direction = 'up' | 'down'

export interface LinkProfile {
  readonly latencyUs: number
  readonly jitterUs: number
}

/** A packet on its way, which a partition may hold up. */
export interface Transit {
  cancel(): void
}

export class Link {
  #cuts = 0
  #offline = 0
  #packetsCut = 0
  readonly #draws: Readonly<Record<Direction, SlotDraws>>
  readonly #kernel: Kernel
  readonly #profile: LinkProfile

  constructor(index: number, profile: LinkProfile, kernel: Kernel, random: KeyedRandom) {
    this.#profile = profile
    this.#kernel = kernel
    this.#draws = {
      up: new SlotDraws(kernel, random, DRAW.latency, index * 2),
      down: new SlotDraws(kernel, random, DRAW.latency, index * 2 + 1),
    }
  }

  get isCut(): boolean { return this.#cuts > 0 || this.#offline > 0 }
  get isOffline(): boolean { return this.#offline > 0 }

  /** Packets lost to partitions so far. */
  get packetsCut(): number { return this.#packetsCut }

  partition(): void { this.#cuts++ }
  heal(): void { this.#cuts-- }
  goOffline(): void { this.#offline++ }
  comeOnline(): void { this.#offline-- }

  /** One-way delay of the next packet in this direction. */
  delayUs(direction: Direction): number {
    const { latencyUs, jitterUs } = this.#profile
    return this.#draws[direction].between(latencyUs, latencyUs + jitterUs)
  }

  /** Sends one packet; `arrived` runs when it has got through, however often it had to be sent again. */
  carry(direction: Direction, arrived: () => void, arriveNotBeforeUs = 0): Transit {
    let attempt = 0
    let timer = 0
    const send = (notBeforeUs: number): void => {
      const atUs = Math.max(this.#kernel.nowUs + this.delayUs(direction), notBeforeUs)
      const lostAtOnce = this.isCut
      timer = this.#kernel.at(atUs, () => {
        if (!lostAtOnce && !this.isCut) return arrived()
        this.#packetsCut++
        const backoffUs = Math.min(RETRANSMIT_MIN_US * (1 << Math.min(attempt++, 20)), RETRANSMIT_CAP_US)
        timer = this.#kernel.after(backoffUs, () => send(0))
      })
    }
    send(arriveNotBeforeUs)
    return { cancel: () => { this.#kernel.cancel(timer) } }
  }
}
