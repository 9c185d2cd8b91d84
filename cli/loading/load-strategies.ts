/**
 * Loads strategies by name. The ambient shims stand before any strategy's library is imported (D3):
 * several libraries capture the clock and the random source at import.
 */
import { BadInput } from '../../sim/bad-input.ts'
import type { Strategy, StrategyModule } from '../../sim/contract.ts'
import { installAmbient } from '../../sim/kernel/ambient.ts'
import { expectedName } from '../../sim/scenario/nearest-name.ts'
import type { DataType } from '../../sim/values.ts'
import { makeLibraryResolver } from '../library-resolver.ts'

export interface LoadedStrategy {
  readonly module: StrategyModule
  readonly strategy: Strategy
}

export async function loadStrategyModules(): Promise<readonly StrategyModule[]> {
  installAmbient()
  const { strategies } = await import('../../strategies/index.ts')
  return strategies
}

export async function loadStrategy(module: StrategyModule): Promise<LoadedStrategy> {
  installAmbient()
  return { module, strategy: await module.load(makeLibraryResolver(module.name)) }
}

/** The strategy of that name; `where` is the flag it was given to. */
export function strategyNamed(name: string, modules: readonly StrategyModule[], where: string): StrategyModule {
  const found = modules.find((module) => module.name === name)
  if (found !== undefined) return found
  throw new BadInput({
    code: 'unknown-name', where, path: '', expected: expectedName(name, modules.map((module) => module.name)), got: JSON.stringify(name),
  })
}

/** Whether the strategy can hold any field of these documents. */
export function worksOn(module: StrategyModule, documents: readonly { readonly fields: readonly { readonly type: DataType }[] }[]): boolean {
  return documents.some(({ fields }) => fields.some(({ type }) => module.types[type] !== 'none'))
}
