/**
 * Bounds that follow from a plan's configuration, never from a run: how stale a connected device may be,
 * and how long after the last fault the world may take to become quiet (H3, P-STALE, P-LIVE).
 *
 * Over links that lose packets nothing is certain, only more and more unlikely. The bounds leave room for a
 * packet that is lost three times in a row, for three timeouts of TCP (one, two and four times its timer), on
 * the way of the news and, where it takes one, of the request for it; and for one full queue each way.
 */
import { LONGEST_PAUSE_US } from '../client/request-gate.ts'
import { RTO_INITIAL_US, RTO_MAX_US, RTO_MIN_US } from '../network/tcp/rto.ts'
import type { LinkDescription, LinkPlan } from '../scenario/link-plan.ts'
import { FAULT_TRAITS } from '../scenario/fault-traits.ts'
import type { Plan } from '../scenario/plan.ts'
import { usesTokens } from '../session/access-tokens.ts'
import type { HostId } from '../values.ts'
import type { HistoryBounds } from './events.ts'

/** No view and no durable state changes for this long before the world counts as quiet (H3). */
export const SETTLE_WINDOW_US = 5_000_000
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

export function boundsOf(plan: Plan, invalidation: boolean): HistoryBounds {
  const { client, server } = plan
  const costs = plan.devices.map(({ link }) => costOf(link))
  const worst = (of: keyof PathCost): number => Math.max(...costs.map((cost) => cost[of]))
  const [roundTripUs, queueUs, lossUs] = [worst('roundTripUs'), worst('queueUs'), worst('lossUs')]
  const requestUs = REQUEST_ROUND_TRIPS * roundTripUs + server.serviceUs[1] + DISK_WRITES_US
  const refetchUs = invalidation ? client.maxWaitUs + client.debounceUs + REFETCHES * requestUs : 0
  const retransmitUs = Math.max(...plan.devices.map(({ id }, index) => retransmissionUs(plan, id, costs[index])))
  // While a device is offline it has no connections; what a partition held up is late after it.
  const cutUs = plan.faults.some(({ type }) => FAULT_TRAITS[type].cutsPackets && type !== 'offline') ? retransmitUs : 0
  const backoffUs = Math.ceil(client.reconnect.capUs * (1 + client.reconnect.jitter))
  const reconnectUs = backoffUs + RECONNECT_ROUND_TRIPS * roundTripUs
  // A loss may cost the request its patience, and it is made again.
  const lostRequestUs = lossUs === 0 ? 0 : client.requestTimeoutUs + backoffUs + lossUs
  // A peer that vanished without a word is missed at TCP's next keep-alive probe.
  const silenceUs = plan.faults.some(({ type }) => FAULT_TRAITS[type].leavesHalfOpen) ? plan.wire.tcpKeepAliveUs : 0
  // What a server refused is made again after a backoff, and after the pause that the server asked for.
  const delays = plan.faults.some(({ type }) => FAULT_TRAITS[type].delaysRequests)
  const refusalUs = delays ? backoffUs + Math.ceil(longestPauseUs(plan) * (1 + client.reconnect.jitter)) : 0
  // A refresh and the request that waits for it; and the world is quiet in the longest stretch between two renewals.
  const renewalUs = usesTokens(plan) ? 2 * requestUs : 0
  const tokensUs = usesTokens(plan) ? renewalUs + backoffUs + (server.tokenLifeUs ?? 0) : 0
  // A durable queue built up to the last moment drains one request a round trip.
  const busiestDevice = Math.max(0, ...plan.devices.map(({ id }) => plan.intentions.filter(({ device }) => device === id).length))
  return {
    stalenessUs: cutUs + server.fanOutUs[1] + RECONNECT_ROUND_TRIPS * roundTripUs + DISK_WRITES_US + refetchUs + queueUs + lossUs + (invalidation ? lostRequestUs + refusalUs + renewalUs : 0),
    debounceUs: client.debounceUs,
    maxWaitUs: client.maxWaitUs,
    horizonUs: retransmitUs + silenceUs + reconnectUs + 2 * client.requestTimeoutUs + busiestDevice * requestUs + refetchUs + 2 * SETTLE_WINDOW_US
      + 2 * queueUs + lossUs + REFETCHES * lostRequestUs + refusalUs + tokensUs,
  }
}

/** Without jitter. */
function longestPauseUs({ faults }: Plan): number {
  return Math.max(0, ...faults.map((fault) => Math.max(fault.type === 'rate-limit' ? LONGEST_PAUSE_US : 0, 'retryAfterUs' in fault ? fault.retryAfterUs ?? 0 : 0)))
}

function costOf({ up, down }: LinkPlan): PathCost {
  const roundTripUs = oneWayUs(up) + oneWayUs(down)
  const timeoutUs = Math.max(RTO_INITIAL_US, roundTripUs + Math.max(RTO_MIN_US, 2 * (spreadUs(up) + spreadUs(down))))
  const isLossy = [up, down].some(({ loss, corrupt, bottleneck }) => loss !== undefined || corrupt !== undefined || bottleneck !== undefined)
  return { roundTripUs, queueUs: queueOf(up) + queueOf(down), lossUs: isLossy ? TIMEOUTS_OF_THREE_LOSSES * timeoutUs : 0 }
}

function oneWayUs(link: LinkDescription): number {
  return link.delay.latencyUs + spreadUs(link) + transmissionUs(link, PACKET_BYTES)
}

function spreadUs({ delay: { jitterUs = 0, distribution = 'uniform' } }: LinkDescription): number {
  return distribution === 'uniform' ? jitterUs : FURTHEST_SIGMA * jitterUs
}

function queueOf(link: LinkDescription): number {
  const { maxPackets = DEFAULT_QUEUE_PACKETS, maxBytes = Infinity } = link.queue ?? {}
  return transmissionUs(link, Math.min(maxBytes, maxPackets * PACKET_BYTES))
}

function transmissionUs({ bottleneck }: LinkDescription, bytes: number): number {
  return bottleneck === undefined ? 0 : Math.ceil(bytes * 8_000 / bottleneck.rateKbps)
}

/**
 * How long after the last cut of a device a packet that met cuts may still wait to be sent again. TCP's timer
 * doubles, and a handshake's, which begins with a second: after a partition of length L the next attempt comes
 * within about L. A cut that begins within that time of an earlier one may catch that attempt too, so the two
 * count as one.
 */
function retransmissionUs(plan: Plan, device: HostId, { roundTripUs }: PathCost): number {
  // A server that is off is cut from every device.
  const cuts = plan.faults.filter(({ type, devices }) => FAULT_TRAITS[type].cutsPackets && [device, ...plan.servers].some((id) => devices.includes(id)))
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
