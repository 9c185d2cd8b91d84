/**
 * P-LIVE: once the world is healed, everything drains and the world becomes quiet within the horizon that
 * the configuration allows (H3). Reaching the horizon instead is the violation, with what is still
 * pending; a user's budget that ended the run earlier leaves it open. Without a fault, or without an
 * edit made before the last fault had ended, there was nothing to recover from.
 */
import type { FaultEvent } from '../sim/history/events.ts'
import { analyse } from './analysis/analysis.ts'
import type { Property } from './property.ts'
import { counted, holds, vacuous, violated } from './verdicts.ts'

export const livenessAfterHeal: Property = {
  name: 'liveness-after-heal',
  id: 'P-LIVE',
  summary: 'after the last fault, every queue drains and the world becomes quiet in time',
  scope: 'run',
  check(history) {
    const { end, provenance } = analyse(history)
    if (end === undefined) return vacuous('the history has no end')
    const pending = end.pending.map((what) => ({ what, atUs: end.atUs }))
    if (end.result === 'horizon') return violated(`not quiet at the horizon; ${counted(pending.length, 'thing')} still pending`, pending)
    if (end.result === 'budget') return vacuous('a budget ended the run before it was quiet')
    if (pending.length > 0) return violated(`called quiet with ${counted(pending.length, 'thing')} still pending`, pending)
    const { healedAtUs, bounds } = history.header
    const tookUs = end.atUs - healedAtUs
    if (tookUs > bounds.horizonUs) {
      return violated(`quiet only ${seconds(tookUs)} after the heal; the bound is ${seconds(bounds.horizonUs)}`, [{ what: 'quiet', atUs: end.atUs }])
    }
    const faults = history.events.filter((event): event is FaultEvent => event.kind === 'fault' && event.phase !== 'missed')
    const ended = faults.filter(isOver)
    const lastEnd = ended.at(-1)
    if (lastEnd === undefined) return vacuous('no fault began and ended')
    const open = faults.find((fault) => !isOver(fault) && !ended.some((other) => other.fault === fault.fault))
    if (open !== undefined) return vacuous(`the fault ${open.fault} never ended, so the world never healed`)
    const before = provenance.edits.filter((edit) => edit.event.atUs <= lastEnd.atUs).length
    if (before === 0) return vacuous('no edit was made before the last fault ended')
    return holds(`quiet ${seconds(Math.max(0, tookUs))} after the heal, with ${counted(new Set(ended.map((fault) => fault.fault)).size, 'fault')} and ${counted(before, 'edit')} before it`)
  },
}

/** A break is over as soon as it has begun. */
const isOver = (fault: FaultEvent): boolean => fault.phase === 'end' || fault.type === 'break'

const seconds = (us: number): string => `${Math.round(us / 1000) / 1000} s`
