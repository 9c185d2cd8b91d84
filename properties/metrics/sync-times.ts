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
import type { Analysis } from '../analysis/analysis.ts'
import type { FieldKey } from '../analysis/field-keys.ts'
import type { EditRecord } from '../analysis/provenance.ts'
import { isFollowed } from './followed.ts'
import type { RegisterTimeline } from './register-timeline.ts'
import { registerSync } from './sync-register.ts'
import type { SyncTime } from './sync-result.ts'
import { textSync } from './sync-text.ts'

export interface SyncedEdit extends SyncTime {
  readonly edit: EditRecord
}

export interface SyncTimes {
  readonly edits: readonly SyncedEdit[]
  readonly neverShown: number
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
