/**
 * Groups what makes one device refetch one document into bursts, and charges each refetch to a burst.
 *
 * Events are change signals newer than what the device had fetched by then, and rejections of its own
 * edits (which ask for the authoritative state too). A burst is a maximal run of events with gaps below the
 * debounce. A refetch belongs to the burst after whose first event it starts; one that starts inside a
 * short burst belongs to the burst before, if that one has none yet: it had to wait for a refetch in flight.
 */
import type { HistoryEvent, RefetchEvent, SignalEvent } from '../sim/history/events.ts'
import type { DocumentId, HostId } from '../sim/values.ts'

export interface Burst {
  readonly firstUs: number
  readonly lastUs: number
  readonly events: number
  /** The newest version signalled in it; 0 if it is made of rejections only. */
  readonly version: number
  /** Refetches charged to it. */
  refetches: number
  /** Of those, started before its last event. */
  early: number
}

/** What happened on one device to one document. */
export interface DocumentTraffic {
  readonly device: HostId
  readonly document: DocumentId
  readonly signals: readonly SignalEvent[]
  readonly rejectedAtUs: readonly number[]
  /** In order of their starts, without first loads. */
  readonly refetches: readonly RefetchEvent[]
  /** First loads too, in order of their ends. */
  readonly fetches: readonly RefetchEvent[]
  /** Whether the device made edits on the document: then its own writes tell it versions that no history shows. */
  readonly edits: boolean
}

export function trafficOf(
  events: readonly HistoryEvent[], device: HostId, document: DocumentId, documentOf: (edit: string) => DocumentId | undefined,
): DocumentTraffic {
  const signals: SignalEvent[] = []
  const fetches: RefetchEvent[] = []
  const rejectedAtUs: number[] = []
  let edits = false
  for (const event of events) {
    if (event.kind === 'signal' && event.device === device && event.document === document) signals.push(event)
    else if (event.kind === 'refetch' && event.device === device && event.document === document) fetches.push(event)
    else if (event.kind === 'rejected' && event.device === device && documentOf(event.edit) === document) rejectedAtUs.push(event.atUs)
    else if (event.kind === 'edit' && event.device === device && event.document === document) edits = true
  }
  const refetches = fetches.filter((fetch) => !fetch.initial).sort((a, b) => a.startedAtUs - b.startedAtUs)
  return { device, document, signals, rejectedAtUs, refetches, fetches, edits }
}

export function burstsOf(traffic: DocumentTraffic, debounceUs: number, maxWaitUs: number): readonly Burst[] {
  const events = [
    ...newSignals(traffic).map(({ atUs, version }) => ({ atUs, version })),
    ...traffic.rejectedAtUs.map((atUs) => ({ atUs, version: 0 })),
  ].sort((a, b) => a.atUs - b.atUs)
  const bursts: Burst[] = []
  for (const { atUs, version } of events) {
    const open = bursts.at(-1)
    if (open === undefined || atUs - open.lastUs >= debounceUs) {
      bursts.push({ firstUs: atUs, lastUs: atUs, events: 1, version, refetches: 0, early: 0 })
    } else {
      bursts[bursts.length - 1] = { ...open, lastUs: atUs, events: open.events + 1, version: Math.max(open.version, version) }
    }
  }
  charge(bursts, traffic.refetches, maxWaitUs)
  return bursts
}

/** Signals that the version gate lets through: newer than what the device had fetched when they came. */
function newSignals({ signals, fetches }: DocumentTraffic): readonly SignalEvent[] {
  let next = 0
  let known = 0
  return signals.filter((signal) => {
    for (let fetch = fetches[next]; fetch !== undefined && fetch.atUs <= signal.atUs; fetch = fetches[next]) {
      next += 1
      known = Math.max(known, fetch.version ?? 0)
    }
    return signal.version > known
  })
}

function charge(bursts: readonly Burst[], refetches: readonly RefetchEvent[], maxWaitUs: number): void {
  let current = -1
  for (const { startedAtUs } of refetches) {
    while ((bursts[current + 1]?.firstUs ?? Infinity) <= startedAtUs) current += 1
    const burst = bursts[current]
    if (burst === undefined) continue
    const early = startedAtUs < burst.lastUs && burst.lastUs - burst.firstUs < maxWaitUs
    const before = bursts[current - 1]
    if (early && before?.refetches === 0) {
      before.refetches += 1
      continue
    }
    burst.refetches += 1
    if (early) burst.early += 1
  }
}
