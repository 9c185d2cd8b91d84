/** What a connection sends its packets into: one direction of whatever lies between two hosts. */

export interface Packet {
  /** IP and TCP headers and payload. */
  readonly sizeBytes: number
  /**
   * What the packet is, for keyed draws (D4): connection, direction, kind, 10 ms slot and ordinal in the
   * slot of its first sending, and the attempt.
   */
  readonly key: readonly number[]
}

/** A path may deliver a packet never, once or twice, late and out of order. It does not deliver inside `send`. */
export interface PacketPath {
  send(packet: Packet, arrived: () => void): void
}
