/** What WebSocket messages and the upgrade to them take on the wire (A02; RFC 6455, RFC 7692). */

const MASK_BYTES = 4 // client frames are masked, RFC 6455 section 5.1
/** The HTTP messages of the upgrade, with the headers that browsers and the `ws` package send. */
const UPGRADE_BYTES = { request: 220, response: 160 }
/** RFC 7692: `Sec-WebSocket-Extensions: permessage-deflate`, from the client with `; client_max_window_bits`. */
const EXTENSION_BYTES = { request: 70, response: 46 }

/** RFC 6455 section 5.2: 2 bytes, 4 from 126 bytes of payload, 10 from 64 KiB. */
export function framingBytes(payloadBytes: number, masked: boolean): number {
  const header = payloadBytes < 126 ? 2 : payloadBytes < 65_536 ? 4 : 10
  return header + (masked ? MASK_BYTES : 0)
}

/**
 * A payload under permessage-deflate, by a factor (compression is no library here, D1); 1: not negotiated. At least
 * a byte is left of a message (RFC 7692 section 7.2.3.6).
 */
export function compressedBytes(payloadBytes: number, deflate: number): number {
  return deflate === 1 ? payloadBytes : Math.max(1, Math.ceil(payloadBytes * deflate))
}

export function upgradeBytes(leg: 'request' | 'response', deflate: number): number {
  return UPGRADE_BYTES[leg] + (deflate === 1 ? 0 : EXTENSION_BYTES[leg])
}
