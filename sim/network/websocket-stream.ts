/**
 * A WebSocket over TLS over a TCP connection between a device and the server: three round trips to open (TCP,
 * TLS 1.3, upgrade; requirements A01), then ordered frames both ways with RFC 6455's framing bytes (A02).
 *
 * `send` never refuses, as in a browser (A04): what TCP's send buffer does not take waits in memory. An end that
 * closes sends a close frame and then a FIN, and hears nothing more. When a connection breaks, what was in
 * flight is lost at both ends (R1); the server hears of it by a reset that may itself be lost, and then holds a
 * half-open stream (R4) until its own sending is answered with a reset, TCP gives up, or the device dials again.
 *
 * Left out: fragmented messages, extensions (permessage-deflate), pings, redirects, the reply to a close frame.
 */
import type { CloseReason } from '../contract.ts'
import type { Host } from '../host/host.ts'
import type { AccessLink } from './access-link.ts'
import { type Frame, FrameLog } from './frame-log.ts'
import { TcpConnection } from './tcp/tcp-connection.ts'
import type { TcpCloseReason, TcpEvents } from './tcp/tcp-events.ts'
import type { Dialer, Listener, StreamEnd, StreamEvents } from './transport.ts'

const MASK_BYTES = 4 // client frames are masked, RFC 6455 section 5.1
/** The HTTP messages of the upgrade, with the headers that browsers and the `ws` package send. */
const UPGRADE_BYTES = { request: 220, response: 160 }
const CLOSE_CODE_BYTES = 2
const EMPTY = new Uint8Array(0)

/** RFC 6455 section 5.2: 2 bytes, 4 from 126 bytes of payload, 10 from 64 KiB. */
export function framingBytes(payloadBytes: number, masked: boolean): number {
  const header = payloadBytes < 126 ? 2 : payloadBytes < 65_536 ? 4 : 10
  return header + (masked ? MASK_BYTES : 0)
}

type Message =
  | { readonly kind: 'upgrade' | 'frame'; readonly frame: Frame }
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
}

export class WebSocketStream {
  readonly #device: Host
  readonly #dialer: Dialer
  readonly #listener: Listener
  readonly #tcp: TcpConnection<Message>
  readonly #sides: Readonly<Record<Side, SideState>>
  /** Nothing is handed over any more, whatever still arrives. */
  #isBroken = false

  constructor({ device, server, link, connection }: StreamRoute, dialer: Dialer, listener: Listener) {
    const { world } = device
    this.#device = device
    this.#dialer = dialer
    this.#listener = listener
    const side = (log: FrameLog): SideState => ({ log, state: 'waiting', events: null, why: null, waiting: [], waitingBytes: 0 })
    this.#sides = { client: side(new FrameLog(world, device, server.id)), server: side(new FrameLog(world, server, device.id)) }
    this.#tcp = new TcpConnection<Message>(world.kernel, {
      id: connection, up: link.upPath, down: link.downPath, clientOptions: { tls: true }, serverOptions: { tls: true },
      client: this.#tcpEvents('client'), server: this.#tcpEvents('server'),
    })
    this.#tcp.client.connect()
  }

  get isOver(): boolean { return this.#sides.client.state === 'closed' && this.#sides.server.state === 'closed' }

  #tcpEvents(side: Side): TcpEvents<Message> {
    return {
      opened: () => {
        if (side === 'client') this.#send('client', { kind: 'upgrade', frame: this.#sides.client.log.send(EMPTY, UPGRADE_BYTES.request, 'control') })
      },
      message: (message) => this.#arrived(side, message),
      writable: () => this.#flush(side),
      closed: (why) => this.#tcpClosed(side, why),
    }
  }

  #arrived(side: Side, message: Message): void {
    const peer = side === 'client' ? 'server' : 'client'
    if (this.#isBroken || !this.#sides[peer].log.deliver(message.frame)) return
    switch (message.kind) {
      case 'upgrade': return side === 'server' ? this.#accept() : this.#open('client', (end) => this.#dialer.opened(end))
      case 'frame': {
        const { state, events } = this.#sides[side]
        if (state === 'open') events?.frame(message.frame.content, message.frame.cause)
        return
      }
      case 'close': {
        this.#closeSide(side, { kind: 'closed', code: message.code })
        const { waiting, log } = this.#sides[side]
        for (const unsent of waiting.splice(0)) log.lose(unsent.frame)
        this.#sides[side].waitingBytes = 0
        this.#tcp[side].close()
      }
    }
  }

  #accept(): void {
    this.#send('server', { kind: 'upgrade', frame: this.#sides.server.log.send(EMPTY, UPGRADE_BYTES.response, 'control') })
    this.#open('server', (end) => this.#listener.accepted(this.#device.id, end))
  }

  #open(side: Side, begin: (end: StreamEnd) => StreamEvents): void {
    const own = this.#sides[side]
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
        const sizeBytes = content.length + framingBytes(content.length, side === 'client')
        this.#send(side, { kind: 'frame', frame: own.log.send(content, sizeBytes, traffic) })
      },
      close: (code) => {
        if (own.state === 'closed') return
        const sizeBytes = framingBytes(CLOSE_CODE_BYTES, side === 'client') + CLOSE_CODE_BYTES
        this.#send(side, { kind: 'close', code, frame: own.log.send(EMPTY, sizeBytes, 'control') })
        this.#closeSide(side, { kind: 'closed', code })
      },
    }
  }

  /** Hands a message to TCP, after those that wait for room; a close frame is the last one. */
  #send(side: Side, message: Message): void {
    const own = this.#sides[side]
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
      if (next.kind === 'close') return tcp.close()
    }
  }

  #tcpClosed(side: Side, why: TcpCloseReason): void {
    // After a FIN all has come; the other direction still delivers what was sent before.
    if (why !== 'fin') this.#break()
    this.#closeSide(side, { kind: 'lost' })
  }

  #closeSide(side: Side, why: CloseReason): void {
    const own = this.#sides[side]
    const before = own.state
    if (before === 'closed') return
    own.state = 'closed'
    own.why = why
    if (side === 'client' && before === 'waiting') this.#dialer.failed()
    else own.events?.closed(why)
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

  /** The server ends a stream whose device has dialled anew. */
  supersede(): void {
    this.#break()
    this.#tcp.server.abort()
    this.#closeSide('server', { kind: 'lost' })
  }
}
