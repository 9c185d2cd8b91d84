/**
 * A document on disk: a log of updates under `<document>/<n>`, compacted into one now and then.
 *
 * Compaction writes the merged state and deletes what it replaces in one atomic batch, so that a crash
 * leaves either. Updates are idempotent and commute, so nothing else needs care.
 */
import type { Journal } from '../journal.ts'
import type { DocumentId } from '../../sim/contract.ts'

/** Bounds the boot's work; merging costs one pass over the document. */
const COMPACT_AT_ENTRIES = 1_000

export class UpdateLog {
  /** The updates that survived, in order. */
  readonly saved: readonly Uint8Array[]
  private readonly journal: Journal
  private readonly document: DocumentId
  private keys: string[]
  private next: number

  constructor(journal: Journal, document: DocumentId, boot: ReadonlyMap<string, Uint8Array>) {
    this.journal = journal
    this.document = document
    const prefix = `${document}/`
    const mine = [...boot].filter(([key]) => key.startsWith(prefix) && /^\d{12}$/.test(key.slice(prefix.length)))
    this.keys = mine.map(([key]) => key)
    this.saved = mine.map(([, update]) => update)
    this.next = Number(this.keys.at(-1)?.slice(prefix.length) ?? -1) + 1
  }

  /** Logs an update; `state` gives the whole document as one update when the log has grown long. */
  append(update: Uint8Array, durable: () => void, state: () => Uint8Array): void {
    this.keys.push(this.key())
    this.journal.append(new Map([[this.keys.at(-1) ?? '', update]]), durable)
    if (this.keys.length < COMPACT_AT_ENTRIES) return
    const replaced = this.keys
    this.keys = [this.key()]
    this.journal.append(new Map<string, Uint8Array | null>([...replaced.map((key) => [key, null] as const), [this.keys[0] ?? '', state()]]))
  }

  /** Twelve digits, so that the disk's key order is the order of the updates. */
  private key(): string {
    return `${this.document}/${String(this.next++).padStart(12, '0')}`
  }
}
