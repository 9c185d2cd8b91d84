/**
 * One HTTP/1.1 connection of a device: TCP and TLS, then one exchange at a time, each answered before the next
 * (pipelining is off in every browser). An answer that is streamed keeps the connection to itself until it ends.
 *
 * A device that gives up an exchange closes the connection. Its kernel still brings what was written to the
 * server, by retransmission if need be, so the request may be executed long after (R2); the answer finds the
 * connection closed, and is met with a reset.
 *
 * A server closes a connection that has been idle for long. A request that is on its way in that moment is never
 * read, and the device sees a connection end without an answer: the same as when the server died in its work.
 */
import { type Frame, FrameLog } from '../frame-log.ts'
import { BROWSER_TLS } from '../tcp/browser-tls.ts'
import { RestartableTimer } from '../tcp/restartable-timer.ts'
import { TcpConnection } from '../tcp/tcp-connection.ts'
import type { TcpCloseReason } from '../tcp/tcp-events.ts'
import type { HttpAnswer, HttpPart, HttpRequest, HttpServing } from './exchange.ts'
import { account, type ConnectionRoute, type HttpConnection, type OpenExchange } from './http-connection.ts'

/** `POST <path> HTTP/1.1`, Host, Content-Length and CRLFs, without the variable parts. */
const REQUEST_FRAMING_BYTES = 70
/** Status line, Content-Length, ETag and CRLFs. */
const RESPONSE_FRAMING_BYTES = 60
/** `Transfer-Encoding: chunked` in place of Content-Length and its value. */
const CHUNKED_BYTES = 10
/** `0` and two CRLFs, RFC 9112 section 7.1. */
const LAST_CHUNK_BYTES = 5

/** A chunk's size in hexadecimal and two CRLFs (RFC 9112 section 7.1). */
export function chunkFramingBytes(contentBytes: number): number {
  return contentBytes.toString(16).length + 4
}

/** `frame`: null where everything that a part brings stands in the history as frames of a stream. */
type Message =
  | { readonly kind: 'request'; readonly frame: Frame | null; readonly request: HttpRequest }
  | { readonly kind: 'part'; frame: Frame | null; readonly part: HttpPart }

export class RequestConnection implements HttpConnection {
  #route: ConnectionRoute
  #up: FrameLog
  #down: FrameLog
  readonly #tcp: TcpConnection<Message>
  /** Runs at the server while it has nothing to do for the connection. */
  readonly #idle: RestartableTimer
  #current: OpenExchange | null = null
  /** Written and not arrived. */
  #travelling: HttpRequest | null = null
  #isOpen = false
  #isGone = false
  /** Nothing is handed over any more, whatever still arrives. */
  #isDead = false
  /** What the server has and has not answered wholly. */
  #served: HttpRequest | null = null
  /** Whom to tell of it. */
  #serving: HttpServing | null = null
  #hasBegunAnswer = false
  /** The server has said that it closes, and reads no more. */
  #isClosedByServer = false
  /** Of the current exchange's answer. */
  #hasPart = false
  /** It has carried an answer, so that a browser takes its end for no fault of the request's. */
  #isProven = false

  constructor(route: ConnectionRoute) {
    const { device, server, link, connection } = route
    this.#route = route
    this.#up = new FrameLog(device.world, device, server.id)
    this.#down = new FrameLog(device.world, server, device.id)
    this.#idle = new RestartableTimer(device.world.kernel, () => {
      this.#isClosedByServer = true
      this.#tcp.server.close()
    })
    this.#tcp = new TcpConnection<Message>(device.world.kernel, {
      id: connection, up: link.upPath, down: link.downPath, clientOptions: BROWSER_TLS, serverOptions: { tls: true },
      client: {
        opened: () => {
          this.#isOpen = true
          this.#route.idle()
        },
        message: (message) => { if (message.kind === 'part') this.#answered(message.frame, message.part) },
        writable: () => undefined,
        closed: (why) => this.#clientClosed(why),
      },
      server: {
        opened: () => this.#idle.set(route.wire.httpKeepAliveUs),
        message: (message) => { if (message.kind === 'request') this.#arrived(message.frame, message.request) },
        writable: () => this.#serving?.writable(),
        closed: (why) => {
          this.#idle.clear()
          // After a FIN everything has come, and no answer will get through.
          if (why === 'fin') this.#down.end()
          else this.#end()
          const serving = this.#serving
          this.#serving = null
          serving?.gone()
        },
      },
    })
    if (!server.isUp) this.#tcp.server.forget() // nobody listens: its kernel refuses
    this.#tcp.client.connect()
  }

  get isConnecting(): boolean { return !this.#isOpen && !this.#isGone }
  get hasRoom(): boolean { return this.#isOpen && !this.#isGone && this.#current === null }
  get isOver(): boolean { return this.#isGone && this.#up.isEmpty && this.#down.isEmpty }
  get served(): number { return this.#served?.traffic === 'request' ? 1 : 0 }
  get connection(): number { return this.#route.connection }

  handTo(route: Omit<ConnectionRoute, 'connection'>): void {
    this.#route = { ...route, connection: this.connection }
    this.#up = new FrameLog(route.device.world, route.device, route.server.id)
    this.#down = new FrameLog(route.device.world, route.server, route.device.id)
  }

  send(open: OpenExchange): void {
    const { request } = open
    const { device: { world }, wire } = this.#route
    this.#current = open
    this.#hasPart = false
    this.#travelling = request
    const sizeBytes = request.body.length + request.path.length + request.fieldBytes + REQUEST_FRAMING_BYTES + wire.requestHeaderBytes
    const outer = world.cause.current
    world.cause.current = request.cause
    const frame = account(this.#up, request.body, sizeBytes - request.carriedBytes(), request.traffic)
    world.cause.current = outer
    if (!this.#tcp.client.send({ kind: 'request', frame, request }, sizeBytes)) throw new Error('an idle connection refused a request')
  }

  #arrived(frame: Frame | null, request: HttpRequest): void {
    if (this.#isClosedByServer && !this.#isDead) {
      // Nobody reads what comes in after the close: a kernel answers it with a reset (RFC 9112 section 9.6).
      this.#end()
      this.#tcp.server.abort()
      return
    }
    if (this.#isDead || (frame !== null && !this.#up.deliver(frame))) return
    this.#travelling = null
    this.#idle.clear()
    const isCurrent = (): boolean => this.#served === request
    this.#served = request
    this.#hasBegunAnswer = false
    const answer: HttpAnswer = {
      write: (part) => this.#write(part, isCurrent()),
      abort: () => { if (isCurrent()) this.serverEnds() },
    }
    const serving = request.serve(frame?.cause ?? request.cause, answer)
    if (isCurrent()) this.#serving = serving // an answer may have been given at once
  }

  #write(part: HttpPart, isCurrent: boolean): boolean {
    const { response: { body }, fieldBytes, isLast } = part
    const isFirst = !this.#hasBegunAnswer
    const head = isFirst ? RESPONSE_FRAMING_BYTES + fieldBytes + (isLast ? 0 : CHUNKED_BYTES) : 0
    const chunk = (isFirst && isLast) || body.length === 0 ? 0 : chunkFramingBytes(body.length)
    const sizeBytes = head + chunk + body.length + (isLast && !isFirst ? LAST_CHUNK_BYTES : 0)
    const message: Message = { kind: 'part', frame: null, part }
    const isTaken = this.#tcp.server.send(message, sizeBytes)
    if (!isTaken && this.#tcp.server.isOpen) return false
    message.frame = account(this.#down, body, sizeBytes - part.carriedBytes, part.traffic)
    if (!isTaken && message.frame !== null) this.#down.lose(message.frame)
    if (!isCurrent) return true
    this.#hasBegunAnswer = true
    if (isLast) this.#endServing()
    if (part.closes === true) {
      this.#isClosedByServer = true
      this.#tcp.server.close()
    } else if (isLast) this.#idle.set(this.#route.wire.httpKeepAliveUs)
    return true
  }

  #answered(frame: Frame | null, { response, isLast, closes }: HttpPart): void {
    const open = this.#current
    if (open === null || this.#isGone) {
      // The socket is closed: its kernel answers data with a reset.
      this.#end()
      this.#tcp.client.abort()
      return
    }
    if (this.#isDead || (frame !== null && !this.#down.deliver(frame))) return
    this.#isProven = true
    // Said in the header fields (`Connection: close`), if that was the whole answer; a streamed one is followed by a FIN.
    const isSaidToClose = closes === true && !this.#hasPart
    this.#hasPart = true
    if (isLast) this.#current = null
    if (isSaidToClose) this.#leave()
    open.events.part(response, isLast, frame?.cause ?? null)
    if (isLast && this.hasRoom) this.#route.idle()
  }

  giveUp(): void {
    this.close()
  }

  close(): void {
    this.#current = null
    this.#leave()
    this.#tcp.client.close()
  }

  #clientClosed(why: TcpCloseReason): void {
    if (why !== 'fin') this.#end()
    this.#fail(why !== 'timeout' && this.#isProven && !this.#hasPart)
  }

  reset(serverIsTold: boolean): void {
    this.#end()
    if (serverIsTold) this.#tcp.client.abort()
    else this.#tcp.client.forget()
    this.#fail(false)
  }

  forget(side: 'client' | 'server'): void {
    if (side === 'client') this.#current = null
    this.#end()
    this.#endServing()
    this.#tcp[side].forget()
    if (side === 'client') this.#isGone = true
  }

  /**
   * The process is gone, or something before it breaks off: the kernel there resets the connection, unless that is
   * closed in order already.
   */
  serverEnds(): void {
    this.#idle.clear()
    this.#endServing()
    if (this.#isClosedByServer) return
    this.#end()
    this.#tcp.server.abort()
  }

  #endServing(): void {
    this.#served = null
    this.#serving = null
  }

  #fail(mayRepeat: boolean): void {
    const open = this.#current
    this.#current = null
    this.#leave()
    if (open !== null && !(mayRepeat && open.repeats())) open.events.failed()
  }

  #leave(): void {
    if (this.#isGone) return
    this.#isGone = true
    this.#route.gone(this, this.#isOpen)
  }

  #end(): void {
    this.#isDead = true
    this.#idle.clear()
    this.#up.end()
    this.#down.end()
    const travelling = this.#travelling
    this.#travelling = null
    travelling?.lost?.()
    this.#current?.events.doomed()
  }
}
