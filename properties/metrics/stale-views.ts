/**
 * Stale views (M11), as the simulation alone can know them: when some screen, or the authority's, lacked an edit
 * that had been made. Unlike P-STALE, which counts from the authority's acceptance and only while a device could
 * have known, this counts what people notice: also the way up, and time without a connection.
 */
import type { SyncedEdit } from './sync-times.ts'

/** A stretch of true time in which something was missing somewhere all the while. */
export interface StaleSpell {
  readonly fromUs: number
  readonly untilUs: number
  /** The longest that one edit of the spell was missing. */
  readonly longestUs: number
}

/** The spells of a run in order. What was never everywhere is missing until the end. */
export function staleSpells(edits: readonly SyncedEdit[], endUs: number): readonly StaleSpell[] {
  const missing = edits.map(({ edit, everywhereUs }) => ({ fromUs: edit.event.atUs, untilUs: everywhereUs ?? endUs }))
  const spells: StaleSpell[] = []
  for (const { fromUs, untilUs } of missing.sort((a, b) => a.fromUs - b.fromUs)) {
    const last = spells.at(-1)
    const joins = last !== undefined && fromUs <= last.untilUs
    const spell = joins
      ? { fromUs: last.fromUs, untilUs: Math.max(last.untilUs, untilUs), longestUs: Math.max(last.longestUs, untilUs - fromUs) }
      : { fromUs, untilUs, longestUs: untilUs - fromUs }
    spells.splice(joins ? -1 : spells.length, 1, spell)
  }
  return spells
}

/** `staleViewMs`, how long something was missing in all, and `staleViewMaxMs`, the longest that one edit was. */
export function staleViewFigures(edits: readonly SyncedEdit[], endUs: number): Record<string, number> {
  const spells = staleSpells(edits, endUs)
  if (spells.length === 0) return {}
  return {
    staleViewMs: spells.reduce((sum, { fromUs, untilUs }) => sum + untilUs - fromUs, 0) / 1000,
    staleViewMaxMs: Math.max(...spells.map(({ longestUs }) => longestUs)) / 1000,
  }
}
