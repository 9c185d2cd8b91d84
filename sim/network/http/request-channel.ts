/**
 * Requests over kept-alive HTTP/1.1 connections, at most six to a server (requirements A06), as browsers do it:
 * a request takes an idle connection, opens one (TCP and TLS: two round trips), or waits for the first that is
 * free. So requests overtake one another (R3, C01), and an answer that is lost or late hides a request that was
 * executed (R2).
 *
 * When the device's process ends, nothing is called back, and what it has written goes on alone. When the
 * server's ends, its kernel resets the connections; of a machine without power nobody hears until the time is
 * up, and what is sent to it then meets a machine that knows no such connection.
 *
 * Left out: HTTP/2 and its one connection, idle connections that a server or a middlebox drops, retries by the
 * browser, session resumption.
 */
import type { Request, RequestResult } from '../../contract.ts'
import type { EditId } from '../../history/events.ts'
import type { Host } from '../../host/host.ts'
import type { Timer } from '../../kernel/kernel.ts'
import type { AccessLink } from '../access-link.ts'
import type { TransportParts } from '../transport.ts'
import type { HttpClient, HttpEvents, HttpExchange, HttpRequest } from './exchange.ts'
import { chunkFramingBytes, type OpenExchange, RequestConnection } from './request-connection.ts'

/** Chrome, Firefox and Safari over HTTP/1.1. */
export const CONNECTIONS_PER_ORIGIN = 6
/** Their numbers begin here, so that the number of streams dialled names no request's connection anew (D4). */
const FIRST_CONNECTION = 512

interface Pending extends OpenExchange {
  connection: RequestConnection | null
  /** A connection that cannot be made fails it, instead of being tried anew. */
  readonly isImpatient: boolean
}

export class RequestChannel implements HttpClient {
  /** In the order in which they were made. */
  readonly #open = new Set<Pending>()
  /** Those of the application among them, and their patience. */
  readonly #timers = new Map<Pending, Timer>()
  #waiting: Pending[] = []
  #connections: RequestConnection[] = []
  /** Closed by the device, not yet by both kernels. */
  #closing: RequestConnection[] = []
  readonly #device: Host
  readonly #link: AccessLink
  readonly #parts: TransportParts

  constructor(parts: TransportParts) {
    this.#parts = parts
    this.#device = parts.device
    this.#link = parts.link
  }

  get connections(): number { return this.#connections.length }

  partFramingBytes(contentBytes: number): number { return chunkFramingBytes(contentBytes) }

  /** A request of the application: it is answered, fails or times out, once. */
  send(request: Request, timeoutUs: number, done: (result: RequestResult, cause: EditId | null) => void): () => void {
    const { kernel, quiescence, cause } = this.#device.world
    const { device, listener } = this.#parts
    const sentCause = cause.current
    const finish = (result: RequestResult, answeredCause: EditId | null): void => { if (this.#forget(pending)) done(result, answeredCause) }
    const copy = { ...request, body: request.body.slice() }
    const pending: Pending = {
      connection: null, isImpatient: false,
      request: {
        method: copy.method, path: copy.path, body: copy.body, fieldBytes: copy.idempotencyKey?.length ?? 0,
        traffic: 'request', carriedBytes: () => 0, cause: sentCause,
        serve: (servedCause, answer) => {
          listener.request(device.id, copy, servedCause, (response) => {
            answer.write({ response, fieldBytes: 0, traffic: 'response', carriedBytes: 0, isLast: true })
          })
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
      connection: null, isImpatient: true, request,
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
    this.#serve()
  }

  /** False if it is over already. */
  #forget(pending: Pending): boolean {
    if (!this.#open.delete(pending)) return false
    this.#silence(pending)
    return true
  }

  #silence(pending: Pending): void {
    const timer = this.#timers.get(pending)
    if (timer === undefined) return
    this.#timers.delete(pending)
    this.#device.world.kernel.cancel(timer)
    this.#device.world.quiescence.end(this.#device.index, 'request')
  }

  /** Gives waiting requests to idle connections, and opens as many as still wait. */
  #serve(): void {
    for (const connection of this.#connections) {
      if (!connection.isIdle) continue
      const next = this.#waiting.shift()
      if (next === undefined) break
      next.connection = connection
      connection.send(next)
    }
    let connecting = this.#connections.filter(({ isConnecting }) => isConnecting).length
    while (connecting < this.#waiting.length && this.#connections.length < CONNECTIONS_PER_ORIGIN) {
      this.#connect()
      connecting++
    }
  }

  #connect(): void {
    const taken = new Set(this.#connections.map(({ connection }) => connection))
    let connection = FIRST_CONNECTION
    while (taken.has(connection)) connection++
    this.#connections.push(new RequestConnection({
      ...this.#parts, connection,
      idle: () => this.#serve(),
      gone: (gone, wasOpen) => {
        this.#connections = this.#connections.filter((one) => one !== gone)
        if (!wasOpen) this.#failImpatient()
        if (this.#waiting.length > 0) this.#device.world.kernel.after(0, () => { if (!this.#link.isOffline) this.#serve() })
      },
    }))
  }

  /** Whoever waits for a connection and does not want it tried anew. */
  #failImpatient(): void {
    const failed = this.#waiting.filter(({ isImpatient }) => isImpatient)
    this.#waiting = this.#waiting.filter(({ isImpatient }) => !isImpatient)
    for (const { events } of failed) events.failed()
  }

  /** A request whose caller has gone: its connection is closed. One that is being made for it serves the next (as in Chrome). */
  #giveUp(pending: Pending): void {
    const { connection } = pending
    if (connection === null) {
      this.#waiting = this.#waiting.filter((one) => one !== pending)
      return
    }
    this.#closing = [...this.#closing.filter(({ isOver }) => !isOver), connection]
    connection.close()
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

  /** The server's process is gone; its kernel, if it lives on, says so. Returns how many requests it was working on. */
  serverGone(kernelLives: boolean): number {
    const connections = [...this.#closing, ...this.#connections]
    const inWork = connections.filter(({ isServed }) => isServed).length
    for (const connection of connections) {
      if (kernelLives) connection.serverReset()
      else connection.forget('server')
    }
    return inWork
  }

  #takeAll(): readonly RequestConnection[] {
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
