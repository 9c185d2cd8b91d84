/**
 * Candidates in which less time passes: faults end sooner, idle stretches are cut out, times are rounded down.
 * No two things change places: every step maps times by a function that never decreases.
 */
import { canHitServers, isInstant } from '../../sim/scenario/fault-traits.ts'
import type { Fault, Plan } from '../../sim/scenario/plan.ts'
import { isLighter, planWeight } from './plan-weight.ts'
import { plainLink, withoutJitter, withoutProxy } from './shrink-configuration.ts'

/** Rounding down to these makes times readable, coarsest first. */
const ROUND_US = [1_000_000, 100_000, 10_000, 1000] as const
const FINEST_US = 1000

/** Shorter faults of a simpler kind, one by one. */
export function* withSimplerFaults(plan: Plan): Generator<Plan> {
  const weight = planWeight(plan)
  for (const [index, fault] of plan.faults.entries()) {
    const isOfServer = fault.devices.some((id) => plan.servers.includes(id))
    for (const simpler of simplerFaults(fault)) {
      if (isOfServer && !canHitServers(simpler.type)) continue
      const candidate = { ...plan, faults: plan.faults.with(index, simpler) }
      if (isLighter(planWeight(candidate), weight)) yield candidate
    }
  }
}

function* simplerFaults(fault: Fault): Generator<Fault> {
  const { id, atUs, devices, when } = fault
  if (when !== undefined) yield { ...fault, when: undefined }
  if (when !== undefined && when.nth > 1) yield { ...fault, when: { ...when, nth: 1 } }
  switch (fault.type) {
    case 'break': return
    case 'step': case 'skew':
      if (fault.type === 'skew') yield { id, type: 'step', atUs, untilUs: atUs, devices, byUs: fault.byUs }
      for (const byUs of smaller(fault.byUs)) yield { ...fault, byUs }
      break
    case 'drift':
      for (const ppm of smaller(Math.round(fault.ppm))) yield { ...fault, ppm }
      break
    case 'offline': yield { ...fault, type: 'break', untilUs: atUs }; break
    case 'crash': case 'torn-write': case 'kill': {
      const simpler = (['restart', 'kill', 'crash'] as const).slice(0, fault.type === 'kill' ? 1 : fault.type === 'crash' ? 2 : 3)
      for (const type of simpler) yield { ...fault, type }
      break
    }
    case 'suspend': yield { ...fault, type: 'hide' }; break
    case 'bit-rot': yield { ...fault, type: 'restart' }; break
    case 'partition': case 'clog': {
      const { direction, ...plain } = fault
      if (fault.type === 'clog') yield { ...fault, type: 'partition' }
      if (direction !== undefined) yield plain
      break
    }
    case 'reset': yield { ...fault, type: 'break' }; break
    case 'switch': {
      const { link, ...plain } = fault
      yield { ...plain, type: 'break' }
      for (const simpler of [plainLink(link), withoutProxy(link), withoutJitter(link)]) yield { ...fault, link: simpler }
      break
    }
    case 'black-hole': yield { ...fault, type: 'partition' }; break
    case 'proxy-block': if (fault.how !== 'refuse') yield { ...fault, how: 'refuse' }; break
    case 'failover':
      yield { id, type: 'crash', atUs, untilUs: fault.untilUs, devices }
      for (const byUs of smaller(fault.byUs)) yield { ...fault, byUs }
      break
    case 'lag':
      for (const lagUs of smaller(fault.lagUs)) if (lagUs > 0) yield { ...fault, lagUs }
      yield* onAllRequests(fault)
      break
    case 'duplicate-request':
      for (const withinUs of smaller(fault.withinUs)) yield { ...fault, withinUs }
      yield* onAllRequests(fault)
      break
    case 'server-error': case 'rate-limit': case 'overload': case 'lost-answer': yield* onAllRequests(fault); break
    case 'token-expired': return
    case 'slow-close': case 'dns-failure': case 'restart': case 'hide': case 'stall': case 'quota': case 'disk-error': break
  }
  if (isInstant(fault.type)) return
  for (const lengthUs of shorter(fault.untilUs - fault.atUs)) yield { ...fault, untilUs: fault.atUs + lengthUs }
}

/** The same without the choice of requests. */
function* onAllRequests<F extends Fault>(fault: F): Generator<F> {
  if ('share' in fault && fault.share !== undefined) yield { ...fault, share: undefined }
}

/** Numbers closer to nothing, of either sign. */
function smaller(value: number): readonly number[] {
  const half = Math.sign(value) * Math.floor(Math.abs(value) / 2)
  return [...new Set([0, half])].filter((candidate) => Math.abs(candidate) < Math.abs(value))
}

/** The whole plan: rounded, begun at once, without the rest after the last thing; then gap by gap. */
export function* withLessTime(plan: Plan): Generator<Plan> {
  const weight = planWeight(plan)
  for (const candidate of earlier(plan)) if (isLighter(planWeight(candidate), weight)) yield candidate
}

function* earlier(plan: Plan): Generator<Plan> {
  const timesUs = timesOf(plan)
  const lastUs = timesUs.at(-1) ?? 0
  yield { ...plan, durationUs: Math.max(1, lastUs) }
  for (const unitUs of ROUND_US) yield mapTimes(plan, (atUs) => atUs - atUs % unitUs)
  for (const [index, atUs] of timesUs.entries()) {
    const gapUs = atUs - (timesUs[index - 1] ?? 0)
    for (const lengthUs of shorter(gapUs)) yield mapTimes(plan, (timeUs) => timeUs >= atUs ? timeUs - (gapUs - lengthUs) : timeUs)
  }
}

/** Lengths to try for one that is too long: none, round ones, half. */
function shorter(lengthUs: number): readonly number[] {
  const halfUs = Math.floor(lengthUs / 2 / FINEST_US) * FINEST_US
  const lengths = [0, ...ROUND_US.map((unitUs) => lengthUs - lengthUs % unitUs), halfUs]
  return [...new Set(lengths)].filter((candidate) => candidate < lengthUs).sort((a, b) => a - b)
}

/** The distinct times at which something happens, in order. */
function timesOf(plan: Plan): readonly number[] {
  const timesUs = [
    ...plan.intentions.map(({ atUs }) => atUs),
    ...plan.faults.flatMap(({ atUs, untilUs }) => [atUs, untilUs]),
    ...(plan.deliveries ?? []).map(({ atUs }) => atUs),
  ]
  return [...new Set(timesUs)].sort((a, b) => a - b)
}

function mapTimes(plan: Plan, to: (atUs: number) => number): Plan {
  return {
    ...plan,
    durationUs: Math.max(1, to(plan.durationUs)),
    intentions: plan.intentions.map((intention) => ({ ...intention, atUs: to(intention.atUs) })),
    faults: plan.faults.map((fault) => ({ ...fault, atUs: to(fault.atUs), untilUs: to(fault.untilUs) })),
    deliveries: plan.deliveries?.map((delivery) => ({ ...delivery, atUs: to(delivery.atUs) })),
  }
}
