/**
 * An append-only journal on a host's disk, with group commit.
 *
 * Entries become durable in the order they were appended. While one batch is being written the next
 * gathers, so a burst costs two writes, not one per entry. A batch that the disk refuses is written again
 * together with what came since: entries never become durable with a hole before them. What is not
 * modelled: giving up; a disk that stays full keeps its host pending for ever, and liveness shows it.
 */
import type { Context, Writes } from '../sim/contract.ts'

const RETRY_MS = 1_000

interface Entry {
  readonly writes: Writes
  readonly durable: () => void
}

export class Journal {
  private readonly context: Pick<Context, 'disk' | 'timer'>
  private waiting: Entry[] = []
  private writing = false
  private disposed = false

  constructor(context: Pick<Context, 'disk' | 'timer'>) { this.context = context }

  /** Appends an entry, atomic in itself; `durable` runs once it and all before it are safe. */
  append(writes: Writes, durable: () => void = () => undefined): void {
    this.waiting.push({ writes, durable })
    this.flush()
  }

  dispose(): void { this.disposed = true }

  private flush(): void {
    if (this.writing || this.disposed || this.waiting.length === 0) return
    const batch = this.waiting
    this.waiting = []
    this.writing = true
    this.context.disk.write(new Map(batch.flatMap(({ writes }) => [...writes])), (problem) => {
      if (this.disposed) return
      if (problem !== undefined) {
        this.waiting = [...batch, ...this.waiting]
        this.context.timer(RETRY_MS, () => { this.writing = false; this.flush() })
        return
      }
      this.writing = false
      for (const entry of batch) entry.durable()
      this.flush()
    })
  }
}
