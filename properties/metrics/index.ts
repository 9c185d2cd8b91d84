/**
 * Metrics that need provenance (design section 6, requirements M04, M11), computed from the history by one
 * definition for every strategy. Metrics that do not apply are left out: texts whose edits cannot be told
 * apart, histories without an authority, types that the strategy does not work on.
 */
import type { History } from '../../sim/history/events.ts'
import type { Metrics } from '../../sim/history/run-record.ts'
import type { Analysis } from '../analysis/analysis.ts'
import { analyse } from '../analysis/analysis.ts'
import { stalenessOf } from '../bounded-staleness.ts'
import type { FieldKey } from '../analysis/field-keys.ts'
import type { ViewDelta } from '../analysis/fold-views.ts'
import { percentile } from '../campaign/statistics.ts'
import { flickers } from './flickers.ts'
import { isFollowed } from './followed.ts'
import { latencyFigures } from './latency-figures.ts'
import { staleViewFigures } from './stale-views.ts'
import { RegisterTimeline } from './register-timeline.ts'
import { syncTimesOf } from './sync-times.ts'
import { wrongWinners } from './wrong-winners.ts'

/**
 * `syncDurableMs` and `syncAllMs` (mean over the run's edits, with percentiles `syncAllP95Ms` and so on),
 * `unfinished` and `neverShown` beside them, `stalenessMs` (95th percentile) and `stalenessMaxMs`, `staleViewMs` and
 * `staleViewMaxMs`, `wrongWinners`, `flickers`, `serverOperations`.
 */
export function provenanceMetrics(history: History): Metrics {
  const analysis = analyse(history)
  const followed = history.header.types.filter((type) => isFollowed(analysis, type))
  const hasAuthority = history.header.servers.length > 0
  if (followed.length === 0) return serverOperations(history)
  const timelines = registerTimelines(analysis)
  return {
    ...(hasAuthority ? { ...syncFigures(analysis, timelines), ...stalenessFigure(analysis) } : {}),
    ...(hasAuthority && followed.includes('register') ? { wrongWinners: wrongWinners(analysis, [...timelines.values()]) } : {}),
    flickers: flickers(analysis),
    ...serverOperations(history),
  }
}

function registerTimelines(analysis: Analysis): ReadonlyMap<FieldKey, RegisterTimeline> {
  const deltas: ViewDelta[][] = analysis.fields.keys.map(() => [])
  for (const delta of analysis.views.deltas) deltas[delta.key.index]?.push(delta)
  const registers = analysis.fields.ofType('register').filter((key) => isFollowed(analysis, key.type))
  return new Map(registers.map((key) => [key, new RegisterTimeline(analysis, key, deltas[key.index] ?? [])]))
}

function syncFigures(analysis: Analysis, timelines: ReadonlyMap<FieldKey, RegisterTimeline>): Metrics {
  const { edits, neverShown } = syncTimesOf(analysis, timelines)
  const endUs = analysis.end?.atUs ?? analysis.history.events.at(-1)?.atUs ?? 0
  const until = (name: 'durableUs' | 'everywhereUs') => edits.map((synced) => ({ fromUs: synced.edit.event.atUs, toUs: synced[name] }))
  return {
    ...latencyFigures('syncDurable', until('durableUs'), endUs),
    ...latencyFigures('syncAll', until('everywhereUs'), endUs),
    ...staleViewFigures(edits, endUs),
    unfinished: edits.filter(({ everywhereUs }) => everywhereUs === null).length,
    neverShown,
  }
}

/** As `bounded-staleness` measures it; what was never shown counts with the longest time it was owed. */
function stalenessFigure(analysis: Analysis): Metrics {
  const stretchesUs = analysis.history.header.types.filter((type) => isFollowed(analysis, type)).flatMap((type) => {
    const { paidUs, openUs } = stalenessOf(analysis, type)
    return [...paidUs, ...openUs]
  })
  return stretchesUs.length === 0 ? {} : { stalenessMs: percentile(stretchesUs, 95) / 1000, stalenessMaxMs: percentile(stretchesUs, 100) / 1000 }
}

/** What the servers had to handle: requests and data frames that reached one. */
function serverOperations({ header, events }: History): Metrics {
  const reached = events.filter((event) => event.kind === 'frame' && event.state === 'delivered'
    && (event.traffic === 'data' || event.traffic === 'request') && header.servers.includes(event.to))
  return { serverOperations: reached.length }
}
