/**
 * Bounds that follow from a plan's configuration, never from a run: how stale a connected device may be,
 * and how long after the last fault the world may take to become quiet (H3, P-STALE, P-LIVE).
 */
import { RETRANSMIT_CAP_US, RETRANSMIT_MIN_US } from '../network/link.ts'
import { KEEP_ALIVE_US } from '../network/websocket-stream.ts'
import { isInstant, type FaultType, type Plan } from '../scenario/plan.ts'
import type { HostId } from '../values.ts'
import type { HistoryBounds } from './events.ts'

/** No view and no durable state changes for this long before the world counts as quiet (H3). */
export const SETTLE_WINDOW_US = 5_000_000
/** Round trips to open a stream (TCP, TLS, upgrade) and to bring a session up to date. */
const RECONNECT_ROUND_TRIPS = 3 + 2
/** A refetch under way when an event comes, the one that the event causes, and one that a lagging answer causes. */
const REFETCHES = 3
/** Durable writes on the way from an accepted write to a view: journal, replica. */
const DISK_WRITES_US = 10_000

/** Faults after which an end of a stream may go on believing in it. */
const SILENT: readonly FaultType[] = ['crash', 'torn-write', 'suspend']

/** True time from which on the world is healed: every fault has ended and every intention was due. */
export function healedAtUs(plan: Plan): number {
  return Math.max(plan.durationUs, ...plan.faults.map(({ untilUs }) => untilUs),
    plan.intentions.at(-1)?.atUs ?? 0, plan.deliveries?.at(-1)?.atUs ?? 0)
}

export function boundsOf(plan: Plan, invalidation: boolean): HistoryBounds {
  const { client, server } = plan
  const oneWayUs = Math.max(...plan.devices.map(({ link }) => link.latencyUs + link.jitterUs))
  const requestUs = 2 * oneWayUs + server.serviceUs[1] + DISK_WRITES_US
  const refetchUs = invalidation ? client.maxWaitUs + client.debounceUs + REFETCHES * requestUs : 0
  const retransmitUs = Math.max(...plan.devices.map(({ id }) => retransmissionUs(plan, id, oneWayUs)))
  const reconnectUs = Math.ceil(client.reconnect.capUs * (1 + client.reconnect.jitter)) + RECONNECT_ROUND_TRIPS * 2 * oneWayUs
  // A peer that vanished without a word is missed at TCP's next keep-alive probe.
  const silenceUs = plan.faults.some(({ type }) => SILENT.includes(type)) ? KEEP_ALIVE_US : 0
  // A durable queue built up to the last moment drains one request a round trip.
  const busiestDevice = Math.max(0, ...plan.devices.map(({ id }) => plan.intentions.filter(({ device }) => device === id).length))
  return {
    stalenessUs: server.fanOutUs[1] + RECONNECT_ROUND_TRIPS * 2 * oneWayUs + DISK_WRITES_US + refetchUs,
    debounceUs: client.debounceUs,
    maxWaitUs: client.maxWaitUs,
    horizonUs: retransmitUs + silenceUs + reconnectUs + 2 * client.requestTimeoutUs + busiestDevice * requestUs + refetchUs + 2 * SETTLE_WINDOW_US,
  }
}

/**
 * How long after the last cut of a device a packet that met cuts may still wait to be sent again. TCP's timer
 * doubles: after a partition of length L the next attempt comes within about L. A cut that begins within that
 * time of an earlier one may catch that attempt too, so the two count as one.
 */
function retransmissionUs(plan: Plan, device: HostId, oneWayUs: number): number {
  // A server that is off is cut from every device.
  const cuts = plan.faults.filter(({ type, devices }) => !isInstant(type) && [device, ...plan.servers].some((id) => devices.includes(id)))
  let longestUs = 0
  let startUs = 0
  let endUs = -Infinity
  const waitUs = (): number => Math.min(RETRANSMIT_CAP_US, endUs - startUs + oneWayUs + RETRANSMIT_MIN_US) + oneWayUs
  for (const cut of [...cuts].sort((a, b) => a.atUs - b.atUs)) {
    if (cut.atUs > endUs + waitUs()) startUs = cut.atUs
    endUs = Math.max(endUs, cut.untilUs)
    longestUs = Math.max(longestUs, waitUs())
  }
  return longestUs
}
