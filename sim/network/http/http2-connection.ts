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
import { RestartableTimer } from '../tcp/restartable-timer.ts'
import { TcpConnection } from '../tcp/tcp-connection.ts'
import type { TcpCloseReason } from '../tcp/tcp-events.ts'
import type { HttpPart, HttpRequest, HttpServing } from './exchange.ts'
import { type Field, HeaderTable } from './hpack.ts'
import { account, type ConnectionRoute, type HttpConnection, type OpenExchange } from './http-connection.ts'
import { FRAME_HEADER_BYTES, Http2Writer, messageBytes } from './http2-writer.ts'

/** The magic octets, SETTINGS with five parameters and WINDOW_UPDATE, as Chromium begins. */
const PREFACE_BYTES = 24 + FRAME_HEADER_BYTES + 5 * 6 + FRAME_HEADER_BYTES + 4
/** SETTINGS with three parameters, WINDOW_UPDATE, and the acknowledgement of the client's SETTINGS, as nginx. */
const SERVER_PREFACE_BYTES = FRAME_HEADER_BYTES + 3 * 6 + FRAME_HEADER_BYTES + 4 + FRAME_HEADER_BYTES
const RST_STREAM_BYTES = FRAME_HEADER_BYTES + 4
const GOAWAY_BYTES = FRAME_HEADER_BYTES + 8
const AUTHORITY = 'sync.example.com'
const EMPTY = new Uint8Array(0)

type Message =
  /** Bytes of a message whose last byte is still to come. */
  | { readonly kind: 'piece' }
  | { readonly kind: 'preface' | 'settings' | 'acknowledgement'; readonly frame: Frame }
  | { readonly kind: 'request'; readonly stream: number }
  | { readonly kind: 'part'; readonly stream: number; readonly part: HttpPart; readonly frame: Frame | null }
  | { readonly kind: 'reset'; readonly stream: number; readonly frame: Frame }
  | { readonly kind: 'goaway'; readonly lastStream: number; readonly frame: Frame }
const PIECE: Message = { kind: 'piece' }

/** A stream that the server has not answered wholly. */
interface Served {
  readonly request: HttpRequest
  serving: HttpServing | null
  hasBegun: boolean
  wasRefused: boolean
}

export class Http2Connection implements HttpConnection {
  readonly #route: ConnectionRoute
  readonly #up: FrameLog
  readonly #down: FrameLog
  readonly #tcp: TcpConnection<Message>
  readonly #requests: Http2Writer<Message>
  readonly #answers: Http2Writer<Message>
  readonly #fields = { up: new HeaderTable(), down: new HeaderTable() }
  /** Runs at the server while it has nothing to do for the connection. */
  readonly #idle: RestartableTimer
  /** Streams that the device wants an answer on. */
  readonly #open = new Map<number, OpenExchange>()
  /** Requests not arrived. */
  readonly #travelling = new Map<number, { readonly request: HttpRequest; readonly frame: Frame | null }>()
  readonly #served = new Map<number, Served>()
  /** Odd numbers are the client's (section 5.1.1). */
  #nextStream = 1
  /** The last one that the server has read. */
  #lastStream = 0
  #isOpen = false
  /** The device begins nothing on it any more. */
  #isGone = false
  /** The device's process has ended. */
  #isClosed = false
  /** The server has said GOAWAY, and reads no more. */
  #isShut = false
  /** Nothing is handed over any more, whatever still arrives. */
  #isDead = false

  constructor(route: ConnectionRoute) {
    const { device, server, link, connection } = route
    const { kernel } = device.world
    this.#route = route
    this.#up = new FrameLog(device.world, device, server.id)
    this.#down = new FrameLog(device.world, server, device.id)
    this.#idle = new RestartableTimer(kernel, () => this.#shut())
    this.#tcp = new TcpConnection<Message>(kernel, {
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
        opened: () => this.#rest(),
        message: (message) => this.#serverGot(message),
        writable: () => this.#answers.flush(),
        closed: () => this.#serverClosed(),
      },
    })
    this.#requests = new Http2Writer(PIECE, (message, sizeBytes) => this.#tcp.client.send(message, sizeBytes), () => undefined)
    this.#answers = new Http2Writer(PIECE, (message, sizeBytes) => this.#tcp.server.send(message, sizeBytes), (stream) => {
      this.#answerDrained(this.#served.get(stream))
      this.#rest()
    })
    if (!server.isUp) this.#tcp.server.forget() // nobody listens: its kernel refuses
    this.#tcp.client.connect()
  }

  get connection(): number { return this.#route.connection }
  get isConnecting(): boolean { return !this.#isOpen && !this.#isGone }
  get hasRoom(): boolean { return this.#isOpen && !this.#isGone && this.#open.size < this.#route.wire.maxConcurrentStreams }
  get isOver(): boolean { return this.#isGone && this.#open.size === 0 && this.#up.isEmpty && this.#down.isEmpty }
  get served(): number { return [...this.#served.values()].filter(({ request }) => request.traffic === 'request').length }

  send(open: OpenExchange): void {
    const { request } = open
    const { world } = this.#route.device
    const stream = this.#nextStream
    this.#nextStream += 2
    const headBytes = FRAME_HEADER_BYTES + this.#fields.up.blockBytes(requestFields(request, this.#route.wire.requestHeaderBytes))
    const sizeBytes = messageBytes(headBytes, request.body.length)
    const outer = world.cause.current
    world.cause.current = request.cause
    const frame = account(this.#up, request.body, sizeBytes - request.carriedBytes(), request.traffic)
    world.cause.current = outer
    this.#open.set(stream, open)
    this.#travelling.set(stream, { request, frame })
    this.#requests.add(stream, headBytes, request.body.length, { kind: 'request', stream })
  }

  #serverGot(message: Message): void {
    if (this.#isDead) return
    switch (message.kind) {
      case 'preface':
        this.#up.deliver(message.frame)
        if (!this.#isShut) this.#answers.control({ kind: 'settings', frame: this.#down.send(EMPTY, SERVER_PREFACE_BYTES, 'control') }, SERVER_PREFACE_BYTES)
        return
      case 'request': return this.#arrived(message.stream)
      case 'reset':
        this.#up.deliver(message.frame)
        return this.#givenUp(message.stream)
      case 'acknowledgement':
        this.#up.deliver(message.frame)
        return
      case 'piece': case 'settings': case 'part': case 'goaway': return
    }
  }

  #arrived(stream: number): void {
    const travelling = this.#travelling.get(stream)
    if (travelling === undefined) return
    if (this.#isShut) return this.#lose(stream) // behind a GOAWAY: ignored (section 6.8)
    this.#travelling.delete(stream)
    const { request, frame } = travelling
    if (frame !== null && !this.#up.deliver(frame)) return
    this.#lastStream = stream
    this.#idle.clear()
    const served: Served = { request, serving: null, hasBegun: false, wasRefused: false }
    this.#served.set(stream, served)
    const serving = request.serve(frame?.cause ?? request.cause, {
      write: (part) => this.#write(stream, served, part),
      abort: () => {
        if (this.#served.get(stream) !== served) return
        this.#endStream(stream)
        this.#answers.control({ kind: 'reset', stream, frame: this.#down.send(EMPTY, RST_STREAM_BYTES, 'control') }, RST_STREAM_BYTES)
      },
    })
    if (this.#served.get(stream) === served) served.serving = serving // an answer may have been given at once
  }

  #write(stream: number, served: Served, part: HttpPart): boolean {
    const { response, traffic, carriedBytes, isLast } = part
    if (this.#served.get(stream) !== served) return true // reset by the device: dropped here
    if (served.hasBegun && this.#answers.has(stream)) {
      served.wasRefused = true
      return false
    }
    const headBytes = served.hasBegun ? 0 : FRAME_HEADER_BYTES + this.#fields.down.blockBytes(responseFields(part))
    const frame = account(this.#down, response.body, messageBytes(headBytes, response.body.length) - carriedBytes, traffic)
    served.hasBegun = true
    if (isLast) this.#served.delete(stream)
    if (!this.#isDead) this.#answers.add(stream, headBytes, response.body.length, { kind: 'part', stream, part, frame })
    return true
  }

  #answerDrained(served: Served | undefined): void {
    if (served?.wasRefused !== true) return
    served.wasRefused = false
    served.serving?.writable()
  }

  /** The server's side of a stream that was reset. */
  #givenUp(stream: number): void {
    const serving = this.#served.get(stream)?.serving
    this.#endStream(stream)
    serving?.gone()
  }

  #endStream(stream: number): void {
    this.#served.delete(stream)
    this.#loseAnswer(this.#answers.drop(stream)?.message)
    this.#rest()
  }

  #loseAnswer(message: Message | undefined): void {
    if (message?.kind === 'part' && message.frame !== null) this.#down.lose(message.frame)
  }

  /** The server has nothing to do, and waits for more, but not for ever. */
  #rest(): void {
    if (this.#served.size === 0 && this.#answers.isEmpty && !this.#isShut && !this.#isDead) this.#idle.set(this.#route.wire.httpKeepAliveUs)
  }

  #deviceGot(message: Message): void {
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

  #answered({ stream, part: { response, isLast }, frame }: Message & { readonly kind: 'part' }): void {
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

  /** The server ends the connection in order. */
  #shut(): void {
    this.#isShut = true
    this.#endServing()
    for (const message of this.#answers.clear()) this.#loseAnswer(message)
    this.#answers.control({ kind: 'goaway', lastStream: this.#lastStream, frame: this.#down.send(EMPTY, GOAWAY_BYTES, 'control') }, GOAWAY_BYTES)
    this.#tcp.server.close()
  }

  serverEnds(inOrder: boolean): void {
    if (this.#isShut || this.#isDead) return // what its kernel still sends, it sends
    if (inOrder && this.#isOpen) return this.#shut()
    this.#endServing()
    this.#end()
    this.#tcp.server.abort()
  }

  forget(side: 'client' | 'server'): void {
    if (side === 'client') this.#open.clear()
    this.#end()
    this.#endServing()
    this.#tcp[side].forget()
    if (side === 'client') this.#isGone = true
  }

  reset(serverIsTold: boolean): void {
    this.#end()
    if (serverIsTold) this.#tcp.client.abort()
    else this.#tcp.client.forget()
    this.#fail(() => false)
  }

  #endServing(): void {
    this.#idle.clear()
    this.#served.clear()
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

  #serverClosed(): void {
    this.#end()
    const served = [...this.#served.values()]
    this.#endServing()
    for (const { serving } of served) serving?.gone()
  }

  #leave(): void {
    if (this.#isGone) return
    this.#isGone = true
    this.#route.gone(this, this.#isOpen)
  }

  #end(): void {
    if (this.#isDead) return
    this.#isDead = true
    this.#idle.clear()
    this.#requests.clear()
    this.#answers.clear()
    this.#up.end()
    this.#down.end()
    for (const stream of [...this.#travelling.keys()]) this.#lose(stream)
    for (const { events } of [...this.#open.values()]) events.doomed()
  }
}

/**
 * The fields that a request has over HTTP/1.1 here too. `ownBytes` of fields that an exchange names only by their
 * number count as one that is the same each time, and so do those of browser and application.
 */
function requestFields({ method, path, body, idempotencyKey, fieldBytes }: HttpRequest, browserBytes: number): readonly Field[] {
  const ownBytes = fieldBytes - (idempotencyKey?.length ?? 0)
  return [
    [':method', method], [':authority', AUTHORITY], [':scheme', 'https'], [':path', path],
    ...(method === 'POST' ? [['content-length', String(body.length)] as const] : []),
    ...(idempotencyKey === undefined ? [] : [['idempotency-key', idempotencyKey] as const]),
    ...(ownBytes > 0 ? [['accept', 'x'.repeat(ownBytes)] as const] : []),
    ...(browserBytes > 0 ? [['user-agent', 'x'.repeat(browserBytes)] as const] : []),
  ]
}

function responseFields({ response: { status, body, version }, isLast, fieldBytes }: HttpPart): readonly Field[] {
  return [
    [':status', String(status)],
    ...(isLast ? [['content-length', String(body.length)] as const] : []),
    ...(version === undefined ? [] : [['etag', `"${version}"`] as const]),
    ...(fieldBytes > 0 ? [['content-type', 'x'.repeat(fieldBytes)] as const] : []),
  ]
}
