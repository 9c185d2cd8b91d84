/**
 * A stateful box between a device's access link and the servers: a NAT, a firewall, a proxy. It keeps a table of the
 * connections whose SYN came through it, and forwards the packets of those alone.
 *
 * It can do four things wrong. It forgets its table (a restart, a table that is full): packets of connections
 * that it does not know are dropped without a word, as Linux's conntrack does where `nf_conntrack_tcp_loose` is
 * off, so that both ends wait for TCP's timers (requirements B07). It resets connections in both directions, with
 * packets that neither end has sent (toxiproxy's `reset_peer`; what censors do). It holds the FINs and resets that
 * pass (toxiproxy's `slow_close`). While it does nothing wrong it is not noticed.
 *
 * Left out: entries that age, a limit of entries, address translation, a reset in answer to an unknown packet
 * (other boxes do that; a `reset` shows it).
 */
import type { Flow, Packet, PacketPath, Way } from './tcp/packet-path.ts'
import { RST_BYTES } from './tcp/segment.ts'
import { PACKET_KIND } from './tcp/segment-keys.ts'

/** The two directions of the link between the device and the box. */
export interface Directions {
  readonly up: PacketPath
  readonly down: PacketPath
}

interface Entry {
  readonly flow: Flow
  readonly link: Directions
  isKnown: boolean
  /** Undoes what was done when the connection was cut off. */
  restored: () => void
}

/** What is done for a connection whose client no longer reaches its peer; the result undoes it. */
export type Severed = (flow: Flow) => () => void

const nothing = (): void => undefined
const RESET = { sizeBytes: RST_BYTES, key: [0, 1, PACKET_KIND.reset, 0, 0, 0] }

export class Middlebox {
  /** Connections that a program of the device holds, in the order in which they were made. */
  readonly #entries = new Set<Entry>()
  #holds = 0
  #heldSoFar = 0
  #held: (() => void)[] = []

  /** FINs and resets held so far. */
  get heldSoFar(): number { return this.#heldSoFar }

  /** A connection over this link begins. */
  enter(flow: Flow, link: Directions): Omit<Way, 'lookUp'> {
    const entry: Entry = { flow, link, isKnown: false, restored: nothing }
    this.#entries.add(entry)
    return {
      up: { send: (packet, arrived) => link.up.send(packet, () => this.#pass(entry, packet, packet.isOpening === true, arrived)) },
      down: { send: (packet, arrived) => this.#pass(entry, packet, false, () => link.down.send(packet, arrived)) },
      released: () => {
        this.#entries.delete(entry)
        this.#restore(entry)
      },
    }
  }

  #pass(entry: Entry, packet: Packet, isOpening: boolean, forward: () => void): void {
    if (isOpening && !entry.isKnown) {
      entry.isKnown = true
      this.#restore(entry)
    }
    if (!entry.isKnown) return
    if (this.#holds === 0 || packet.isClosing !== true) return forward()
    this.#heldSoFar++
    this.#held.push(forward)
  }

  #restore(entry: Entry): void {
    entry.restored()
    entry.restored = nothing
  }

  /** The table is empty. Returns how many connections were in it. */
  forget(severed: Severed): number {
    return this.#sever(severed, (entry) => { entry.isKnown = false })
  }

  /** Both ends of every connection get a reset: the server at once, the device over its link. Returns how many. */
  reset(severed: Severed): number {
    return this.#sever(severed, ({ flow, link }) => {
      flow.reset('server')
      link.down.send(RESET, () => flow.reset('client'))
    })
  }

  #sever(severed: Severed, how: (entry: Entry) => void): number {
    const known = [...this.#entries].filter(({ isKnown }) => isKnown)
    for (const entry of known) {
      this.#restore(entry)
      entry.restored = severed(entry.flow)
      how(entry)
    }
    return known.length
  }

  /** FINs and resets are held, until released as often as held. */
  hold(): void { this.#holds++ }
  release(): void {
    this.#holds--
    if (this.#holds > 0) return
    for (const forward of this.#held.splice(0)) forward()
  }
}
