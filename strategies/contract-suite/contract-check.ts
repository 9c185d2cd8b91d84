/** One rule of the strategy contract as something that can be run, by any test runner or by none. */
import type { Strategy } from '../../sim/contract.ts'

export interface ContractCheck {
  /** Says what must be true; begins with the ids of the requirements or design rules behind it. */
  readonly name: string
  /** @throws ContractViolation, or whatever the strategy throws */
  run(strategy: Strategy): void
}

/** The strategy broke a rule of the contract. */
export class ContractViolation extends Error {
  override readonly name = 'ContractViolation'
}

/** @throws ContractViolation with what `message` says, unless `condition` holds */
export function must(condition: boolean, message: () => string): void {
  if (!condition) throw new ContractViolation(message())
}

/** Holds two plain values equal, as JSON shows them: in the order of their keys too. */
export function mustEqual(got: unknown, expected: unknown, what: () => string): void {
  const [left, right] = [JSON.stringify(got), JSON.stringify(expected)]
  must(left === right, () => `${what()}: expected ${right}, got ${left}`)
}
