/** What an end of a TCP connection tells its program. */

/** `fin`: the peer has closed, and all it sent has come; `timeout`: no answer, while opening or after. */
export type TcpCloseReason = 'fin' | 'reset' | 'timeout'

/** What an end tells its program. Calls may lead back into the end. */
export interface TcpEvents<M> {
  /** Messages may be sent from now on. */
  opened(): void
  message(message: M, sizeBytes: number): void
  /** A send was refused, and there is room again. */
  writable(): void
  /** The last event; also without `opened`, when connecting failed. Not after one's own `abort` or `vanish`. */
  closed(why: TcpCloseReason): void
}
