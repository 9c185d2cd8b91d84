/**
 * Whose clock and randomness library code sees right now. Kept on the global object, under a registered
 * symbol, because test runners may load this module more than once while the shims are there once.
 */

/** What a host offers to library code that reaches for globals. */
export interface AmbientSource {
  /** Wall clock, whole milliseconds since the Unix epoch. */
  nowMs(): number
  /** Monotonic clock in milliseconds, with fractions. */
  monotonicMs(): number
  /** Uniform in [0, 1), with at least 32 bits. */
  random(): number
  /**
   * Runs `run` once after the delay, on this host; returns what cancels it. Without it, code that sets a timer
   * or queues a microtask during a run gets an error.
   */
  setTimer?(delayMs: number, run: () => void): () => void
}

interface AmbientState {
  source: AmbientSource | null
  readonly installed: WeakSet<object>
}

const KEY = Symbol.for('syncstorm.ambient')
const shared = globalThis as { [KEY]?: AmbientState }

export const ambientState: AmbientState = (shared[KEY] ??= { source: null, installed: new WeakSet() })
