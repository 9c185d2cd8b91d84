/** What keyed draws are made for; the first word of every key (D4). Numbers are never reused. */
export const DRAW = {
  latency: 1,
  service: 2,
  fanOut: 3,
  // A link's impairments. `...Level` and `...State` are drawn per step of virtual time, the others per packet.
  packetDelay: 4,
  delayLevel: 5,
  loss: 6,
  lossState: 7,
  duplicate: 8,
  duplicateState: 9,
  copyDelay: 10,
  reorder: 11,
  reorderState: 12,
  reorderTurn: 13,
  corrupt: 14,
  corruptState: 15,
  // Of a fault on requests, keyed by the fault's own name besides: which requests meet it, how it treats them.
  requestShare: 16,
  requestDelay: 17,
} as const
