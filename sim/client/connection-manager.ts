/**
 * Keeps one stream open: dials, dials again after a loss with exponential backoff and jitter (B01), and
 * forgets earlier failures only once a connection has lasted (B13). Never gives up in this release (B02).
 *
 * A process that wakes cannot see whether its connection outlived the sleep. It compares its two clocks, since
 * only the wall clock goes on in a sleep (I07): after a long one it dials anew at once, and after a short one it
 * trusts the connection. A page that is hidden closes its connection in order and dials when it is shown (A15).
 * To a page that is blocked everything happens later, in order.
 */
import type { Cancel, CloseReason, TransportName } from '../contract.ts'
import type { Host } from '../host/host.ts'
import { CLOSE_UNAUTHORIZED } from '../session/access-tokens.ts'
import { encodeToken } from '../session/stack-frames.ts'
import type { StreamEnd, StreamEvents, Transport } from '../network/transport.ts'
import { ReconnectBackoff, type BackoffConfig } from './reconnect-backoff.ts'

export interface ConnectionUser {
  /** A stream is open. `isFirst`: the first of this process. The returned events belong to it. */
  connected(end: StreamEnd, isFirst: boolean): { frame(bytes: Uint8Array): void; writable?(): void; closed(why: CloseReason): void }
}

/** Says when a stream may be opened, and with which access token (B15). */
export interface Admission {
  whenAdmitted(go: (token: string | null) => void): void
  refused(token: string | null): void
}

const OPEN_TO_ALL: Admission = { whenAdmitted: (go) => go(null), refused: () => undefined }

/** Middleboxes forget idle connections after a while, mobile ones after 30 s at the earliest; well below that. */
const TRUSTED_SLEEP_MS = 5_000
/** RFC 6455, 7.4.1: the endpoint is going away. */
const GOING_AWAY = 1001

export class ConnectionManager {
  #connections = 0
  #isStopped = false
  #isDialling = false
  /** The process counts as not connected (H3). */
  #isOffline = false
  /** A hidden page does not dial. */
  #isHidden = false
  #end: StreamEnd | null = null
  #user: ConnectionUser | null = null
  #cancelDial: Cancel | null = null
  /** How far the wall clock was ahead of the monotonic clock when the process fell asleep. */
  #aheadMs = 0
  readonly #backoff: ReconnectBackoff
  readonly #admission: Admission
  readonly #host: Host
  readonly #transport: Pick<Transport, 'dial'>

  constructor(host: Host, config: BackoffConfig, transport: Pick<Transport, 'dial'>, admission = OPEN_TO_ALL) {
    this.#admission = admission
    this.#host = host
    this.#transport = transport
    this.#backoff = new ReconnectBackoff(config, () => host.random.unit())
  }

  start(user: ConnectionUser): void {
    this.#user = user
    this.#offline(true)
    this.#dial()
  }

  /** The process has ended: nothing is called back any more. */
  stop(): void {
    this.#isStopped = true
    this.#offline(false)
  }

  /** The process is about to sleep. */
  suspending(): void { this.#aheadMs = this.#host.nowMs() - this.#host.monotonicMs() }

  woke(): void {
    const asleepMs = this.#host.nowMs() - this.#host.monotonicMs() - this.#aheadMs
    if (asleepMs < TRUSTED_SLEEP_MS) return
    this.#end?.close(GOING_AWAY)
    this.#dialNow()
  }

  /** Returns how many connections it closed. */
  hide(): number {
    this.#isHidden = true
    if (this.#end === null) return 0
    this.#end.close(GOING_AWAY)
    return 1
  }

  show(): void {
    this.#isHidden = false
    if (this.#end === null) this.#dialNow()
  }

  #offline(isOffline: boolean): void {
    const { world, index } = this.#host
    if (isOffline === this.#isOffline) return
    this.#isOffline = isOffline
    if (isOffline) world.quiescence.begin(index, 'offline')
    else world.quiescence.end(index, 'offline')
  }

  #record(state: 'connecting' | 'open' | 'closed', via?: TransportName): void {
    const { kernel, recorder } = this.#host.world
    recorder.record({ kind: 'connection', atUs: kernel.nowUs, device: this.#host.id, state, ...(via === undefined ? {} : { via }) })
  }

  /** Runs a handler on the device; not before it is awake, and never in another process. */
  #handle(handler: () => void): void {
    this.#host.whenAwake(() => { if (!this.#isStopped) this.#host.dispatch(null, handler) })
  }

  #dial(): void {
    const user = this.#user
    if (user === null) return
    this.#isDialling = true
    this.#admission.whenAdmitted((token) => {
      if (this.#isHidden) this.#isDialling = false // while there was no token
      else this.#dialWith(token, user)
    })
  }

  #dialWith(token: string | null, user: ConnectionUser): void {
    this.#record('connecting')
    this.#transport.dial({
      opened: (end) => this.#host.isAwake ? this.#opened(user, end, token) : this.#host.isStalled ? this.#openedLater(user, end, token) : this.#tooLate(end),
      failed: () => this.#handle(() => {
        this.#isDialling = false
        this.#record('closed')
        this.#dialLater()
      }),
    })
  }

  #opened(user: ConnectionUser, end: StreamEnd, token: string | null): StreamEvents {
    return this.#host.dispatch(null, () => {
      if (token !== null) end.send(encodeToken(token), 'control')
      this.#isDialling = false
      this.#record('open', end.via)
      this.#offline(false)
      this.#end = end
      const forget = this.#host.timer(this.#backoff.settledAfterUs, () => this.#backoff.settled(), true)
      const events = user.connected(end, this.#connections++ === 0)
      return {
        frame: (bytes, cause) => this.#host.whenAwake(() => { if (!this.#isStopped) this.#host.dispatch(cause, () => events.frame(bytes)) }, bytes.length),
        writable: () => this.#handle(() => events.writable?.()),
        closed: (why) => this.#handle(() => {
          forget()
          this.#end = null
          this.#offline(true)
          this.#record('closed')
          events.closed(why)
          if (why.kind !== 'closed' || why.code !== CLOSE_UNAUTHORIZED) return this.#dialLater()
          // Says nothing about the network: it dials as soon as there is another token, and who gives tokens sees to it that this is not too often.
          this.#admission.refused(token)
          if (!this.#isHidden) this.#dialNow()
        }),
      }
    })
  }

  /** The page is blocked: it hears of its connection, and of what came over it, when it goes on. */
  #openedLater(user: ConnectionUser, end: StreamEnd, token: string | null): StreamEvents {
    let events: StreamEvents | null = null
    const whenAwake = (run: () => void, heldBytes?: number): void => this.#host.whenAwake(() => { if (!this.#isStopped) run() }, heldBytes)
    whenAwake(() => { events = this.#opened(user, end, token) })
    return {
      frame: (bytes, cause) => whenAwake(() => events?.frame(bytes, cause), bytes.length),
      writable: () => whenAwake(() => events?.writable?.()),
      closed: (why) => whenAwake(() => events?.closed(why)),
    }
  }

  /** The page was hidden while it dialled: it wants no connection until it is shown. */
  #tooLate(end: StreamEnd): StreamEvents {
    this.#isDialling = false
    end.close(GOING_AWAY)
    return { frame: () => undefined, closed: () => undefined }
  }

  #dialLater(): void {
    if (this.#isHidden) return
    this.#cancelDial = this.#host.timer(this.#backoff.next(), () => {
      this.#cancelDial = null
      this.#dial()
    })
  }

  /** Does not wait for the backoff; a dial under way goes on. */
  #dialNow(): void {
    if (this.#isDialling || this.#end !== null) return
    this.#cancelDial?.()
    this.#cancelDial = null
    this.#dial()
  }
}
