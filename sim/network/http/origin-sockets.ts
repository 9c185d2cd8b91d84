/**
 * The sockets that a browser has open to one origin, counted over all tabs of the device (requirements A06): the
 * connections that carry requests, of which there are six (Chromium's NORMAL_SOCKET_POOL, likewise Firefox and
 * Safari), and WebSockets, which have a larger limit of their own.
 *
 * Requests share one pool, as in browsers: a connection that one tab has left idle serves any other, and one that
 * becomes free goes to the tab whose request has waited longest. Left out: an HTTP/2 connection that tabs share (here
 * each has one of its own, so that its losses and its streams are its own, too), Chromium's limit of 256 sockets over all
 * origins, priorities, and partitioning by top-level site (all tabs here show the same one).
 */
import type { HttpConnection } from './http-connection.ts'

/** The requests of one tab, as the others see them. */
export interface RequestSockets {
  /** Open or opening. */
  readonly connections: readonly HttpConnection[]
  /** The turn of its request that has waited longest; null if none waits. */
  readonly waitingSince: number | null
  /** Gives waiting requests to connections, as far as there are some to be had. */
  serve(): void
  /** Another tab takes over this connection, which is idle. */
  give(connection: HttpConnection): void
}

export class OriginSockets {
  readonly #tabs: RequestSockets[] = []
  #streams: { readonly holdsSocket: boolean }[] = []
  #dials = 0
  #turns = 0

  join(tab: RequestSockets): void { this.#tabs.push(tab) }

  /** Connections for requests, of all tabs. */
  get requestConnections(): readonly HttpConnection[] { return this.#tabs.flatMap(({ connections }) => connections) }

  /** Requests are served in the order in which they asked for this. */
  nextTurn(): number { return ++this.#turns }

  /** An idle connection of another tab, which is `tab`'s from now on. */
  takeIdle(tab: RequestSockets): HttpConnection | undefined {
    for (const other of this.#tabs) {
      const idle = other === tab ? undefined : other.connections.find(({ hasRoom, handTo }) => hasRoom && handTo !== undefined)
      if (idle === undefined) continue
      other.give(idle)
      return idle
    }
    return undefined
  }

  get isAnyWaiting(): boolean { return this.#tabs.some(({ waitingSince }) => waitingSince !== null) }

  /** Something has become free: the tab that has waited longest comes first. */
  serve(): void {
    const waiting = this.#tabs.flatMap((tab) => tab.waitingSince === null ? [] : [{ tab, since: tab.waitingSince }])
    for (const { tab } of waiting.sort((a, b) => a.since - b.since)) tab.serve()
  }

  /** WebSockets that were dialled and are not closed at this end. */
  get streams(): number {
    this.#streams = this.#streams.filter(({ holdsSocket }) => holdsSocket)
    return this.#streams.length
  }

  /** Numbers of streams name their packets on the shared link, whichever tab dials. */
  nextDial(): number { return this.#dials++ }

  opened(stream: { readonly holdsSocket: boolean }): void { this.#streams.push(stream) }
}
