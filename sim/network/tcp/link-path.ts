/**
 * A connection's path over one direction of a link: every connection of a device goes through the same, and
 * so shares its rate and its queue.
 *
 * The link names first sendings by their slot and place itself; a retransmission needs a number for its
 * segment (D4). It is packed from the segment's key, each part modulo its range: two segments share a number,
 * and so the fates of their retransmissions, only if they were first sent in the same 10 ms (or 93 hours
 * apart) by connections 1,024 apart, or more than 512 by one connection.
 */
import type { PacketLink } from '../packet-link.ts'
import type { Packet, PacketPath } from './packet-path.ts'
import { PACKET_KIND } from './segment-keys.ts'

const ORDINALS = 1 << 9
const CONNECTIONS = 1 << 10
/** Only handshakes and data are sent again. */
const KINDS = 2
const SLOTS = 1 << 25

export class LinkPath implements PacketPath {
  readonly #link: PacketLink

  constructor(link: PacketLink) {
    this.#link = link
  }

  send({ sizeBytes, key }: Packet, arrived: () => void): void {
    const attempt = key[5]
    this.#link.send(attempt === 0 ? { sizeBytes } : { sizeBytes, key: { segment: segmentNumber(key), attempt } }, arrived)
  }
}

/** Below 2^45, as `PacketLink` wants it. The direction is the link's own. */
export function segmentNumber(key: readonly number[]): number {
  const [connection, , kind, slot, ordinal] = key
  const kindBit = kind === PACKET_KIND.data ? 1 : 0
  return (((slot % SLOTS) * CONNECTIONS + (connection % CONNECTIONS)) * KINDS + kindBit) * ORDINALS + (ordinal % ORDINALS)
}
