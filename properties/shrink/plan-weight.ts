/**
 * How large a plan is, so that shrinking has a direction and an end.
 *
 * A weight is a list of non-negative integers, compared in order: fewer devices before fewer intentions,
 * before fewer faults, and so on down to earlier times. Lists of one length under this order are well founded,
 * so a chain of plans in which each is lighter than the one before cannot go on for ever. The order of the
 * entries is what a reader finds hardest to follow in a counterexample, hardest first.
 */
import type { LinkDescription } from '../../sim/scenario/link-plan.ts'
import { type Fault, type IntentionAction, networksOf, type Place, type Plan } from '../../sim/scenario/plan.ts'
import { DEFAULT_WIRE, WIRE_SETTINGS, type WireConfig } from '../../sim/scenario/wire-config.ts'

export type PlanWeight = readonly number[]

export function planWeight(plan: Plan): PlanWeight {
  const { devices, intentions, faults, documents, client, server } = plan
  const links = networksOf(plan)
  const replaces = intentions.flatMap(({ action }) => action.op === 'replace' ? [action] : [])
  const timesUs = [
    ...intentions.map(({ atUs }) => atUs),
    ...faults.flatMap(({ atUs, untilUs }) => [atUs, untilUs]),
    ...(plan.deliveries ?? []).map(({ atUs }) => atUs),
  ]
  return [
    devices.length,
    intentions.length,
    faults.length,
    sum(faults, (fault) => fault.devices.length),
    plan.deliveries?.length ?? 0,
    plan.endContent === undefined ? 0 : 1,
    devices.filter(({ machine }) => machine !== undefined).length,
    sum(documents, ({ fields }) => fields.length),
    plan.repeatedValues.length,
    transportRank(plan.transport),
    sum(links, ({ up, down, proxy }) => impairments(up) + impairments(down) + Object.keys(proxy ?? {}).length),
    client.fallback?.to.length ?? 0,
    sum(links, ({ up, down }) => (up.delay.jitterUs ?? 0) + (down.delay.jitterUs ?? 0)),
    wireChanges(plan.wire),
    sum(devices, ({ clockOffsetUs }) => Math.abs(clockOffsetUs)),
    sum(links, ({ up, down }) => up.delay.latencyUs + down.delay.latencyUs),
    server.serviceUs[0] + server.serviceUs[1] + server.fanOutUs[0] + server.fanOutUs[1],
    client.reconnect.jitter > 0 ? 1 : 0,
    sum(replaces, ({ insert }) => insert.length),
    sum(replaces, ({ remove }) => remove),
    sum(replaces, ({ place }) => placeRank(place)),
    sum(replaces, ({ place }) => place.kind === 'at' ? place.position : 0),
    sum(faults, ({ when }) => when?.nth ?? 0),
    sum(faults, faultRank),
    sum(faults, faultSize),
    sum(devices, ({ clockDriftPpm = 0 }) => Math.ceil(Math.abs(clockDriftPpm))),
    plan.durationUs,
    // In two parts, so that the sums of the largest plan allowed stay exact integers.
    sum(timesUs, (atUs) => Math.floor(atUs / 1000)),
    sum(timesUs, (atUs) => atUs % 1000),
  ]
}

/** Settings of the wire that are not the defaults. */
function wireChanges(wire: WireConfig): number {
  return WIRE_SETTINGS.filter((setting) => wire[setting] !== DEFAULT_WIRE[setting]).length
}

/** From the transport that needs least explaining to the one that needs most. */
function transportRank(transport: Plan['transport']): number {
  switch (transport) {
    case 'scripted': case 'websocket': return 0
    case 'http': return 1
    case 'long-poll': return 2
    case 'sse': return 3
    case 'datagram': return 4
  }
}

/** What a link does besides delaying; a recorded rate is harder to follow than a constant one. */
function impairments({ loss, duplicate, corrupt, reorder, bottleneck, queue, keepsOrder }: LinkDescription): number {
  const recorded = bottleneck !== undefined && 'recording' in bottleneck ? 1 : 0
  return recorded + [loss, duplicate, corrupt, reorder, bottleneck, queue, keepsOrder].filter((value) => value !== undefined).length
}

/** Whether `left` comes strictly before `right`. */
export function isLighter(left: PlanWeight, right: PlanWeight): boolean {
  const at = left.findIndex((entry, index) => entry !== right[index])
  return at >= 0 && left[at] < right[at]
}

/** From the place that needs least explaining to the one that needs most. */
export function placeRank(place: Place): number {
  switch (place.kind) {
    case 'end': return 0
    case 'start': return 1
    case 'at': return 2
    case 'after': return 3
    case 'of': return 4
  }
}

function faultRank({ type }: Fault): number {
  switch (type) {
    case 'break': return 0
    case 'partition': return 1
    case 'offline': return 2
    case 'step': return 3
    case 'restart': return 4
    case 'kill': return 5
    case 'crash': return 6
    case 'torn-write': return 7
    case 'hide': return 8
    case 'suspend': return 9
    case 'quota': return 10
    case 'disk-error': return 11
    case 'skew': return 12
    case 'drift': return 13
    case 'reset': return 14
    case 'clog': return 15
    case 'slow-close': return 16
    case 'dns-failure': return 17
    case 'switch': return 18
    case 'black-hole': return 19
    case 'bit-rot': return 20
    case 'stall': return 21
    case 'proxy-block': return 22
    case 'lost-answer': return 23
    case 'token-expired': return 24
    case 'duplicate-request': return 25
    case 'server-error': return 26
    case 'rate-limit': return 27
    case 'overload': return 28
    case 'lag': return 29
    case 'failover': return 30
  }
}

/**
 * How far a clock is moved or how wrong it runs; how long a copy or a replica takes; how hard a block is to
 * notice. A share is more to explain than all, and one direction takes more words than both.
 */
function faultSize(fault: Fault): number {
  if ('direction' in fault && fault.direction !== undefined) return 1
  if (fault.type === 'proxy-block') return ['refuse', 'swallow', 'buffer'].indexOf(fault.how)
  if ('byUs' in fault) return Math.abs(fault.byUs)
  const share = 'share' in fault && fault.share !== undefined ? 1 : 0
  if ('withinUs' in fault) return fault.withinUs + share
  if ('lagUs' in fault) return fault.lagUs + share
  if ('slowdown' in fault) return Math.ceil(fault.slowdown) + share
  if ('retryAfterUs' in fault) return 1 + share
  if ('share' in fault) return share
  return 'ppm' in fault ? Math.ceil(Math.abs(fault.ppm)) : 0
}

/** Whether the action means anything on any view: something to put in, or something to take out. */
export function isMeaningful(action: IntentionAction): boolean {
  return action.op === 'set' || action.insert !== '' || action.remove > 0
}

function sum<T>(items: readonly T[], of: (item: T) => number): number {
  return items.reduce((total, item) => total + of(item), 0)
}
