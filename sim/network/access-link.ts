/**
 * A device's access to the network: one link up and one down, shared by all connections of all its tabs, so that
 * they share its bandwidth, its queue and its outages; the browser's sockets, which are limited per origin; a stateful
 * box behind the link (`middlebox.ts`); and the resolver that finds the servers' addresses. Servers are taken to be
 * wherever that ends.
 *
 * A device that changes its network gets other links and another address. What was on its way over the old ones
 * is lost, and a connection is bound to the address it was made from: its packets go the old way, into nothing.
 *
 * Names are not cached: every connection looks the server up. A resolver that is silent is asked twice, five seconds
 * apart (resolv.conf(5): RES_TIMEOUT, RES_DFLRETRY), and then the connection cannot be made.
 */
import type { Kernel } from '../kernel/kernel.ts'
import type { KeyedRandom } from '../kernel/keyed-random.ts'
import { type LinkPlan, packetLinkOptions } from '../scenario/link-plan.ts'
import type { Direction } from '../scenario/plan.ts'
import type { DeliveryTrace } from './delivery-trace.ts'
import { OriginSockets } from './http/origin-sockets.ts'
import { Middlebox } from './middlebox.ts'
import { PacketLink } from './packet-link.ts'
import { HttpProxy } from './selection/http-proxy.ts'
import { LinkPath } from './tcp/link-path.ts'
import type { Access, Flow, PacketPath, Way } from './tcp/packet-path.ts'

/** How long a resolver waits for an answer before it asks again, or gives up. */
export const LOOK_UP_US = 5_000_000
export const LOOK_UPS = 2

/** The links of one network, and the connections' paths over them. */
interface Carrier {
  readonly links: Readonly<Record<'up' | 'down', PacketLink>>
  readonly up: PacketPath
  readonly down: PacketPath
}

const waysOf = (direction: Direction): readonly ('up' | 'down')[] => direction === 'both' ? ['up', 'down'] : [direction]

export class AccessLink implements Access {
  readonly sockets = new OriginSockets()
  readonly box = new Middlebox()
  /** For what is no TCP connection: the way over whichever network the device is in. */
  readonly upPath: PacketPath = { access: this, send: (packet, arrived) => this.#carrier.up.send(packet, arrived) }
  readonly downPath: PacketPath = { access: this, send: (packet, arrived) => this.#carrier.down.send(packet, arrived) }
  /** At the far end: what it does not let through. */
  readonly proxy: HttpProxy
  #carrier: Carrier
  #offline = 0
  #silentResolvers = 0
  #lookUpsFailed = 0
  #connectionsSwallowed = 0
  /** Of the networks that the device has left, while it was in them. */
  #before = { cut: 0, held: 0 }
  /** What holds in each direction, on whichever network. */
  readonly #cuts = { up: 0, down: 0 }
  readonly #clogs = { up: 0, down: 0 }
  #holes = 0
  readonly #index: number
  readonly #kernel: Kernel
  readonly #traces: ReadonlyMap<string, DeliveryTrace>

  /**
   * @param index of the device; its directions are the links 2 index and 2 index + 1 of the run
   * @param traces the plan's recordings, by source
   */
  constructor(index: number, plan: LinkPlan, kernel: Kernel, random: KeyedRandom, traces: ReadonlyMap<string, DeliveryTrace> = new Map()) {
    this.#index = index
    this.#kernel = kernel
    this.#traces = traces
    this.#carrier = this.#carry(plan, random)
    this.proxy = new HttpProxy(plan.proxy)
  }

  get up(): PacketLink { return this.#carrier.links.up }
  get down(): PacketLink { return this.#carrier.links.down }
  get isCut(): boolean { return this.up.isCut || this.down.isCut }
  get isOffline(): boolean { return this.#offline > 0 }
  /** Packets lost to partitions so far, both ways. */
  get packetsCut(): number { return this.#before.cut + this.up.counters.lost.cut + this.down.counters.lost.cut }
  /** Packets that clogs have held so far, both ways. */
  get packetsHeld(): number { return this.#before.held + this.up.heldSoFar + this.down.heldSoFar }
  /** Connections that could not be made, or not at once, because nobody knew the server's address. */
  get lookUpsFailed(): number { return this.#lookUpsFailed }

  /** Connections begun in a black hole. */
  get connectionsSwallowed(): number { return this.#connectionsSwallowed }

  enter(flow: Flow): Way {
    if (this.#holes > 0) this.#connectionsSwallowed++
    return { ...this.box.enter(flow, this.#carrier), lookUp: (found, failed) => this.#lookUp(LOOK_UPS, found, failed) }
  }

  partition(direction: Direction = 'both'): void {
    for (const way of waysOf(direction)) {
      this.#cuts[way]++
      this[way].cut()
    }
  }

  heal(direction: Direction = 'both'): void {
    for (const way of waysOf(direction)) {
      this.#cuts[way]--
      this[way].heal()
    }
  }

  /** What arrives is held. */
  clog(direction: Direction = 'both'): void {
    for (const way of waysOf(direction)) {
      this.#clogs[way]++
      this[way].clog()
    }
  }

  /** What was held arrives at once, in order. */
  release(direction: Direction = 'both'): void {
    for (const way of waysOf(direction)) {
      this.#clogs[way]--
      this[way].release()
    }
  }

  /** The path takes packets and forwards none. */
  swallow(): void {
    this.#holes++
    for (const way of waysOf('both')) this[way].swallow()
  }

  forward(): void {
    this.#holes--
    for (const way of waysOf('both')) this[way].forward()
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

  loseResolver(): void { this.#silentResolvers++ }
  findResolver(): void { this.#silentResolvers-- }

  #lookUp(tries: number, found: () => void, failed: () => void): void {
    if (this.#silentResolvers === 0) return found()
    if (tries === LOOK_UPS) this.#lookUpsFailed++
    this.#kernel.after(LOOK_UP_US, tries > 1 ? () => this.#lookUp(tries - 1, found, failed) : failed)
  }

  /** The device is in another network from now on. What holds there holds still: it is the device that is cut off. */
  switchTo(plan: LinkPlan, random: KeyedRandom): void {
    const old = this.#carrier.links
    this.#before = { cut: this.packetsCut, held: this.packetsHeld }
    this.#carrier = this.#carry(plan, random)
    this.proxy.change(plan.proxy)
    for (const way of waysOf('both')) {
      old[way].cut()
      for (let count = 0; count < this.#clogs[way]; count++) old[way].release()
      for (let count = 0; count < this.#cuts[way]; count++) this[way].cut()
      for (let count = 0; count < this.#clogs[way]; count++) this[way].clog()
      for (let count = 0; count < this.#holes; count++) this[way].swallow()
    }
  }

  #carry(plan: LinkPlan, random: KeyedRandom): Carrier {
    const up = new PacketLink(2 * this.#index, packetLinkOptions(plan.up, this.#traces), this.#kernel, random)
    const down = new PacketLink(2 * this.#index + 1, packetLinkOptions(plan.down, this.#traces), this.#kernel, random)
    return { links: { up, down }, up: new LinkPath(up), down: new LinkPath(down) }
  }
}
