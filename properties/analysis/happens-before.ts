/**
 * Happens-before between edits, as vector clocks per (device, incarnation).
 *
 * An edit's past is every earlier edit of its incarnation, and every edit that its device's view had shown
 * before it, each with its own past. What a view shows is read from values (provenance): a register value,
 * an inserted code point, or the absence of a code point that one edit alone had taken out. A restarted
 * device begins with what its screen still shows, not with what the user may remember: otherwise an edit
 * lost in a crash would count as overwritten on purpose.
 *
 * Repeated values are ambiguous, and so is the absence of a code point under a whole-value strategy, where it
 * may vanish because somebody overwrote the text. With `definite`, what more than one source could explain
 * teaches nothing; with `possible`, it teaches every edit that could have been the source. The truth lies
 * between, and the ledger gives the benefit of the doubt.
 *
 * Cost: O(edits x incarnations) memory and time, plus the views. Pasts are closed under earlier edits of an
 * incarnation, and clocks grow along an incarnation, so concurrent edits of one incarnation form a range
 * that two binary searches find.
 */
import type { EditId } from '../../sim/history/events.ts'
import type { DataType, HostId } from '../../sim/values.ts'
import type { FieldKey, FieldKeys } from './field-keys.ts'
import type { FoldedViews, ViewDelta } from './fold-views.ts'
import type { EditRecord, Provenance } from './provenance.ts'
import { CorruptHistory } from './corrupt-history.ts'
import { firstIndex } from './first-index.ts'

export type Ambiguity = 'definite' | 'possible'

export class HappensBefore {
  /** For each edit, whether a device that did not make it has shown it. */
  readonly #seen: Uint8Array
  readonly #provenance: Provenance
  readonly #ambiguity: Ambiguity
  readonly #width: number
  readonly #chainOf: Int32Array
  readonly #position: Int32Array
  readonly #clocks: Int32Array
  /** Edits of each key by chain, in order. */
  readonly #byKey: (readonly (readonly EditRecord[])[])[]

  /** @param starts positions in the history at which each host's process began anew, in order */
  constructor(
    fields: FieldKeys, views: FoldedViews, provenance: Provenance, ambiguity: Ambiguity = 'definite', starts: ReadonlyMap<HostId, readonly number[]> = new Map(),
  ) {
    this.#provenance = provenance
    this.#ambiguity = ambiguity
    const { edits } = provenance
    const chains = chainsOf(edits)
    this.#width = chains.count
    this.#chainOf = chains.chainOf
    this.#position = chains.position
    this.#clocks = new Int32Array(edits.length * this.#width)
    this.#byKey = fields.keys.map((key) => {
      const rows: EditRecord[][] = Array.from({ length: this.#width }, () => [])
      for (const edit of provenance.onKey(key)) rows[at(this.#chainOf, edit.index)]?.push(edit)
      return rows.filter((row) => row.length > 0)
    })
    this.#seen = this.#walk(fields, views.deltas, chains.restarting, starts)
  }

  /** How many edits of the type have been shown by a device that did not make them. */
  seenElsewhere(type: DataType): number {
    return this.#provenance.edits.filter((edit) => edit.key.type === type && this.#seen[edit.index] === 1).length
  }

  /** Whether `b` was made knowing `a`. */
  happensBefore(a: EditId, b: EditId): boolean {
    return this.precedes(this.#edit(a), this.#edit(b))
  }

  concurrent(a: EditId, b: EditId): boolean {
    return this.parallel(this.#edit(a), this.#edit(b))
  }

  precedes(a: EditRecord, b: EditRecord): boolean {
    return a !== b && this.#knows(b, at(this.#chainOf, a.index)) >= at(this.#position, a.index)
  }

  parallel(a: EditRecord, b: EditRecord): boolean {
    return a !== b && !this.precedes(a, b) && !this.precedes(b, a)
  }

  /** The number of unordered pairs of concurrent edits on the field. */
  concurrentPairs(key: FieldKey): number {
    const rows = this.#byKey[key.index] ?? []
    let pairs = 0
    rows.forEach((row, index) => {
      for (const other of rows.slice(index + 1)) {
        for (const edit of row) {
          const range = this.#concurrentRange(edit, other)
          pairs += Math.max(0, range.end - range.start)
        }
      }
    })
    return pairs
  }

  /** Finds, for an edit of the field, a late edit that is concurrent with it and `accepted`: O(chains x log N) each. */
  concurrentFinder(key: FieldKey, accepted: (edit: EditRecord) => boolean): (edit: EditRecord) => EditRecord | undefined {
    const rows = (this.#byKey[key.index] ?? []).map((row) => {
      let latest = -1
      return { row, acceptedUpTo: row.map((edit, index) => (latest = accepted(edit) ? index : latest)) }
    })
    return (edit) => {
      let found: EditRecord | undefined
      for (const { row, acceptedUpTo } of rows) {
        const range = this.#concurrentRange(edit, row)
        const index = range.end > range.start ? acceptedUpTo[range.end - 1] ?? -1 : -1
        const other = index >= range.start ? row[index] : undefined
        if (other !== undefined && (found === undefined || other.at > found.at)) found = other
      }
      return found
    }
  }

  /** The edits of one chain's row that are concurrent with `edit`: those after its past, before its future. */
  #concurrentRange(edit: EditRecord, row: readonly EditRecord[]): { start: number; end: number } {
    const chain = at(this.#chainOf, row[0]?.index ?? 0)
    const own = at(this.#chainOf, edit.index)
    if (chain === own) return { start: 0, end: 0 }
    const known = this.#knows(edit, chain)
    const position = at(this.#position, edit.index)
    return {
      start: firstIndex(row, (other) => at(this.#position, other.index) > known),
      end: firstIndex(row, (other) => this.#knows(other, own) >= position),
    }
  }

  #knows(edit: EditRecord, chain: number): number {
    return at(this.#clocks, edit.index * this.#width + chain)
  }

  #edit(id: EditId): EditRecord {
    const edit = this.#provenance.byId(id)
    if (edit === undefined) throw new CorruptHistory(`there is no edit ${id}`)
    return edit
  }

  #walk(fields: FieldKeys, deltas: readonly ViewDelta[], restarting: ReadonlySet<number>, starts: ReadonlyMap<HostId, readonly number[]>): Uint8Array {
    const { edits } = this.#provenance
    const knowledge = fields.hosts.map(() => new Int32Array(this.#width))
    const chains = new Int32Array(fields.hosts.length).fill(-1)
    const screens = new Map<number, Screen>()
    for (const host of fields.hosts) if (restarting.has(host.index) || starts.has(host.id)) screens.set(host.index, new Screen(fields.keys))
    const seen = new Uint8Array(edits.length)
    const lives = new Int32Array(fields.hosts.length)
    const learn = (host: number, taught: EditRecord, now: number): void => {
      if (taught.at > now) return
      if (taught.device.index !== host) seen[taught.index] = 1
      const known = knowledge[host]
      if (known === undefined) return
      if (at(known, at(this.#chainOf, taught.index)) >= at(this.#position, taught.index)) return
      const base = taught.index * this.#width
      for (let chain = 0; chain < this.#width; chain += 1) {
        const theirs = at(this.#clocks, base + chain)
        if (theirs > at(known, chain)) known[chain] = theirs
      }
    }
    let next = 0
    const look = (until: number): void => {
      for (let delta = deltas[next]; delta !== undefined && delta.at < until; delta = deltas[next]) {
        next += 1
        if (delta.host.server) continue
        screens.get(delta.host.index)?.apply(delta)
        const { host, at: now } = delta
        this.#taughtBy(delta, (taught) => { learn(host.index, taught, now) })
      }
    }
    for (const edit of edits) {
      look(edit.at)
      const chain = at(this.#chainOf, edit.index)
      const device = edit.device.index
      const known = knowledge[device] ?? new Int32Array(this.#width)
      const life = starts.get(edit.device.id)?.findLastIndex((start) => start < edit.at) ?? -1
      if ((chains[device] !== -1 && chains[device] !== chain) || lives[device] !== life + 1) {
        known.fill(0)
        screens.get(device)?.eachShown((shown) => {
          this.#taughtBy(shown, (taught) => { learn(device, taught, edit.at) })
        })
      }
      chains[device] = chain
      lives[device] = life + 1
      known[chain] = at(this.#position, edit.index)
      this.#clocks.set(known, edit.index * this.#width)
    }
    look(Infinity)
    return seen
  }

  /** Calls `teach` with every edit that the delta shows. */
  #taughtBy(delta: Shown, teach: (edit: EditRecord) => void): void {
    const { key } = delta
    const provenance = this.#provenance
    if (key.type !== 'text') {
      if (delta.value !== null) this.#teach(provenance.writers(key, delta.value), delta.value === key.initial, delta.at, teach)
      return
    }
    for (const point of delta.entering) {
      const author = provenance.author(key, point)
      if (author !== undefined) teach(author)
    }
    for (const point of delta.leaving) {
      const otherSource = key.isWholeValue || provenance.suppliedCount(key, point) > 1
      this.#teach(provenance.removers(key, point), otherSource, delta.at, teach)
    }
  }

  #teach(candidates: readonly EditRecord[], otherSource: boolean, now: number, teach: (edit: EditRecord) => void): void {
    if (this.#ambiguity === 'possible') {
      for (const candidate of candidates) teach(candidate)
      return
    }
    const [first, second] = candidates
    if (first === undefined || otherSource || (second !== undefined && second.at < now)) return
    teach(first)
  }
}

type Shown = Pick<ViewDelta, 'at' | 'key' | 'value' | 'entering' | 'leaving'>

/** What a device that restarts shows now, for the knowledge of its next incarnation. */
class Screen {
  readonly #keys: readonly FieldKey[]
  readonly #values: (string | null)[]
  readonly #points: Set<number>[]
  #at = 0

  constructor(keys: readonly FieldKey[]) {
    this.#keys = keys
    this.#values = keys.map((key) => key.initial)
    this.#points = keys.map(() => new Set())
  }

  apply(delta: ViewDelta): void {
    this.#at = delta.at
    this.#values[delta.key.index] = delta.value
    const points = this.#points[delta.key.index]
    for (const point of delta.leaving) points?.delete(point)
    for (const point of delta.entering) points?.add(point)
  }

  eachShown(visit: (shown: Shown) => void): void {
    for (const key of this.#keys) {
      visit({ at: this.#at, key, value: this.#values[key.index] ?? null, entering: [...(this.#points[key.index] ?? [])], leaving: [] })
    }
  }
}

function chainsOf(edits: readonly EditRecord[]): {
  count: number; chainOf: Int32Array; position: Int32Array; restarting: ReadonlySet<number>
} {
  const chainOf = new Int32Array(edits.length)
  const position = new Int32Array(edits.length)
  const chains = new Map<string, number>()
  const lengths: number[] = []
  const devices = new Set<number>()
  const restarting = new Set<number>()
  for (const edit of edits) {
    const name = `${edit.event.incarnation} ${edit.device.index}`
    let chain = chains.get(name)
    if (chain === undefined) {
      chain = chains.size
      chains.set(name, chain)
      if (devices.has(edit.device.index)) restarting.add(edit.device.index)
      devices.add(edit.device.index)
    }
    const length = (lengths[chain] ?? 0) + 1
    lengths[chain] = length
    chainOf[edit.index] = chain
    position[edit.index] = length
  }
  return { count: chains.size, chainOf, position, restarting }
}

function at(array: Int32Array, index: number): number {
  return array[index] ?? 0
}
