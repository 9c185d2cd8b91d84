/** What a request channel needs of a connection, whichever version of HTTP runs over it. */
import type { WireConfig } from '../../scenario/wire-config.ts'
import type { Frame, FrameLog, FrameTraffic } from '../frame-log.ts'
import type { TransportParts } from '../transport.ts'
import type { HttpEvents, HttpRequest } from './exchange.ts'

/** An exchange of the device, until it has its answer or is given up. */
export interface OpenExchange {
  readonly request: HttpRequest
  readonly events: HttpEvents
  /** The connection ended without a byte of an answer, and not by fault of the request: it is made again, unless it returns false. */
  repeats(): boolean
}

export interface ConnectionRoute extends TransportParts {
  readonly wire: WireConfig
  /** Names the connection among the device's. */
  readonly connection: number
  /** The connection takes an exchange now: it has just opened, or got an answer. */
  idle(): void
  /** It will take none any more. Exchanges under way, if any, fail after this call, or are still answered. `wasOpen`: it could be made. */
  gone(connection: HttpConnection, wasOpen: boolean): void
}

export interface HttpConnection {
  readonly connection: number
  readonly isConnecting: boolean
  /** It takes an exchange now. */
  readonly hasRoom: boolean
  /** The device has no use for it, and nothing is on its way any more, in either direction. */
  readonly isOver: boolean
  /** Requests of the application that the server has and has not answered. */
  readonly served: number
  /** Sends a request; the connection must have room. */
  send(open: OpenExchange): void
  /** Another tab of the device uses it from now on; the connection must be idle. Absent where no tab hands one over. */
  handTo?(route: Omit<ConnectionRoute, 'connection'>): void
  /** The device no longer wants the answer. */
  giveUp(open: OpenExchange): void
  /** The device's process is gone; its kernel brings what was written. */
  close(): void
  /** The server's process is gone; its kernel says so. `inOrder`: the process itself has, as far as the protocol lets it. */
  serverEnds(inOrder: boolean): void
  /**
   * A machine lost power: its end knows nothing any more, and what is in flight is lost. Of the server's end it may
   * also be a middlebox that has forgotten the connection.
   */
  forget(side: 'client' | 'server'): void
  /** What is in flight is lost, both ways. With `serverIsTold` a reset is sent. */
  reset(serverIsTold: boolean): void
}

/** Records what a message takes beyond the frames that it carries; null where that is nothing. */
export function account(log: FrameLog, content: Uint8Array, sizeBytes: number, traffic: FrameTraffic): Frame | null {
  return sizeBytes > 0 ? log.send(content, sizeBytes, traffic) : null
}
