/** What the strategy said about each edit: settled, rejected, merged, and what its user was told. */
import type { EditId, History, MergedEvent, NotifiedEvent, RejectedEvent, SettledEvent, SkippedEvent } from '../../sim/history/events.ts'
import type { SettleLevel } from '../../sim/values.ts'

export interface Settlement {
  readonly settled: SettledEvent[]
  readonly rejected: RejectedEvent[]
  readonly merged: MergedEvent[]
  readonly notified: NotifiedEvent[]
  /** Position in the history of the first settlement at the declared level; null if there is none. */
  settledAt: number | null
}

export interface Settlements {
  of(edit: EditId): Settlement
  /** Edits that anything was said about, in the order of the first word. */
  readonly edits: readonly EditId[]
  readonly skipped: readonly SkippedEvent[]
}

const SILENCE: Settlement = { settled: [], rejected: [], merged: [], notified: [], settledAt: null }

export function settlementsOf(history: History): Settlements {
  const byEdit = new Map<EditId, Settlement>()
  const skipped: SkippedEvent[] = []
  const of = (edit: EditId): Settlement => {
    let settlement = byEdit.get(edit)
    if (settlement === undefined) {
      settlement = { settled: [], rejected: [], merged: [], notified: [], settledAt: null }
      byEdit.set(edit, settlement)
    }
    return settlement
  }
  history.events.forEach((event, at) => {
    switch (event.kind) {
      case 'settled': {
        const settlement = of(event.edit)
        settlement.settled.push(event)
        if (reaches(event.level, history.header.settles)) settlement.settledAt ??= at
        return
      }
      case 'rejected': of(event.edit).rejected.push(event); return
      case 'merged': of(event.edit).merged.push(event); return
      case 'notified': of(event.edit).notified.push(event); return
      case 'skipped': skipped.push(event); return
      case 'edit': case 'view': case 'signal': case 'refetch': case 'connection': case 'fault': case 'frame': case 'quiet': case 'lifecycle': case 'stream': return
    }
  })
  return { of: (edit) => byEdit.get(edit) ?? SILENCE, edits: [...byEdit.keys()], skipped }
}

/** Whether an acknowledgement at `level` is at least as strong as `declared`. */
function reaches(level: SettleLevel, declared: SettleLevel): boolean {
  return level === 'server-durable' || declared === 'local-durable'
}
