/**
 * Flickers (requirement M11): a screen went back to what it had shown before, and nobody had asked for that.
 *
 * On one device and field: a register shows x, something else, and x again more often than x was written;
 * a text shows a code point, then not, then again. One going and coming back is one flicker, however many
 * values or code points take part; what was shown before it is then forgotten. An edit that is rejected and
 * rolled back is no flicker: its user is told, and it counts as rejected. An edit that vanishes for good is
 * none either: the ledger has it. Servers have no screen.
 */
import type { Analysis } from '../analysis/analysis.ts'
import type { FieldKey } from '../analysis/field-keys.ts'
import type { ViewDelta } from '../analysis/fold-views.ts'
import type { EditRecord } from '../analysis/provenance.ts'
import { isFollowed } from './followed.ts'

export function flickers(analysis: Analysis): number {
  const width = analysis.fields.hosts.length
  const screens = new Map<number, Screen>()
  let count = 0
  for (const delta of analysis.views.deltas) {
    const { host, key } = delta
    if (host.server || !isFollowed(analysis, key.type)) continue
    const index = key.index * width + host.index
    let screen = screens.get(index)
    if (screen === undefined) {
      screen = key.type === 'text' ? new TextScreen(analysis, key) : new RegisterScreen(analysis, key)
      screens.set(index, screen)
    }
    if (screen.flickers(delta)) count += 1
  }
  return count
}

interface Screen {
  /** Takes the change on, and says whether it brings something back. */
  flickers(delta: ViewDelta): boolean
}

class RegisterScreen implements Screen {
  readonly #analysis: Analysis
  readonly #key: FieldKey
  readonly #times = new Map<string | null, number>()
  readonly #gone = new Set<string | null>()
  #shown: string | null

  constructor(analysis: Analysis, key: FieldKey) {
    this.#analysis = analysis
    this.#key = key
    this.#shown = key.initial
    this.#times.set(key.initial, 1)
  }

  flickers({ at, host, value }: ViewDelta): boolean {
    const before = this.#shown
    this.#shown = value
    if (isRolledBack(this.#analysis, this.#writers(before).filter((writer) => writer.device === host && writer.at < at))) return false
    const times = (this.#times.get(value) ?? 0) + 1
    this.#times.set(value, times)
    const written = this.#writers(value).filter((writer) => writer.at < at).length + (value === this.#key.initial ? 1 : 0)
    const isBack = this.#gone.has(value) && times > written
    if (isBack) this.#gone.clear()
    else this.#gone.add(before)
    return isBack
  }

  #writers(value: string | null): readonly EditRecord[] {
    return value === null ? [] : this.#analysis.provenance.writers(this.#key, value)
  }
}

class TextScreen implements Screen {
  readonly #analysis: Analysis
  readonly #key: FieldKey
  readonly #gone = new Set<number>()

  constructor(analysis: Analysis, key: FieldKey) {
    this.#analysis = analysis
    this.#key = key
  }

  flickers({ host, entering, leaving }: ViewDelta): boolean {
    const { provenance } = this.#analysis
    let isBack = false
    for (const point of entering) {
      if (!this.#gone.delete(point)) continue
      const removers = provenance.removers(this.#key, point).filter((remover) => remover.device === host)
      if (!isRolledBack(this.#analysis, removers)) isBack = true
    }
    if (isBack) this.#gone.clear()
    else for (const point of leaving) if (provenance.suppliedCount(this.#key, point) === 1) this.#gone.add(point)
    return isBack
  }
}

/** Whether one of the device's own edits that a change takes back has been, or will be, rejected. */
function isRolledBack({ settlements }: Analysis, edits: readonly EditRecord[]): boolean {
  return edits.some((edit) => settlements.of(edit.event.edit).rejected.length > 0)
}
