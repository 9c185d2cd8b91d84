/**
 * Transport `websocket`: one stream per dial, requests on connections of their own, one access link below both.
 *
 * A dial beyond the browser's limit of WebSockets to one origin fails at once, as in Firefox (Chromium lets it wait,
 * and fails one when 255 of a process wait: `ERR_INSUFFICIENT_RESOURCES`).
 */
import type { CloseReason, Request, RequestResult } from '../../contract.ts'
import type { EditId } from '../../history/events.ts'
import type { WireConfig } from '../../scenario/wire-config.ts'
import { RequestChannel } from '../http/request-channel.ts'
import type { Dialer, Listener, Transport, TransportParts } from '../transport.ts'
import { WebSocketStream } from './websocket-stream.ts'

export class WebSocketTransport implements Transport {
  readonly name = 'websocket'
  #streams: WebSocketStream[] = []
  readonly #parts: TransportParts
  readonly #wire: WireConfig
  readonly #requests: RequestChannel

  constructor(parts: TransportParts, wire: WireConfig) {
    this.#parts = parts
    this.#wire = wire
    this.#requests = new RequestChannel(parts, wire)
  }

  dial(dialer: Dialer): void {
    const { device, link } = this.#parts
    const { sockets } = link
    if (link.isOffline || sockets.streams >= this.#wire.webSocketsPerOrigin) {
      device.world.kernel.after(0, () => dialer.failed())
      return
    }
    const older = this.#streams.filter((stream) => !stream.isOver)
    const listener: Listener = {
      ...this.#parts.listener,
      accepted: (id, end) => {
        for (const stream of older) stream.supersede()
        return this.#parts.listener.accepted(id, end)
      },
    }
    const stream = new WebSocketStream({ ...this.#parts, wire: this.#wire, connection: sockets.nextDial() }, dialer, listener)
    sockets.opened(stream)
    this.#streams = [...older, stream]
  }

  request(request: Request, timeoutUs: number, done: (result: RequestResult, cause: EditId | null) => void): () => void {
    return this.#requests.send(request, timeoutUs, done)
  }

  reset(serverIsTold: boolean): void {
    this.#requests.reset(serverIsTold)
    for (const stream of this.#streams) stream.reset(serverIsTold)
  }

  deviceGone(heard: CloseReason | null): number {
    return this.#requests.deviceGone(heard !== null) + this.#count((stream) => stream.deviceGone(heard))
  }

  serverGone(heard: CloseReason | null): number {
    return this.#requests.serverGone(heard) + this.#count((stream) => stream.serverGone(heard))
  }

  forgetStreams(): void {
    for (const stream of this.#streams) stream.forget()
  }

  #count(ended: (stream: WebSocketStream) => boolean): number {
    return this.#streams.filter(ended).length
  }
}
