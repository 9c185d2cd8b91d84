/** What a node does with a frame that no peer of its own kind can have sent. */
import type { Session } from '../sim/contract.ts'

/** WebSocket close code for a peer that does not keep to the protocol (RFC 6455, 7.4.1). */
export const CLOSE_PROTOCOL_ERROR = 1002

/**
 * What `read` makes of a frame, or null: the session is then closed, for a peer that cannot be understood must
 * not be answered. `read` is the codec alone, and throws RangeError or TypeError on bytes it did not write.
 */
export function readFrame<T>(session: Session, bytes: Uint8Array, read: (bytes: Uint8Array) => T): T | null {
  try {
    return read(bytes)
  } catch (problem) {
    if (!(problem instanceof RangeError || problem instanceof TypeError)) throw problem
    session.close(CLOSE_PROTOCOL_ERROR)
    return null
  }
}
