/**
 * The device classes of the sync-client literature (requirements A13): ranges of latency to draw a link from.
 *
 * The literature gives them without saying which latency; here they are round trips, as a ping would show them.
 * It states no bandwidth and no loss, so there are none.
 */
import type { RandomStream } from '../../kernel/random-streams.ts'
import type { LinkPlan } from '../../scenario/link-plan.ts'
import { oneWayUs } from './network-profile.ts'

export interface DeviceClass {
  readonly name: string
  readonly summary: string
  /** Null: no network at all. */
  readonly roundTripMs: { readonly min: number; readonly max: number } | null
}

export const DEVICE_CLASSES: readonly DeviceClass[] = [
  { name: 'fiber', summary: 'fibre: 10-50 ms round trip', roundTripMs: { min: 10, max: 50 } },
  { name: 'lte', summary: 'LTE: 50-200 ms round trip', roundTripMs: { min: 50, max: 200 } },
  { name: '3g', summary: '3G: 200-500 ms round trip', roundTripMs: { min: 200, max: 500 } },
  { name: 'offline', summary: 'no network', roundTripMs: null },
]

/** A device's own link, with a round trip drawn from its class, in whole milliseconds; null if it is offline. */
export function drawLinks({ roundTripMs }: DeviceClass, random: RandomStream): LinkPlan | null {
  if (roundTripMs === null) return null
  const ms = random.between(roundTripMs.min, roundTripMs.max)
  const { down, up } = oneWayUs({ latency: { is: 'round-trip', ms } })
  return { down: { delay: { latencyUs: down } }, up: { delay: { latencyUs: up } } }
}
