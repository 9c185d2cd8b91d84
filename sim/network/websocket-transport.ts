/** Transport `websocket`: one stream per dial, requests on connections of their own, one path below both. */
import type { CloseReason, Request, RequestResult } from '../contract.ts'
import type { EditId } from '../history/events.ts'
import type { Host } from '../host/host.ts'
import type { Link } from './link.ts'
import { RequestChannel } from './request-channel.ts'
import type { Dialer, Listener, Transport } from './transport.ts'
import { WebSocketStream } from './websocket-stream.ts'

export class WebSocketTransport implements Transport {
  readonly name = 'websocket'
  #streams: WebSocketStream[] = []
  readonly #device: Host
  readonly #server: Host
  readonly #link: Link
  readonly #listener: Listener
  readonly #requests: RequestChannel

  constructor(device: Host, server: Host, link: Link, listener: Listener) {
    this.#device = device
    this.#server = server
    this.#link = link
    this.#listener = listener
    this.#requests = new RequestChannel(device, server, link, listener)
  }

  dial(dialer: Dialer): void {
    const { world } = this.#device
    if (this.#link.isOffline) {
      world.kernel.after(0, () => dialer.failed())
      return
    }
    const older = this.#streams.filter((stream) => !stream.isOver)
    const listener: Listener = {
      ...this.#listener,
      accepted: (device, end) => {
        for (const stream of older) stream.supersede()
        return this.#listener.accepted(device, end)
      },
    }
    const route = { world, link: this.#link, direction: 'up' as const, from: this.#device, to: this.#server.id }
    this.#streams = [...older, new WebSocketStream(route, this.#server, dialer, listener)]
  }

  request(request: Request, timeoutUs: number, done: (result: RequestResult, cause: EditId | null) => void): () => void {
    return this.#requests.send(request, timeoutUs, done)
  }

  reset(serverIsTold: boolean): void {
    this.#requests.reset()
    for (const stream of this.#streams) stream.reset(serverIsTold)
  }

  deviceGone(heard: CloseReason | null): number {
    return this.#requests.deviceGone() + this.#count((stream) => stream.deviceGone(heard))
  }

  serverGone(heard: CloseReason | null): number {
    return this.#requests.serverGone(heard !== null) + this.#count((stream) => stream.serverGone(heard))
  }

  forgetStreams(): void {
    for (const stream of this.#streams) stream.forget()
  }

  #count(ended: (stream: WebSocketStream) => boolean): number {
    return this.#streams.filter(ended).length
  }
}
