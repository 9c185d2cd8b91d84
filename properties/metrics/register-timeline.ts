/**
 * What one register went through: the versions that the authority showed, in order, with the edits they
 * came from, and from when every host showed which of them.
 *
 * A repeated value counts for the earliest of its writers that has not had its turn; a host that shows a
 * repeated value is taken to show the latest version that has it. Of several servers, the one that shows a
 * value first makes the version.
 */
import type { FieldValue } from '../../sim/values.ts'
import type { Analysis } from '../analysis/analysis.ts'
import type { FieldKey, Host } from '../analysis/field-keys.ts'
import { firstIndex } from '../analysis/first-index.ts'
import type { ViewDelta } from '../analysis/fold-views.ts'
import type { EditRecord } from '../analysis/provenance.ts'

export interface RegisterVersion {
  /** Position in the history; -1 for what was there from the start. */
  readonly at: number
  readonly atUs: number
  readonly value: FieldValue
  readonly writer: EditRecord | undefined
}

/** The own device of an edit gave it up for somebody else's, which neither knew the other. */
export interface GivenUp {
  readonly at: number
  readonly for: EditRecord
}

interface Reached {
  readonly atUs: number
  readonly version: number
}

export class RegisterTimeline {
  readonly key: FieldKey
  readonly versions: RegisterVersion[]
  readonly #analysis: Analysis
  readonly #versionOf = new Map<EditRecord, number>()
  readonly #latest = new Map<FieldValue, number>()
  /** By host: its views of the register, and the versions it came to show, each later than the one before. */
  readonly #deltas: ViewDelta[][]
  readonly #reached: Reached[][]
  readonly #shown: FieldValue[]
  readonly #isOnlyServer: boolean

  constructor(analysis: Analysis, key: FieldKey, deltas: readonly ViewDelta[]) {
    const { hosts } = analysis.fields
    this.key = key
    this.#analysis = analysis
    this.#isOnlyServer = hosts.filter((host) => host.server).length === 1
    this.versions = [{ at: -1, atUs: 0, value: key.initial, writer: undefined }]
    this.#latest.set(key.initial, 0)
    this.#deltas = hosts.map(() => [])
    this.#reached = hosts.map(() => [{ atUs: 0, version: 0 }])
    this.#shown = hosts.map(() => key.initial)
    for (const delta of deltas) this.#apply(delta)
  }

  /** The version that the edit made; undefined if the authority never showed it. */
  versionOf(edit: EditRecord): number | undefined {
    return this.#versionOf.get(edit)
  }

  /** When the host first showed the version or a later one; undefined if it never did. */
  reachedUs(host: Host, version: number): number | undefined {
    const row = this.#reached[host.index] ?? []
    return row[firstIndex(row, (reached) => reached.version >= version)]?.atUs
  }

  /**
   * Where the device that made the edit first showed somebody else's value in its place, if that is the
   * value of a concurrent edit. What the device's own later edits show does not count.
   */
  givenUp(edit: EditRecord): GivenUp | undefined {
    const { provenance, happensBefore, possiblyBefore } = this.#analysis
    const row = this.#deltas[edit.device.index] ?? []
    for (let index = firstIndex(row, (delta) => delta.at > edit.at); index < row.length; index += 1) {
      const delta = row[index]
      if (delta === undefined || delta.value === writtenBy(edit)) continue
      const writers = delta.value === null ? [] : provenance.writers(this.key, delta.value)
      if (writers.some((writer) => writer.device === edit.device)) continue
      const [writer] = writers
      const isRival = writer !== undefined && !possiblyBefore.precedes(edit, writer) && !happensBefore.precedes(writer, edit)
      return isRival ? { at: delta.at, for: writer } : undefined
    }
    return undefined
  }

  #apply(delta: ViewDelta): void {
    const { host, value } = delta
    this.#deltas[host.index]?.push(delta)
    this.#shown[host.index] = value
    if (host.server) this.#shownByServer(delta)
    this.#reach(host.index, this.#latest.get(value) ?? -1, delta.atUs)
  }

  /** A further server that comes to show what another one has shown makes no version. */
  #shownByServer({ at, atUs, value }: ViewDelta): void {
    const writer = value === null ? undefined : this.#nextWriter(value, at)
    if (writer === undefined && !this.#isOnlyServer && this.#latest.has(value)) return
    const version = this.versions.length
    this.versions.push({ at, atUs, value, writer })
    this.#latest.set(value, version)
    if (writer !== undefined) this.#versionOf.set(writer, version)
    this.#shown.forEach((shown, host) => { if (shown === value) this.#reach(host, version, atUs) })
  }

  #nextWriter(value: string, at: number): EditRecord | undefined {
    const { provenance, settlements } = this.#analysis
    return provenance.writers(this.key, value).find((writer) =>
      writer.at < at && !this.#versionOf.has(writer) && settlements.of(writer.event.edit).rejected.length === 0)
  }

  #reach(host: number, version: number, atUs: number): void {
    const row = this.#reached[host]
    if (row !== undefined && version > (row.at(-1)?.version ?? -1)) row.push({ atUs, version })
  }
}

/** The value that a register's edit wrote. */
export function writtenBy(edit: EditRecord): string | null {
  return edit.event.change.op === 'set' ? edit.event.change.value : null
}
