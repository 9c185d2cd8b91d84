/** What is measured, on the real wire and in the model alike. */

export interface StreamCase {
  readonly name: 'idle' | 'busy'
  readonly lossProbability: number
  /** In parallel, each with messages of its own; the wire has no rate, so they do not meet. */
  readonly connections: number
  readonly gapMs: number
  readonly durationMs: number
  /** Played so often with new connections, and so new losses, and judged together. */
  readonly rounds: number
}

export const ONE_WAY_MS = 25
export const PAYLOAD_BYTES = 200
export const LOSSES = [0, 0.01, 0.05] as const

export const STREAM_CASES: readonly StreamCase[] = LOSSES.flatMap((lossProbability) => [
  { name: 'idle', lossProbability, connections: 100, gapMs: 500, durationMs: 20_000, rounds: 1 },
  // At 5 % loss the last percent is a few dozen stalls a round: one round says little of them.
  { name: 'busy', lossProbability, connections: 24, gapMs: 5, durationMs: 18_000, rounds: lossProbability < 0.05 ? 1 : 6 },
])

/** How many connections are opened one after another per loss rate. */
export const CONNECTS = 200
export const CONNECT_GAP_MS = 20

/** Sends into a black hole every so often, until the path heals. */
export const BLACK_HOLE = { connections: 20, gapMs: 50, durationMs: 5_000 } as const
export const RESETS = 50
