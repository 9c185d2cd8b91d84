/**
 * The strategy contract as a list of checks, for the four strategies that come with syncstorm and for anybody
 * else's: what a module must do whatever it promises. What it promises (its claims) the properties judge.
 *
 * Call `installAmbient()` (from `syncstorm/sim`) before the strategy's library is imported; otherwise the check
 * of the ambient clock and randomness sees less.
 *
 * @example
 * const strategy = await module.load((name) => import(name))
 * for (const { name, run } of contractChecks(module)) it(name, () => run(strategy))
 */
import type { StrategyModule } from '../../sim/contract.ts'
import { loopbackChecks } from './loopback-checks.ts'
import { worldChecks } from './world-checks.ts'
import type { ContractCheck } from './contract-check.ts'

export { ContractViolation, type ContractCheck } from './contract-check.ts'

/** Every check that applies to `module`; each runs the loaded strategy from its start, as often as it likes. */
export function contractChecks(module: StrategyModule): readonly ContractCheck[] {
  return [...loopbackChecks(module), ...worldChecks(module)]
}
