/** Exit codes of every command; scripts and CI rely on them, so they only ever gain members. */
export const EXIT = {
  /** Everything is as claimed. */
  asClaimed: 0,
  /** A claim is broken, a counterexample was found or still reproduces, or the world did not become quiet. */
  refuted: 1,
  /** Bad usage or bad input. */
  badInput: 2,
  /** Too little was tested to say anything: floors not met, strict vacuity, a budget that cut a run short. */
  inconclusive: 3,
  /** A bug of syncstorm itself. */
  internal: 70,
  interrupted: 130,
} as const

export type ExitCode = (typeof EXIT)[keyof typeof EXIT]
