/**
 * P-STALE: what the authority has accepted is on every connected device's screen, itself or a successor,
 * within the bound that the configuration allows.
 *
 * Left out of the count: time in which the device is not connected or a fault names it, and time in which
 * it has an edit of its own on the same field that is not settled yet (its user sees what they just did,
 * which will come after what was accepted). After each such time the clock restarts, so a change that the
 * device never shows is late at the latest one bound after it could have. A history with several servers
 * counts from whichever shows the change first.
 */
import type { EditId, History } from '../sim/history/events.ts'
import type { DataType, HostId } from '../sim/values.ts'
import type { Analysis } from './analysis/analysis.ts'
import { analyse } from './analysis/analysis.ts'
import { isWorkedOn, notWorkedOn, unlessDistinct } from './applicability.ts'
import { Availability } from './analysis/availability.ts'
import type { FieldKey, Host } from './analysis/field-keys.ts'
import { codePoints } from './analysis/fold-views.ts'
import type { Evidence, Property, Verdict } from './property.ts'
import { Debts } from './staleness-debts.ts'
import type { ScreenWatch } from './staleness-screens.ts'
import { RegisterWatch, TextWatch } from './staleness-screens.ts'
import { percentile } from './campaign/statistics.ts'
import { counted, holds, notApplicable, vacuous, violated } from './verdicts.ts'

export const boundedStaleness: Property = {
  name: 'bounded-staleness',
  id: 'P-STALE',
  summary: 'a connected device shows what the authority accepted, or a successor, within the bound',
  scope: 'type',
  check(history, type) {
    const analysis = analyse(history)
    if (!isWorkedOn(analysis, type)) return notWorkedOn(type)
    if (history.header.servers.length === 0) return notApplicable('there is no authority')
    if (history.header.bounds.stalenessUs <= 0) return notApplicable('the configuration bounds no staleness')
    return unlessDistinct(analysis, type) ?? judge(analysis, stalenessOf(analysis, type))
  },
}

/** How long connected devices went without what the authority had, change by change. */
export interface Staleness {
  /** The longest counted stretch of every change that a device came to show, and of those it never did. */
  readonly paidUs: readonly number[]
  readonly openUs: readonly number[]
  /** Changes that took longer than the bound. */
  readonly late: readonly Evidence[]
}

const measured = new WeakMap<History, Map<DataType, Staleness>>()

/** Measured once per history and type: other properties are paired with this one, and metrics read it. */
export function stalenessOf(analysis: Analysis, type: DataType): Staleness {
  let known = measured.get(analysis.history)
  if (known === undefined) {
    known = new Map()
    measured.set(analysis.history, known)
  }
  let staleness = known.get(type)
  if (staleness === undefined) {
    staleness = measureStaleness(analysis, type)
    known.set(type, staleness)
  }
  return staleness
}

/** One device's screen of one field. */
interface Watched {
  readonly debts: Debts
  readonly watch: ScreenWatch
  /** Own edits that are not settled yet. */
  readonly pending: Set<EditId>
}

function measureStaleness(analysis: Analysis, type: DataType): Staleness {
  const { history } = analysis
  const availability = new Availability(history)
  const watched = watchAll(analysis, type, availability)
  const pause = (one: Watched, nowUs: number): void => {
    one.debts.pause(!availability.of(one.debts.device.id) || one.pending.size > 0, nowUs)
  }
  const resolve = (edit: EditId, nowUs: number): void => {
    const made = analysis.provenance.byId(edit)
    const one = made === undefined ? undefined : watched.of(made.device, made.key)
    if (one?.pending.delete(edit) === true) pause(one, nowUs)
  }
  let nextView = 0
  history.events.forEach((event, at) => {
    switch (event.kind) {
      case 'view': {
        const delta = analysis.views.deltas[nextView]
        nextView += 1
        if (delta === undefined || delta.key.type !== type) return
        if (!delta.host.server) watched.of(delta.host, delta.key)?.watch.device(delta)
        else for (const one of watched.onKey(delta.key)) one.watch.authority(delta)
        return
      }
      case 'edit': {
        const made = analysis.provenance.byId(event.edit)
        const one = made === undefined ? undefined : watched.of(made.device, made.key)
        if (one === undefined) return
        one.pending.add(event.edit)
        pause(one, event.atUs)
        return
      }
      case 'settled':
        if (analysis.settlements.of(event.edit).settledAt === at) resolve(event.edit, event.atUs)
        return
      case 'rejected': case 'merged': resolve(event.edit, event.atUs); return
      case 'connection': case 'fault': case 'lifecycle':
        for (const device of availability.apply(event)) for (const one of watched.onDevice(device)) pause(one, event.atUs)
        return
      case 'stream':
        // Nothing could come down until now: the clock restarts, as it does where a break ends the stream.
        for (const one of watched.onDevice(event.device)) {
          one.debts.pause(true, event.atUs)
          pause(one, event.atUs)
        }
        return
      case 'skipped': case 'notified': case 'signal': case 'refetch': case 'frame': case 'quiet': return
    }
  })
  const endUs = analysis.end?.atUs ?? history.events.at(-1)?.atUs ?? 0
  return {
    openUs: watched.all.flatMap(({ debts }) => debts.end(endUs)),
    paidUs: watched.all.flatMap(({ debts }) => debts.paidUs),
    late: watched.all.flatMap(({ debts }) => debts.late).sort((a, b) => (a.atUs ?? 0) - (b.atUs ?? 0)),
  }
}

function judge(analysis: Analysis, { paidUs, openUs, late }: Staleness): Verdict {
  const boundMs = ms(analysis.history.header.bounds.stalenessUs)
  if (late.length > 0) return violated(`${counted(late.length, 'change')} not shown within ${boundMs} ms`, late)
  if (paidUs.length === 0) return vacuous('no device had a change of another one to show')
  const spread = `p95 ${ms(percentile(paidUs, 95))} ms, max ${ms(percentile(paidUs, 100))} ms`
  const rest = openUs.length === 0 ? '' : `; ${openUs.length} still under way at the end`
  return holds(`${counted(paidUs.length, 'change')} shown by other devices: ${spread}, bound ${boundMs} ms${rest}`)
}

const ms = (us: number): number => Math.round(us / 1000)

function watchAll(analysis: Analysis, type: DataType, availability: Availability): {
  readonly all: readonly Watched[]
  of(device: Host, key: FieldKey): Watched | undefined
  onKey(key: FieldKey): readonly Watched[]
  onDevice(device: HostId): readonly Watched[]
} {
  const { fields, history, provenance } = analysis
  const devices = fields.hosts.filter((host) => !host.server)
  const byKey = fields.keys.map((key) => (key.type !== type ? [] : devices.map((device): Watched => {
    const debts = new Debts(device, key, history.header.bounds.stalenessUs, !availability.of(device.id))
    const watch = type === 'text' ? new TextWatch(debts, provenance, codePoints(key.initial ?? '')) : new RegisterWatch(debts)
    return { debts, watch, pending: new Set() }
  })))
  const all = byKey.flat()
  return {
    all,
    of: (device, key) => byKey[key.index]?.[device.index],
    onKey: (key) => byKey[key.index] ?? [],
    onDevice: (device) => all.filter((one) => one.debts.device.id === device),
  }
}
