/**
 * A host's disk: atomic write batches that become durable in the order they were written, each some time
 * after it was written (R5).
 *
 * Three ways to lose a process: `crash` (power fails: every batch that had not synced is gone), `tear` (power
 * fails while the unsynced batches are being written: a part of their bytes is on the disk, and what the
 * log's checksums vouch for survives although nobody was told; requirements I10), and `keep` (only the
 * process dies: what it had written stands in the page cache and is taken as synced at once). Refusals:
 * `quota` (batches that add something) and `io` (all). Left out: how much fits in bytes, bit rot in what was
 * synced long ago, read errors.
 */
import type { Writes } from '../contract.ts'
import { encodeBatch, recoverLog } from './disk-log.ts'

export type DiskProblem = 'quota' | 'io'

interface Unsynced {
  readonly batch: Writes
  readonly synced: (problem?: DiskProblem) => void
  isDue: boolean
}

export class VirtualDisk {
  readonly #durable = new Map<string, Uint8Array>()
  /** Oldest first. */
  #unsynced: Unsynced[] = []
  /** Rises with every end of a process: what an earlier one asked for is not answered. */
  #generation = 0
  #refused = 0
  #stalls = 0
  #lastDueUs = 0
  readonly #problems: Record<DiskProblem, number> = { quota: 0, io: 0 }
  readonly #after: (delayUs: number, run: () => void) => void
  readonly #syncUs: () => number
  readonly #nowUs: () => number

  /**
   * @param after schedules on true time
   * @param syncUs time from write to durable, drawn per batch; later batches never sync earlier
   */
  constructor(after: (delayUs: number, run: () => void) => void, syncUs: number | (() => number), nowUs: () => number = () => 0) {
    this.#after = after
    this.#syncUs = typeof syncUs === 'number' ? () => syncUs : syncUs
    this.#nowUs = nowUs
  }

  /** What is durable now, in key order: what the next incarnation boots from. */
  contents(): ReadonlyMap<string, Uint8Array> {
    return new Map([...this.#durable].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)))
  }

  /** Batches written and not yet durable. */
  get unsynced(): number { return this.#unsynced.length }
  /** Batches refused so far. */
  get refused(): number { return this.#refused }

  /** Queues an atomic batch, copied; `synced` runs when it is durable or refused, and never if the process ends first. */
  write(batch: Writes, synced: (problem?: DiskProblem) => void): void {
    const entry: Unsynced = { batch: new Map([...batch].map(([key, value]) => [key, value && value.slice()] as const)), synced, isDue: false }
    const problem = this.#problemWith(batch)
    const nowUs = this.#nowUs()
    const dueUs = Math.max(this.#lastDueUs, nowUs + this.#syncUs())
    if (problem !== null) {
      this.#refused += 1
      const generation = this.#generation
      this.#after(dueUs - nowUs, () => { if (generation === this.#generation) synced(problem) })
      return
    }
    this.#lastDueUs = dueUs
    this.#unsynced.push(entry)
    this.#after(dueUs - nowUs, () => {
      entry.isDue = true
      this.#sync()
    })
  }

  /** From now on batches are refused; returns how to end it. Several may hold at once. */
  refuse(problem: DiskProblem): () => void {
    this.#problems[problem] += 1
    return () => { this.#problems[problem] -= 1 }
  }

  /** From now on nothing becomes durable; returns how to end it. */
  stall(): () => void {
    this.#stalls += 1
    return () => {
      this.#stalls -= 1
      this.#sync()
    }
  }

  /** Power fails: batches that had not synced are gone. Returns how many. */
  crash(): number {
    const lost = this.#unsynced.length
    this.#forget()
    return lost
  }

  /**
   * Power fails in the middle of writing the unsynced batches: `kept(total)` of their bytes have arrived, the
   * rest of the log's last page reads as zeros. Returns how many batches were torn or lost.
   */
  tear(kept: (totalBytes: number) => number): number {
    const records = this.#unsynced.map(({ batch }) => encodeBatch(batch))
    this.#forget()
    const log = new Uint8Array(records.reduce((sum, record) => sum + record.length, 0))
    let at = 0
    for (const record of records) {
      log.set(record, at)
      at += record.length
    }
    if (log.length === 0) return 0
    log.fill(0, kept(log.length))
    const { batches } = recoverLog(log)
    for (const batch of batches) this.#apply(batch)
    return records.length - batches.length
  }

  /** The process dies and the machine runs on: what was written is kept, and nobody hears of it. */
  keep(): void {
    const written = this.#unsynced
    this.#forget()
    for (const { batch } of written) this.#apply(batch)
  }

  #forget(): void {
    this.#generation += 1
    this.#unsynced = []
  }

  #problemWith(batch: Writes): DiskProblem | null {
    if (this.#problems.io > 0) return 'io'
    const adds = [...batch.values()].some((value) => value !== null)
    return this.#problems.quota > 0 && adds ? 'quota' : null
  }

  #sync(): void {
    while (this.#stalls === 0 && this.#unsynced[0]?.isDue === true) {
      const [{ batch, synced }] = this.#unsynced.splice(0, 1)
      this.#apply(batch)
      synced()
    }
  }

  #apply(batch: Writes): void {
    for (const [key, value] of batch) {
      if (value === null) this.#durable.delete(key)
      else this.#durable.set(key, value)
    }
  }
}
