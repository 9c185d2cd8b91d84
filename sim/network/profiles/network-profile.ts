/**
 * A network profile as its source states it, and the link that follows from it.
 *
 * Sources mean different things by "latency", and that is where emulators go wrong: some give the round trip,
 * some the delay of each direction, and Chrome's DevTools delays whole requests by a multiple of the round trip
 * it stands for, since it does not touch packets. A profile therefore says which it is, and `oneWayUs` is the
 * only place that converts:
 * - `round-trip`: half in each direction;
 * - `one-way`: as it stands, per direction;
 * - `request`: half of the target round trip in each direction. The multiple stands for handshakes and further
 *   round trips, which happen here by themselves. Bandwidth is taken as DevTools sets it, 0.8 to 0.9 of the
 *   target.
 *
 * Bandwidth is that of the wire; jitter is netem's (uniform, to both sides); loss is per direction. A path keeps
 * its order. No source but WebRTC's states a queue: the others get dummynet's default of 50 packets.
 */
import type { DelayOptions } from '../impairments/delay.ts'
import type { LossOptions } from '../impairments/loss.ts'
import type { LinkDescription, LinkPlan } from '../../scenario/link-plan.ts'
import { radioTailUs, type RadioKind } from './radio.ts'

/** Something that each direction has for itself. */
export interface PerDirection<T> {
  readonly down: T
  readonly up: T
}

export type StatedLatency =
  | { readonly is: 'round-trip'; readonly ms: number }
  | { readonly is: 'one-way'; readonly ms: PerDirection<number> }
  | { readonly is: 'request'; readonly ms: number; readonly targetRoundTripMs: number }

export interface NetworkProfile {
  readonly name: string
  /** One line. */
  readonly summary: string
  readonly source: string
  /** What a device has on this network; `none` where nothing is known of its radio. Wired networks are reached by Wi-Fi. */
  readonly radio: RadioKind
  readonly kbps: PerDirection<number>
  readonly latency: StatedLatency
  readonly jitterMs?: PerDirection<number>
  /** Of each direction. */
  readonly loss?: LossOptions
  readonly queuePackets?: number
}

/** ipfw(8), `queue`: "Default value is 50 slots, which is the typical queue size for Ethernet devices". */
const DUMMYNET_QUEUE_PACKETS = 50

/** One-way delay of each direction, without queueing and transmission. */
export function oneWayUs({ latency }: Pick<NetworkProfile, 'latency'>): PerDirection<number> {
  switch (latency.is) {
    case 'round-trip': return halves(latency.ms)
    case 'one-way': return { down: Math.round(latency.ms.down * 1000), up: Math.round(latency.ms.up * 1000) }
    case 'request': return halves(latency.targetRoundTripMs)
  }
}

/** The link of a plan, each direction as `PacketLink` takes it. */
export function linksOf(profile: NetworkProfile): LinkPlan {
  const latencyUs = oneWayUs(profile)
  const link = (direction: keyof PerDirection<unknown>): LinkDescription => {
    const jitterUs = Math.round((profile.jitterMs?.[direction] ?? 0) * 1000)
    const delay: DelayOptions = { latencyUs: latencyUs[direction], jitterUs, distribution: 'uniform' }
    return {
      delay,
      bottleneck: { rateKbps: profile.kbps[direction] },
      queue: { maxPackets: profile.queuePackets ?? DUMMYNET_QUEUE_PACKETS },
      keepsOrder: true,
      ...(profile.loss === undefined ? {} : { loss: profile.loss }),
    }
  }
  const tailUs = radioTailUs(profile.radio)
  return { down: link('down'), up: link('up'), ...(tailUs === 0 ? {} : { radioTailUs: tailUs }) }
}

function halves(roundTripMs: number): PerDirection<number> {
  const us = Math.round(roundTripMs * 500)
  return { down: us, up: us }
}
