/** Both ends of the streams of one device's transport, with what happened to each, for tests. */
import type { CloseReason, Request, Response } from '../contract.ts'
import type { Host } from '../host/host.ts'
import type { Listener, StreamEnd, StreamEvents, Transport } from '../network/transport.ts'

/** One end of one stream. */
export interface EndLog {
  readonly end: StreamEnd
  readonly frames: { readonly text: string; readonly atUs: number; readonly cause: string | null }[]
  readonly writableAtUs: number[]
  closed: { readonly why: CloseReason; readonly atUs: number } | null
  readonly openedAtUs: number
}

export class StreamHarness implements Listener {
  /** In the order of the dials that got so far. */
  readonly clients: EndLog[] = []
  readonly servers: EndLog[] = []
  readonly requests: { readonly request: Request; readonly atUs: number; readonly cause: string | null; respond(response: Response): void; cut(): void }[] = []
  /** Whether streams may be opened. */
  isOpen = true
  readonly failedAtUs: number[] = []
  /** Runs while an end is being opened, before its events are known. */
  onOpen: (side: 'client' | 'server', end: StreamEnd) => void = () => undefined
  readonly #host: Host

  constructor(host: Host) { this.#host = host }

  accepted = (_device: string, end: StreamEnd): StreamEvents => this.#begin('server', end)

  admits = (): boolean => this.isOpen

  request = (_device: string, request: Request, cause: string | null, respond: (response: Response) => void, cut: () => void): void => {
    this.requests.push({ request, atUs: this.#host.world.kernel.nowUs, cause, respond, cut })
  }

  dial(transport: Transport): void {
    transport.dial({
      opened: (end) => this.#begin('client', end),
      failed: () => { this.failedAtUs.push(this.#host.world.kernel.nowUs) },
    })
  }

  #begin(side: 'client' | 'server', end: StreamEnd): StreamEvents {
    const { kernel } = this.#host.world
    const log: EndLog = { end, frames: [], writableAtUs: [], closed: null, openedAtUs: kernel.nowUs }
    const logs = side === 'client' ? this.clients : this.servers
    logs.push(log)
    this.onOpen(side, end)
    return {
      frame: (bytes, cause) => {
        if (log.closed !== null) throw new Error('a frame after the end')
        log.frames.push({ text: decoder.decode(bytes), atUs: kernel.nowUs, cause })
      },
      writable: () => { log.writableAtUs.push(kernel.nowUs) },
      closed: (why) => {
        if (log.closed !== null) throw new Error('closed twice')
        log.closed = { why, atUs: kernel.nowUs }
      },
    }
  }
}

const encoder = new TextEncoder()
const decoder = new TextDecoder()

export function bytesOf(text: string): Uint8Array { return encoder.encode(text) }
export function textsOf(log: EndLog | undefined): readonly string[] { return log?.frames.map(({ text }) => text) ?? [] }
