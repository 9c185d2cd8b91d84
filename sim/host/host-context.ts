/** The part of a strategy's context that every host gives, device or server (design section 5). */
import type { Context, Disk } from '../contract.ts'
import type { Plan } from '../scenario/plan.ts'
import type { Host } from './host.ts'

/** Incarnations per host before two replica numbers could meet. */
const INCARNATIONS = 1024

export function hostContext(host: Host, plan: Plan, disk: Disk, who: { readonly device: string; readonly user: string }): Context {
  const hosts = plan.devices.length + plan.servers.length
  const rank = plan.strategy.ids === 'ascending' ? host.index + 1 : hosts - host.index
  return {
    identity: { ...who, incarnation: host.incarnation },
    replicaNumber: rank * INCARNATIONS + host.incarnation,
    documents: plan.documents,
    now: () => host.nowMs(),
    monotonic: () => host.monotonicMs(),
    random: () => host.random.unit(),
    timer: (delayMs, run, options) => host.timer(delayMs * 1000, run, options?.background),
    disk,
    changed: (document) => host.changed(document),
  }
}
