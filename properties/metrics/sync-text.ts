/**
 * When edits of a text were at the authority and everywhere, code point by code point.
 *
 * The authority has what an edit put in when it first shows it, and what it took out when that is gone
 * after having been there. Another host has it as soon as what it shows agrees with that; what the
 * authority has taken back need not be shown any more. Code points that occur several times are left
 * out, and so are those that the authority never showed because somebody took them out on purpose.
 */
import type { Analysis } from '../analysis/analysis.ts'
import type { FieldKey, Host } from '../analysis/field-keys.ts'
import type { EditRecord } from '../analysis/provenance.ts'
import type { SyncResult } from './sync-result.ts'
import { latest, NOT_YET } from './sync-result.ts'

/** When one host gained and lost one code point, alternating; gains first unless it was there from the start. */
interface Presence {
  readonly fromStart: boolean
  readonly changesUs: number[]
}

const NEVER: Presence = { fromStart: false, changesUs: [] }

export function textSync(analysis: Analysis, key: FieldKey): (edit: EditRecord) => SyncResult {
  const presences = new Presences(analysis, key)
  const servers = analysis.fields.hosts.filter((host) => host.server)
  return (edit) => {
    const points = trackedPoints(analysis, edit)
    if (points.inserted.length + points.removed.length === 0) return 'untold'
    const best = firstOf(servers.map((server) => atAuthority(analysis, presences, server, edit, points)))
    if (best === 'unseen') return 'never-shown'
    if (best === 'missing') return analysis.ledger.entries[edit.index]?.effect === 'overwritten' ? 'never-shown' : NOT_YET
    const others = analysis.fields.hosts.filter((host) => host !== edit.device)
    const everywhereUs = latest(others.flatMap((host) => best.pieces.map((piece) => atHost(presences.of(host, piece.point), piece))))
    return { durableUs: best.doneUs, everywhereUs: everywhereUs === null ? null : Math.max(best.doneUs, everywhereUs) }
  }
}

interface Points {
  readonly inserted: readonly number[]
  readonly removed: readonly number[]
}

function trackedPoints({ provenance }: Analysis, { key, inserted, removed }: EditRecord): Points {
  const isUnique = (point: number): boolean => provenance.suppliedCount(key, point) === 1
  return { inserted: inserted.filter(isUnique), removed: removed.filter(isUnique) }
}

/** One code point of an edit, and when the authority came to agree. */
interface Piece {
  readonly point: number
  readonly isRemoved: boolean
  readonly doneUs: number
  /** When the authority took that back: from then on nobody need have shown it. */
  readonly backUs: number
}

/** `missing`: something of the edit is not there; `unseen`: there was nothing of it to see. */
type AtAuthority = { readonly pieces: readonly Piece[]; readonly doneUs: number } | 'missing' | 'unseen'

/** Of several servers, the first to have the whole edit makes it durable; the others are hosts like any. */
function firstOf(attempts: readonly AtAuthority[]): AtAuthority {
  const [first] = attempts.filter((attempt) => typeof attempt !== 'string').sort((a, b) => a.doneUs - b.doneUs)
  return first ?? (attempts.includes('missing') ? 'missing' : 'unseen')
}

function atAuthority({ provenance, settlements }: Analysis, presences: Presences, server: Host, edit: EditRecord, points: Points): AtAuthority {
  const madeUs = edit.event.atUs
  const pieces: Piece[] = []
  for (const point of points.inserted) {
    const [gainedUs, lostUs] = presences.of(server, point).changesUs
    if (gainedUs !== undefined) pieces.push({ point, isRemoved: false, doneUs: gainedUs, backUs: lostUs ?? Infinity })
    else if (!provenance.removers(edit.key, point).some((remover) => settlements.of(remover.event.edit).rejected.length === 0)) return 'missing'
  }
  for (const point of points.removed) {
    const presence = presences.of(server, point)
    if (presence === NEVER) continue
    const goneUs = absentFrom(presence, madeUs, 'after-presence')
    if (goneUs === undefined) return 'missing'
    const backUs = presence.changesUs.find((changeUs) => changeUs > goneUs) ?? Infinity
    pieces.push({ point, isRemoved: true, doneUs: goneUs, backUs })
  }
  if (pieces.length === 0) return 'unseen'
  return { pieces, doneUs: pieces.reduce((last, { doneUs }) => Math.max(last, doneUs), 0) }
}

function atHost(presence: Presence, piece: Piece): number | undefined {
  const shownUs = piece.isRemoved ? absentFrom(presence, piece.doneUs, 'or-never-there') : presence.changesUs[0]
  const agreedUs = Math.min(shownUs ?? Infinity, piece.backUs)
  return agreedUs === Infinity ? undefined : agreedUs
}

/** The first time from `fromUs` on at which the code point is not there. */
function absentFrom({ fromStart, changesUs }: Presence, fromUs: number, which: 'after-presence' | 'or-never-there'): number | undefined {
  let sinceUs = 0
  let present = fromStart
  let wasPresent = fromStart || which === 'or-never-there'
  for (const changeUs of [...changesUs, Infinity]) {
    if (!present && wasPresent && changeUs > fromUs) return Math.max(sinceUs, fromUs)
    sinceUs = changeUs
    present = !present
    wasPresent ||= present
  }
  return undefined
}

/** The presence of every unique code point of one text on every host. */
class Presences {
  readonly #byHost: readonly Map<number, Presence>[]
  readonly #fromStart: Presence = { fromStart: true, changesUs: [] }
  readonly #isInitial: (point: number) => boolean

  constructor({ fields, views, provenance }: Analysis, key: FieldKey) {
    this.#byHost = fields.hosts.map(() => new Map())
    this.#isInitial = (point) => provenance.initialCount(key, point) > 0
    for (const { key: changed, host, atUs, entering, leaving } of views.deltas) {
      if (changed !== key) continue
      for (const points of [leaving, entering]) {
        for (const point of points) if (provenance.suppliedCount(key, point) === 1) this.#change(host, point, atUs)
      }
    }
  }

  of(host: Host, point: number): Presence {
    return this.#byHost[host.index]?.get(point) ?? (this.#isInitial(point) ? this.#fromStart : NEVER)
  }

  #change(host: Host, point: number, atUs: number): void {
    const known = this.#byHost[host.index]?.get(point)
    if (known === undefined) this.#byHost[host.index]?.set(point, { fromStart: this.#isInitial(point), changesUs: [atUs] })
    else known.changesUs.push(atUs)
  }
}
