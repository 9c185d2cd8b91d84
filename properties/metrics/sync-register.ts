/**
 * When edits of a register were at the authority and everywhere.
 *
 * An edit that the authority never showed itself is there with the first version by somebody who knew it:
 * a device may send its latest value only. If its own device gave it up for a concurrent edit before, only
 * versions by edits made until then count, as what its user wrote much later says nothing about it.
 * A repeated value that is there already when it is written again is taken as there at once.
 */
import type { Analysis } from '../analysis/analysis.ts'
import { firstIndex } from '../analysis/first-index.ts'
import type { EditRecord } from '../analysis/provenance.ts'
import type { RegisterTimeline } from './register-timeline.ts'
import { writtenBy } from './register-timeline.ts'
import type { SyncResult } from './sync-result.ts'
import { latest, NOT_YET } from './sync-result.ts'

export function registerSync(analysis: Analysis, timeline: RegisterTimeline): (edit: EditRecord) => SyncResult {
  return (edit) => {
    const version = timeline.versionOf(edit) ?? repeated(analysis, timeline, edit)
    if (version !== undefined) return timesOf(analysis, timeline, edit, version)
    const givenUp = timeline.givenUp(edit)
    const successor = succeeded(analysis, timeline, edit, givenUp?.at ?? Infinity)
    if (successor !== undefined) return timesOf(analysis, timeline, edit, successor)
    return givenUp === undefined ? NOT_YET : 'never-shown'
  }
}

function timesOf(analysis: Analysis, timeline: RegisterTimeline, edit: EditRecord, version: number): SyncResult {
  const madeUs = edit.event.atUs
  const others = analysis.fields.hosts.filter((host) => host !== edit.device)
  const everywhereUs = latest(others.map((host) => timeline.reachedUs(host, version)))
  return {
    durableUs: Math.max(madeUs, timeline.versions[version]?.atUs ?? madeUs),
    everywhereUs: everywhereUs === null ? null : Math.max(madeUs, everywhereUs),
  }
}

/** The first version made by somebody who knew the edit, and whose own edit was made before `until`. */
function succeeded(analysis: Analysis, { key, versions }: RegisterTimeline, edit: EditRecord, until: number): number | undefined {
  const { provenance, possiblyBefore } = analysis
  for (let version = firstIndex(versions, ({ at }) => at > edit.at); version < versions.length; version += 1) {
    const value = versions[version]?.value ?? null
    const writers = value === null ? [] : provenance.writers(key, value)
    if (writers.some((writer) => writer.at < until && possiblyBefore.precedes(edit, writer))) return version
  }
  return undefined
}

/** For a value with several sources, of which others had their turn: the version that shows it from the edit on. */
function repeated({ provenance }: Analysis, { key, versions }: RegisterTimeline, edit: EditRecord): number | undefined {
  const value = writtenBy(edit)
  if (value === null || (value !== key.initial && provenance.writers(key, value).length === 1)) return undefined
  const current = firstIndex(versions, ({ at }) => at > edit.at) - 1
  const found = versions.findIndex((version, index) => index >= current && version.value === value)
  return found < 0 ? undefined : found
}
