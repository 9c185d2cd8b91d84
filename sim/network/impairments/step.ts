/**
 * Processes that advance in time (D4), where netem's advance per packet.
 *
 * netem moves its loss chains and correlated draws on by one with every packet, so that one packet less shifts
 * the fate of all that follow. Here a process takes one step per `stepUs` of virtual time, and a packet reads
 * the state of the step in which it enters. Packets spaced by exactly one step see netem's process itself: the
 * stated mean, run lengths in packets and correlation hold. Packets closer together share a state, as they
 * share a real outage; packets further apart are less alike, by the same law over more steps. `stepUs` is
 * therefore "the packet spacing that the stated numbers are about".
 */
const DEFAULT_STEP_US = 10_000

/** Of neighbouring steps; with 1 nothing would ever change. */
export const MAX_CORRELATION = 0.999

export interface Stepped {
  /** Virtual time between two steps of the process; 10 ms unless given. */
  readonly stepUs?: number
}

/** @throws RangeError unless it is a whole number of microseconds, at least 1 */
export function checkedStepUs({ stepUs = DEFAULT_STEP_US }: Stepped): number {
  if (!(stepUs >= 1) || !Number.isSafeInteger(stepUs)) throw new RangeError(`stepUs must be a whole number of microseconds, at least 1, got ${stepUs}`)
  return stepUs
}
