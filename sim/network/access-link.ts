/**
 * A device's access to the network: one link up and one down, shared by all connections of all its tabs, so that
 * they share its bandwidth, its queue and its outages; and the browser's sockets, which are limited per origin. Servers are taken to be wherever the link ends.
 */
import type { Kernel } from '../kernel/kernel.ts'
import type { KeyedRandom } from '../kernel/keyed-random.ts'
import type { LinkPlan } from '../scenario/link-plan.ts'
import { OriginSockets } from './http/origin-sockets.ts'
import { PacketLink } from './packet-link.ts'
import { HttpProxy } from './selection/http-proxy.ts'
import { LinkPath } from './tcp/link-path.ts'
import type { PacketPath } from './tcp/packet-path.ts'

export class AccessLink {
  readonly up: PacketLink
  readonly down: PacketLink
  readonly upPath: PacketPath
  readonly downPath: PacketPath
  readonly sockets = new OriginSockets()
  /** At the far end: what it does not let through. */
  readonly proxy: HttpProxy
  #offline = 0

  /** @param index of the device; its directions are the links 2 index and 2 index + 1 of the run */
  constructor(index: number, plan: LinkPlan, kernel: Kernel, random: KeyedRandom) {
    this.up = new PacketLink(2 * index, plan.up, kernel, random)
    this.down = new PacketLink(2 * index + 1, plan.down, kernel, random)
    this.upPath = new LinkPath(this.up)
    this.downPath = new LinkPath(this.down)
    this.proxy = new HttpProxy(plan.proxy)
  }

  get isCut(): boolean { return this.up.isCut }
  get isOffline(): boolean { return this.#offline > 0 }

  /** Packets lost to partitions so far, both ways. */
  get packetsCut(): number { return this.up.counters.lost.cut + this.down.counters.lost.cut }

  partition(): void {
    this.up.cut()
    this.down.cut()
  }

  heal(): void {
    this.up.heal()
    this.down.heal()
  }

  /** The interface is off: nothing passes, and the device knows it. */
  goOffline(): void {
    this.#offline++
    this.partition()
  }

  comeOnline(): void {
    this.#offline--
    this.heal()
  }
}
