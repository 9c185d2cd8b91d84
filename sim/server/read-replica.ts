/**
 * A read replica that lags behind the primary (requirements C07): it knows what the authority would have answered
 * to a GET of each document at every change that it published, and answers as it was a given time ago.
 *
 * It is another machine: it lives on when the primary's process ends, and lags behind what the next one boots
 * from, too. What it answered is what the authority did answer then, no reconstruction. A document for which the
 * authority has no answer of its own (it is not read by requests) is not replicated.
 */
import type { Response } from '../contract.ts'
import type { DocumentId } from '../values.ts'

interface Snapshot {
  readonly atUs: number
  readonly answer: Response
}

/** Asks the authority for a document; `respond` may be called later. */
export type Read = (document: DocumentId, respond: (response: Response) => void) => void

export class ReadReplica {
  /** Oldest first. */
  readonly #snapshots = new Map<DocumentId, Snapshot[]>()
  readonly #nowUs: () => number
  readonly #longestLagUs: number

  /** @param longestLagUs what is older than this, and followed by something as old, is forgotten */
  constructor(nowUs: () => number, longestLagUs: number) {
    this.#nowUs = nowUs
    this.#longestLagUs = longestLagUs
  }

  /** The document has changed, or a process has begun. */
  capture(document: DocumentId, read: Read): void {
    const atUs = this.#nowUs()
    read(document, (answer) => {
      if (answer.status < 200 || answer.status >= 300) return
      const known = this.#snapshots.get(document) ?? []
      const kept = known.findLastIndex((one) => one.atUs <= atUs - this.#longestLagUs)
      this.#snapshots.set(document, [...known.slice(Math.max(0, kept)), { atUs, answer }])
    })
  }

  /** What a GET was answered `lagUs` ago, and whether that has changed since; the first state if there was none yet. */
  answer(document: DocumentId, lagUs: number): { readonly answer: Response; readonly isOld: boolean } | null {
    const known = this.#snapshots.get(document)
    if (known === undefined || known.length === 0) return null
    const atUs = this.#nowUs() - lagUs
    const index = Math.max(0, known.findLastIndex((one) => one.atUs <= atUs))
    return { answer: known[index].answer, isOld: index < known.length - 1 }
  }
}
