/**
 * Partitions and clogs as explicit switches with their times (D5): who cannot reach whom, in which direction,
 * from when until when. Nothing here touches a link; a plan carries the outcome, and shrinking removes from it.
 *
 * Every expansion flips in pairs and ends with everything as it was. Times are whole microseconds. Random ones
 * take a stream of their own, so that one fault more moves no other (D4). Switches of different faults on one
 * path add up: a path is cut while at least one fault cuts it.
 */
import { exponential } from '../../kernel/distributions.ts'
import type { RandomStream } from '../../kernel/random-streams.ts'
import type { HostId } from '../../values.ts'

/** One direction between a device and a server; `up` is from the device. */
export interface Path {
  readonly device: HostId
  readonly server: HostId
  readonly direction: 'up' | 'down'
}

export type SwitchAction = 'cut' | 'heal' | 'clog' | 'release' | 'swallow' | 'forward'

/** The names of the actions are those of `PacketLink`'s methods. */
export interface LinkSwitch {
  readonly atUs: number
  readonly path: Path
  readonly action: SwitchAction
}

export interface Window {
  readonly fromUs: number
  readonly untilUs: number
}

/** Who is hit: the paths between these devices and these servers. */
export interface Targets {
  readonly devices: readonly HostId[]
  readonly servers: readonly HostId[]
  /** `both` is a symmetric fault, the others are one-way. */
  readonly direction: 'both' | 'up' | 'down'
}

const UNDONE_BY = { cut: 'heal', clog: 'release', swallow: 'forward' } as const

/** What can be switched on for a while: a partition, a clog (held, then released), a black hole. */
export type Blockage = keyof typeof UNDONE_BY

/**
 * The paths of a fault, devices first, each up before down.
 * @example pathsBetween({ devices: ['A'], servers: ['server'], direction: 'up' }) // one device cannot send
 */
export function pathsBetween({ devices, servers, direction }: Targets): readonly Path[] {
  const directions = direction === 'both' ? ['up', 'down'] as const : [direction]
  return devices.flatMap((device) => servers.flatMap((server) => directions.map((way): Path => ({ device, server, direction: way }))))
}

/** All devices against all servers, one device, or one server: whatever the targets say, blocked for one window. */
export function block(blockage: Blockage, targets: Targets, window: Window): readonly LinkSwitch[] {
  checkWindow(window)
  return inOrder(pathsBetween(targets).flatMap((path) => pair(blockage, path, window.fromUs, window.untilUs)))
}

/**
 * Swizzle-clog, after FoundationDB's simulator: clogs the chosen hosts one after another, then releases them
 * one after another in another order, so that messages which crossed no partition arrive out of all proportion.
 * Both take a quarter of the window, at drawn times; in between everything is held.
 * @throws RangeError for fewer than two devices: there is no other order
 */
export function swizzleClog(targets: Targets, window: Window, random: RandomStream): readonly LinkSwitch[] {
  checkWindow(window)
  const { devices } = targets
  if (devices.length < 2) throw new RangeError(`a swizzle-clog needs at least two devices, got ${devices.length}`)
  const quarterUs = Math.floor((window.untilUs - window.fromUs) / 4)
  const clogged = shuffled(devices, random)
  const released = shuffled(devices, random)
  // The same order would be a plain clog: turn it by one.
  const order = released.every((device, index) => device === clogged[index]) ? [...released.slice(1), released[0]] : released
  const clogsUs = ascendingTimes(devices.length, window.fromUs, window.fromUs + quarterUs, random)
  const releasesUs = ascendingTimes(devices.length, window.untilUs - quarterUs, window.untilUs, random)
  return inOrder(clogged.flatMap((device, index) => {
    const releaseUs = releasesUs[order.indexOf(device)]
    return pathsBetween({ ...targets, devices: [device] }).flatMap((path) => pair('clog', path, clogsUs[index], releaseUs))
  }))
}

export interface Flapping {
  /** Mean time up and mean time blocked, of exponential waiting times after the stability window. */
  readonly upMeanUs: number
  readonly blockedMeanUs: number
  /** After each flip the path stays as it is for at least this long (TigerBeetle's partition stability). */
  readonly stableUs: number
}

/**
 * A flapping path: up and blocked in turn. All targets flip together, as behind one bad cable. It begins up,
 * and the last block ends with the window, where it may be shorter than the stability window.
 * @throws RangeError for times that are no whole numbers, or that would never let time pass
 */
export function flap(blockage: Blockage, targets: Targets, window: Window, flapping: Flapping, random: RandomStream): readonly LinkSwitch[] {
  checkWindow(window)
  const { upMeanUs, blockedMeanUs, stableUs } = flapping
  for (const [name, value] of [['upMeanUs', upMeanUs], ['blockedMeanUs', blockedMeanUs], ['stableUs', stableUs]] as const) {
    if (!(value >= 0) || !Number.isSafeInteger(value)) throw new RangeError(`${name} must be a whole number of microseconds, got ${value}`)
  }
  if (stableUs + Math.min(upMeanUs, blockedMeanUs) < SHORTEST_MEAN_US) throw new RangeError(`a flapping path must stay as it is for ${SHORTEST_MEAN_US} us on average`)
  const paths = pathsBetween(targets)
  const switches: LinkSwitch[] = []
  for (let atUs = window.fromUs; ;) {
    const fromUs = atUs + stableUs + exponential(random.uint32(), upMeanUs)
    if (fromUs >= window.untilUs) return inOrder(switches)
    const untilUs = Math.min(window.untilUs, fromUs + stableUs + exponential(random.uint32(), blockedMeanUs))
    switches.push(...paths.flatMap((path) => pair(blockage, path, fromUs, untilUs)))
    atUs = untilUs
  }
}

/** A millisecond: faster flapping is not a fault of networks, and fills memory. */
const SHORTEST_MEAN_US = 1_000

function pair(blockage: Blockage, path: Path, fromUs: number, untilUs: number): readonly LinkSwitch[] {
  return [{ atUs: fromUs, path, action: blockage }, { atUs: untilUs, path, action: UNDONE_BY[blockage] }]
}

/** By time; ties keep the order in which they were made. */
function inOrder(switches: readonly LinkSwitch[]): readonly LinkSwitch[] {
  return switches.toSorted((a, b) => a.atUs - b.atUs)
}

function checkWindow({ fromUs, untilUs }: Window): void {
  if (!Number.isSafeInteger(fromUs) || !Number.isSafeInteger(untilUs) || fromUs < 0 || untilUs < fromUs) {
    throw new RangeError(`a window is from one whole microsecond to one not before it, got ${fromUs} to ${untilUs}`)
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
