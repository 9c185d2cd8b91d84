/**
 * A host's disk: atomic write batches that become durable in the order they were written, each some time
 * after it was written (R5).
 *
 * Three ways to lose a process: `crash` (power fails: every batch that had not synced is gone), `tear` (power
 * fails while the unsynced batches are being written: a part of their bytes is on the disk, and what the
 * log's checksums vouch for survives although nobody was told; requirements I10), and `keep` (only the
 * process dies: what it had written stands in the page cache and is taken as synced at once). Refusals:
 * `quota` (batches that add something) and `io` (all).
 *
 * Bit rot: a disk that keeps its log has a byte of it changed. Whoever runs notices nothing, since it works in
 * memory and appends; the next to read the log finds a record that its checksum does not vouch for, and takes that
 * one and everything behind it for lost, whatever has been synced since. A log that has grown is written anew as
 * one record, from memory, as checkpoints do. Left out: how much fits in bytes, read errors, damage to a record
 * that a store could go round because it knows a second copy.
 */
import type { Writes } from '../contract.ts'
import { encodeBatch, recoverLog } from './disk-log.ts'

/** SQLite's default: a checkpoint after 1,000 pages of 4,096 bytes in the log. */
const CHECKPOINT_BYTES = 4_096_000

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
  /** The log's records as stored, oldest first; null on a disk that keeps none, and nothing rots there. */
  #log: Uint8Array[] | null = null
  #logBytes = 0
  #unvouched = 0
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

  /** What is durable now, in key order: what the next incarnation boots from, as far as checksums vouch for it. */
  contents(): ReadonlyMap<string, Uint8Array> {
    this.verify()
    return new Map([...this.#durable].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)))
  }

  /** Batches written and not yet durable. */
  get unsynced(): number { return this.#unsynced.length }
  /** Batches refused so far. */
  get refused(): number { return this.#refused }

  /** Records that a checksum has found damaged so far, and those behind them. */
  get unvouched(): number { return this.#unvouched }

  /** From now on the disk keeps what it would have to read again at a boot: a fault will damage it. */
  keepLog(): void { if (this.#log === null) this.#checkpoint() }

  /** A stored byte changes: `at(totalBytes)` names it, `flips` are the bits (1 to 255). Nothing happens to an empty log. */
  rot(at: (totalBytes: number) => number, flips: number): void {
    if (this.#log === null) throw new Error('this disk keeps no log that could rot')
    if (this.#logBytes === 0) return
    let left = at(this.#logBytes)
    for (const record of this.#log) {
      if (left < record.length) {
        record[left] ^= flips
        return
      }
      left -= record.length
    }
  }

  /** Reads the log: what its checksums do not vouch for is gone. */
  verify(): void {
    if (this.#log === null) return
    const { batches } = recoverLog(joined(this.#log))
    if (batches.length === this.#log.length) return
    this.#unvouched += this.#log.length - batches.length
    this.#log = []
    this.#logBytes = 0
    this.#durable.clear()
    for (const batch of batches) this.#apply(batch)
  }

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
    const log = joined(records)
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
    if (this.#log !== null) this.#append(encodeBatch(batch))
  }

  #append(record: Uint8Array): void {
    this.#log?.push(record)
    this.#logBytes += record.length
    if (this.#logBytes > CHECKPOINT_BYTES && (this.#log?.length ?? 0) > 1) this.#checkpoint()
  }

  #checkpoint(): void {
    this.#log = []
    this.#logBytes = 0
    if (this.#durable.size > 0) this.#append(encodeBatch(this.#durable))
  }
}

function joined(records: readonly Uint8Array[]): Uint8Array {
  const log = new Uint8Array(records.reduce((sum, record) => sum + record.length, 0))
  let at = 0
  for (const record of records) {
    log.set(record, at)
    at += record.length
  }
  return log
}
