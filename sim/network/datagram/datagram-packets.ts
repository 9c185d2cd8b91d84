/**
 * What the packets of a data channel weigh: SCTP over DTLS 1.2 over UDP (RFC 8831, RFC 8261).
 *
 * Not modelled: SACK and FORWARD-TSN chunks, several chunks bundled into one packet, IPv6.
 */

/** IPv4 and UDP. */
const IP_UDP_BYTES = 20 + 8
/** DTLS 1.2: a record header, and AES-GCM's explicit nonce and tag. */
const DTLS_BYTES = 13 + 8 + 16
/** RFC 9260: the common header, and the header of a DATA chunk. */
const SCTP_BYTES = 12 + 16

/**
 * What one packet carries of a message. The largest SCTP packet of libwebrtc's dcsctp has 1,191 bytes
 * (`kMaxSafeMTUSize`): what 1,280, which every IPv6 path takes, leave after IPv6, UDP, DTLS and a relay's
 * header. Less SCTP's headers, and padded to four bytes as chunks are.
 */
export const PART_BYTES_MAX = 1_160

/** A message with SCTP's headers: what the history counts, as it counts a WebSocket frame without TLS and TCP. */
export function messageBytes(payloadBytes: number): number {
  return partsOf(payloadBytes).reduce((sum, bytes) => sum + sctpBytes(bytes), 0)
}

/** How a message is cut; an empty one takes a packet too. */
export function partsOf(payloadBytes: number): readonly number[] {
  const full = Math.floor(payloadBytes / PART_BYTES_MAX)
  const rest = payloadBytes - full * PART_BYTES_MAX
  return [...Array<number>(full).fill(PART_BYTES_MAX), ...(rest > 0 || full === 0 ? [rest] : [])]
}

/** On the wire. */
export function partPacketBytes(partBytes: number): number {
  return IP_UDP_BYTES + DTLS_BYTES + sctpBytes(partBytes)
}

/** An ABORT chunk with a cause (RFC 9260, 3.3.7): what ends a channel. */
export const ABORT_BYTES = 12 + 4 + 8
export const ABORT_PACKET_BYTES = IP_UDP_BYTES + DTLS_BYTES + ABORT_BYTES

/** A STUN binding request with user name, integrity and fingerprint, and its answer. */
export const STUN_BYTES = { request: IP_UDP_BYTES + 100, response: IP_UDP_BYTES + 64 }

export interface Flight {
  readonly request: number
  readonly response: number
}

/**
 * Five round trips before the first message: an ICE check, two of DTLS 1.2 with certificates both ways (RFC 6347),
 * and two of SCTP (INIT, COOKIE-ECHO). The channel is negotiated beforehand, so that it costs none.
 */
export const HANDSHAKE: readonly Flight[] = [
  STUN_BYTES,
  { request: IP_UDP_BYTES + 200, response: IP_UDP_BYTES + 700 },
  { request: IP_UDP_BYTES + 650, response: IP_UDP_BYTES + 90 },
  { request: IP_UDP_BYTES + DTLS_BYTES + 60, response: IP_UDP_BYTES + DTLS_BYTES + 300 },
  { request: IP_UDP_BYTES + DTLS_BYTES + 280, response: IP_UDP_BYTES + DTLS_BYTES + 16 },
]

function sctpBytes(partBytes: number): number { return SCTP_BYTES + 4 * Math.ceil(partBytes / 4) }
