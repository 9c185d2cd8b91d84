/** What the bench reports: `syncstorm.bench/1`. */
export interface BenchResult {
  readonly name: string
  readonly unit: string
  /** Ours. */
  readonly median: number
  readonly peers: readonly BenchPeer[]
}

export interface BenchPeer {
  readonly name: string
  readonly median: number
  /** Ours divided by the peer's, in the result's unit. */
  readonly ratio: number
  /** What the ratio should be, as in `>= 12`; absent where there is no goal. */
  readonly goal?: string
}

export interface BenchReport {
  readonly schema: 'syncstorm.bench/1'
  readonly machine: { readonly node: string; readonly platform: string; readonly cpu: string; readonly cores: number }
  readonly results: readonly BenchResult[]
}
