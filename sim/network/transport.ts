/**
 * What a transport offers to the stacks on either side: streams that a device dials, and requests.
 *
 * A stream delivers frames in order or not at all. Below this seam a transport may be anything; above it,
 * nobody can tell which one is running except by its name.
 */
import type { CloseReason, Request, RequestResult, Response, TransportName } from '../contract.ts'
import type { EditId } from '../history/events.ts'
import type { Host } from '../host/host.ts'
import type { HostId } from '../values.ts'
import type { AccessLink } from './access-link.ts'

/** One end of an open stream. */
export interface StreamEnd {
  /** The transport that carries it, where that is not the scenario's. For histories only (A16). */
  readonly via?: TransportName
  /** Bytes accepted and not yet delivered to the peer. */
  readonly bufferedBytes: number
  /** Copies and sends a frame; ignored once the stream is closed, as a browser's WebSocket does. */
  send(bytes: Uint8Array, traffic: 'data' | 'control'): void
  /** Closes in order: frames sent before still arrive, the peer then sees `code`. */
  close(code: number): void
}

/** What happens to one end. `cause` is the edit that made the peer send the frame (history only). */
export interface StreamEvents {
  frame(bytes: Uint8Array, cause: EditId | null): void
  /** What had to wait for room in TCP's buffer has found it. */
  writable?(): void
  closed(why: CloseReason): void
}

export interface Dialer {
  /** The stream is open; the returned events belong to this end. */
  opened(end: StreamEnd): StreamEvents
  /** The attempt failed before it was open. */
  failed(): void
}

/** The server's side of the network. */
export interface Listener {
  accepted(device: HostId, end: StreamEnd): StreamEvents
  /** Calls `respond` or `cut` at most once; `cut` breaks the connection under the request, whatever became of it. */
  request(device: HostId, request: Request, cause: EditId | null, respond: (response: Response) => void, cut: () => void): void
  /** Whether a stream of the device may be opened now; one that may not is refused with an HTTP error. */
  admits?(device: HostId): boolean
}

/** What every transport of a device is made of. */
export interface TransportParts {
  readonly device: Host
  readonly server: Host
  readonly link: AccessLink
  readonly listener: Listener
}

/** A device's access to the network. */
export interface Transport {
  readonly name: TransportName
  dial(dialer: Dialer): void
  /** The answer, or `network` at once when the path breaks, or `timeout`; either may hide an executed request (R2). */
  request(request: Request, timeoutUs: number, done: (result: RequestResult, cause: EditId | null) => void): () => void
  /** Cuts every stream and request of the device: what is in flight is lost. */
  reset(serverIsTold: boolean): void
  /**
   * The device's process is gone, and nothing is called back there any more; what has left it is on its way.
   * `heard`: what the server hears of its streams, since the device's kernel closes them; null after a power
   * failure, which the server cannot tell from silence (R4). Returns how many streams and requests it had.
   */
  deviceGone(heard: CloseReason | null): number
  /** The same for the server's process: what the device hears, or null when the whole machine is gone. */
  serverGone(heard: CloseReason | null): number
  /** Something on the way has forgotten the device's streams while it slept: both ends are half-open. */
  forgetStreams(): void
}
