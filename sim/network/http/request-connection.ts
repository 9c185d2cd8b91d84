/**
 * One HTTP/1.1 connection of a device: TCP and TLS, then one exchange at a time, each answered before the next
 * (pipelining is off in every browser). An answer that is streamed keeps the connection to itself until it ends.
 *
 * A device that gives up an exchange closes the connection. Its kernel still brings what was written to the
 * server, by retransmission if need be, so the request may be executed long after (R2); the answer finds the
 * connection closed, and is met with a reset.
 */
import { type Frame, FrameLog, type FrameTraffic } from '../frame-log.ts'
import { BROWSER_TLS } from '../tcp/browser-tls.ts'
import { TcpConnection } from '../tcp/tcp-connection.ts'
import type { TransportParts } from '../transport.ts'
import type { HttpAnswer, HttpEvents, HttpPart, HttpRequest, HttpServing } from './exchange.ts'

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

/** An exchange of the device, until it has its answer or is given up. */
export interface OpenExchange {
  readonly request: HttpRequest
  readonly events: HttpEvents
}

/** `frame`: null where everything that a part brings stands in the history as frames of a stream. */
type Message =
  | { readonly kind: 'request'; readonly frame: Frame | null; readonly request: HttpRequest }
  | { readonly kind: 'part'; frame: Frame | null; readonly part: HttpPart }

export interface ConnectionRoute extends TransportParts {
  /** Names the connection among the device's. */
  readonly connection: number
  /** The connection takes an exchange now: it has just opened, or got its answer. */
  idle(connection: RequestConnection): void
  /** It will take none any more. The exchange under way, if any, fails after this call. `wasOpen`: it could be made. */
  gone(connection: RequestConnection, wasOpen: boolean): void
}

export class RequestConnection {
  readonly #route: ConnectionRoute
  readonly #up: FrameLog
  readonly #down: FrameLog
  readonly #tcp: TcpConnection<Message>
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
  /** The server has said that it closes. */
  #isClosedByServer = false

  constructor(route: ConnectionRoute) {
    const { device, server, link, connection } = route
    this.#route = route
    this.#up = new FrameLog(device.world, device, server.id)
    this.#down = new FrameLog(device.world, server, device.id)
    this.#tcp = new TcpConnection<Message>(device.world.kernel, {
      id: connection, up: link.upPath, down: link.downPath, clientOptions: BROWSER_TLS, serverOptions: { tls: true },
      client: {
        opened: () => {
          this.#isOpen = true
          this.#route.idle(this)
        },
        message: (message) => { if (message.kind === 'part') this.#answered(message.frame, message.part) },
        writable: () => undefined,
        closed: (why) => this.#clientClosed(why !== 'fin'),
      },
      server: {
        opened: () => undefined,
        message: (message) => { if (message.kind === 'request') this.#arrived(message.frame, message.request) },
        writable: () => this.#serving?.writable(),
        closed: (why) => {
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
  get isIdle(): boolean { return this.#isOpen && !this.#isGone && this.#current === null }
  /** Nothing is on its way any more, in either direction. */
  get isOver(): boolean { return this.#isGone && this.#up.isEmpty && this.#down.isEmpty }
  /** The server works on a request of the application. */
  get isServed(): boolean { return this.#served?.traffic === 'request' }
  get connection(): number { return this.#route.connection }

  /** Sends a request; the connection must be idle. */
  send(open: OpenExchange): void {
    const { request } = open
    const { world } = this.#route.device
    this.#current = open
    this.#travelling = request
    const sizeBytes = request.body.length + request.path.length + request.fieldBytes + REQUEST_FRAMING_BYTES
    const outer = world.cause.current
    world.cause.current = request.cause
    const frame = account(this.#up, request.body, sizeBytes - request.carriedBytes(), request.traffic)
    world.cause.current = outer
    if (!this.#tcp.client.send({ kind: 'request', frame, request }, sizeBytes)) throw new Error('an idle connection refused a request')
  }

  #arrived(frame: Frame | null, request: HttpRequest): void {
    if (this.#isDead || (frame !== null && !this.#up.deliver(frame))) return
    this.#travelling = null
    const isCurrent = (): boolean => this.#served === request
    this.#served = request
    this.#hasBegunAnswer = false
    const answer: HttpAnswer = {
      write: (part) => this.#write(part, isCurrent()),
      abort: () => { if (isCurrent()) this.serverReset() },
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
    }
    return true
  }

  #answered(frame: Frame | null, { response, isLast }: HttpPart): void {
    const open = this.#current
    if (open === null || this.#isGone) {
      // The socket is closed: its kernel answers data with a reset.
      this.#end()
      this.#tcp.client.abort()
      return
    }
    if (this.#isDead || (frame !== null && !this.#down.deliver(frame))) return
    if (isLast) this.#current = null
    open.events.part(response, isLast, frame?.cause ?? null)
    if (isLast && this.isIdle) this.#route.idle(this)
  }

  /** The device no longer wants the answer. */
  close(): void {
    this.#current = null
    this.#leave()
    this.#tcp.client.close()
  }

  #clientClosed(isBroken: boolean): void {
    if (isBroken) this.#end()
    this.#fail()
  }

  /** What is in flight is lost, both ways. With `serverIsTold` a reset is sent. */
  reset(serverIsTold: boolean): void {
    this.#end()
    if (serverIsTold) this.#tcp.client.abort()
    else this.#tcp.client.forget()
    this.#fail()
  }

  /**
   * A machine lost power: its end knows nothing any more, and what is in flight is lost. Of the server's end it may
   * also be a middlebox that has forgotten the connection.
   */
  forget(side: 'client' | 'server'): void {
    if (side === 'client') this.#current = null
    this.#end()
    this.#endServing()
    this.#tcp[side].forget()
    if (side === 'client') this.#isGone = true
  }

  /** The server's kernel resets the connection of a process that is gone, unless that has closed it in order. */
  serverReset(): void {
    this.#endServing()
    if (this.#isClosedByServer) return
    this.#end()
    this.#tcp.server.abort()
  }

  #endServing(): void {
    this.#served = null
    this.#serving = null
  }

  #fail(): void {
    const open = this.#current
    this.#current = null
    this.#leave()
    open?.events.failed()
  }

  #leave(): void {
    if (this.#isGone) return
    this.#isGone = true
    this.#route.gone(this, this.#isOpen)
  }

  #end(): void {
    this.#isDead = true
    this.#up.end()
    this.#down.end()
    const travelling = this.#travelling
    this.#travelling = null
    travelling?.lost?.()
    this.#current?.events.doomed()
  }
}

/** Records what a message takes beyond the frames that it carries; null where that is nothing. */
function account(log: FrameLog, content: Uint8Array, sizeBytes: number, traffic: FrameTraffic): Frame | null {
  return sizeBytes > 0 ? log.send(content, sizeBytes, traffic) : null
}
