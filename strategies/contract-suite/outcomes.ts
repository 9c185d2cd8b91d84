/** What a strategy may say about one edit, in which order: the rules of `settle`. */
import type { Settlement, StrategyModule } from '../../sim/contract.ts'
import { must } from './contract-check.ts'

/**
 * Each level at most once; one outcome in all, which is the strategy's own level, a rejection or a merge; and
 * nothing after a rejection or a merge.
 * @throws ContractViolation
 */
export function mustBeOneOutcome(edit: string, said: readonly Settlement[], { settles }: StrategyModule): void {
  const text = said.map((one) => (typeof one === 'string' ? one : Object.keys(one).join())).join(', ')
  const outcomes = said.filter((one) => one === settles || typeof one !== 'string')
  must(outcomes.length === 1, () => `edit ${edit} needs one outcome (${settles}, rejected or merged), got ${text === '' ? 'none' : text}`)
  for (const level of ['local-durable', 'server-durable']) {
    must(said.filter((one) => one === level).length <= 1, () => `edit ${edit} was settled twice: ${text}`)
  }
  must(said.every((one, index) => typeof one === 'string' || index === said.length - 1), () => `edit ${edit} was settled after its end: ${text}`)
}
