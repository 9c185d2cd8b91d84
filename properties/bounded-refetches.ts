/**
 * P-REFETCH: change signals collapse into few authoritative refetches (requirements F01, F03, M07).
 *
 * Per device and document: in any window of length T at most ceil(T / debounce) + 1 refetches start. A
 * device that only watches is held to more, since the history shows every version it learns of: a burst
 * shorter than maxWait makes one refetch, which starts after the burst's last event, and a longer one of
 * length T at most ceil(T / maxWait) + 1; no signalled version is left unfetched. A device that also writes
 * learns versions from the answers to its writes, so signals it may rightly ignore cannot be told from
 * others; it makes at most one refetch per signal and rejection.
 *
 * First loads do not count. Each failed refetch, each answer older than what was signalled, and each
 * reconnection allows one more. Never refetching is cheap too, so a run whose staleness is not bounded
 * cannot hold this.
 */
import type { History } from '../sim/history/events.ts'
import { analyse } from './analysis/analysis.ts'
import { boundedStaleness } from './bounded-staleness.ts'
import type { Evidence, Property } from './property.ts'
import type { DocumentTraffic } from './refetch-bursts.ts'
import { burstsOf, trafficOf } from './refetch-bursts.ts'
import { counted, holds, notApplicable, vacuous, violated } from './verdicts.ts'

/** The slack of the window bound, in refetches. */
const WINDOW_SLACK = 1

export const boundedRefetches: Property = {
  name: 'bounded-refetches',
  id: 'P-REFETCH',
  summary: 'a burst of change signals causes one refetch, after its last event, and no device goes stale',
  scope: 'run',
  check(history) {
    const { header, events } = history
    if (!header.invalidation) return notApplicable('the strategy takes no part in invalidation')
    const { provenance, end } = analyse(history)
    const traffics = header.devices.flatMap((device) => header.documents.map(({ id }) => (
      trafficOf(events, device, id, (edit) => provenance.byId(edit)?.event.document)
    )))
    const signals = traffics.reduce((sum, traffic) => sum + traffic.signals.length, 0)
    const refetches = traffics.reduce((sum, traffic) => sum + traffic.refetches.length, 0)
    const judged = traffics.map((traffic) => judgeTraffic(traffic, history, end?.result === 'quiet'))
    const faults = [...judged.flatMap(({ faults }) => faults), ...staleness(history)]
    const extra = judged.reduce((sum, { allowed }) => sum + allowed, 0)
    const done = `${counted(signals, 'signal')}, ${refetches} refetches (${extra} more allowed after failures and reconnections)`
    if (faults.length > 0) return violated(`bound broken ${counted(faults.length, 'time')}: ${done}`, faults)
    if (signals === 0) return vacuous('no change signal arrived')
    return holds(done)
  },
}

interface Judged {
  readonly faults: readonly Evidence[]
  /** Refetches allowed on top. */
  readonly allowed: number
}

function judgeTraffic(traffic: DocumentTraffic, history: History, isQuiet: boolean): Judged {
  const { debounceUs, maxWaitUs } = history.header.bounds
  const { device, document } = traffic
  const allowed = allowanceOf(traffic, history)
  const crowded = crowdedAt(traffic, debounceUs, WINDOW_SLACK + allowed)
  const window: Evidence[] = crowded === null ? [] : [{
    what: `${device} refetched ${document} more than once per ${debounceUs / 1000} ms`, host: device, atUs: crowded,
  }]
  if (traffic.edits) {
    const causes = traffic.signals.length + traffic.rejectedAtUs.length + allowed
    const excess = traffic.refetches.length - causes
    if (excess <= 0) return { faults: window, allowed }
    return { faults: [...window, { what: `${device} refetched ${document} ${excess} times without a cause`, host: device }], allowed }
  }
  let left = allowed
  const faults = burstsOf(traffic, debounceUs, maxWaitUs).flatMap((burst): Evidence[] => {
    const lengthUs = burst.lastUs - burst.firstUs
    const most = lengthUs < maxWaitUs ? 1 : Math.ceil(lengthUs / maxWaitUs) + 1
    const excess = Math.max(0, burst.refetches - most)
    const early = Math.max(0, burst.early - excess)
    left -= excess + early
    const found: Evidence[] = []
    const about = `${device}: ${counted(burst.events, 'event')} on ${document} within ${lengthUs / 1000} ms`
    if (left < 0 && excess > 0) found.push({ what: `${about} caused ${burst.refetches} refetches, not ${most}`, host: device, atUs: burst.firstUs })
    if (left < 0 && early > 0) found.push({ what: `${about} were refetched before the last of them`, host: device, atUs: burst.lastUs })
    if (isQuiet && !traffic.fetches.some((fetch) => (fetch.version ?? 0) >= burst.version)) {
      found.push({ what: `${about} announced version ${burst.version}, which was never fetched`, host: device, atUs: burst.lastUs })
    }
    left = Math.max(0, left)
    return found
  })
  return { faults: [...window, ...faults], allowed }
}

function allowanceOf({ device, signals, fetches }: DocumentTraffic, history: History): number {
  const opened = history.events.filter((event) => event.kind === 'connection' && event.device === device && event.state === 'open').length
  let next = 0
  let signalled = 0
  let again = 0
  for (const fetch of fetches) {
    for (let signal = signals[next]; signal !== undefined && signal.atUs <= fetch.atUs; signal = signals[next]) {
      next += 1
      signalled = Math.max(signalled, signal.version)
    }
    if (fetch.result === 'failed' || (fetch.version ?? 0) < signalled) again += 1
  }
  return Math.max(0, opened - 1) + again
}

/**
 * The start of a refetch that ends a window with too many: with n refetches in a window of length T,
 * n > ceil(T / debounce) + slack. Linear: the window is too full exactly if `start - index * debounce` has
 * fallen by `slack * debounce` since some earlier refetch.
 */
function crowdedAt({ refetches }: DocumentTraffic, debounceUs: number, slack: number): number | null {
  let highest = -Infinity
  for (const [index, { startedAtUs }] of refetches.entries()) {
    const level = startedAtUs - index * debounceUs
    highest = Math.max(highest, level)
    if (index > 0 && level <= highest - slack * debounceUs && level < highest) return startedAtUs
  }
  return null
}

function staleness(history: History): Evidence[] {
  return history.header.types.flatMap((type): readonly Evidence[] => {
    const verdict = boundedStaleness.check(history, type)
    return verdict.verdict === 'violated' ? [{ what: `few refetches do not count: ${verdict.reason}` }, ...(verdict.evidence ?? [])] : []
  })
}
