/**
 * Transport `datagram`: a channel of datagrams per dial, requests on TCP connections of their own, one access link
 * below both. A newer channel of a device ends the older ones at the server.
 */
import type { CloseReason, Request, RequestResult } from '../../contract.ts'
import type { EditId } from '../../history/events.ts'
import type { WireConfig } from '../../scenario/wire-config.ts'
import { RequestChannel } from '../http/request-channel.ts'
import type { Dialer, Transport, TransportParts } from '../transport.ts'
import { DatagramChannel } from './datagram-channel.ts'

export class DatagramTransport implements Transport {
  readonly name = 'datagram'
  #channels: DatagramChannel[] = []
  readonly #parts: TransportParts
  readonly #requests: RequestChannel

  constructor(parts: TransportParts, wire: WireConfig) {
    this.#parts = parts
    this.#requests = new RequestChannel(parts, wire)
  }

  dial(dialer: Dialer): void {
    const { device, link, listener } = this.#parts
    if (link.isOffline) {
      device.world.kernel.after(0, () => dialer.failed())
      return
    }
    const older = this.#channels.filter((channel) => !channel.isOver)
    const channel = new DatagramChannel(this.#parts, dialer, {
      accepted: (id, end) => {
        for (const one of older) one.supersede()
        return listener.accepted(id, end)
      },
    })
    this.#channels = [...older, channel]
  }

  request(request: Request, timeoutUs: number, done: (result: RequestResult, cause: EditId | null) => void): () => void {
    return this.#requests.send(request, timeoutUs, done)
  }

  reset(serverIsTold: boolean): void {
    this.#requests.reset(serverIsTold)
    for (const channel of this.#channels) channel.reset(serverIsTold)
  }

  deviceGone(heard: CloseReason | null): number {
    return this.#requests.deviceGone(heard !== null) + this.#count((channel) => channel.deviceGone(heard))
  }

  serverGone(heard: CloseReason | null): number {
    return this.#requests.serverGone(heard) + this.#count((channel) => channel.serverGone(heard))
  }

  forgetStreams(): void {
    for (const channel of this.#channels) channel.forget()
  }

  #count(ended: (channel: DatagramChannel) => boolean): number {
    return this.#channels.filter(ended).length
  }
}
