/**
 * A host of the loopback: its disk, whose syncs the test lets happen, its timers on a manual clock, and its
 * seeded random numbers. Not modelled: full and failing disks, skewed clocks.
 */
import type { Context, DocumentShape, HostId, Node, Tabs, Writes } from '../sim/contract.ts'

/** The wall clock when the manual clock shows 0. */
const EPOCH_MS = 1_700_000_000_000

export interface LoopbackClock { nowMs: number }

interface Timer { readonly atMs: number; readonly run: () => void; readonly background: boolean }

export class LoopbackHost<N extends Node> {
  readonly id: HostId
  incarnation = 0
  timers: readonly Timer[] = []
  private readonly clock: LoopbackClock
  private running: N | null = null
  private disk = new Map<string, Uint8Array>()
  private writes: { readonly batch: Writes; readonly synced: () => void }[] = []

  constructor(id: HostId, clock: LoopbackClock) {
    this.id = id
    this.clock = clock
  }

  get node(): N {
    if (this.running === null) throw new Error(`${this.id} is not running`)
    return this.running
  }
  set node(node: N) { this.running = node }

  get unsynced(): number { return this.writes.length }

  /** What is durable, in key order. */
  stored(): ReadonlyMap<string, Uint8Array> {
    return new Map([...this.disk].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)))
  }

  /** Makes the oldest batch durable. */
  sync(): void {
    const write = this.writes.shift()
    if (write === undefined) throw new Error(`nothing to sync on ${this.id}`)
    for (const [key, bytes] of write.batch) {
      if (bytes === null) this.disk.delete(key)
      else this.disk.set(key, bytes)
    }
    write.synced()
  }

  /** Loses memory, timers and what was not synced. */
  crash(): void {
    this.writes = []
    this.timers = []
    this.incarnation += 1
  }

  fire(timer: Timer): void {
    this.timers = this.timers.filter((other) => other !== timer)
    timer.run()
  }

  context(documents: readonly DocumentShape[], replicaNumber: number, changed: Context['changed']): Context {
    const { incarnation } = this
    return {
      identity: { device: this.id, incarnation, user: `user of ${this.id}` },
      replicaNumber,
      documents,
      now: () => EPOCH_MS + this.clock.nowMs,
      monotonic: () => this.clock.nowMs,
      random: seededRandom(replicaNumber),
      timer: (delayMs, run, options) => {
        const timer = { atMs: this.clock.nowMs + delayMs, run, background: options?.background === true }
        this.timers = [...this.timers, timer]
        return () => { this.timers = this.timers.filter((other) => other !== timer) }
      },
      disk: {
        boot: this.stored(),
        write: (batch, synced) => {
          const copy = new Map([...batch].map(([key, bytes]) => [key, bytes === null ? null : bytes.slice()] as const))
          if (this.incarnation === incarnation) this.writes.push({ batch: copy, synced })
        },
      },
      changed,
    }
  }
}

/** A device's only tab: nobody hears its broadcasts, and a lock is held up by its own earlier requests alone. */
export function soleTab(later: (run: () => void) => void): Tabs {
  const queues = new Map<string, (() => void)[]>()
  return {
    broadcast: () => undefined,
    lock: (name, run) => {
      const queue = queues.get(name) ?? []
      queues.set(name, queue)
      const granted = (): void => later(() => run(() => {
        if (queue[0] !== granted) return
        queue.shift()
        queue[0]?.()
      }))
      queue.push(granted)
      if (queue[0] === granted) granted()
    },
  }
}

/** mulberry32: plenty for a strategy's jitter. */
function seededRandom(seed: number): () => number {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
