/**
 * Patterns of faults: what a scenario asks for in one word, and a plan holds as several simple faults (D5).
 *
 * So a story tells each part as what it is, and shrinking takes the parts out one by one. Here are their times and
 * devices only. Times are whole microseconds; the random ones come from the stream of their weather entry.
 */
import { exponential } from '../kernel/distributions.ts'
import type { RandomStream } from '../kernel/random-streams.ts'
import type { HostId } from '../values.ts'
import type { DeepReadonly } from './deep-readonly.ts'
import type { FaultType } from './plan.ts'
import type { Weather } from './weather-schema.ts'

/** What an entry strikes with. */
export function strikeOf(entry: DeepReadonly<Weather>): FaultType {
  switch (entry.type) {
    case 'swizzle': return 'clog'
    case 'flap': return entry.by
    default: return entry.type
  }
}

export interface Window {
  readonly atUs: number
  readonly untilUs: number
}

/**
 * Swizzle-clog, after FoundationDB's simulator: holds the devices' packets one device after another, then lets them
 * go one after another in another order, so that messages which crossed no partition arrive out of all proportion.
 * Both take a quarter of the window, at drawn times; in between everything is held. In the order of the devices.
 * @throws RangeError for fewer than two devices: there is no other order
 */
export function swizzle(devices: readonly HostId[], window: Window, random: RandomStream): readonly Window[] {
  if (devices.length < 2) throw new RangeError(`a swizzle needs at least two devices, got ${devices.length}`)
  const quarterUs = Math.floor((window.untilUs - window.atUs) / 4)
  const held = shuffled(devices, random)
  const released = shuffled(devices, random)
  // The same order would be a plain clog of all: turn it by one.
  const order = released.every((device, index) => device === held[index]) ? [...released.slice(1), released[0]] : released
  const heldUs = ascendingTimes(devices.length, window.atUs, window.atUs + quarterUs, random)
  const releasedUs = ascendingTimes(devices.length, window.untilUs - quarterUs, window.untilUs, random)
  return devices.map((device) => ({ atUs: heldUs[held.indexOf(device)], untilUs: releasedUs[order.indexOf(device)] }))
}

export interface Flapping {
  /** Mean time up and mean time blocked, of exponential waiting times after the stability window. */
  readonly upMeanUs: number
  readonly blockedMeanUs: number
  /** After each flip the path stays as it is for at least this long (TigerBeetle's partition stability). */
  readonly stableUs: number
}

/** A millisecond: faster flapping is not a fault of networks, and fills memory. */
export const FASTEST_FLAP_US = 1_000

/**
 * When a flapping path is blocked. It begins up, and is up and blocked in turn; the last block ends with the
 * window, where it may be shorter than the stability window.
 * @param most blocks after which it ends early
 * @throws RangeError for times that would never let time pass
 */
export function flap(window: Window, { upMeanUs, blockedMeanUs, stableUs }: Flapping, random: RandomStream, most: number): readonly Window[] {
  if (stableUs + Math.min(upMeanUs, blockedMeanUs) < FASTEST_FLAP_US) throw new RangeError(`a flapping path must stay as it is for ${FASTEST_FLAP_US} us on average`)
  const blocked: Window[] = []
  for (let upUs = window.atUs; ;) {
    const atUs = upUs + stableUs + exponential(random.uint32(), upMeanUs)
    if (atUs >= window.untilUs || blocked.length === most) return blocked
    upUs = Math.min(window.untilUs, atUs + stableUs + exponential(random.uint32(), blockedMeanUs))
    blocked.push({ atUs, untilUs: upUs })
  }
}

/** Fisher and Yates. */
function shuffled<T>(values: readonly T[], random: RandomStream): readonly T[] {
  const result = [...values]
  for (let last = result.length - 1; last > 0; last--) {
    const other = random.below(last + 1)
    const moved = result[last]
    result[last] = result[other]
    result[other] = moved
  }
  return result
}

function ascendingTimes(count: number, fromUs: number, untilUs: number, random: RandomStream): readonly number[] {
  return Array.from({ length: count }, () => random.between(fromUs, untilUs)).sort((a, b) => a - b)
}
