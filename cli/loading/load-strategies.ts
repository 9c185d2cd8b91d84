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

/**
 * The strategy that `--strategy` names, if it works on any of the documents' types. Without a name, the
 * only one that does.
 */
export function strategyFor(
  name: string | undefined, modules: readonly StrategyModule[], scenario: string, documents: TypedDocuments,
): StrategyModule {
  const fit = modules.filter((module) => worksOn(module, documents))
  const names = fit.map((module) => module.name).join(', ')
  if (name === undefined) {
    const [only] = fit
    if (only !== undefined && fit.length === 1) return only
    throw new BadInput({ code: 'bad-value', where: '--strategy', path: '', expected: `one of ${names}`, got: 'nothing' })
  }
  const named = strategyNamed(name, modules, '--strategy')
  if (fit.includes(named)) return named
  const types = [...new Set(documents.flatMap(({ fields }) => fields.map(({ type }) => type)))].join(', ')
  throw new BadInput({
    code: 'contradiction', where: '--strategy', path: '',
    expected: `a strategy for the data types of ${scenario} (${types}): ${names}`, got: `${name}, which has none of them`,
  })
}

type TypedDocuments = readonly { readonly fields: readonly { readonly type: DataType }[] }[]

/** Whether the strategy can hold any field of these documents. */
export function worksOn(module: StrategyModule, documents: TypedDocuments): boolean {
  return documents.some(({ fields }) => fields.some(({ type }) => module.types[type] !== 'none'))
}
