/**
 * A WebSocket over TLS over a TCP connection between a device and the server: three round trips to open (TCP,
 * TLS 1.3, upgrade; requirements A01), then ordered frames both ways with RFC 6455's framing bytes (A02).
 *
 * `send` never refuses, as in a browser (A04): what TCP's send buffer does not take waits in memory. An end that
 * closes sends a close frame and then a FIN, and hears nothing more. When a connection breaks, what was in
 * flight is lost at both ends (R1); the server hears of it by a reset that may itself be lost, and then holds a
 * half-open stream (R4) until its own sending is answered with a reset, TCP gives up, or the device dials again.
 *
 * A process whose kernel lives on leaves no half-open streams: what it has written arrives, and then a FIN, with
 * a close frame before it where it ended in order. Of a host that lost power nobody hears; it knows nothing of the
 * connection when it is on again, and resets it. A device learns of a stream that the other side has forgotten
 * from the reset that its next packet meets, at the latest from TCP's keep-alive probe.
 *
 * A proxy may refuse the upgrade with an HTTP error, or swallow it; then the device gives up, if nobody above it has
 * more patience, after the four minutes that Chromium gives a handshake.
 *
 * What arrives is handed to the page as it comes, and waits in its memory while its main thread is blocked (A03).
 * A page that pulls instead (`backpressure`, A04) leaves it with TCP: the window closes, the server's `send` goes
 * on to accept and its `bufferedBytes` grow, until `writable` says that the page reads again.
 *
 * A server may refuse the upgrade with an HTTP error, of which the device learns that the stream failed, no more.
 *
 * Left out: fragmented messages, a browser's own pipe between its processes (some tens of kilobytes, after which
 * Chromium stops reading from TCP by itself), pings, redirects, the reply to a close frame.
 */
import type { CloseReason } from '../../contract.ts'
import type { Host } from '../../host/host.ts'
import type { WireConfig } from '../../scenario/wire-config.ts'
import type { AccessLink } from '../access-link.ts'
import { type Frame, FrameLog } from '../frame-log.ts'
import { type HttpProxy, REFUSAL_BYTES } from '../selection/http-proxy.ts'
import { BROWSER_TLS } from '../tcp/browser-tls.ts'
import { RestartableTimer } from '../tcp/restartable-timer.ts'
import { TcpConnection } from '../tcp/tcp-connection.ts'
import type { TcpCloseReason, TcpEvents } from '../tcp/tcp-events.ts'
import type { Dialer, Listener, StreamEnd, StreamEvents } from '../transport.ts'
import { compressedBytes, framingBytes, upgradeBytes } from './framing.ts'

const CLOSE_CODE_BYTES = 2
/** Chromium's `kHandshakeTimeoutIntervalInSeconds`. */
export const UPGRADE_TIMEOUT_US = 240_000_000
/** Linux sends an empty segment; one byte here, so that TCP repeats it until it is answered. */
const PROBE_BYTES = 1
const EMPTY = new Uint8Array(0)

type Message =
  | { readonly kind: 'upgrade' | 'refusal' | 'frame' | 'probe'; readonly frame: Frame }
  | { readonly kind: 'close'; readonly frame: Frame; readonly code: number }

type Side = 'client' | 'server'

/** What each side has of its own. */
interface SideState {
  readonly log: FrameLog
  state: 'waiting' | 'open' | 'closed'
  events: StreamEvents | null
  why: CloseReason | null
  /** Accepted and not yet taken by TCP. */
  readonly waiting: Message[]
  waitingBytes: number
}

export interface StreamRoute {
  readonly device: Host
  readonly server: Host
  readonly link: AccessLink
  /** Names the connection among the device's. */
  readonly connection: number
  readonly wire: WireConfig
}

export class WebSocketStream {
  readonly #device: Host
  readonly #wire: WireConfig
  readonly #dialer: Dialer
  readonly #listener: Listener
  readonly #tcp: TcpConnection<Message>
  readonly #sides: Readonly<Record<Side, SideState>>
  /** Nothing is handed over any more, whatever still arrives. */
  #isBroken = false
  readonly #proxy: HttpProxy
  #leaveProxy: () => void = () => undefined
  readonly #patience: RestartableTimer
  /** The device believes in a stream that the other side has forgotten. */
  #isHalfOpen = false
  /** The page has not read what TCP has for it. */
  #isUnread = false

  constructor({ device, server, link, connection, wire }: StreamRoute, dialer: Dialer, listener: Listener) {
    const { world } = device
    this.#device = device
    this.#wire = wire
    this.#proxy = link.proxy
    this.#patience = new RestartableTimer(world.kernel, () => this.#giveUp())
    this.#dialer = dialer
    this.#listener = listener
    const side = (log: FrameLog): SideState => ({ log, state: 'waiting', events: null, why: null, waiting: [], waitingBytes: 0 })
    this.#sides = { client: side(new FrameLog(world, device, server.id)), server: side(new FrameLog(world, server, device.id)) }
    this.#tcp = new TcpConnection<Message>(world.kernel, {
      id: connection, up: link.upPath, down: link.downPath, clientOptions: BROWSER_TLS, serverOptions: { tls: true },
      client: this.#tcpEvents('client'), server: this.#tcpEvents('server'),
    })
    if (!server.isUp) this.#tcp.server.forget() // nobody listens: its kernel refuses
    this.#tcp.client.connect()
  }

  /** This end is not closed yet, so it counts among the browser's sockets. */
  get holdsSocket(): boolean { return this.#sides.client.state !== 'closed' }
  get isOver(): boolean { return this.#sides.client.state === 'closed' && this.#sides.server.state === 'closed' }

  #tcpEvents(side: Side): TcpEvents<Message> {
    return {
      opened: () => {
        if (side !== 'client') return
        this.#send('client', { kind: 'upgrade', frame: this.#sides.client.log.send(EMPTY, upgradeBytes('request', this.#wire.deflate), 'control') })
        this.#patience.set(UPGRADE_TIMEOUT_US)
      },
      message: (message) => this.#arrived(side, message),
      writable: () => this.#drained(side),
      closed: (why) => this.#tcpClosed(side, why),
    }
  }

  #arrived(side: Side, message: Message): void {
    const peer = side === 'client' ? 'server' : 'client'
    if (this.#isBroken || !this.#sides[peer].log.deliver(message.frame)) return
    switch (message.kind) {
      case 'upgrade': return side === 'server' ? this.#upgrade() : this.#open('client', (end) => this.#dialer.opened(end))
      case 'refusal': return this.#giveUp() // a browser tells nobody which status it was
      case 'probe': return
      case 'frame': {
        const own = this.#sides[side]
        if (own.state === 'open') own.events?.frame(message.frame.content, message.frame.cause)
        if (side === 'client' && own.state === 'open') this.#pull()
        return
      }
      case 'close': {
        this.#closeSide(side, { kind: 'closed', code: message.code })
        this.#loseWaiting(side)
        this.#tcp[side].close()
      }
    }
  }

  /** The upgrade has come as far as the proxy. */
  #upgrade(): void {
    switch (this.#proxy.meets('websocket')) {
      case null:
        this.#leaveProxy = this.#proxy.passes('websocket', () => this.#cut())
        return this.#accept()
      case 'refuse': return this.#refuse()
      case 'swallow': case 'buffer': return this.#leave('server')
    }
  }

  /** The upgrade is answered with an error, by the proxy or by the server. */
  #refuse(): void {
    this.#send('server', { kind: 'refusal', frame: this.#sides.server.log.send(EMPTY, REFUSAL_BYTES, 'control') })
    this.#leave('server')
  }

  /** The device hangs up before it was open. */
  #giveUp(): void {
    this.#closeSide('client', { kind: 'lost' })
    this.#tcp.client.close()
  }

  /** The proxy resets both its connections. */
  #cut(): void {
    this.supersede()
    this.#halfOpen()
  }

  /** A page that pulls takes no more than the message under way until it is free. */
  #pull(): void {
    if (!this.#wire.backpressure || this.#device.isAwake) return
    this.#isUnread = true
    this.#tcp.client.pause()
    this.#device.whenAwake(() => {
      this.#isUnread = false
      this.#tcp.client.resume()
    })
  }

  /** What TCP has not taken yet will never be sent. */
  #loseWaiting(side: Side): void {
    const own = this.#sides[side]
    for (const unsent of own.waiting.splice(0)) own.log.lose(unsent.frame)
    own.waitingBytes = 0
  }

  #accept(): void {
    if (this.#listener.admits?.(this.#device.id) === false) return this.#refuse()
    this.#send('server', { kind: 'upgrade', frame: this.#sides.server.log.send(EMPTY, upgradeBytes('response', this.#wire.deflate), 'control') })
    this.#open('server', (end) => this.#listener.accepted(this.#device.id, end))
  }

  #open(side: Side, begin: (end: StreamEnd) => StreamEvents): void {
    const own = this.#sides[side]
    if (side === 'client') this.#patience.clear()
    if (own.state === 'closed') return // its process ended while the last packet was on the way
    own.state = 'open'
    own.events = begin(this.#end(side))
    if (own.why !== null) own.events.closed(own.why) // whoever was handed the end has closed it at once
  }

  #end(side: Side): StreamEnd {
    const own = this.#sides[side]
    const tcp = this.#tcp[side]
    return {
      get bufferedBytes() { return own.waitingBytes + tcp.bufferedBytes },
      send: (bytes, traffic) => {
        if (own.state === 'closed') return
        const content = bytes.slice()
        const payloadBytes = compressedBytes(content.length, this.#wire.deflate)
        const sizeBytes = payloadBytes + framingBytes(payloadBytes, side === 'client')
        this.#send(side, { kind: 'frame', frame: own.log.send(content, sizeBytes, traffic) })
      },
      close: (code) => {
        if (own.state === 'closed') return
        this.#sendClose(side, code)
        this.#closeSide(side, { kind: 'closed', code })
      },
    }
  }

  #sendClose(side: Side, code: number): void {
    const sizeBytes = framingBytes(CLOSE_CODE_BYTES, side === 'client') + CLOSE_CODE_BYTES
    this.#send(side, { kind: 'close', code, frame: this.#sides[side].log.send(EMPTY, sizeBytes, 'control') })
  }

  /** Hands a message to TCP, after those that wait for room; a close frame is the last one. */
  #send(side: Side, message: Message): void {
    const own = this.#sides[side]
    if (this.#isBroken) { // lost, but TCP tries, and may learn so
      this.#tcp[side].send(message, message.frame.sizeBytes)
      return
    }
    own.waiting.push(message)
    own.waitingBytes += message.frame.sizeBytes
    this.#flush(side)
  }

  #flush(side: Side): void {
    const own = this.#sides[side]
    const tcp = this.#tcp[side]
    for (let next = own.waiting[0]; next !== undefined && tcp.send(next, next.frame.sizeBytes); next = own.waiting[0]) {
      own.waiting.shift()
      own.waitingBytes -= next.frame.sizeBytes
      if (next.kind === 'close' || next.kind === 'refusal') return tcp.close()
    }
  }

  #drained(side: Side): void {
    const own = this.#sides[side]
    this.#flush(side)
    if (own.waiting.length === 0 && own.state === 'open') own.events?.writable?.()
  }

  #tcpClosed(side: Side, why: TcpCloseReason): void {
    // After a FIN all has come; the other direction still delivers what TCP has taken before.
    if (why === 'fin') this.#loseWaiting(side)
    else this.#break()
    this.#closeSide(side, { kind: 'lost' })
  }

  #closeSide(side: Side, why: CloseReason): void {
    const own = this.#sides[side]
    const before = own.state
    if (before === 'closed') return
    this.#leave(side)
    own.why = why
    if (side === 'client' && before === 'waiting') this.#dialer.failed()
    else own.events?.closed(why)
  }

  /** The side is closed, and its process hears nothing of it here. */
  #leave(side: Side): void {
    this.#sides[side].state = 'closed'
    if (side === 'server') this.#leaveProxy()
    else this.#patience.clear()
    if (side !== 'client' || !this.#isHalfOpen) return
    this.#isHalfOpen = false
    this.#device.world.quiescence.end(this.#device.index, 'offline')
  }

  #break(): void {
    this.#isBroken = true
    this.#sides.client.log.end()
    this.#sides.server.log.end()
  }

  /**
   * The connection is gone: in flight is lost. With `serverIsTold` a reset is sent; without, the device's radio
   * is off, and the server keeps a half-open stream.
   */
  reset(serverIsTold: boolean): void {
    this.#break()
    if (serverIsTold) this.#tcp.client.abort()
    else this.#tcp.client.forget()
    this.#closeSide('client', { kind: 'lost' })
  }

  /** The device's process is gone. `heard`: what the server hears of it; null after a power failure. */
  deviceGone(heard: CloseReason | null): boolean {
    if (this.#sides.client.state === 'closed') return false
    this.#endProcess('client', heard)
    return true
  }

  /** The server's process is gone, in the same two ways. */
  serverGone(heard: CloseReason | null): boolean {
    if (this.isOver) return false
    const hadEnd = this.#sides.server.state === 'open'
    this.#endProcess('server', heard)
    if (heard === null) this.#halfOpen()
    return hadEnd
  }

  #endProcess(side: Side, heard: CloseReason | null): void {
    const own = this.#sides[side]
    const wasOpen = own.state === 'open'
    this.#leave(side)
    const leavesUnread = side === 'client' && this.#isUnread
    if (heard !== null && leavesUnread) { // Linux resets a connection closed with something to read (RFC 2525 section 2.17)
      this.#break()
      this.#tcp.client.abort()
    } else if (heard?.kind === 'closed' && wasOpen) this.#sendClose(side, heard.code)
    else if (heard !== null && wasOpen) this.#tcp[side].close()
    else if (heard !== null) this.#tcp[side].abort()
    else {
      this.#break()
      this.#tcp[side].forget()
    }
  }

  /** A middlebox has forgotten the stream: both ends send into the void, or into a reset. */
  forget(): void {
    if (this.isOver) return
    this.#break()
    this.#tcp.server.forget()
    this.#halfOpen()
  }

  /** The device's end lives, and nobody answers it but with a reset. */
  #halfOpen(): void {
    const { world, index } = this.#device
    const { state, log } = this.#sides.client
    if (state === 'closed' || this.#isHalfOpen) return
    this.#isHalfOpen = true
    world.quiescence.begin(index, 'offline')
    // Counted from the loss, not from the last frame. An upgrade that is never answered is found like this too; a handshake below it gives up before.
    world.kernel.after(this.#wire.tcpKeepAliveUs, () => {
      if (this.#isHalfOpen) this.#tcp.client.send({ kind: 'probe', frame: log.send(EMPTY, PROBE_BYTES, 'control') }, PROBE_BYTES)
    })
  }

  /** The server ends a stream whose device has dialled anew. */
  supersede(): void {
    this.#break()
    this.#tcp.server.abort()
    this.#closeSide('server', { kind: 'lost' })
  }
}
