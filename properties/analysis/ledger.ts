/**
 * The ledger: every intention's one outcome at the end of a history (P-OUTCOME, P-NLW).
 *
 * An edit's effect is read on every replica and every authority from plain views; the worst one counts, and
 * the host that shows it is named. What the strategy said comes first: a rejected edit is `rejected`, and
 * one that never settled at the declared level is `unresolved` whatever the screens show. A declared merge
 * excuses a missing effect only where its rule can apply: in a text nothing but a same-target delete may
 * vanish, so `merged` there needs an edit whose own code points are accounted for.
 *
 * Text that is not distinct (recorded sessions keep theirs) cannot be told apart: its edits are `unjudged`.
 */
import type { EditId, History } from '../../sim/history/events.ts'
import type { DataType, HostId, MergeRule } from '../../sim/values.ts'
import type { FieldKey, FieldKeys, Host } from './field-keys.ts'
import type { FoldedViews } from './fold-views.ts'
import type { EffectHere, Effect } from './ledger-effects.ts'
import { isMissing, isWorse } from './ledger-effects.ts'
import type { Order } from './ledger-register.ts'
import { registerEffects } from './ledger-register.ts'
import { textEffects } from './ledger-text.ts'
import type { EditRecord, Provenance } from './provenance.ts'
import type { Settlement, Settlements } from './settlements.ts'

export type Outcome = Effect | 'merged' | 'rejected' | 'unresolved' | 'skipped' | 'unjudged'

export const OUTCOMES: readonly Outcome[] = [
  'reflected', 'superseded', 'merged', 'rejected', 'overwritten', 'lost', 'unresolved', 'skipped', 'unjudged',
]

export interface LedgerEntry {
  readonly edit: EditId
  readonly device: HostId
  readonly type: DataType
  readonly outcome: Outcome
  /** The worst effect over all hosts, whatever the strategy said; null where it cannot be told, or the edit was skipped. */
  readonly effect: Effect | null
  /** The host that shows the worst effect, and the edit that superseded or overwrote this one there. */
  readonly host: HostId | null
  readonly by: EditId | null
  /** The rule of a merge that the strategy declared. */
  readonly rule: MergeRule | null
  /** For a rejected edit whose effect is there all the same: a host that shows it. */
  readonly shownAt: HostId | null
  readonly settled: boolean
  readonly notices: { readonly rejected: number; readonly overwritten: number }
  /** Null for a skipped intention. */
  readonly record: EditRecord | null
}

export interface Ledger {
  /** Edits in history order, then skipped intentions. */
  readonly entries: readonly LedgerEntry[]
  ofType(type: DataType): readonly LedgerEntry[]
  count(outcome: Outcome, type?: DataType): number
}

/** Whether edits of the type can be told apart in the history. */
export function isDistinct(history: History, type: DataType): boolean {
  return type === 'text' ? history.header.distinctText : type === 'register'
}

export function ledgerOf(
  history: History, fields: FieldKeys, views: FoldedViews, provenance: Provenance, order: Order, settlements: Settlements,
): Ledger {
  const wasRejected = (edit: EditRecord): boolean => settlements.of(edit.event.edit).rejected.length > 0
  /** Whether what is shown can only come from the edit: not from an equal value of another, nor from a removal that somebody else may have made. */
  const isItsOwn = ({ key, event: { change }, inserted }: EditRecord): boolean => (change.op === 'splice' ? inserted.length > 0
    : change.value !== key.initial && provenance.writers(key, change.value).every(wasRejected))
  const worst = new Map<EditRecord, { here: EffectHere; host: Host }>()
  const shownAt = new Map<EditRecord, HostId>()
  for (const key of fields.keys) {
    if (!isDistinct(history, key.type) || provenance.onKey(key).length === 0) continue
    for (const host of fields.hosts) {
      for (const [edit, here] of effectsOn(host, key, views, provenance, order, wasRejected)) {
        const known = worst.get(edit)
        if (known === undefined || isWorse(here.effect, known.here.effect)) worst.set(edit, { here, host })
        if (here.effect === 'reflected' && !shownAt.has(edit) && isItsOwn(edit)) shownAt.set(edit, host.id)
      }
    }
  }
  const entries = provenance.edits.map((edit): LedgerEntry => {
    const settlement = settlements.of(edit.event.edit)
    const found = worst.get(edit)
    const effect = found?.here.effect ?? null
    return {
      edit: edit.event.edit, device: edit.event.device, type: edit.key.type,
      outcome: outcomeOf(effect, settlement), effect,
      host: found?.host.id ?? null, by: found?.here.by ?? null,
      rule: settlement.merged[0]?.rule ?? null,
      shownAt: wasRejected(edit) ? shownAt.get(edit) ?? null : null,
      settled: settlement.settledAt !== null,
      notices: {
        rejected: settlement.notified.filter((event) => event.notice === 'rejected').length,
        overwritten: settlement.notified.filter((event) => event.notice === 'overwritten').length,
      },
      record: edit,
    }
  })
  for (const skip of settlements.skipped) {
    entries.push({
      edit: skip.edit, device: skip.device, type: skip.type, outcome: 'skipped', effect: null, host: null, by: null, rule: null,
      shownAt: null, settled: false, notices: { rejected: 0, overwritten: 0 }, record: null,
    })
  }
  const ofType = (type: DataType): readonly LedgerEntry[] => entries.filter((entry) => entry.type === type)
  return {
    entries, ofType,
    count: (outcome, type) => (type === undefined ? entries : ofType(type)).filter((entry) => entry.outcome === outcome).length,
  }
}

function effectsOn(
  host: Host, key: FieldKey, views: FoldedViews, provenance: Provenance, order: Order, rejected: (edit: EditRecord) => boolean,
): Map<EditRecord, EffectHere> {
  const final = views.final(host, key)
  return key.type === 'text'
    ? textEffects(key, final ?? '', provenance, order.definite, rejected)
    : registerEffects(key, final, provenance, order, rejected)
}

function outcomeOf(effect: Effect | null, settlement: Settlement): Outcome {
  if (settlement.rejected.length > 0) return 'rejected'
  const [merge] = settlement.merged
  if (merge !== undefined && !(effect !== null && isMissing(effect))) return 'merged'
  if (merge === undefined && settlement.settledAt === null) return 'unresolved'
  return effect ?? 'unjudged'
}
