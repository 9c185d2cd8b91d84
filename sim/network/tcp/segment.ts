/**
 * A TCP segment as the two ends of a simulated connection exchange it.
 *
 * Positions count the bytes of one direction from 0 (SYN is outside, FIN counts one). The payload is a range
 * of positions, not bytes; sizes on the wire are those of IPv4 with the options Linux and the browsers'
 * systems negotiate: MSS, SACK, timestamps, window scale. Left out: checksums, ports, urgent data, ECN, the
 * 16-bit window and its scaling (`windowEnd` is the exact right edge), link-layer framing.
 */
import type { Packet } from './packet-path.ts'
import { PACKET_KIND } from './segment-keys.ts'

export const SYN = 1
export const FIN = 2
export const RST = 4
export const ACK = 8
/** The sender's buffer ended with this segment (Linux sets PSH there). */
export const PUSH = 16
/** The segment reports data received twice (RFC 2883). */
export const DUPLICATE = 32
/** Carries nothing; asks for the window. */
export const PROBE = 64

/** IPv4 20 + TCP 20 + timestamps 12 (RFC 7323, appendix A). */
export const HEADER_BYTES = 52
/** Ethernet's 1,500 less headers: what Linux uses with timestamps on. */
export const MSS_BYTES = 1_448
/** IPv4 20 + TCP 20 + MSS 4, SACK permitted 2, timestamps 10, NOP 1, window scale 3. */
const SYN_BYTES = 60
/** RFC 793: a reset carries no options. */
export const RST_BYTES = 40
/** RFC 2018: two bytes of option header, padded to four, and eight per block. */
const SACK_HEADER_BYTES = 4
const SACK_BLOCK_BYTES = 8

export class Segment implements Packet {
  readonly sizeBytes: number
  constructor(
    readonly key: readonly number[],
    readonly flags: number,
    readonly start: number,
    readonly end: number,
    readonly ack: number,
    readonly windowEnd: number,
    /** Flat pairs of start and end, the most recent first; null when nothing is out of order. */
    readonly sacks: readonly number[] | null,
    readonly sentAtUs: number,
    /** The peer's `sentAtUs` echoed (RFC 7323), or -1. */
    readonly echoUs: number,
  ) {
    this.sizeBytes = sizeOf(flags, end - start, sacks)
  }

  get isOpening(): boolean { return (this.flags & (SYN | ACK)) === SYN }
  get isClosing(): boolean { return (this.flags & (FIN | RST)) !== 0 }
}

/** A reset that neither end has sent. */
export function forgedReset(nowUs: number): Segment {
  return new Segment([0, 0, PACKET_KIND.reset, 0, 0, 0], RST, 0, 0, 0, 0, null, nowUs, -1)
}

function sizeOf(flags: number, length: number, sacks: readonly number[] | null): number {
  if ((flags & SYN) !== 0) return SYN_BYTES
  if ((flags & RST) !== 0) return RST_BYTES
  const payloadBytes = length - ((flags & FIN) !== 0 ? 1 : 0)
  const blocks = (sacks === null ? 0 : sacks.length / 2) + ((flags & DUPLICATE) !== 0 ? 1 : 0)
  return HEADER_BYTES + payloadBytes + (blocks > 0 ? SACK_HEADER_BYTES + blocks * SACK_BLOCK_BYTES : 0)
}
