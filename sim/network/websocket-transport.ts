/** Transport `websocket`: one stream per dial, requests on connections of their own, one access link below both. */
import type { CloseReason, Request, RequestResult } from '../contract.ts'
import type { EditId } from '../history/events.ts'
import type { Host } from '../host/host.ts'
import type { AccessLink } from './access-link.ts'
import { RequestChannel } from './request-channel.ts'
import type { Dialer, Listener, Transport } from './transport.ts'
import { WebSocketStream } from './websocket-stream.ts'

export class WebSocketTransport implements Transport {
  readonly name = 'websocket'
  #streams: WebSocketStream[] = []
  #dials = 0
  readonly #device: Host
  readonly #server: Host
  readonly #link: AccessLink
  readonly #listener: Listener
  readonly #requests: RequestChannel

  constructor(device: Host, server: Host, link: AccessLink, listener: Listener) {
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
    const route = { device: this.#device, server: this.#server, link: this.#link, connection: this.#dials++ }
    this.#streams = [...older, new WebSocketStream(route, dialer, listener)]
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
    return this.#requests.serverGone(heard !== null) + this.#count((stream) => stream.serverGone(heard))
  }

  forgetStreams(): void {
    for (const stream of this.#streams) stream.forget()
  }

  #count(ended: (stream: WebSocketStream) => boolean): number {
    return this.#streams.filter(ended).length
  }
}
