/**
 * Bounds that follow from a plan's configuration, never from a run: how stale a connected device may be,
 * and how long after the last fault the world may take to become quiet (H3, P-STALE, P-LIVE).
 *
 * Over links that lose packets nothing is certain, only more and more unlikely. The bounds leave room for a
 * packet that is lost three times in a row, for three timeouts of TCP (one, two and four times its timer), on
 * the way of the news and, where it takes one, of the request for it; and for one full queue each way.
 *
 * Over a recorded link every packet is taken to meet the recording's worst moment, and every queue its slowest
 * stretch: true of any run, and far above what runs show.
 */
import { LONGEST_PAUSE_US } from '../client/request-gate.ts'
import { LOOK_UP_US, LOOK_UPS } from '../network/access-link.ts'
import { CONNECTIONS_PER_ORIGIN } from '../network/http/request-channel.ts'
import { KEEP_ALIVE_PROBES } from '../network/tcp/keep-alive.ts'
import { GIVE_UP_US } from '../network/tcp/sender.ts'
import { LIVES } from '../network/selection/selecting-transport.ts'
import { UPGRADE_TIMEOUT_US } from '../network/websocket/websocket-stream.ts'
import { RTO_INITIAL_US, RTO_MAX_US, RTO_MIN_US } from '../network/tcp/rto.ts'
import { type DeliveryTrace, longestServiceUs } from '../network/delivery-trace.ts'
import { type LinkDescription, type LinkPlan, traceNamed } from '../scenario/link-plan.ts'
import { tracesOf } from '../scenario/link-recording.ts'
import { FAULT_TRAITS } from '../scenario/fault-traits.ts'
import type { FaultType, Plan } from '../scenario/plan.ts'
import { machinesOf } from '../scenario/tabs.ts'
import { settleWindowUs, transportTimes } from '../scenario/transport-times.ts'
import { chainOf } from '../scenario/proxy-policy.ts'
import { usesTokens } from '../session/access-tokens.ts'
import type { HostId } from '../values.ts'
import { datagramCosts } from './datagram-bounds.ts'
import type { HistoryBounds } from './events.ts'

/** Round trips to open a stream (TCP, TLS, upgrade) and to bring a session up to date. */
const RECONNECT_ROUND_TRIPS = 3 + 2
/** Of a request on a connection of its own: TCP, TLS, and the request. */
const REQUEST_ROUND_TRIPS = 3
/** A refetch under way when an event comes, the one that the event causes, and one that a lagging answer causes. */
const REFETCHES = 3
/** Durable writes on the way from an accepted write to a view: journal, replica. */
const DISK_WRITES_US = 10_000
/** One timeout, then two, then four: a segment that is lost three times. */
const TIMEOUTS_OF_THREE_LOSSES = 1 + 2 + 4
/** The furthest that the normal table and netem's others go, in sigma. */
const FURTHEST_SIGMA = 7
const PACKET_BYTES = 1_500
const DEFAULT_QUEUE_PACKETS = 1_000

/** What a link may cost at most. */
interface PathCost {
  /** There and back, without queueing. */
  readonly roundTripUs: number
  /** A full queue each way. */
  readonly queueUs: number
  /** What three losses of one packet cost; 0 where none is lost. */
  readonly lossUs: number
}

/** True time from which on the world is healed: every fault has ended and every intention was due. */
export function healedAtUs(plan: Plan): number {
  return Math.max(plan.durationUs, ...plan.faults.map(({ untilUs }) => untilUs),
    plan.intentions.at(-1)?.atUs ?? 0, plan.deliveries?.at(-1)?.atUs ?? 0)
}

/** Every dial that may fail before one succeeds, each with its patience and the pause after it. */
function fallBackUs({ client: { fallback }, faults }: Plan, backoffUs: number): number {
  if (fallback !== undefined) return LIVES * (fallback.to.length + 1) * (fallback.connectTimeoutUs + backoffUs)
  return faults.some((fault) => fault.type === 'proxy-block') ? UPGRADE_TIMEOUT_US + backoffUs : 0
}

/** @param traces the recordings that links name; those in the plan unless given */
export function boundsOf(plan: Plan, invalidation: boolean, traces = tracesOf(plan.recordings)): HistoryBounds {
  const bounds = unbatchedBoundsOf(plan, invalidation, costsOver(traces))
  // What a device sends on its way back to being up to date may wait for its batch, each time; what is queued goes in one.
  const batchesUs = RECONNECT_ROUND_TRIPS * (plan.client.flushUs ?? 0)
  return { ...bounds, stalenessUs: bounds.stalenessUs + batchesUs, horizonUs: bounds.horizonUs + batchesUs }
}

function unbatchedBoundsOf(plan: Plan, invalidation: boolean, costOf: (link: LinkPlan) => PathCost): HistoryBounds {
  const { client, server } = plan
  // A device that changes its network may have each of its links to thank for the longest delay.
  const costs = plan.devices.map(({ id, link }) => worstOf([link, ...plan.faults.flatMap((fault) => fault.type === 'switch' && fault.devices.includes(id) ? [fault.link] : [])].map(costOf)))
  const { roundTripUs, queueUs, lossUs } = worstOf(costs)
  const requestUs = turnsFor(plan) * (REQUEST_ROUND_TRIPS * roundTripUs + server.serviceUs[1] + DISK_WRITES_US)
  const refetchUs = invalidation ? client.maxWaitUs + client.debounceUs + REFETCHES * requestUs : 0
  const retransmitUs = Math.max(...plan.devices.map(({ id }, index) => retransmissionUs(plan, id, costs[index])))
  // While a device is offline it has no connections; what a partition held up is late after it.
  const cutUs = plan.faults.some(({ type }) => holdsPackets(plan, type) && type !== 'offline') ? retransmitUs : 0
  const backoffUs = Math.ceil(client.reconnect.capUs * (1 + client.reconnect.jitter))
  const reconnectUs = backoffUs + RECONNECT_ROUND_TRIPS * roundTripUs
  // A loss may cost the request its patience, and it is made again.
  const lostRequestUs = lossUs === 0 ? 0 : client.requestTimeoutUs + backoffUs + lossUs
  const has = (trait: 'leavesHalfOpen' | 'silences' | 'cutsPackets'): boolean => plan.faults.some(({ type }) => FAULT_TRAITS[type][trait])
  const hasType = (wanted: FaultType): boolean => plan.faults.some(({ type }) => type === wanted)
  // A peer that vanished without a word is missed at TCP's next keep-alive probe.
  const halfOpenUs = has('leavesHalfOpen') ? plan.wire.tcpKeepAliveUs : 0
  // One that never answers: probes without an answer, or retransmissions; and each idle connection costs a request its patience.
  const silenceUs = !has('silences') ? 0
    : Math.max((KEEP_ALIVE_PROBES + 1) * plan.wire.tcpKeepAliveUs, GIVE_UP_US + RTO_MAX_US) + CONNECTIONS_PER_ORIGIN * (client.requestTimeoutUs + backoffUs)
  // A reset that is lost on its way to the device leaves it as one whose peer has vanished.
  const missedResetUs = hasType('reset') && (lossUs > 0 || has('cutsPackets')) ? halfOpenUs : 0
  // The look-up under way when the resolver is back, and the request that waited for it.
  const lookUpUs = hasType('dns-failure') ? LOOK_UPS * LOOK_UP_US + client.requestTimeoutUs + backoffUs : 0
  // A break between polls, or of an event stream, is no news to the stack: the transport finds its way back, which
  // takes a request that dies, a pause, and a new one, each way.
  const times = transportTimes(plan)
  const fallUs = fallBackUs(plan, backoffUs)
  // What a proxy has swallowed just before it lets things through again is waited for.
  const swallowedUs = plan.faults.some(({ type }) => type === 'proxy-block') ? times.patienceUs : 0
  const comebackUs = times.retryUs === 0 ? 0 : times.retryUs + 2 * REQUEST_ROUND_TRIPS * roundTripUs + (lossUs === 0 ? 0 : times.patienceUs)
  const { newsUs, healUs } = datagramCosts(plan, backoffUs)
  // What a server refused is made again after a backoff, and after the pause that the server asked for.
  const delays = plan.faults.some(({ type }) => FAULT_TRAITS[type].delaysRequests)
  const refusalUs = delays ? backoffUs + Math.ceil(longestPauseUs(plan) * (1 + client.reconnect.jitter)) : 0
  // A refresh and the request that waits for it; and the world is quiet in the longest stretch between two renewals.
  const renewalUs = usesTokens(plan) ? 2 * requestUs : 0
  const tokensUs = usesTokens(plan) ? renewalUs + backoffUs + (server.tokenLifeUs ?? 0) : 0
  // A durable queue built up to the last moment drains one request a round trip.
  const busiestDevice = Math.max(0, ...plan.devices.map(({ id }) => plan.intentions.filter(({ device }) => device === id).length))
  return {
    stalenessUs: times.waitUs + comebackUs + swallowedUs + cutUs + server.fanOutUs[1] + RECONNECT_ROUND_TRIPS * roundTripUs + DISK_WRITES_US + refetchUs + queueUs + lossUs
      + silenceUs + missedResetUs + (invalidation ? lostRequestUs + lookUpUs + refusalUs + renewalUs : 0) + newsUs,
    debounceUs: client.debounceUs,
    maxWaitUs: client.maxWaitUs,
    horizonUs: retransmitUs + halfOpenUs + silenceUs + lookUpUs + reconnectUs + 2 * client.requestTimeoutUs + busiestDevice * requestUs + refetchUs + 2 * settleWindowUs(plan)
      + 2 * queueUs + lossUs + REFETCHES * lostRequestUs + 2 * (times.waitUs + comebackUs + times.patienceUs) + healUs + fallUs + refusalUs + tokensUs,
  }
}

/** Without jitter. */
function longestPauseUs({ faults }: Plan): number {
  return Math.max(0, ...faults.map((fault) => Math.max(fault.type === 'rate-limit' ? LONGEST_PAUSE_US : 0, 'retryAfterUs' in fault ? fault.retryAfterUs ?? 0 : 0)))
}

/**
 * How often the requests of a device's tabs take turns, where there are more tabs than connections for them; each
 * stream of `sse` and `long-poll` keeps one. Where those leave none, no bound is true: tabs starve one another (A06).
 */
function turnsFor(plan: Plan): number {
  const isHeld = chainOf(plan).some((transport) => transport === 'sse' || transport === 'long-poll')
  return Math.max(...[...machinesOf(plan.devices).values()].map(({ length }) =>
    Math.ceil(length / Math.max(1, CONNECTIONS_PER_ORIGIN - (isHeld ? length : 0)))))
}

function worstOf(costs: readonly PathCost[]): PathCost {
  const worst = (of: keyof PathCost): number => Math.max(...costs.map((cost) => cost[of]))
  return { roundTripUs: worst('roundTripUs'), queueUs: worst('queueUs'), lossUs: worst('lossUs') }
}

function costsOver(traces: ReadonlyMap<string, DeliveryTrace>): (link: LinkPlan) => PathCost {
  // Devices share recordings, and their slowest stretches take a while to find.
  const known = new Map<string, number>()
  const recordedUs = (recording: string, packets: number): number => {
    const key = `${packets} ${recording}`
    const us = known.get(key) ?? longestServiceUs(traceNamed(recording, traces), packets)
    known.set(key, us)
    return us
  }
  const transmissionUs = ({ bottleneck }: LinkDescription, packets: number): number =>
    bottleneck === undefined ? 0
      : 'rateKbps' in bottleneck ? Math.ceil(packets * PACKET_BYTES * 8_000 / bottleneck.rateKbps) : recordedUs(bottleneck.recording, packets)
  const oneWayUs = (link: LinkDescription): number => link.delay.latencyUs + spreadUs(link) + transmissionUs(link, 1)
  return ({ up, down }) => {
    const roundTripUs = oneWayUs(up) + oneWayUs(down)
    const timeoutUs = Math.max(RTO_INITIAL_US, roundTripUs + Math.max(RTO_MIN_US, 2 * (spreadUs(up) + spreadUs(down))))
    const isLossy = [up, down].some(({ loss, corrupt, bottleneck }) => loss !== undefined || corrupt !== undefined || bottleneck !== undefined)
    return {
      roundTripUs, queueUs: transmissionUs(up, queuedPackets(up)) + transmissionUs(down, queuedPackets(down)),
      lossUs: isLossy ? TIMEOUTS_OF_THREE_LOSSES * timeoutUs : 0,
    }
  }
}

function spreadUs({ delay: { jitterUs = 0, distribution = 'uniform' } }: LinkDescription): number {
  return distribution === 'uniform' ? jitterUs : FURTHEST_SIGMA * jitterUs
}

/** A full queue in full packets. */
function queuedPackets({ queue: { maxPackets = DEFAULT_QUEUE_PACKETS, maxBytes = Infinity } = {} }: LinkDescription): number {
  return Math.min(maxBytes / PACKET_BYTES, maxPackets)
}

/** A blocked page that pulls closes TCP's window, and its opening may be lost: the next probe waits as after a cut. */
function holdsPackets({ wire }: Plan, type: FaultType): boolean {
  return FAULT_TRAITS[type].cutsPackets === true || (type === 'stall' && wire.backpressure)
}

/**
 * How long after the last cut of a device a packet that met cuts may still wait to be sent again. TCP's timer
 * doubles, and a handshake's, which begins with a second: after a partition of length L the next attempt comes
 * within about L. A cut that begins within that time of an earlier one may catch that attempt too, so the two
 * count as one.
 */
function retransmissionUs(plan: Plan, device: HostId, { roundTripUs }: PathCost): number {
  // A server that is off is cut from every device.
  const cuts = plan.faults.filter(({ type, devices }) => holdsPackets(plan, type) && [device, ...plan.servers].some((id) => devices.includes(id)))
    // One that waits for its moment may come at any time: it counts as if it lasted from its earliest to its latest.
    .map(({ atUs, untilUs, when }) => ({ atUs, untilUs: when === undefined ? untilUs : plan.durationUs }))
  let longestUs = 0
  let startUs = 0
  let endUs = -Infinity
  const waitUs = (): number => Math.min(RTO_MAX_US, endUs - startUs + roundTripUs + RTO_INITIAL_US) + roundTripUs
  for (const cut of [...cuts].sort((a, b) => a.atUs - b.atUs)) {
    if (cut.atUs > endUs + waitUs()) startUs = cut.atUs
    endUs = Math.max(endUs, cut.untilUs)
    longestUs = Math.max(longestUs, waitUs())
  }
  return longestUs
}
