/**
 * A host (a device, one tab of a device, a server) with its process, its disk and its connections, as faults see
 * it: it loses power, its process is killed or restarted, it falls asleep and wakes (R5, I07, A15).
 *
 * Faults may overlap. A host that several of them keep down starts when the last one ends, and one that is
 * asleep when its process ends does not go on sleeping.
 *
 * - power: nobody hears of it. What was not synced is gone (or torn), the peers keep half-open streams, and
 *   packets for the host find nobody until it is on again;
 * - kill: the machine runs on. Its kernel closes the sockets and keeps what was written;
 * - restart: as a kill, and its streams are closed in order (a deployment, a tab reloaded).
 */
import type { CloseReason, Strategy } from '../contract.ts'
import type { AccessLink } from '../network/access-link.ts'
import type { Transport } from '../network/transport.ts'
import type { DiskFate, Host } from './host.ts'
import { Outage } from './outage.ts'

/** What runs on a host: a device's stack and replica, or a server's gateway and authority. */
export interface Process {
  boot(strategy: Strategy): void
  /** Everything in memory is gone, and nothing is called back any more. Returns how many unfinished things that were. */
  ended(): number
  /** Returns how many connections it closed. */
  suspending?(event: 'background' | 'pagehide'): number
  woke?(event: 'foreground' | 'pageshow'): void
}

export type Ending = 'power' | 'power-torn' | 'kill' | 'restart'

interface EndingTraits {
  readonly fate: DiskFate
  /** What the peers hear; null if nothing. */
  readonly heard: CloseReason | null
}

const ENDINGS: Readonly<Record<Ending, Readonly<Record<'device' | 'server', EndingTraits>>>> = {
  power: same({ fate: 'lost', heard: null }),
  'power-torn': same({ fate: 'torn', heard: null }),
  kill: same({ fate: 'kept', heard: { kind: 'lost' } }),
  // RFC 6455 and its registry: 1001 going away, 1012 service restart.
  restart: { device: { fate: 'kept', heard: { kind: 'closed', code: 1001 } }, server: { fate: 'kept', heard: { kind: 'closed', code: 1012 } } },
}

function same(traits: EndingTraits): Readonly<Record<'device' | 'server', EndingTraits>> { return { device: traits, server: traits } }

/** Connections that have slept this long are gone: mobile middleboxes forget idle ones after 30 s and more. */
const CONNECTIONS_OUTLIVE_US = 30_000_000

export interface Wires {
  readonly link: AccessLink
  readonly transport: Transport
}

export class Machine {
  readonly host: Host
  readonly side: 'device' | 'server'
  readonly wires: readonly Wires[]
  readonly #process: Process
  readonly #strategy: Strategy
  #downs = 0
  /** Sleeps that hold; a process that ends forgets them. */
  #sleeps = new Set<string>()
  #fellAsleepUs = 0
  readonly #outage: Outage

  /**
   * @param wires of a device its own, of a server those of every device
   * @param outage shared with the other tabs of the machine, if there are any
   */
  constructor(
    host: Host, side: 'device' | 'server', wires: readonly Wires[], process: Process, strategy: Strategy,
    outage = new Outage(wires.map(({ link }) => link)),
  ) {
    this.host = host
    this.side = side
    this.wires = wires
    this.#process = process
    this.#strategy = strategy
    this.#outage = outage
  }

  /** Ends the process. Returns what it hit: unfinished work in memory, streams, requests, disk writes. */
  stop(ending: Ending): number {
    this.#downs += 1
    if (this.#downs > 1) return 0
    const { fate, heard } = ENDINGS[ending][this.side]
    let hit = this.#process.ended()
    for (const { transport } of this.wires) hit += this.side === 'device' ? transport.deviceGone(heard) : transport.serverGone(heard)
    this.#sleeps.clear()
    this.#outage.wake(this.host)
    // Nobody answers for a machine that is off.
    if (heard === null) this.#outage.powerOff()
    return hit + this.host.stop(fate)
  }

  /** Starts the next incarnation, unless something else keeps the host down. */
  start(): void {
    this.#downs -= 1
    if (this.#downs > 0) return
    this.#outage.powerOn()
    this.host.start()
    this.#process.boot(this.#strategy)
  }

  /**
   * Puts the process to sleep. `hide`: a page in the back/forward cache, whose connections are closed in order.
   * Returns what it hit: connections closed, timers that stand still.
   */
  suspend(fault: string, how: 'suspend' | 'hide'): number {
    if (!this.host.isUp) return 0
    this.#sleeps.add(fault)
    if (this.#sleeps.size > 1) return 0
    const closed = this.#process.suspending?.(how === 'hide' ? 'pagehide' : 'background') ?? 0
    if (how === 'suspend') this.#outage.suspend(this.host)
    this.#fellAsleepUs = this.host.world.kernel.nowUs
    return closed + this.host.suspend()
  }

  /** Its last sleep is about to end: it is on the network again before any of its tabs is. Returns how many packets met it asleep. */
  stir(fault: string): number { return this.#sleeps.has(fault) && this.#sleeps.size === 1 ? this.#outage.wake(this.host) : 0 }

  wake(fault: string, how: 'suspend' | 'hide'): void {
    if (!this.#sleeps.delete(fault) || this.#sleeps.size > 0) return
    const asleepUs = this.host.world.kernel.nowUs - this.#fellAsleepUs
    if (how === 'suspend' && asleepUs >= CONNECTIONS_OUTLIVE_US) for (const { transport } of this.wires) transport.forgetStreams()
    this.host.wake()
    this.#process.woke?.(how === 'hide' ? 'pageshow' : 'foreground')
  }
}
