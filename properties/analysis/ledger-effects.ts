/**
 * What became of an edit's effect on one host, read from what the host shows in the end.
 *
 * - `reflected`: it is there (a text edit: what it took out is gone, and some of what it put in is there);
 * - `superseded`: somebody who had seen it replaced or removed it on purpose;
 * - `overwritten`: it is not there, and an edit that is took its place without having seen it;
 * - `lost`: it is not there, and nothing explains that.
 */
import type { EditId } from '../../sim/history/events.ts'

export type Effect = 'reflected' | 'superseded' | 'overwritten' | 'lost'

export interface EffectHere {
  readonly effect: Effect
  /** The edit that superseded or overwrote it. */
  readonly by: EditId | null
}

const SEVERITY: Readonly<Record<Effect, number>> = { reflected: 0, superseded: 1, overwritten: 2, lost: 3 }

export const isWorse = (a: Effect, b: Effect): boolean => SEVERITY[a] > SEVERITY[b]

/** Whether the edit's effect is neither there nor gone on purpose. */
export const isMissing = (effect: Effect): boolean => SEVERITY[effect] >= SEVERITY.overwritten
