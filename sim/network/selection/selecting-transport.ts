/**
 * A device's choice among several transports: the scenario's, and those to fall back to (requirements A11, A12, A16).
 *
 * A dial tries one. After two failures in a row (pusher-js gives a WebSocket two lives) the next dial tries the next
 * one, and after the last one the first again. Failed is what failed, or was not open within the connect timeout,
 * while the device was online. What works stays in use: it is dialled again for as long as the memory holds (30 min
 * in pusher-js, whose `CachedStrategy` this is), or until the device changes its network; then the best one is tried
 * first. Whoever sits above sees one stream after another and cannot tell, but by the history.
 *
 * Requests of the application go over the connections of the transport in use (requirements A06).
 *
 * Left out: several transports tried at the same time, switching to a better one while a worse one works, a memory
 * that outlives the process.
 */
import type { CloseReason, Request, RequestResult } from '../../contract.ts'
import type { EditId } from '../../history/events.ts'
import type { Host } from '../../host/host.ts'
import type { AccessLink } from '../access-link.ts'
import type { Dialer, StreamEnd, Transport } from '../transport.ts'

/** Failures in a row, until the next transport is tried. */
export const LIVES = 2
/** RFC 6455, 7.4.1: the endpoint is going away. */
const GOING_AWAY = 1001

export interface Patience {
  /** Until an attempt counts as failed. */
  readonly connectTimeoutUs: number
  /** How long what worked is tried first. */
  readonly memoryUs: number
}

export class SelectingTransport implements Transport {
  /** Which one is tried next, or is in use. */
  #current = 0
  #failures = 0
  /** When it was fallen back to. */
  #fellBackUs = 0
  readonly #transports: readonly [Transport, ...Transport[]]
  readonly #patience: Patience
  readonly #device: Host
  readonly #link: Pick<AccessLink, 'isOffline'>

  /** @param transports the best one first */
  constructor(transports: readonly [Transport, ...Transport[]], patience: Patience, device: Host, link: Pick<AccessLink, 'isOffline'>) {
    this.#transports = transports
    this.#patience = patience
    this.#device = device
    this.#link = link
  }

  get name(): Transport['name'] { return this.#transports[0].name }

  dial(dialer: Dialer): void {
    if (this.#current > 0 && this.#device.world.kernel.nowUs - this.#fellBackUs >= this.#patience.memoryUs) this.#startAfresh()
    const tried = this.#current
    const { name } = this.#transports[tried]
    let isOver = false
    const failed = (): void => {
      if (isOver) return
      isOver = true
      stopWaiting()
      this.#failed(tried)
      dialer.failed()
    }
    const stopWaiting = this.#device.timer(this.#patience.connectTimeoutUs, failed, true)
    this.#transports[tried].dial({
      failed,
      opened: (end) => {
        if (isOver) {
          end.close(GOING_AWAY)
          return { frame: () => undefined, closed: () => undefined }
        }
        isOver = true
        stopWaiting()
        this.#failures = 0
        return dialer.opened(tried === 0 ? end : carriedBy(end, name))
      },
    })
  }

  /** An attempt at one transport has failed. That nothing works without a network says nothing about it. */
  #failed(tried: number): void {
    if (this.#link.isOffline || tried !== this.#current) return
    this.#failures += 1
    if (this.#failures < LIVES) return
    this.#failures = 0
    this.#current = (tried + 1) % this.#transports.length
    this.#fellBackUs = this.#device.world.kernel.nowUs
  }

  #startAfresh(): void {
    this.#current = 0
    this.#failures = 0
  }

  request(request: Request, timeoutUs: number, done: (result: RequestResult, cause: EditId | null) => void): () => void {
    return this.#transports[this.#current].request(request, timeoutUs, done)
  }

  /** Without a word to the server it is the device's network that has gone or changed. */
  reset(serverIsTold: boolean): void {
    if (!serverIsTold) this.#startAfresh()
    // The one in use comes first: what those who hear of it begin anew goes over it, and is not meant.
    const current = this.#transports[this.#current]
    current.reset(serverIsTold)
    for (const transport of this.#transports) if (transport !== current) transport.reset(serverIsTold)
  }

  deviceGone(heard: CloseReason | null): number {
    this.#startAfresh()
    return this.#sum((transport) => transport.deviceGone(heard))
  }

  serverGone(heard: CloseReason | null): number { return this.#sum((transport) => transport.serverGone(heard)) }

  forgetStreams(): void { for (const transport of this.#transports) transport.forgetStreams() }

  #sum(count: (transport: Transport) => number): number {
    return this.#transports.reduce((sum, transport) => sum + count(transport), 0)
  }
}

/** An end with the name of what carries it, for the history. */
function carriedBy(end: StreamEnd, via: Transport['name']): StreamEnd {
  return {
    via,
    get bufferedBytes() { return end.bufferedBytes },
    send: (bytes, traffic) => end.send(bytes, traffic),
    close: (code) => end.close(code),
  }
}
