/**
 * One HTTP/1.1 connection of a device: TCP and TLS, then one request at a time, each answered before the next
 * (pipelining is off in every browser).
 *
 * A device that gives up a request closes the connection. Its kernel still brings what was written to the
 * server, by retransmission if need be, so the request may be executed long after (R2); the answer finds the
 * connection closed, and is met with a reset.
 */
import type { Request, RequestResult, Response } from '../../contract.ts'
import type { EditId } from '../../history/events.ts'
import { type Frame, FrameLog } from '../frame-log.ts'
import { BROWSER_TLS } from '../tcp/browser-tls.ts'
import { TcpConnection } from '../tcp/tcp-connection.ts'
import type { TransportParts } from '../transport.ts'
import { authorizationBytes, retryAfterBytes } from './optional-headers.ts'

/** `POST <path> HTTP/1.1`, Host, Content-Length and CRLFs, without the variable parts. */
const REQUEST_FRAMING_BYTES = 70
/** Status line, Content-Length, ETag and CRLFs. */
const RESPONSE_FRAMING_BYTES = 60

/** A request of the device, until it has its answer or is given up. */
export interface OpenRequest {
  readonly request: Request
  /** What it was made from, which causes its frame. */
  readonly cause: EditId | null
  finish(result: RequestResult, cause: EditId | null): void
}

type Message =
  | { readonly kind: 'request'; readonly frame: Frame; readonly request: Request }
  | { readonly kind: 'response'; readonly frame: Frame; readonly response: Response }

export interface ConnectionRoute extends TransportParts {
  /** Names the connection among the device's. */
  readonly connection: number
  /** The connection takes a request now: it has just opened, or got its answer. */
  idle(connection: RequestConnection): void
  /** It will take none any more. The request under way, if any, fails after this call. */
  gone(connection: RequestConnection): void
}

export class RequestConnection {
  readonly #route: ConnectionRoute
  readonly #up: FrameLog
  readonly #down: FrameLog
  readonly #tcp: TcpConnection<Message>
  #current: OpenRequest | null = null
  #isOpen = false
  #isGone = false
  /** The server has the request and has not answered it. */
  #isServed = false

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
        message: (message) => { if (message.kind === 'response') this.#answered(message.frame, message.response) },
        writable: () => undefined,
        closed: (why) => this.#clientClosed(why !== 'fin'),
      },
      server: {
        opened: () => undefined,
        message: (message) => { if (message.kind === 'request') this.#arrived(message.frame, message.request) },
        writable: () => undefined,
        closed: (why) => {
          // After a FIN everything has come, and no answer will get through.
          if (why === 'fin') this.#down.end()
          else this.#end()
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
  get isServed(): boolean { return this.#isServed }
  get connection(): number { return this.#route.connection }

  /** Sends a request; the connection must be idle. */
  send(open: OpenRequest): void {
    const { request, cause } = open
    const { world } = this.#route.device
    this.#current = open
    const sizeBytes = request.body.length + request.path.length + (request.idempotencyKey?.length ?? 0) + REQUEST_FRAMING_BYTES + authorizationBytes(request)
    const outer = world.cause.current
    world.cause.current = cause
    const frame = this.#up.send(request.body, sizeBytes, 'request')
    world.cause.current = outer
    if (!this.#tcp.client.send({ kind: 'request', frame, request }, sizeBytes)) throw new Error('an idle connection refused a request')
  }

  #arrived(frame: Frame, request: Request): void {
    if (!this.#up.deliver(frame)) return
    this.#isServed = true
    this.#route.listener.request(this.#route.device.id, request, frame.cause, (response) => {
      this.#isServed = false
      const sizeBytes = response.body.length + RESPONSE_FRAMING_BYTES + retryAfterBytes(response)
      const answer = this.#down.send(response.body, sizeBytes, 'response')
      if (!this.#tcp.server.send({ kind: 'response', frame: answer, response }, sizeBytes)) this.#down.lose(answer)
    }, () => this.serverReset())
  }

  #answered(frame: Frame, response: Response): void {
    const open = this.#current
    if (open === null || this.#isGone) {
      // The socket is closed: its kernel answers data with a reset.
      this.#end()
      this.#tcp.client.abort()
      return
    }
    if (!this.#down.deliver(frame)) return
    this.#current = null
    open.finish(response, frame.cause)
    if (this.isIdle) this.#route.idle(this)
  }

  /** The device no longer wants the answer. */
  close(): void {
    this.#leave()
    this.#current = null
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

  /** A machine lost power: its end knows nothing any more, and what is in flight is lost. */
  forget(side: 'client' | 'server'): void {
    this.#end()
    this.#isServed = false
    this.#tcp[side].forget()
    if (side === 'client') this.#isGone = true
  }

  /** The server's side resets the connection: its process is gone, or something before it breaks off. */
  serverReset(): void {
    this.#end()
    this.#isServed = false
    this.#tcp.server.abort()
  }

  #fail(): void {
    const open = this.#current
    this.#current = null
    this.#leave()
    open?.finish({ failed: 'network' }, null)
  }

  #leave(): void {
    if (this.#isGone) return
    this.#isGone = true
    this.#route.gone(this)
  }

  #end(): void {
    this.#up.end()
    this.#down.end()
  }
}
