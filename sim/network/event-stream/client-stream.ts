/**
 * The device's end of a stream made of exchanges: a downlink and an uplink under one name. It is open as long as the
 * server knows it, however often its connections end; it is lost when the server says that it does not, or when
 * what it has to say does not get through for as long as the server would keep it.
 */
import type { CloseReason } from '../../contract.ts'
import type { Host } from '../../host/host.ts'
import type { WireConfig } from '../../scenario/wire-config.ts'
import type { HttpEvents, HttpExchange } from '../http/exchange.ts'
import type { Dialer, StreamEvents } from '../transport.ts'
import { backgroundTimer } from './background-timer.ts'
import { Downlink, type EventStreamName } from './downlink.ts'
import type { Entry } from './entry.ts'
import type { StreamFrames } from './stream-frames.ts'
import { Uplink, type Post } from './uplink.ts'

export interface ClientStreamSetup {
  readonly device: Host
  readonly name: EventStreamName
  readonly wire: WireConfig
  readonly up: StreamFrames
  readonly down: StreamFrames
  readonly dialer: Dialer
  ask(after: number | null, events: HttpEvents): HttpExchange
  post(post: Post, events: HttpEvents): HttpExchange
  /** The device knows that the stream is over. */
  over(): void
}

export class ClientStream {
  #state: 'waiting' | 'open' | 'closed' = 'waiting'
  #events: StreamEvents | null = null
  #why: CloseReason | null = null
  /** Between two connections, or with a dead one (H3). */
  #isDown = false
  readonly #downlink: Downlink
  readonly #uplink: Uplink
  readonly #setup: ClientStreamSetup

  constructor(setup: ClientStreamSetup) {
    this.#setup = setup
    const { device, name, wire } = setup
    const common = {
      timer: (delayUs: number, run: () => void) => backgroundTimer(device, delayUs, run),
      whenAwake: (run: () => void) => device.whenAwake(run),
      reset: () => this.#reset(),
    }
    this.#uplink = new Uplink(wire, setup.up, { ...common, post: (post, events) => setup.post(post, events), gaveUp: () => this.#lose() })
    this.#downlink = new Downlink(name, wire, {
      ...common,
      ask: (after, events) => setup.ask(after, events),
      up: () => this.#goUp(),
      entry: (entry) => this.#received(entry),
      refused: () => this.#lose(),
      down: () => {
        if (this.#state === 'waiting') this.#lose() // a dial is tried once
        else this.cutOff()
      },
      doomed: () => this.cutOff(),
    })
    this.#downlink.start()
  }

  get isOver(): boolean { return this.#state === 'closed' }

  #goUp(): void {
    if (this.#isDown) this.#record('resumed')
    this.#setDown(false)
    if (this.#state !== 'waiting') return
    this.#state = 'open'
    const { up } = this.#setup
    const events = this.#setup.dialer.opened({
      get bufferedBytes() { return up.bufferedBytes },
      send: (bytes, traffic) => { if (this.#state === 'open') this.#uplink.send(bytes.slice(), traffic) },
      close: (code) => {
        if (this.#state !== 'open') return
        this.#uplink.close(code)
        this.#close({ kind: 'closed', code })
      },
    })
    this.#events = events
    if (this.#why !== null) events.closed(this.#why) // whoever was handed the end has closed it at once
  }

  /** Nothing comes down: between two connections, on a dead one, or since the server has forgotten the stream. */
  cutOff(): void { if (this.#state === 'open') this.#setDown(true) }

  #setDown(isDown: boolean): void {
    if (isDown === this.#isDown) return
    this.#isDown = isDown
    const { world, index } = this.#setup.device
    if (isDown) world.quiescence.begin(index, 'offline')
    else world.quiescence.end(index, 'offline')
  }

  #record(state: 'resumed' | 'reset'): void {
    const { world, id } = this.#setup.device
    world.recorder.record({ kind: 'stream', atUs: world.kernel.nowUs, device: id, state })
  }

  #received(entry: Entry): void {
    if (entry.kind === 'close') {
      this.#uplink.leave()
      this.#close({ kind: 'closed', code: entry.code })
      return
    }
    const frame = this.#setup.down.arrived(entry.number)
    if (frame !== null && this.#state === 'open') this.#events?.frame(entry.content, frame.cause)
  }

  #reset(): void {
    if (this.#state === 'open') this.#record('reset')
    this.#lose()
  }

  #lose(): void {
    this.#uplink.leave()
    this.#close({ kind: 'lost' })
  }

  #close(why: CloseReason): void {
    const before = this.#state
    if (before === 'closed') return
    this.#leave()
    this.#why = why
    if (before === 'waiting') this.#setup.dialer.failed()
    else this.#events?.closed(why)
  }

  #leave(): void {
    this.#state = 'closed'
    this.#setDown(false)
    this.#downlink.stop()
    this.#setup.down.end()
    this.#setup.over()
  }

  /** The process is about to end in order, and says so if it can at once. */
  announce(code: number): void { if (this.#state === 'open') this.#uplink.close(code) }

  /** The process is gone, and hears nothing. What its kernel still sends is on its way, if that lives. */
  processGone(kernelLives: boolean): void {
    this.#uplink.leave()
    if (!kernelLives) this.#setup.up.end()
    this.#leave()
  }

  /** A middlebox forgets the connection that carries it now. */
  forgetConnection(): void { this.#downlink.forgetConnection() }
}
