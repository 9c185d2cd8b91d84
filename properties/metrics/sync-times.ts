/**
 * When each edit was at the authority, and when it was on every screen, read from the views alone.
 *
 * One definition for every strategy, whatever its acknowledgements mean: an edit is *durable* from the
 * first view of the authority that reflects it or a successor, and *everywhere* from when every replica and
 * every authority has shown it or a successor. Its own device shows it at once. A successor is an edit made
 * by somebody who knew it, or what the authority showed after it. Whether what the authority shows survives
 * a crash is durability's to judge.
 *
 * Left out: rejected edits, edits that cannot be told apart, and edits that the authority never showed for
 * a reason that the views give: they gave way to a concurrent edit there, or their own device took them
 * back before the authority heard of them. The last two are counted as `neverShown`.
 */
import type { DataType } from '../../sim/values.ts'
import type { Analysis } from '../analysis.ts'
import type { FieldKey } from '../field-keys.ts'
import { isDistinct } from '../ledger.ts'
import type { EditRecord } from '../provenance.ts'
import type { RegisterTimeline } from './register-timeline.ts'
import { registerSync } from './sync-register.ts'
import { textSync } from './sync-text.ts'

/** True times in microseconds; null for what had not happened when the history ended. */
export interface SyncTime {
  readonly durableUs: number | null
  readonly everywhereUs: number | null
}

/** `never-shown`, and `untold`: nothing of the edit can be told apart from others. */
export type SyncResult = SyncTime | 'never-shown' | 'untold'

export interface SyncedEdit extends SyncTime {
  readonly edit: EditRecord
}

export interface SyncTimes {
  readonly edits: readonly SyncedEdit[]
  readonly neverShown: number
}

export const NOT_YET: SyncTime = { durableUs: null, everywhereUs: null }

/** Whether a type's edits can be followed in the history: the strategy works on it, and they are distinct. */
export function isFollowed(analysis: Analysis, type: DataType): boolean {
  return analysis.history.header.types.includes(type) && isDistinct(analysis.history, type)
}

export function syncTimesOf(analysis: Analysis, timelines: ReadonlyMap<FieldKey, RegisterTimeline>): SyncTimes {
  const { fields, provenance, settlements } = analysis
  const edits: SyncedEdit[] = []
  let neverShown = 0
  for (const key of fields.keys) {
    if (!isFollowed(analysis, key.type) || provenance.onKey(key).length === 0) continue
    const timeline = timelines.get(key)
    const sync = timeline === undefined ? textSync(analysis, key) : registerSync(analysis, timeline)
    for (const edit of provenance.onKey(key)) {
      if (settlements.of(edit.event.edit).rejected.length > 0) continue
      const result = sync(edit)
      if (result === 'never-shown') neverShown += 1
      else if (result !== 'untold') edits.push({ edit, ...result })
    }
  }
  return { edits, neverShown }
}

/** The latest of several times; null if one of them has not come. */
export function latest(times: readonly (number | undefined)[]): number | null {
  let last = 0
  for (const time of times) {
    if (time === undefined) return null
    last = Math.max(last, time)
  }
  return last
}
