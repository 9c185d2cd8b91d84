/**
 * The frames of one direction of a connection, as the history tells of them: sent, then delivered or lost.
 *
 * A connection loses what it carries when it ends, at both ends and without notice (R1). The history knows at
 * once; the sender may go on sending into the dead connection (R4), which is lost as well.
 */
import type { EditId } from '../history/events.ts'
import type { World } from '../host/host.ts'
import type { HostId } from '../values.ts'

export type FrameTraffic = 'data' | 'control' | 'request' | 'response'

/** What travels as one message of a TCP connection. */
export interface Frame {
  readonly number: number
  readonly sizeBytes: number
  readonly traffic: FrameTraffic
  readonly cause: EditId | null
  readonly content: Uint8Array
}

export class FrameLog {
  readonly #travelling = new Set<Frame>()
  #isDead = false
  readonly #world: World
  readonly #from: { readonly id: HostId; readonly index: number }
  readonly #to: HostId

  constructor(world: World, from: { readonly id: HostId; readonly index: number }, to: HostId) {
    this.#world = world
    this.#from = from
    this.#to = to
  }

  get isEmpty(): boolean { return this.#travelling.size === 0 }

  /** Records a frame that is sent now, lost at once if the connection has ended. `content` is not to change any more. */
  send(content: Uint8Array, sizeBytes: number, traffic: FrameTraffic): Frame {
    const { kernel, recorder, quiescence, cause } = this.#world
    const number = recorder.frameSent({ atUs: kernel.nowUs, from: this.#from.id, to: this.#to, bytes: sizeBytes, traffic, cause: cause.current }, content)
    const frame: Frame = { number, sizeBytes, traffic, cause: cause.current, content }
    if (traffic !== 'control') quiescence.begin(this.#from.index, 'frame')
    if (this.#isDead) this.#leave(frame, 'lost')
    else this.#travelling.add(frame)
    return frame
  }

  /** The frame is whole at the receiver. False if it was lost before. */
  deliver(frame: Frame): boolean {
    if (!this.#travelling.delete(frame)) return false
    this.#leave(frame, 'delivered')
    return true
  }

  lose(frame: Frame): void {
    if (this.#travelling.delete(frame)) this.#leave(frame, 'lost')
  }

  /** The connection has ended: everything on its way is lost, and whatever is still sent. */
  end(): void {
    this.#isDead = true
    for (const frame of [...this.#travelling]) this.lose(frame)
  }

  #leave({ number, sizeBytes, traffic, cause }: Frame, state: 'delivered' | 'lost'): void {
    const { kernel, recorder, quiescence } = this.#world
    if (traffic !== 'control') quiescence.end(this.#from.index, 'frame')
    recorder.record({ kind: 'frame', atUs: kernel.nowUs, frame: number, state, from: this.#from.id, to: this.#to, bytes: sizeBytes, traffic, cause })
  }
}
