/**
 * Exchanges over kept-alive connections, as browsers do it (requirements A06): at most six of HTTP/1.1 to a server,
 * or one of HTTP/2. An exchange takes a connection that has room, opens one (TCP and TLS: two round trips), or waits
 * for the first that is free. So requests overtake one another (R3, C01), and an answer that is lost or late hides a
 * request that was executed (R2).
 *
 * A browser makes a request again by itself, once and on another connection, when a connection that has carried
 * answers before is ended by the other side without a byte of an answer: then it was most likely idle for too long.
 * It may as well have been the server's death in the middle of the work, so that a request is executed twice without
 * anybody having asked for it (R2). RFC 9110 section 9.2.2 allows that for idempotent methods only; Chromium
 * (`HttpNetworkTransaction::ShouldResendRequest`) and Firefox do it for POST, too. Transports that are made of
 * exchanges have rules of their own, and are spared.
 *
 * When the device's process ends, nothing is called back, and what it has written goes on alone. When the
 * server's ends, its kernel resets the connections; of a machine without power nobody hears until the time is
 * up, and what is sent to it then meets a machine that knows no such connection.
 *
 * Left out: idle connections that the browser closes (Chromium: after 5 minutes), connections made ahead of time,
 * session resumption.
 */
import type { CloseReason, Request, RequestResult } from '../../contract.ts'
import type { EditId } from '../../history/events.ts'
import type { Host } from '../../host/host.ts'
import type { Timer } from '../../kernel/kernel.ts'
import type { WireConfig } from '../../scenario/wire-config.ts'
import type { AccessLink } from '../access-link.ts'
import type { TransportParts } from '../transport.ts'
import type { HttpClient, HttpEvents, HttpExchange, HttpRequest } from './exchange.ts'
import type { ConnectionRoute, HttpConnection, OpenExchange } from './http-connection.ts'
import { Http2Connection } from './http2-connection.ts'
import { dataBytes } from './http2-writer.ts'
import { authorizationBytes, retryAfterBytes } from './optional-headers.ts'
import type { RequestSockets } from './origin-sockets.ts'
import { chunkFramingBytes, RequestConnection } from './request-connection.ts'

/** Chrome, Firefox and Safari over HTTP/1.1. */
export const CONNECTIONS_PER_ORIGIN = 6
/** Their numbers begin here, so that the number of streams dialled names no request's connection anew (D4). */
const FIRST_CONNECTION = 512

interface Pending extends OpenExchange {
  connection: HttpConnection | null
  /** Its place in the queue of all tabs. */
  readonly turn: number
  isRepeated: boolean
  /** A connection that cannot be made fails it, instead of being tried anew. */
  readonly isImpatient: boolean
}

export class RequestChannel implements HttpClient, RequestSockets {
  /** In the order in which they were made. */
  readonly #open = new Set<Pending>()
  /** Those of the application among them, and their patience. */
  readonly #timers = new Map<Pending, Timer>()
  #waiting: Pending[] = []
  /** Those that wait although no connection is being made for them: all sockets are taken. */
  readonly #starving = new Set<Pending>()
  #connections: HttpConnection[] = []
  /** Take no more exchanges, and are not over. */
  #closing: HttpConnection[] = []
  readonly #device: Host
  readonly #link: AccessLink
  readonly #parts: TransportParts
  readonly #wire: WireConfig
  readonly #isMultiplexed: boolean

  constructor(parts: TransportParts, wire: WireConfig) {
    this.#parts = parts
    this.#wire = wire
    this.#isMultiplexed = wire.httpVersion === '2'
    this.#device = parts.device
    this.#link = parts.link
    this.#link.sockets.join(this)
  }

  get connections(): readonly HttpConnection[] { return this.#connections }
  get waitingSince(): number | null { return this.#waiting[0]?.turn ?? null }

  partFramingBytes(contentBytes: number): number {
    return this.#isMultiplexed ? dataBytes(contentBytes) - contentBytes : chunkFramingBytes(contentBytes)
  }

  /** A request of the application: it is answered, fails or times out, once. */
  send(request: Request, timeoutUs: number, done: (result: RequestResult, cause: EditId | null) => void): () => void {
    const { kernel, quiescence, cause } = this.#device.world
    const { device, listener } = this.#parts
    const sentCause = cause.current
    const finish = (result: RequestResult, answeredCause: EditId | null): void => { if (this.#forget(pending)) done(result, answeredCause) }
    const copy = { ...request, body: request.body.slice() }
    const pending: Pending = {
      connection: null, turn: this.#link.sockets.nextTurn(), isImpatient: false, isRepeated: false, repeats: () => this.#repeat(pending),
      request: {
        method: copy.method, path: copy.path, body: copy.body, idempotencyKey: copy.idempotencyKey, authorization: copy.authorization,
        fieldBytes: (copy.idempotencyKey?.length ?? 0) + authorizationBytes(copy),
        traffic: 'request', carriedBytes: () => 0, cause: sentCause,
        serve: (servedCause, answer) => {
          listener.request(device.id, copy, servedCause, (response) => {
            answer.write({ response, fieldBytes: retryAfterBytes(response), traffic: 'response', carriedBytes: 0, isLast: true })
          }, () => answer.abort())
          return { writable: () => undefined, gone: () => undefined }
        },
      },
      events: { part: (response, _isLast, answeredCause) => finish(response, answeredCause), failed: () => finish({ failed: 'network' }, null), doomed: () => undefined },
    }
    quiescence.begin(this.#device.index, 'request')
    this.#timers.set(pending, kernel.after(timeoutUs, () => {
      if (!this.#forget(pending)) return
      this.#giveUp(pending)
      done({ failed: 'timeout' }, sentCause)
    }))
    this.#begin(pending)
    return () => { if (this.#forget(pending)) this.#giveUp(pending) }
  }

  exchange(request: HttpRequest, events: HttpEvents): HttpExchange {
    const pending: Pending = {
      connection: null, turn: this.#link.sockets.nextTurn(), isImpatient: true, isRepeated: false, repeats: () => false, request,
      events: {
        part: (response, isLast, cause) => {
          if (isLast ? this.#forget(pending) : this.#open.has(pending)) events.part(response, isLast, cause)
        },
        failed: () => { if (this.#forget(pending)) events.failed() },
        doomed: () => { if (this.#open.has(pending)) events.doomed() },
      },
    }
    this.#begin(pending)
    return {
      abandon: () => { if (this.#forget(pending)) this.#giveUp(pending) },
      forget: () => { if (this.#open.has(pending)) pending.connection?.forget('server') },
    }
  }

  #begin(pending: Pending): void {
    this.#open.add(pending)
    if (this.#link.isOffline) {
      this.#device.world.kernel.after(0, () => pending.events.failed())
      return
    }
    this.#waiting.push(pending)
    this.serve()
    if (pending.connection !== null || this.#waiting.length <= this.#expected) return
    // Whatever it is about, it is not idle: the world is not quiet while it has no socket (H3).
    this.#starving.add(pending)
    this.#device.world.quiescence.begin(this.#device.index, 'request')
  }

  /** False if it is over already. */
  #forget(pending: Pending): boolean {
    if (!this.#open.delete(pending)) return false
    this.#silence(pending)
    return true
  }

  #silence(pending: Pending): void {
    this.#fed(pending)
    const timer = this.#timers.get(pending)
    if (timer === undefined) return
    this.#timers.delete(pending)
    this.#device.world.kernel.cancel(timer)
    this.#device.world.quiescence.end(this.#device.index, 'request')
  }

  /** Whether the request is made again, unasked. */
  #repeat(pending: Pending): boolean {
    if (pending.isRepeated || !this.#open.has(pending)) return false
    pending.isRepeated = true
    pending.connection = null
    this.#waiting.unshift(pending)
    this.#serveSoon()
    return true
  }

  /** Gives waiting requests to connections with room, idle ones of other tabs too, and opens as many as they still need. */
  serve(): void {
    const { sockets } = this.#link
    for (const connection of this.#connections) while (connection.hasRoom && this.#use(connection)) { /* as many as it takes */ }
    while (this.#waiting.length > 0) {
      const connection = sockets.takeIdle(this)
      if (connection === undefined) break
      connection.handTo?.(this.#route())
      this.#connections.push(connection)
      this.#use(connection)
    }
    while (this.#expected < this.#waiting.length && this.#mayConnect) this.#connect()
  }

  /** How many exchanges the connections that are being made will take. */
  get #expected(): number {
    return this.#connections.filter(({ isConnecting }) => isConnecting).length * (this.#isMultiplexed ? this.#wire.maxConcurrentStreams : 1)
  }

  get #mayConnect(): boolean {
    return this.#isMultiplexed ? this.#connections.length < 1 : this.#link.sockets.requestConnections.length < CONNECTIONS_PER_ORIGIN
  }

  #serveSoon(): void {
    this.#device.world.kernel.after(0, () => { if (!this.#link.isOffline) this.#link.sockets.serve() })
  }

  #fed(pending: Pending): void {
    if (this.#starving.delete(pending)) this.#device.world.quiescence.end(this.#device.index, 'request')
  }

  /** False if nothing waits. */
  #use(connection: HttpConnection): boolean {
    const next = this.#waiting.shift()
    if (next === undefined) return false
    this.#fed(next)
    next.connection = connection
    connection.send(next)
    return true
  }

  give(connection: HttpConnection): void { this.#connections = this.#connections.filter((one) => one !== connection) }

  #connect(): void {
    const taken = new Set([...this.#link.sockets.requestConnections, ...this.#closing].map(({ connection }) => connection))
    let connection = FIRST_CONNECTION
    while (taken.has(connection)) connection++
    const route: ConnectionRoute = { ...this.#route(), connection }
    this.#connections.push(this.#isMultiplexed ? new Http2Connection(route) : new RequestConnection(route))
  }

  #route(): Omit<ConnectionRoute, 'connection'> {
    const { sockets } = this.#link
    return {
      ...this.#parts, wire: this.#wire,
      idle: () => sockets.serve(),
      gone: (gone, wasOpen) => {
        this.give(gone)
        this.#closing = [...this.#closing.filter(({ isOver }) => !isOver), gone]
        if (!wasOpen) this.#failImpatient()
        if (sockets.isAnyWaiting) this.#serveSoon()
      },
    }
  }

  /** Whoever waits for a connection and does not want it tried anew. */
  #failImpatient(): void {
    const failed = this.#waiting.filter(({ isImpatient }) => isImpatient)
    this.#waiting = this.#waiting.filter(({ isImpatient }) => !isImpatient)
    for (const { events } of failed) events.failed()
  }

  /** An exchange whose caller has gone: its connection is closed, or its stream. One that is being made for it serves the next (as in Chrome). */
  #giveUp(pending: Pending): void {
    const { connection } = pending
    if (connection === null) {
      this.#waiting = this.#waiting.filter((one) => one !== pending)
      return
    }
    connection.giveUp(pending)
  }

  /** The device's process is gone; its kernel, if it lives on, brings what was written. Returns how many requests it had. */
  deviceGone(kernelLives: boolean): number {
    const requests = this.#timers.size
    for (const pending of this.#open) this.#silence(pending)
    this.#open.clear()
    for (const connection of this.#takeAll()) {
      if (kernelLives) connection.close()
      else connection.forget('client')
    }
    return requests
  }

  /** The server's process is gone. `heard`: as `Transport.serverGone` has it. Returns how many requests it was working on. */
  serverGone(heard: CloseReason | null): number {
    const connections = [...this.#closing, ...this.#connections]
    const inWork = connections.reduce((sum, { served }) => sum + served, 0)
    for (const connection of connections) {
      if (heard === null) connection.forget('server')
      else connection.serverEnds(heard.kind === 'closed')
    }
    return inWork
  }

  #takeAll(): readonly HttpConnection[] {
    const connections = [...this.#closing, ...this.#connections]
    this.#waiting = []
    this.#connections = []
    this.#closing = []
    return connections
  }

  /** Every open request fails; what is on its way is lost. */
  reset(serverIsTold: boolean): void {
    const requests = [...this.#open]
    for (const connection of this.#takeAll()) connection.reset(serverIsTold)
    for (const { events } of requests) events.failed()
  }
}
