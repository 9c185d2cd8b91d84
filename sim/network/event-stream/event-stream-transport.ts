/**
 * Transports `sse`, `long-poll` and `http`: streams made of HTTP exchanges (A07, A08, A10), beside the requests of
 * the application on the same connections. A downlink that is held occupies one of the six (A06).
 *
 * A stream is known by a token of its own, made by the device that dials. It outlives the connections that carry
 * it, so what breaks those loses nothing that the server's window still has; what a WebSocket hears as lost, the
 * stream hears only if it cannot be resumed. A server that gets a new token from a device ends its older streams.
 */
import type { CloseReason, Request, RequestResult } from '../../contract.ts'
import type { EditId } from '../../history/events.ts'
import type { WireConfig } from '../../scenario/wire-config.ts'
import { FrameLog } from '../frame-log.ts'
import type { HttpAnswer, HttpRequest, HttpServing } from '../http/exchange.ts'
import { RequestChannel } from '../http/request-channel.ts'
import type { Dialer, Transport, TransportParts } from '../transport.ts'
import { control, UNAVAILABLE } from './carriers.ts'
import { ClientStream } from './client-stream.ts'
import type { EventStreamName } from './downlink.ts'
import { batchedBytes, decodeBatch, encodeEntryAsEvent } from './entry.ts'
import { ServerStream } from './server-stream.ts'
import { StreamFrames } from './stream-frames.ts'
import type { Post } from './uplink.ts'

/** 128 bits in base64url, which is what `crypto.randomUUID` holds. */
const TOKEN_CHARACTERS = 22
/** `Accept: text/event-stream`, `Cache-Control: no-store` and CRLFs. */
const EVENT_SOURCE_FIELD_BYTES = 27 + 25
const LAST_EVENT_ID_FIELD_BYTES = 'Last-Event-ID: \r\n'.length
/** `Content-Type: application/octet-stream`. */
const POST_FIELD_BYTES = 40
const EMPTY = new Uint8Array(0)
const NOTHING: HttpServing = { writable: () => undefined, gone: () => undefined }

export class EventStreamTransport implements Transport {
  #dials = 0
  #clients: ClientStream[] = []
  /** What the server's process knows, by dial. */
  readonly #streams = new Map<number, ServerStream>()
  /** The latest dial that the server has seen: an older one that comes late is not begun. */
  #latest = 0
  readonly #parts: TransportParts
  readonly #wire: WireConfig
  readonly #requests: RequestChannel

  constructor(readonly name: EventStreamName, parts: TransportParts, wire: WireConfig) {
    this.#parts = parts
    this.#wire = wire
    this.#requests = new RequestChannel(parts, wire)
  }

  dial(dialer: Dialer): void {
    const { device, server } = this.#parts
    const { world } = device
    const dial = ++this.#dials
    const path = `/streams/${String(dial).padStart(TOKEN_CHARACTERS, '0')}`
    const up = new StreamFrames(new FrameLog(world, device, server.id))
    const down = new StreamFrames(new FrameLog(world, server, device.id))
    const client: ClientStream = new ClientStream({
      device, name: this.name, wire: this.#wire, up, down, dialer,
      ask: (after, events) => this.#requests.exchange(this.#ask(path, after, (answer) => {
        if (this.#isRefused(answer)) return NOTHING
        const known = this.#streams.get(dial) ?? (after === null ? this.#begin(dial, up, down, () => client.cutOff()) : undefined)
        return this.#carry(known, after, answer)
      }), events),
      post: (post, events) => this.#requests.exchange(this.#post(path, post, (answer) => {
        if (this.#isRefused(answer)) {
          post.arrived()
          return NOTHING
        }
        const stream = this.#streams.get(dial)
        stream?.receive(decodeBatch(post.body))
        post.arrived()
        answer.write(control(stream === undefined ? 410 : 204, EMPTY, 0))
        return NOTHING
      }), events),
      over: () => this.#streams.get(dial)?.deviceKnows(),
    })
    this.#clients = [...this.#clients.filter(({ isOver }) => !isOver), client]
  }

  /** Each exchange is a request to the server's edge, which may turn it away. */
  #isRefused(answer: HttpAnswer): boolean {
    const { device, listener } = this.#parts
    if (listener.admits?.(device.id) !== false) return false
    answer.write(control(UNAVAILABLE, EMPTY, 0))
    return true
  }

  #ask(path: string, after: number | null, serve: (answer: HttpAnswer) => HttpServing): HttpRequest {
    const isEventSource = this.name === 'sse'
    const lastEventId = isEventSource && after !== null ? LAST_EVENT_ID_FIELD_BYTES + String(after).length : 0
    return this.#parts.link.proxy.forward(this.name, {
      method: 'GET', path: isEventSource || after === null ? path : `${path}?since=${after}`, body: EMPTY,
      fieldBytes: isEventSource ? EVENT_SOURCE_FIELD_BYTES + lastEventId : 0,
      traffic: 'control', carriedBytes: () => 0, cause: null, serve: (_cause, answer) => serve(answer),
    })
  }

  #post(path: string, post: Post, serve: (answer: HttpAnswer) => HttpServing): HttpRequest {
    return {
      method: 'POST', path, body: post.body, fieldBytes: POST_FIELD_BYTES, traffic: 'control', cause: null,
      carriedBytes: () => post.carriedBytes(), serve: (_cause, answer) => serve(answer), lost: () => post.arrived(),
    }
  }

  /** A stream begins at the server, and ends those before it. */
  #begin(dial: number, up: StreamFrames, down: StreamFrames, cutOff: () => void): ServerStream | undefined {
    if (dial < this.#latest) return undefined
    this.#latest = dial
    for (const older of [...this.#streams.values()]) older.supersede()
    const { device, server, listener } = this.#parts
    const stream = new ServerStream({
      server, wire: this.#wire, up, down,
      sizeOf: (entry) => {
        if (this.name !== 'sse') return batchedBytes(entry)
        const { length } = encodeEntryAsEvent(entry)
        return length + this.#requests.partFramingBytes(length)
      },
      over: () => {
        this.#streams.delete(dial)
        cutOff()
      },
    })
    this.#streams.set(dial, stream)
    stream.begin((end) => listener.accepted(device.id, end))
    return stream
  }

  #carry(stream: ServerStream | undefined, after: number | null, answer: HttpAnswer): HttpServing {
    if (stream?.canResume(after ?? 0) === false) stream.supersede()
    else if (stream !== undefined) {
      // A dial is answered at once.
      const how = this.name === 'sse' ? 'event-stream' : this.name === 'long-poll' && after !== null ? 'held' : 'at-once'
      return stream.carry(how, answer, after ?? 0)
    }
    answer.write(control(this.name === 'sse' ? 204 : 410, EMPTY, 0))
    return NOTHING
  }

  request(request: Request, timeoutUs: number, done: (result: RequestResult, cause: EditId | null) => void): () => void {
    return this.#requests.send(request, timeoutUs, done)
  }

  /** Connections break; the streams go on when the device has found its way back. */
  reset(serverIsTold: boolean): void { this.#requests.reset(serverIsTold) }

  deviceGone(heard: CloseReason | null): number {
    const streams = this.#clients.filter(({ isOver }) => !isOver)
    this.#clients = []
    if (heard?.kind === 'closed') for (const stream of streams) stream.announce(heard.code)
    const requests = this.#requests.deviceGone(heard !== null)
    for (const stream of streams) stream.processGone(heard !== null)
    return requests + streams.length
  }

  serverGone(heard: CloseReason | null): number {
    const streams = [...this.#streams.values()].filter((stream) => stream.processGone(heard)).length
    this.#streams.clear()
    this.#latest = 0
    const requests = this.#requests.serverGone(heard)
    for (const client of this.#clients) client.cutOff()
    return requests + streams
  }

  forgetStreams(): void { for (const client of this.#clients) client.forgetConnection() }
}
