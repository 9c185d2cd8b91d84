/**
 * Requests over connections of their own: each leg is a packet for itself, so requests and answers overtake
 * one another (R3, C01), and an answer that is lost or late hides a request that was executed (R2).
 *
 * Connections are taken as kept alive (no handshake per request); HTTP/1.1's text framing is counted in
 * bytes. A reset fails every open request at the device at once; the server never learns. A server's kernel
 * that survives the server refuses requests and fails those in work; of a machine that is gone, nobody hears
 * until the time is up, and a request that was on its way then meets a machine that knows no such connection.
 */
import type { Request, RequestResult, Response } from '../contract.ts'
import type { EditId } from '../history/events.ts'
import type { Host, World } from '../host/host.ts'
import type { Direction, Link, Transit } from './link.ts'
import type { Listener } from './transport.ts'

/** `POST <path> HTTP/1.1`, Host, Content-Length and CRLFs, without the variable parts. */
const REQUEST_FRAMING_BYTES = 70
/** Status line, Content-Length, ETag and CRLFs. */
const RESPONSE_FRAMING_BYTES = 60

interface OpenRequest {
  readonly finish: (result: RequestResult, cause: EditId | null) => void
  readonly timer: () => number
  /** The server's process that the connection was made with; null if there was none. */
  readonly served: number | null
  leg: { readonly transit: Transit; readonly lost: () => void } | null
}

export class RequestChannel {
  readonly #open = new Set<OpenRequest>()
  /** Requests with a leg on its way, given up by the device or not. */
  readonly #travelling = new Set<OpenRequest>()
  readonly #device: Host
  readonly #server: Host
  readonly #link: Link
  readonly #listener: Listener
  readonly #world: World

  constructor(device: Host, server: Host, link: Link, listener: Listener) {
    this.#device = device
    this.#server = server
    this.#link = link
    this.#listener = listener
    this.#world = device.world
  }

  send(request: Request, timeoutUs: number, done: (result: RequestResult, cause: EditId | null) => void): () => void {
    const { kernel, quiescence, cause } = this.#world
    const sentCause = cause.current
    let timer = 0
    const open: OpenRequest = {
      leg: null, timer: () => timer, served: this.#server.isUp ? this.#server.incarnation : null,
      finish: (result, answeredCause) => {
        if (!this.#open.delete(open)) return
        kernel.cancel(timer)
        quiescence.end(this.#device.index, 'request')
        done(result, answeredCause)
      },
    }
    this.#open.add(open)
    quiescence.begin(this.#device.index, 'request')
    timer = kernel.after(timeoutUs, () => {
      if (this.#link.isCut) this.#lose(open) // closing the connection ends its retransmissions
      open.finish({ failed: 'timeout' }, sentCause)
    })
    if (this.#link.isOffline) {
      kernel.after(0, () => open.finish({ failed: 'network' }, sentCause))
      return () => this.#abandon(open, timer)
    }
    const sizeBytes = request.body.length + request.path.length + (request.idempotencyKey?.length ?? 0) + REQUEST_FRAMING_BYTES
    this.#carry(open, 'up', request.body, sizeBytes, (requestCause) => {
      if (!this.#server.isUp || (open.served !== null && open.served !== this.#server.incarnation)) return this.#refuse(open)
      this.#listener.request(this.#device.id, request, requestCause, (response) => this.#answer(open, response))
    })
    return () => this.#abandon(open, timer)
  }

  #answer(open: OpenRequest, response: Response): void {
    const sizeBytes = response.body.length + RESPONSE_FRAMING_BYTES
    this.#carry(open, 'down', response.body, sizeBytes, (responseCause) => open.finish(response, responseCause))
  }

  /** One leg; a response whose request has failed meanwhile is sent all the same, and lost. */
  #carry(open: OpenRequest, direction: Direction, content: Uint8Array, bytes: number, arrived: (cause: EditId | null) => void): void {
    const { kernel, recorder, quiescence, cause } = this.#world
    const [from, to] = direction === 'up' ? [this.#device, this.#server] : [this.#server, this.#device]
    const traffic = direction === 'up' ? 'request' as const : 'response' as const
    const sentCause = cause.current
    const frame = recorder.frameSent({ atUs: kernel.nowUs, from: from.id, to: to.id, bytes, traffic, cause: sentCause }, content)
    const leave = (state: 'delivered' | 'lost'): void => {
      open.leg = null
      this.#travelling.delete(open)
      quiescence.end(from.index, 'frame')
      recorder.record({ kind: 'frame', atUs: kernel.nowUs, frame, state, from: from.id, to: to.id, bytes, traffic, cause: sentCause })
    }
    quiescence.begin(from.index, 'frame')
    if (direction === 'down' && !this.#open.has(open)) return leave('lost')
    const transit = this.#link.carry(direction, () => {
      leave('delivered')
      arrived(sentCause)
    })
    open.leg = { transit, lost: () => leave('lost') }
    this.#travelling.add(open)
  }

  /** The server's kernel says that there is nobody, or no such connection. */
  #refuse(open: OpenRequest): void {
    this.#link.carry('down', () => open.finish({ failed: 'network' }, null))
  }

  /** The device's process is gone: nothing is called back. Requests that have left it go on alone. */
  deviceGone(): number {
    const open = [...this.#open]
    for (const request of open) this.#abandon(request, request.timer())
    if (this.#link.isCut) for (const request of [...this.#travelling]) this.#lose(request)
    return open.length
  }

  /** The server's process is gone: what it was working on is never answered; its kernel may say so. */
  serverGone(isTold: boolean): number {
    const inWork = [...this.#open].filter(({ leg }) => leg === null)
    if (isTold) for (const request of inWork) this.#refuse(request)
    return inWork.length
  }

  #lose(open: OpenRequest): void {
    open.leg?.transit.cancel()
    open.leg?.lost()
  }

  #abandon(open: OpenRequest, timer: number): void {
    if (!this.#open.delete(open)) return
    this.#world.kernel.cancel(timer)
    this.#world.quiescence.end(this.#device.index, 'request')
  }

  /** Every open request fails; what is on its way is lost. */
  reset(): void {
    for (const request of [...this.#travelling]) if (!this.#open.has(request)) this.#lose(request)
    for (const request of [...this.#open]) {
      this.#lose(request)
      request.finish({ failed: 'network' }, null)
    }
  }
}
