/** What an authority needs of either protocol's server side for one text, and what it gives it. */
import type { Frame, OpFrame } from './codec.ts'

/** The session of a client that has joined a channel. */
export interface Peer {
  /** The device, as the session's authentication names it. */
  readonly device: string
  send(frame: Frame): void
}

export interface ServerPort {
  readonly channel: number
  /** Writes the operation as it arrived; replaying those in order rebuilds the channel exactly. */
  journal(client: number, frame: OpFrame, durable: () => void): void
  changed(): void
}

export interface ServerChannel {
  readonly text: string
  /** Operations taken in that are not yet safe on disk. */
  readonly pending: number
  join(peer: Peer, client: number, received: number): void
  operation(peer: Peer, client: number, frame: OpFrame): void
  acknowledge(peer: Peer, client: number, received: number): void
  leave(peer: Peer): void
  /** Takes in a journal entry at boot. */
  restore(client: number, frame: OpFrame): void
}
