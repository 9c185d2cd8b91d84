/**
 * Transport `scripted`: streams that are open from the start and deliver exactly when the plan says.
 *
 * A frame caused by an edit is held until a delivery of the plan reaches it; frames without a cause
 * (handshakes) arrive at once. Order on one way is kept: delivering "through" an edit delivers everything
 * held before it too. Labels stand in the history only, never in a frame. Requests are answered at once.
 */
import type { Request, RequestResult } from '../contract.ts'
import type { EditId } from '../history/events.ts'
import type { Host } from '../host/host.ts'
import type { HostId } from '../values.ts'
import type { Dialer, Listener, StreamEnd, StreamEvents, Transport } from './transport.ts'

interface HeldFrame {
  readonly number: number
  readonly content: Uint8Array
  readonly traffic: 'data' | 'control'
  readonly cause: EditId | null
}

/** One direction: what is held, oldest first. */
class Hold {
  readonly #held: HeldFrame[] = []
  #next = 0
  #isFree = false
  events: StreamEvents | null = null
  readonly #from: Host
  readonly #to: HostId

  constructor(from: Host, to: HostId) {
    this.#from = from
    this.#to = to
  }

  send(bytes: Uint8Array, traffic: 'data' | 'control'): void {
    const { kernel, recorder, quiescence, cause } = this.#from.world
    const content = bytes.slice()
    const number = recorder.frameSent(
      { atUs: kernel.nowUs, from: this.#from.id, to: this.#to, bytes: content.length, traffic, cause: cause.current }, content)
    if (traffic === 'data') quiescence.begin(this.#from.index, 'frame')
    this.#held.push({ number, content, traffic, cause: cause.current })
    if (this.#isFree || cause.current === null) kernel.after(0, () => this.#deliverTo(this.#isFree ? this.#held.length : this.#nextCaused()))
  }

  /** The first held frame that an edit caused. */
  #nextCaused(): number {
    let index = this.#next
    while (this.#held[index]?.cause === null) index++
    return index
  }

  /** Delivers everything held up to the last frame caused by `cause`, and the causeless ones right behind it. */
  deliverThrough(cause: EditId): void {
    this.#deliverTo(this.#held.findLastIndex((frame, index) => index >= this.#next && frame.cause === cause) + 1)
    this.#deliverTo(this.#nextCaused())
  }

  /** The script is over: delivers what is held, and from now on everything at once. */
  free(): void {
    this.#isFree = true
    this.#deliverTo(this.#held.length)
  }

  #deliverTo(end: number): void {
    const { kernel, recorder, quiescence } = this.#from.world
    while (this.#next < Math.min(end, this.#held.length)) {
      const { number, content, traffic, cause } = this.#held[this.#next++]
      if (traffic === 'data') quiescence.end(this.#from.index, 'frame')
      recorder.record({
        kind: 'frame', atUs: kernel.nowUs, frame: number, state: 'delivered', from: this.#from.id, to: this.#to,
        bytes: content.length, traffic, cause,
      })
      this.events?.frame(content, cause)
    }
  }
}

export class ScriptedTransport implements Transport {
  readonly name = 'scripted'
  readonly #device: Host
  readonly #listener: Listener
  readonly #holds: { readonly up: Hold; readonly down: Hold }

  constructor(device: Host, server: Host, listener: Listener) {
    this.#device = device
    this.#listener = listener
    this.#holds = { up: new Hold(device, server.id), down: new Hold(server, device.id) }
  }

  dial(dialer: Dialer): void {
    const { up, down } = this.#holds
    const end = (hold: Hold): StreamEnd => ({
      bufferedBytes: 0,
      send: (bytes, traffic) => hold.send(bytes, traffic),
      close: (code) => { throw new Error(`a node closed its scripted stream (code ${code}); scripted streams never end`) },
    })
    this.#device.world.kernel.after(0, () => {
      up.events = this.#listener.accepted(this.#device.id, end(down))
      down.events = dialer.opened(end(up))
    })
  }

  request(request: Request, timeoutUs: number, done: (result: RequestResult, cause: EditId | null) => void): () => void {
    const { kernel, cause, quiescence } = this.#device.world
    const requestCause = cause.current
    let isOpen = true
    const finish = (result: RequestResult, resultCause: EditId | null): void => {
      if (!isOpen) return
      isOpen = false
      kernel.cancel(timer)
      quiescence.end(this.#device.index, 'request')
      done(result, resultCause)
    }
    quiescence.begin(this.#device.index, 'request')
    const timer = kernel.after(timeoutUs, () => finish({ failed: 'timeout' }, requestCause))
    kernel.after(0, () => this.#listener.request(this.#device.id, request, requestCause, (response) => {
      const responseCause = cause.current
      kernel.after(0, () => finish(response, responseCause))
    }, () => this.#refuse()))
    return () => {
      if (!isOpen) return
      isOpen = false
      kernel.cancel(timer)
      quiescence.end(this.#device.index, 'request')
    }
  }

  /** Scripted streams know no weather; the scenario schema refuses faults beside them. */
  reset(): void { this.#refuse() }
  deviceGone(): number { return this.#refuse() }
  serverGone(): number { return this.#refuse() }
  forgetStreams(): void { this.#refuse() }

  #refuse(): never { throw new Error('scripted transport: a plan with deliveries has no faults') }

  deliver(direction: 'up' | 'down', through: EditId): void { this.#holds[direction].deliverThrough(through) }

  free(): void {
    this.#holds.up.free()
    this.#holds.down.free()
  }
}
