/**
 * One direction of a path, packet by packet, in the vocabulary of `tc-netem`.
 *
 * A packet passes, in this order: the switches that the plan flips; the drop-tail queue and the bottleneck,
 * shared by everything in the direction; loss; delay and reordering; duplication; and the checksum at the far
 * end. Weather is drawn by the time of entry and the packet's key (`impairments/`), never by the packets before
 * it (D4); what packets do to one another is only what they do on a wire: wait, and be dropped by a full queue.
 *
 * Order: netem lets a packet with less jitter overtake, real paths mostly do not, since a queue lies behind most
 * jitter. `keepsOrder` (the default, unless `reorder` is asked for) lets a packet arrive no earlier than the one
 * before it; so jitter above the packet spacing bunches packets instead of shuffling them, and raises their mean
 * delay above the stated one.
 *
 * Not modelled: fragmentation (senders keep to the MTU), path changes in flight, several queues per direction.
 */
import type { Kernel } from '../kernel/kernel.ts'
import type { KeyedRandom } from '../kernel/keyed-random.ts'
import { type DeliveryTrace, RecordedRate } from './delivery-trace.ts'
import { DropTailQueue, type QueueLimit } from './impairments/drop-tail-queue.ts'
import { type DrawnFate, type FateOverride, type Impairments, LinkWeather } from './impairments/fate.ts'
import { fateId, PacketKeys, type Retransmission, retransmissionKey } from './impairments/packet-key.ts'
import { type Bottleneck, ConstantRate } from './impairments/rate.ts'
import { type DropReason, emptyTally, type LinkCounters } from './link-counters.ts'

/** netem's default `limit`. */
const DEFAULT_QUEUE: QueueLimit = { maxPackets: 1000 }

export interface PacketLinkOptions extends Impairments {
  /** Unlimited unless given; the queue then does not matter. */
  readonly bottleneck?: { readonly rateKbps: number } | { readonly recorded: DeliveryTrace; readonly fromUs?: number }
  /** netem's 1,000 packets unless given. */
  readonly queue?: QueueLimit
  /** True unless `reorder` is given. */
  readonly keepsOrder?: boolean
  readonly override?: FateOverride
}

export interface Packet {
  /** On the wire, headers included. */
  readonly sizeBytes: number
  /** Names a packet that is a retransmission, so that it draws the same fate whenever it is sent (D4). */
  readonly key?: Retransmission
}

export interface PacketInfo {
  readonly fateId: string
  readonly sentUs: number
  /** True of the second arrival of a duplicated packet. */
  readonly isCopy: boolean
}

interface Flight {
  readonly info: PacketInfo
  readonly sizeBytes: number
  readonly isCorrupt: boolean
  readonly arrived: (info: PacketInfo) => void
  readonly dropped: ((why: DropReason, info: PacketInfo) => void) | undefined
}

export class PacketLink {
  #cuts = 0
  #clogs = 0
  #blackHoles = 0
  #lastArrivalUs = 0
  readonly #held: Flight[] = []
  #heldSoFar = 0
  readonly #tally = emptyTally()
  readonly #keys = new PacketKeys()
  readonly #kernel: Kernel
  readonly #link: number
  readonly #weather: LinkWeather
  readonly #bottleneck: Bottleneck | null
  readonly #queue: DropTailQueue
  readonly #keepsOrder: boolean
  readonly #override: FateOverride | undefined

  /**
   * @param link the number of this direction in the run: what its draws and fate ids are keyed by
   * @throws RangeError for impossible numbers
   */
  constructor(link: number, options: PacketLinkOptions, kernel: Kernel, random: KeyedRandom) {
    const { bottleneck, queue = DEFAULT_QUEUE, reorder, keepsOrder = reorder === undefined } = options
    this.#kernel = kernel
    this.#link = link
    this.#weather = new LinkWeather(random, link, options)
    this.#bottleneck = bottleneck === undefined ? null
      : 'rateKbps' in bottleneck ? new ConstantRate(bottleneck.rateKbps) : new RecordedRate(bottleneck.recorded, bottleneck.fromUs)
    this.#queue = new DropTailQueue(queue)
    this.#keepsOrder = keepsOrder
    this.#override = options.override
  }

  get counters(): LinkCounters { return this.#tally }
  get isCut(): boolean { return this.#cuts > 0 }
  get isClogged(): boolean { return this.#clogs > 0 }
  get isBlackHole(): boolean { return this.#blackHoles > 0 }
  /** Packets that a clog has held, now or before. */
  get heldSoFar(): number { return this.#heldSoFar }

  /** Nothing enters and nothing arrives, until healed as often as cut. */
  cut(): void { this.#cuts++ }
  heal(): void { this.#cuts = lowered(this.#cuts, 'heal', 'cut') }

  /** The path takes packets and forwards none; what entered before still arrives. */
  swallow(): void { this.#blackHoles++ }
  forward(): void { this.#blackHoles = lowered(this.#blackHoles, 'forward', 'swallow') }

  /** What would arrive is held, until released as often as clogged. */
  clog(): void { this.#clogs++ }
  /** What was held arrives at once, in the order in which it came; inside this call. */
  release(): void {
    this.#clogs = lowered(this.#clogs, 'release', 'clog')
    while (this.#clogs === 0) {
      const next = this.#held.shift()
      if (next === undefined) return
      this.#reach(next)
    }
  }

  /**
   * Sends one packet. Either `arrived` or `dropped` runs, later and never inside this call: `dropped` when the
   * packet is lost, at the place on its way where that happens. It is for histories; a sender would not know.
   * A copy on its way calls back for itself.
   * @throws RangeError for a size that is no whole number of bytes from 1 on
   */
  send(packet: Packet, arrived: (info: PacketInfo) => void, dropped?: (why: DropReason, info: PacketInfo) => void): void {
    const { sizeBytes } = packet
    if (!(sizeBytes >= 1) || !Number.isSafeInteger(sizeBytes)) throw new RangeError(`sizeBytes must be a whole number, at least 1, got ${sizeBytes}`)
    const nowUs = this.#kernel.nowUs
    const key = packet.key === undefined ? this.#keys.next(nowUs) : retransmissionKey(packet.key)
    const info = { fateId: fateId(this.#link, key), sentUs: nowUs, isCopy: false }
    this.#tally.sent++
    this.#tally.sentBytes += sizeBytes
    const drop = (why: DropReason, atUs: number): void => {
      this.#tally.lost[why]++
      if (dropped !== undefined) this.#kernel.at(atUs, () => dropped(why, info))
    }
    if (this.isCut) return drop('cut', nowUs)
    const leftUs = this.#pass(nowUs, sizeBytes)
    if (leftUs === null) return drop('queue', nowUs)
    if (this.isBlackHole) return drop('black-hole', leftUs)
    const drawn = this.#weather.draw(nowUs, key)
    const wish = this.#override?.(info.fateId, drawn)
    const fate = wish === undefined ? drawn : this.#weather.overridden(wish)
    if (fate.lostBy === 'loss') return drop('loss', leftUs)
    this.#launch(fate, leftUs, { info, sizeBytes, arrived, dropped, isCorrupt: fate.lostBy === 'corrupt' })
  }

  /** When the packet has left the bottleneck, or null if the queue before it is full. */
  #pass(nowUs: number, sizeBytes: number): number | null {
    if (this.#bottleneck === null) return nowUs
    if (!this.#queue.hasRoom(nowUs, sizeBytes)) return null
    const { startUs, endUs } = this.#bottleneck.transmit(nowUs, sizeBytes)
    this.#queue.push(startUs, sizeBytes)
    return endUs
  }

  #launch(fate: DrawnFate, leftUs: number, flight: Flight): void {
    if (fate.isReordered) this.#tally.reordered++
    this.#fly(leftUs + fate.delayUs, flight)
    if (fate.copyDelayUs === null) return
    this.#tally.copied++
    this.#fly(leftUs + fate.copyDelayUs, { ...flight, info: { ...flight.info, isCopy: true } })
  }

  #fly(arrivesUs: number, flight: Flight): void {
    const atUs = this.#keepsOrder ? Math.max(arrivesUs, this.#lastArrivalUs) : arrivesUs
    this.#lastArrivalUs = atUs
    this.#tally.inFlight++
    this.#kernel.at(atUs, () => this.#reach(flight))
  }

  /** The far end, unless the path is cut or clogged there. */
  #reach(flight: Flight): void {
    if (this.isClogged && !this.isCut) {
      this.#held.push(flight)
      this.#heldSoFar++
      return
    }
    this.#tally.inFlight--
    if (this.isCut || flight.isCorrupt) {
      const why = this.isCut ? 'cut' : 'corrupt'
      this.#tally.lost[why]++
      return flight.dropped?.(why, flight.info)
    }
    this.#tally.delivered++
    this.#tally.deliveredBytes += flight.sizeBytes
    flight.arrived(flight.info)
  }
}

function lowered(count: number, off: string, on: string): number {
  if (count === 0) throw new Error(`${off}() without a ${on}() before it`)
  return count - 1
}
