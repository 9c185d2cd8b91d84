/**
 * Compares one device's screen of one field with the authority's, and books what it owes.
 *
 * Register: the authority's values in order are its versions; a screen that shows version n has paid for
 * all versions up to n (a successor will do). Text: each unique code point that the authority gains or
 * loses is owed until the screen has shown it, or has dropped it, or the authority takes the change back.
 */
import type { FieldKey } from './analysis/field-keys.ts'
import type { ViewDelta } from './analysis/fold-views.ts'
import type { Provenance } from './analysis/provenance.ts'
import type { Debt, Debts } from './staleness-debts.ts'

export interface ScreenWatch {
  authority(delta: ViewDelta): void
  device(delta: ViewDelta): void
}

export class RegisterWatch implements ScreenWatch {
  readonly #debts: Debts
  readonly #versionOf = new Map<string | null, number>()
  #version = 0
  #shown: string | null
  #owed: { readonly version: number; readonly debt: Debt }[] = []

  constructor(debts: Debts) {
    this.#debts = debts
    this.#shown = debts.key.initial
    this.#versionOf.set(debts.key.initial, 0)
  }

  authority(delta: ViewDelta): void {
    this.#version += 1
    this.#versionOf.set(delta.value, this.#version)
    if (delta.value !== this.#shown) {
      const what = `${delta.key.field} = ${JSON.stringify(delta.value)}`
      this.#owed.push({ version: this.#version, debt: this.#debts.owe(what, delta.atUs) })
      return
    }
    this.#payUpTo(this.#version, delta.atUs)
  }

  device(delta: ViewDelta): void {
    this.#shown = delta.value
    this.#payUpTo(this.#versionOf.get(delta.value) ?? -1, delta.atUs)
  }

  #payUpTo(version: number, nowUs: number): void {
    if (this.#owed.length === 0) return
    for (const { version: owed, debt } of this.#owed) if (owed <= version) this.#debts.pay(debt, nowUs)
    this.#owed = this.#owed.filter(({ version: owed }) => owed > version)
  }
}

export class TextWatch implements ScreenWatch {
  readonly #debts: Debts
  readonly #key: FieldKey
  readonly #provenance: Provenance
  readonly #everShown = new Set<number>()
  readonly #present = new Set<number>()
  readonly #owedIn = new Map<number, Debt>()
  readonly #owedOut = new Map<number, Debt>()

  constructor(debts: Debts, provenance: Provenance, initial: readonly number[]) {
    this.#debts = debts
    this.#key = debts.key
    this.#provenance = provenance
    for (const point of initial) {
      this.#everShown.add(point)
      this.#present.add(point)
    }
  }

  authority(delta: ViewDelta): void {
    const owed: { readonly point: number; readonly by: Map<number, Debt> }[] = []
    for (const point of delta.entering) {
      this.#forgive(this.#owedOut, point)
      if (!this.#everShown.has(point) && this.#isUnique(point)) owed.push({ point, by: this.#owedIn })
    }
    for (const point of delta.leaving) {
      this.#forgive(this.#owedIn, point)
      if (this.#present.has(point) && this.#isUnique(point)) owed.push({ point, by: this.#owedOut })
    }
    if (owed.length === 0) return
    const debt = this.#debts.owe(`a change of ${delta.key.field} (${owed.length} code points)`, delta.atUs, owed.length)
    for (const { point, by } of owed) by.set(point, debt)
  }

  device(delta: ViewDelta): void {
    for (const point of delta.entering) {
      this.#everShown.add(point)
      this.#present.add(point)
      this.#pay(this.#owedIn, point, delta.atUs)
    }
    for (const point of delta.leaving) {
      this.#present.delete(point)
      this.#pay(this.#owedOut, point, delta.atUs)
    }
  }

  #isUnique(point: number): boolean {
    return this.#provenance.suppliedCount(this.#key, point) === 1
  }

  #pay(owed: Map<number, Debt>, point: number, nowUs: number): void {
    const debt = owed.get(point)
    if (debt === undefined) return
    owed.delete(point)
    debt.points -= 1
    if (debt.points === 0) this.#debts.pay(debt, nowUs)
  }

  #forgive(owed: Map<number, Debt>, point: number): void {
    const debt = owed.get(point)
    if (debt === undefined) return
    owed.delete(point)
    debt.points -= 1
    if (debt.points === 0) this.#debts.forgive(debt)
  }
}
