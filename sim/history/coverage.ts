/**
 * How often a run reached each situation that it exists to reach (H1): the marks that campaigns hold
 * against their floors. Counted from the history; concurrent pairs are added by the ledger in properties/.
 */
import type { History } from './events.ts'
import { eventsOf } from './metrics.ts'

export function coverageOf(history: History): Readonly<Record<string, number>> {
  const faults = eventsOf(history, 'fault').filter(({ phase }) => phase !== 'begin')
  const frames = eventsOf(history, 'frame')
  const settled = eventsOf(history, 'settled')
  const signals = new Map<string, number>()
  let signalsReordered = 0
  for (const { device, document, version } of eventsOf(history, 'signal')) {
    const key = `${device} ${document}`
    const last = signals.get(key) ?? 0
    if (version < last) signalsReordered++
    signals.set(key, Math.max(last, version))
  }
  return {
    edits: eventsOf(history, 'edit').length,
    settledEdits: new Set(settled.filter(({ level }) => level === history.header.settles).map(({ edit }) => edit)).size,
    rejectedEdits: eventsOf(history, 'rejected').length,
    faults: faults.length,
    faultsThatHit: faults.filter(({ hit }) => hit > 0).length,
    framesLost: frames.filter(({ state }) => state === 'lost').length,
    reconnections: Math.max(0, eventsOf(history, 'connection').filter(({ state }) => state === 'open').length - history.header.devices.length),
    fallbacks: eventsOf(history, 'connection').filter(({ via }) => via !== undefined).length,
    streamsResumed: eventsOf(history, 'stream').filter(({ state }) => state === 'resumed').length,
    resetsTaken: eventsOf(history, 'stream').filter(({ state }) => state === 'reset').length,
    signalsReordered,
    refetches: eventsOf(history, 'refetch').filter(({ initial }) => !initial).length,
  }
}
