/**
 * What the properties share about one history, computed once: fields, folded views, provenance,
 * happens-before, settlements, the ledger. Each part is made when it is first asked for.
 */
import type { History, QuietEvent } from '../../sim/history/events.ts'
import type { DataType, HostId } from '../../sim/values.ts'
import { FieldKeys } from './field-keys.ts'
import type { FoldedViews } from './fold-views.ts'
import { foldViews } from './fold-views.ts'
import { HappensBefore } from './happens-before.ts'
import type { Ledger } from './ledger.ts'
import { ledgerOf } from './ledger.ts'
import { Provenance, type EditRecord } from './provenance.ts'
import type { Settlements } from './settlements.ts'
import { settlementsOf } from './settlements.ts'

export class Analysis {
  readonly history: History
  readonly fields: FieldKeys
  /** How the run ended; undefined for a history that was cut off. */
  readonly end: QuietEvent | undefined
  readonly #pairs = new Map<DataType, number>()
  #views: FoldedViews | undefined
  #provenance: Provenance | undefined
  #definite: HappensBefore | undefined
  #possible: HappensBefore | undefined
  #settlements: Settlements | undefined
  #ledger: Ledger | undefined
  #lastStops: ReadonlyMap<HostId, number> | undefined

  constructor(history: History) {
    this.history = history
    this.fields = new FieldKeys(history.header)
    this.end = history.events.findLast((event): event is QuietEvent => event.kind === 'quiet')
  }

  get views(): FoldedViews {
    return this.#views ??= foldViews(this.history, this.fields)
  }

  get provenance(): Provenance {
    return this.#provenance ??= new Provenance(this.history, this.fields)
  }

  get happensBefore(): HappensBefore {
    return this.#definite ??= new HappensBefore(this.fields, this.views, this.provenance, 'definite', startsOf(this.history))
  }

  /** Like `happensBefore`, with every edit taught that an ambiguous value could have shown. */
  get possiblyBefore(): HappensBefore {
    return this.#possible ??= new HappensBefore(this.fields, this.views, this.provenance, 'possible', startsOf(this.history))
  }

  get settlements(): Settlements {
    return this.#settlements ??= settlementsOf(this.history)
  }

  /** Whether the process that made the edit ended afterwards: what it had not settled may have gone with its memory. */
  isOrphaned({ at, device }: EditRecord): boolean {
    this.#lastStops ??= lastStopsOf(this.history)
    return (this.#lastStops.get(device.id) ?? -1) > at
  }

  get ledger(): Ledger {
    if (this.#ledger === undefined) {
      const order = { definite: this.happensBefore, possible: this.possiblyBefore }
      this.#ledger = ledgerOf(this.history, this.fields, this.views, this.provenance, order, this.settlements)
    }
    return this.#ledger
  }

  /** Pairs of concurrent edits on one field, over the fields of a type. */
  concurrentPairs(type: DataType): number {
    let pairs = this.#pairs.get(type)
    if (pairs === undefined) {
      pairs = this.fields.ofType(type).reduce((sum, key) => sum + this.happensBefore.concurrentPairs(key), 0)
      this.#pairs.set(type, pairs)
    }
    return pairs
  }
}

/** The positions in the history at which each host's process began anew. */
function startsOf({ events }: History): ReadonlyMap<HostId, readonly number[]> {
  const starts = new Map<HostId, number[]>()
  events.forEach((event, at) => {
    if (event.kind === 'lifecycle' && event.state === 'started') starts.set(event.host, [...starts.get(event.host) ?? [], at])
  })
  return starts
}

/** The position in the history of each host's last stop. */
function lastStopsOf({ events }: History): ReadonlyMap<HostId, number> {
  return new Map(events.flatMap((event, at) => event.kind === 'lifecycle' && event.state === 'stopped' ? [[event.host, at] as const] : []))
}

const analyses = new WeakMap<History, Analysis>()

/** The analysis of a history; histories are immutable, so it is kept with the history. */
export function analyse(history: History): Analysis {
  let analysis = analyses.get(history)
  if (analysis === undefined) {
    analysis = new Analysis(history)
    analyses.set(history, analysis)
  }
  return analysis
}
