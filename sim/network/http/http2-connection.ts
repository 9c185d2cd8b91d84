/**
 * The one HTTP/2 connection of a device to its origin (RFC 9113): TCP and TLS (the protocol is chosen in that
 * handshake, RFC 7301), then many exchanges at a time, a stream each, interleaved frame by frame.
 *
 * So nothing waits for a free connection, and requests overtake one another in the server (C01); but a packet that
 * is lost holds up every stream behind it, as TCP delivers in order (A05), and a connection that breaks fails all.
 * A device that gives up an exchange resets its stream, and the connection stays; what has been written by then
 * arrives and is executed (R2), and the server drops the answer. A server that ends in order, or finds the
 * connection idle for long, says up to which stream it has read (GOAWAY): what came later was not executed, and is
 * safe to repeat. Those before it end with the connection, and nobody can know.
 *
 * Left out: flow control (`http2-writer.ts`), PING, priorities, server push, CONTINUATION, padding, connections
 * that several origins share.
 */
import { type Frame, FrameLog } from '../frame-log.ts'
import { BROWSER_TLS } from '../tcp/browser-tls.ts'
import { TcpConnection } from '../tcp/tcp-connection.ts'
import type { TcpCloseReason } from '../tcp/tcp-events.ts'
import type { HttpRequest } from './exchange.ts'
import { HeaderTable } from './hpack.ts'
import { account, type ConnectionRoute, type HttpConnection, type OpenExchange } from './http-connection.ts'
import { type Http2Message, PIECE, PREFACE_BYTES, requestFields, RST_STREAM_BYTES } from './http2-messages.ts'
import { Http2ServerSide } from './http2-server-side.ts'
import { FRAME_HEADER_BYTES, Http2Writer, messageBytes } from './http2-writer.ts'

const EMPTY = new Uint8Array(0)

export class Http2Connection implements HttpConnection {
  readonly #route: ConnectionRoute
  readonly #up: FrameLog
  readonly #down: FrameLog
  readonly #tcp: TcpConnection<Http2Message>
  readonly #requests: Http2Writer<Http2Message>
  readonly #server: Http2ServerSide
  readonly #fields = new HeaderTable()
  /** Streams that the device wants an answer on. */
  readonly #open = new Map<number, OpenExchange>()
  /** Requests not arrived. */
  readonly #travelling = new Map<number, { readonly request: HttpRequest; readonly frame: Frame | null }>()
  /** Odd numbers are the client's (section 5.1.1). */
  #nextStream = 1
  #isOpen = false
  /** The device begins nothing on it any more. */
  #isGone = false
  /** The device's process has ended. */
  #isClosed = false
  /** Nothing is handed over any more, whatever still arrives. */
  #isDead = false

  constructor(route: ConnectionRoute) {
    const { device, server, link, connection } = route
    const { kernel } = device.world
    this.#route = route
    this.#up = new FrameLog(device.world, device, server.id)
    this.#down = new FrameLog(device.world, server, device.id)
    this.#tcp = new TcpConnection<Http2Message>(kernel, {
      id: connection, up: link.upPath, down: link.downPath,
      // What TCP has taken cannot be overtaken: it takes little ahead of time.
      clientOptions: { ...BROWSER_TLS, tunesSendBuffer: true }, serverOptions: { tls: true, tunesSendBuffer: true },
      client: {
        opened: () => {
          this.#isOpen = true
          this.#requests.control({ kind: 'preface', frame: this.#up.send(EMPTY, PREFACE_BYTES, 'control') }, PREFACE_BYTES)
          this.#route.idle()
        },
        message: (message) => this.#deviceGot(message),
        writable: () => this.#requests.flush(),
        closed: (why) => this.#clientClosed(why),
      },
      server: {
        opened: () => this.#server.rest(),
        message: (message) => this.#serverGot(message),
        writable: () => this.#server.flush(),
        closed: () => {
          this.#end()
          this.#server.deviceGone()
        },
      },
    })
    this.#requests = new Http2Writer(PIECE, (message, sizeBytes) => this.#tcp.client.send(message, sizeBytes), () => undefined)
    this.#server = new Http2ServerSide({
      kernel, keepAliveUs: route.wire.httpKeepAliveUs, down: this.#down,
      send: (message, sizeBytes) => this.#tcp.server.send(message, sizeBytes), close: () => this.#tcp.server.close(),
    })
    if (!server.isUp) this.#tcp.server.forget() // nobody listens: its kernel refuses
    this.#tcp.client.connect()
  }

  get connection(): number { return this.#route.connection }
  get isConnecting(): boolean { return !this.#isOpen && !this.#isGone }
  get hasRoom(): boolean { return this.#isOpen && !this.#isGone && this.#open.size < this.#route.wire.maxConcurrentStreams }
  get isOver(): boolean { return this.#isGone && this.#open.size === 0 && this.#up.isEmpty && this.#down.isEmpty }
  get served(): number { return this.#server.inWork }

  send(open: OpenExchange): void {
    const { request } = open
    const { world } = this.#route.device
    const stream = this.#nextStream
    this.#nextStream += 2
    const headBytes = FRAME_HEADER_BYTES + this.#fields.blockBytes(requestFields(request, this.#route.wire.requestHeaderBytes))
    const sizeBytes = messageBytes(headBytes, request.body.length)
    const outer = world.cause.current
    world.cause.current = request.cause
    const frame = account(this.#up, request.body, sizeBytes - request.carriedBytes(), request.traffic)
    world.cause.current = outer
    this.#open.set(stream, open)
    this.#travelling.set(stream, { request, frame })
    this.#requests.add(stream, headBytes, request.body.length, { kind: 'request', stream })
  }

  #serverGot(message: Http2Message): void {
    if (this.#isDead) return
    switch (message.kind) {
      case 'preface':
        this.#up.deliver(message.frame)
        this.#server.begin()
        return
      case 'request': return this.#arrived(message.stream)
      case 'reset':
        this.#up.deliver(message.frame)
        return this.#server.givenUp(message.stream)
      case 'acknowledgement':
        this.#up.deliver(message.frame)
        return
      case 'piece': case 'settings': case 'part': case 'goaway': return
    }
  }

  #arrived(stream: number): void {
    const travelling = this.#travelling.get(stream)
    if (travelling === undefined) return
    if (this.#server.isShut) return this.#lose(stream) // behind a GOAWAY: ignored (section 6.8)
    this.#travelling.delete(stream)
    const { request, frame } = travelling
    if (frame !== null && !this.#up.deliver(frame)) return
    this.#server.serve(stream, request, frame?.cause ?? request.cause)
  }

  #deviceGot(message: Http2Message): void {
    if (this.#isDead) return
    if (this.#isClosed) {
      // The socket is closed: its kernel answers data with a reset. What is on its way up is ahead of that.
      this.#down.end()
      this.#tcp.client.abort()
      return
    }
    switch (message.kind) {
      case 'settings':
        this.#down.deliver(message.frame)
        return this.#requests.control({ kind: 'acknowledgement', frame: this.#up.send(EMPTY, FRAME_HEADER_BYTES, 'control') }, FRAME_HEADER_BYTES)
      case 'part': return this.#answered(message)
      case 'reset': {
        this.#down.deliver(message.frame)
        const open = this.#open.get(message.stream)
        this.#open.delete(message.stream)
        open?.events.failed()
        return
      }
      case 'goaway':
        this.#down.deliver(message.frame)
        this.#leave()
        for (const [stream, open] of [...this.#open]) {
          if (stream <= message.lastStream) continue
          this.#open.delete(stream)
          this.#requests.drop(stream)
          this.#lose(stream)
          if (!open.repeats()) open.events.failed()
        }
        return
      case 'piece': case 'preface': case 'request': case 'acknowledgement': return
    }
  }

  #answered({ stream, part: { response, isLast }, frame }: Http2Message & { readonly kind: 'part' }): void {
    const open = this.#open.get(stream)
    if (open === undefined) { // given up, and the server does not know yet
      if (frame !== null) this.#down.lose(frame)
      return
    }
    if (frame !== null && !this.#down.deliver(frame)) return
    if (isLast) this.#open.delete(stream)
    open.events.part(response, isLast, frame?.cause ?? null)
    if (isLast && this.hasRoom) this.#route.idle()
  }

  giveUp(open: OpenExchange): void {
    const stream = [...this.#open].find(([, one]) => one === open)?.[0]
    if (stream === undefined) return
    this.#open.delete(stream)
    const unwritten = this.#requests.drop(stream)
    if (unwritten !== null) this.#lose(stream)
    if (unwritten === null || unwritten.isBegun) {
      this.#requests.control({ kind: 'reset', stream, frame: this.#up.send(EMPTY, RST_STREAM_BYTES, 'control') }, RST_STREAM_BYTES)
    }
    if (this.hasRoom) this.#route.idle()
  }

  /** A request will not reach the server any more. */
  #lose(stream: number): void {
    const travelling = this.#travelling.get(stream)
    if (travelling === undefined) return
    this.#travelling.delete(stream)
    if (travelling.frame !== null) this.#up.lose(travelling.frame)
    travelling.request.lost?.()
  }

  close(): void {
    this.#isClosed = true
    this.#open.clear()
    for (const message of this.#requests.clear()) if (message.kind === 'request') this.#lose(message.stream)
    this.#leave()
    this.#tcp.client.close()
  }

  serverEnds(inOrder: boolean): void {
    if (this.#server.isShut || this.#isDead) return // what its kernel still sends, it sends
    if (inOrder && this.#isOpen) return this.#server.shut()
    this.#server.endProcess()
    this.#end()
    this.#tcp.server.abort()
  }

  forget(side: 'client' | 'server'): void {
    if (side === 'client') this.#open.clear()
    this.#end()
    this.#server.endProcess()
    this.#tcp[side].forget()
    if (side === 'client') this.#isGone = true
  }

  reset(serverIsTold: boolean): void {
    this.#end()
    if (serverIsTold) this.#tcp.client.abort()
    else this.#tcp.client.forget()
    this.#fail(() => false)
  }

  #clientClosed(why: TcpCloseReason): void {
    this.#end()
    // Chromium takes all but the first stream of a connection for reused ones.
    this.#fail((stream) => why !== 'timeout' && stream > 1)
  }

  #fail(mayRepeat: (stream: number) => boolean): void {
    const failed = [...this.#open]
    this.#open.clear()
    this.#leave()
    for (const [stream, open] of failed) if (!mayRepeat(stream) || !open.repeats()) open.events.failed()
  }

  #leave(): void {
    if (this.#isGone) return
    this.#isGone = true
    this.#route.gone(this, this.#isOpen)
  }

  #end(): void {
    if (this.#isDead) return
    this.#isDead = true
    this.#requests.clear()
    this.#server.die()
    this.#up.end()
    this.#down.end()
    for (const stream of [...this.#travelling.keys()]) this.#lose(stream)
    for (const { events } of [...this.#open.values()]) events.doomed()
  }
}
