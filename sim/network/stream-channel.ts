/**
 * One direction of a stream: frames travel side by side and are handed over in order (head-of-line
 * blocking: a frame that has to be sent again holds up those behind it, R1).
 */
import type { EditId } from '../history/events.ts'
import type { World } from '../host/host.ts'
import type { HostId } from '../values.ts'
import type { Direction, Link, Transit } from './link.ts'

export interface ChannelRoute {
  readonly world: World
  readonly link: Link
  readonly direction: Direction
  readonly from: { readonly id: HostId; readonly index: number }
  readonly to: HostId
}

interface Frame {
  readonly number: number
  readonly sizeBytes: number
  readonly traffic: 'data' | 'control'
  readonly cause: EditId | null
  readonly handOver: (cause: EditId | null) => void
  hasArrived: boolean
  transit: Transit | null
}

export class StreamChannel {
  #queue: Frame[] = []
  #bufferedBytes = 0
  #lastArrivalUs = 0
  #isDead = false
  readonly #route: ChannelRoute

  constructor(route: ChannelRoute) { this.#route = route }

  get bufferedBytes(): number { return this.#bufferedBytes }

  /** Sends `content`, of `sizeBytes` on the wire; `handOver` runs at the receiver, in order. */
  send(content: Uint8Array, sizeBytes: number, traffic: 'data' | 'control', handOver: (cause: EditId | null) => void): void {
    const { world, link, direction, from, to } = this.#route
    const { kernel, recorder, quiescence, cause } = world
    const number = recorder.frameSent(
      { atUs: kernel.nowUs, from: from.id, to, bytes: sizeBytes, traffic, cause: cause.current }, content)
    const frame: Frame = { number, sizeBytes, traffic, cause: cause.current, handOver, hasArrived: false, transit: null }
    if (traffic === 'data') quiescence.begin(from.index, 'frame')
    this.#bufferedBytes += sizeBytes
    if (this.#isDead) return this.#leave(frame, 'lost')
    this.#queue.push(frame)
    frame.transit = link.carry(direction, () => {
      frame.hasArrived = true
      this.#lastArrivalUs = kernel.nowUs
      this.#handOverArrived()
    }, this.#lastArrivalUs)
  }

  #handOverArrived(): void {
    for (let head = this.#queue[0]; head?.hasArrived; head = this.#queue[0]) {
      this.#queue.shift()
      this.#leave(head, 'delivered')
      head.handOver(head.cause)
    }
  }

  /** Loses everything in flight and whatever is still sent (into a half-open stream). */
  drop(): void {
    this.#isDead = true
    const lost = this.#queue
    this.#queue = []
    for (const frame of lost) {
      frame.transit?.cancel()
      this.#leave(frame, 'lost')
    }
  }

  #leave(frame: Frame, state: 'delivered' | 'lost'): void {
    const { world, from, to } = this.#route
    this.#bufferedBytes -= frame.sizeBytes
    if (frame.traffic === 'data') world.quiescence.end(from.index, 'frame')
    world.recorder.record({
      kind: 'frame', atUs: world.kernel.nowUs, frame: frame.number, state, from: from.id, to,
      bytes: frame.sizeBytes, traffic: frame.traffic, cause: frame.cause,
    })
  }
}
