/** What a connection sends its packets into: one direction of whatever lies between two hosts. */

export interface Packet {
  /** IP and TCP headers and payload. */
  readonly sizeBytes: number
  /**
   * What the packet is, for keyed draws (D4): connection, direction, kind, 10 ms slot and ordinal in the
   * slot of its first sending, and the attempt.
   */
  readonly key: readonly number[]
  /** A client's SYN: what a stateful box on the way learns a connection from. */
  readonly isOpening?: boolean
  /** FIN or RST. */
  readonly isClosing?: boolean
}

/** A path may deliver a packet never, once or twice, late and out of order. It does not deliver inside `send`. */
export interface PacketPath {
  send(packet: Packet, arrived: () => void): void
  /** The access to the network that this is one direction of; connections take ways of their own through it. */
  readonly access?: Access
}

/** A device's access to the network, as its connections enter it. */
export interface Access {
  enter(flow: Flow): Way
}

/** What the network can do to a connection. */
export interface Flow {
  /** A reset reaches this end that the other has not sent. */
  reset(end: 'client' | 'server'): void
  /** The client's kernel sends keep-alive probes from now on, while nothing else is under way; null: no more. */
  keepAlive(idleUs: number | null): void
}

/** One connection's way through an access. */
export interface Way {
  readonly up: PacketPath
  readonly down: PacketPath
  /** Finds the server's address: calls one of the two, at once if all is well. */
  lookUp(found: () => void, failed: () => void): void
  /** The client's program holds the connection no more. */
  released(): void
}
