/**
 * Loads strategies by name. The ambient shims stand before any strategy's library is imported (D3):
 * several libraries capture the clock and the random source at import.
 */
import { BadInput } from '../../sim/bad-input.ts'
import type { Strategy, StrategyModule, TransportName } from '../../sim/contract.ts'
import { installAmbient } from '../../sim/kernel/ambient.ts'
import { bears } from '../../sim/network/delivery.ts'
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

/** What a strategy is to run on: a plan, or what a scenario says of it. */
export interface Task {
  readonly scenario: string
  readonly documents: readonly { readonly fields: readonly { readonly type: DataType }[] }[]
  readonly transport: TransportName
}

/**
 * The strategy that `--strategy` names, if it can run on this task. Without a name, the only one that can.
 */
export function strategyFor(name: string | undefined, modules: readonly StrategyModule[], task: Task): StrategyModule {
  const fit = modules.filter((module) => misfit(module, task) === undefined)
  const names = fit.map((module) => module.name).join(', ')
  if (name === undefined) {
    const [only] = fit
    if (only !== undefined && fit.length === 1) return only
    throw new BadInput({ code: 'bad-value', where: '--strategy', path: '', expected: `one of ${names}`, got: 'nothing' })
  }
  const named = strategyNamed(name, modules, '--strategy')
  const why = misfit(named, task)
  if (why === undefined) return named
  throw new BadInput({ code: 'contradiction', where: '--strategy', path: '', expected: `${wanted(why, task)}: ${names}`, got: `${name}, which ${REASONS[why]}` })
}

/** Why a strategy cannot run on a task. */
export type Misfit = 'types' | 'delivery'

const REASONS: Readonly<Record<Misfit, string>> = { types: 'has none of them', delivery: 'needs ordered streams' }

function wanted(why: Misfit, { scenario, documents, transport }: Task): string {
  if (why === 'delivery') return `a strategy that bears datagrams, for transport ${transport}`
  const types = [...new Set(documents.flatMap(({ fields }) => fields.map(({ type }) => type)))].join(', ')
  return `a strategy for the data types of ${scenario} (${types})`
}

/** Undefined if the strategy can hold any field of the documents, and bears what the transport does to frames. */
export function misfit(module: StrategyModule, { documents, transport }: Pick<Task, 'documents' | 'transport'>): Misfit | undefined {
  if (!documents.some(({ fields }) => fields.some(({ type }) => module.types[type] !== 'none'))) return 'types'
  return bears(module, transport) ? undefined : 'delivery'
}
