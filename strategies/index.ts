/** `syncstorm/strategies`: the conflict strategies that come with syncstorm, in the order they are shown. */
import type { StrategyModule } from '../sim/contract.ts'
import crdtYjs from './crdt-yjs/index.ts'
import lwwServer from './lww-server/index.ts'
import otText from './ot-text/index.ts'
import versionReject from './version-reject/index.ts'

export const strategies: readonly StrategyModule[] = [lwwServer, versionReject, otText, crdtYjs]

export function findStrategy(name: string): StrategyModule | undefined {
  return strategies.find((strategy) => strategy.name === name)
}

export { ContractViolation, contractChecks, type ContractCheck } from './contract-suite/index.ts'
