/** A recorded editing session in the concurrent editing trace format, parsed and checked. */
export interface RecordedSession {
  readonly source: string
  readonly agents: number
  readonly endContent: string
  readonly transactions: readonly RecordedTransaction[]
}

export interface RecordedTransaction {
  readonly index: number
  readonly agent: number
  /** Place among the agent's own transactions, from 0. */
  readonly ordinal: number
  /** How many transactions of each agent are ancestors of this one (the agent's own included: `ordinal`). */
  readonly ancestors: readonly number[]
  /** Seconds of the recording's clock, in microseconds from the first transaction. */
  readonly recordedUs: number
  readonly patches: readonly RecordedPatch[]
}

/** At code point `at`, `removed` code points go and `inserted` comes. */
export interface RecordedPatch {
  readonly at: number
  readonly removed: number
  readonly inserted: string
}
