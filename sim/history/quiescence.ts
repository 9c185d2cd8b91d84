/**
 * Decides whether the world is quiet (H3): every device up and connected, no data-class frame, request or
 * disk write in flight, no foreground timer armed, and no view or durable state changed for a settle
 * window W. Control traffic, background timers and heartbeats do not count.
 *
 * Counts are kept per host and kind, so that a world that never gets quiet can say what is pending where.
 */
import type { HostId } from '../values.ts'

/** What keeps a host busy. `offline`: up, but not connected, whether it knows or not. */
export const BUSY_KINDS = ['timer', 'frame', 'request', 'write', 'offline', 'down', 'asleep', 'stalled'] as const
export type BusyKind = (typeof BUSY_KINDS)[number]

const KIND_INDEX: Readonly<Record<BusyKind, number>> = { timer: 0, frame: 1, request: 2, write: 3, offline: 4, down: 5, asleep: 6, stalled: 7 }
const KIND_TEXT: Readonly<Record<BusyKind, string>> = {
  timer: 'foreground timer armed', frame: 'data frame in flight', request: 'request in flight',
  write: 'disk write not synced', offline: 'not connected', down: 'not running', asleep: 'asleep', stalled: 'blocked',
}

export class Quiescence {
  #busy = 0
  #lastDisturbanceUs = 0
  readonly #hosts: readonly HostId[]
  readonly #counts: Int32Array
  readonly #nowUs: () => number

  constructor(hosts: readonly HostId[], nowUs: () => number) {
    this.#hosts = hosts
    this.#counts = new Int32Array(hosts.length * BUSY_KINDS.length)
    this.#nowUs = nowUs
  }

  begin(host: number, kind: BusyKind): void {
    this.#counts[host * BUSY_KINDS.length + KIND_INDEX[kind]] += 1
    this.#busy++
    this.#lastDisturbanceUs = this.#nowUs()
  }

  end(host: number, kind: BusyKind): void {
    const index = host * BUSY_KINDS.length + KIND_INDEX[kind]
    if (this.#counts[index] === 0) throw new Error(`quiescence: ${this.#hosts[host]} ended a ${kind} that never began`)
    this.#counts[index] -= 1
    this.#busy--
    this.#lastDisturbanceUs = this.#nowUs()
  }

  /** A view or durable state changed. */
  disturbed(): void { this.#lastDisturbanceUs = this.#nowUs() }

  get isIdle(): boolean { return this.#busy === 0 }
  get lastDisturbanceUs(): number { return this.#lastDisturbanceUs }

  /** What keeps the world from being quiet, host by host. */
  pending(): string[] {
    return this.#hosts.flatMap((host, index) => BUSY_KINDS.flatMap((kind) => {
      const count = this.#counts[index * BUSY_KINDS.length + KIND_INDEX[kind]]
      return count > 0 ? [`${host}: ${count} x ${KIND_TEXT[kind]}`] : []
    }))
  }
}
