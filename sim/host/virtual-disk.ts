/**
 * A host's disk: atomic write batches that become durable one after the other, each a fixed time after it
 * was written. `crash()` loses every batch that had not synced (R5). Left out until hosts are modelled in
 * full: quota, torn and lost tails, bit rot, varying latency.
 */
import type { Writes } from '../contract.ts'

export class VirtualDisk {
  readonly #durable = new Map<string, Uint8Array>()
  #generation = 0
  readonly #after: (delayUs: number, run: () => void) => void
  readonly #syncUs: number

  /** @param after schedules on the host's true time; @param syncUs time from write to durable. */
  constructor(after: (delayUs: number, run: () => void) => void, syncUs: number) {
    this.#after = after
    this.#syncUs = syncUs
  }

  /** What is durable now, in key order: what the next incarnation boots from. */
  contents(): ReadonlyMap<string, Uint8Array> {
    return new Map([...this.#durable].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)))
  }

  /** Queues an atomic batch, copied; `synced` runs when it is durable and never if a crash comes first. */
  write(batch: Writes, synced: () => void): void {
    const copied = [...batch].map(([key, value]) => [key, value && value.slice()] as const)
    const generation = this.#generation
    this.#after(this.#syncUs, () => {
      if (generation !== this.#generation) return
      for (const [key, value] of copied) {
        if (value === null) this.#durable.delete(key)
        else this.#durable.set(key, value)
      }
      synced()
    })
  }

  /** The host lost power: batches that had not synced are gone. */
  crash(): void { this.#generation++ }
}
