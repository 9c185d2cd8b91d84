/** What happened to the packets of one direction. At any time: sent + copied = delivered + lost + in flight. */
export type DropReason =
  /** It entered the cut path, or would have arrived while it was cut. */
  | 'cut'
  | 'black-hole'
  | 'queue'
  | 'loss'
  | 'corrupt'

export interface LinkCounters {
  readonly sent: number
  readonly sentBytes: number
  /** Copies count, as in `deliveredBytes`. */
  readonly delivered: number
  readonly deliveredBytes: number
  /** Copies made on the way. */
  readonly copied: number
  readonly reordered: number
  /** Counted when it is certain, which may be before the packet would have got there. */
  readonly lost: Readonly<Record<DropReason, number>>
  /** On their way, copies and held packets included. */
  readonly inFlight: number
}

export type LinkTally = { -readonly [Key in Exclude<keyof LinkCounters, 'lost'>]: number } & { readonly lost: Record<DropReason, number> }

export function emptyTally(): LinkTally {
  return {
    sent: 0, sentBytes: 0, delivered: 0, deliveredBytes: 0, copied: 0, reordered: 0, inFlight: 0,
    lost: { cut: 0, 'black-hole': 0, queue: 0, loss: 0, corrupt: 0 },
  }
}
