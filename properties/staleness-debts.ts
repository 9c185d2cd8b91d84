/**
 * What one device owes its user on one field: changes that the authority has and the screen does not show
 * yet. Time counts only while the device could have learnt of them; after each pause the clock restarts.
 */
import type { FieldKey, Host } from './analysis/field-keys.ts'
import type { Evidence } from './property.ts'

export interface Debt {
  readonly what: string
  readonly acceptedUs: number
  /** From when the current stretch counts. */
  sinceUs: number
  longestUs: number
  /** Text: code points still owed. */
  points: number
}

export class Debts {
  readonly device: Host
  readonly key: FieldKey
  /** The longest counted stretch of every debt paid. */
  readonly paidUs: number[] = []
  readonly late: Evidence[] = []
  readonly #boundUs: number
  readonly #open = new Set<Debt>()
  #paused: boolean

  constructor(device: Host, key: FieldKey, boundUs: number, paused: boolean) {
    this.device = device
    this.key = key
    this.#boundUs = boundUs
    this.#paused = paused
  }

  owe(what: string, nowUs: number, points = 0): Debt {
    const debt = { what, acceptedUs: nowUs, sinceUs: nowUs, longestUs: 0, points }
    this.#open.add(debt)
    return debt
  }

  pay(debt: Debt, nowUs: number): void {
    if (!this.#open.delete(debt)) return
    this.#count(debt, nowUs)
    this.paidUs.push(debt.longestUs)
  }

  /** The authority took the change back: nothing is owed any more. */
  forgive(debt: Debt): void {
    this.#open.delete(debt)
  }

  pause(paused: boolean, nowUs: number): void {
    if (paused === this.#paused) return
    for (const debt of this.#open) {
      if (paused) this.#count(debt, nowUs)
      else debt.sinceUs = nowUs
    }
    this.#paused = paused
  }

  /** The history ends: debts past the bound are late. Returns the longest stretch of each that is still open. */
  end(nowUs: number): readonly number[] {
    for (const debt of this.#open) this.#count(debt, nowUs)
    return [...this.#open].map((debt) => debt.longestUs)
  }

  #count(debt: Debt, nowUs: number): void {
    if (this.#paused) return
    const stretchUs = nowUs - debt.sinceUs
    if (stretchUs > this.#boundUs && debt.longestUs <= this.#boundUs) {
      const ms = Math.round(stretchUs / 1000)
      this.late.push({ what: `${this.device.id} went without ${debt.what} for ${ms} ms`, host: this.device.id, atUs: debt.acceptedUs })
    }
    debt.longestUs = Math.max(debt.longestUs, stretchUs)
  }
}
