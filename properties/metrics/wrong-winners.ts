/**
 * Wrong winners (requirements K05, M11): conflicts on a register that the older of two concurrent edits won.
 *
 * Only the simulator can count them, as it knows when edits were made in true time. An acknowledged edit
 * met a wrong winner if the authority went from its value straight to that of a concurrent edit made
 * earlier, or if it never showed the edit and its own device gave it up for such a value. Strategies that
 * order edits by arrival have them, and strategies that order by clocks when clocks are wrong.
 */
import type { Analysis } from '../analysis/analysis.ts'
import type { EditRecord } from '../analysis/provenance.ts'
import type { RegisterTimeline } from './register-timeline.ts'

export function wrongWinners(analysis: Analysis, timelines: readonly RegisterTimeline[]): number {
  return timelines.reduce((sum, timeline) => sum + onRegister(analysis, timeline), 0)
}

function onRegister({ provenance, settlements, happensBefore }: Analysis, timeline: RegisterTimeline): number {
  const isWrong = (winner: EditRecord | undefined, loser: EditRecord): boolean =>
    winner !== undefined && winner.at < loser.at && !happensBefore.precedes(winner, loser)
  return provenance.onKey(timeline.key).filter((edit) => {
    const { settledAt, rejected } = settlements.of(edit.event.edit)
    if (settledAt === null || rejected.length > 0) return false
    const version = timeline.versionOf(edit)
    return isWrong(version === undefined ? timeline.givenUp(edit)?.for : timeline.versions[version + 1]?.writer, edit)
  }).length
}
