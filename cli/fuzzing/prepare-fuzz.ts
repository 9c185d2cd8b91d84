/** What `fuzz` was asked for, checked. */
import { properties } from '../../properties/index.ts'
import { BadInput } from '../../sim/bad-input.ts'
import { canonicalSeed, DEFAULT_SCENARIO } from '../../sim/index.ts'
import { expectedName } from '../../sim/scenario/nearest-name.ts'
import { parseDurationMs } from '../loading/duration.ts'
import { loadScenario, planFor } from '../loading/load-scenario.ts'
import { loadStrategyModules, strategyFor } from '../loading/load-strategies.ts'
import { parseCount } from '../loading/seeds.ts'
import type { FuzzTask } from './fuzz-task.ts'

export interface FuzzRequest {
  readonly strategy?: string
  readonly property: readonly string[]
  readonly runs?: string
  readonly time?: string
  readonly seed?: string
  readonly set: readonly string[]
}

const RUNS_DEFAULT = 1_000
const RUNS_MAX = 1_000_000_000

export async function prepareFuzz(scenario: string | undefined, request: FuzzRequest, workingFolder: string): Promise<FuzzTask> {
  const timeMs = request.time === undefined ? undefined : parseDurationMs('--time', request.time)
  const runs = request.runs === undefined ? (timeMs === undefined ? RUNS_DEFAULT : RUNS_MAX) : parseCount('--runs', request.runs, RUNS_MAX)
  const names = request.property.map(propertyName)
  const seed = searchSeed(request.seed ?? '1')
  const modules = await loadStrategyModules()
  const loaded = loadScenario(scenario ?? DEFAULT_SCENARIO, request.set, workingFolder)
  const module = strategyFor(request.strategy, modules, { ...loaded.scenario, scenario: loaded.scenario.name })
  planFor(loaded, '1') // What is wrong with the scenario is said before the worker starts.
  return {
    loaded, strategy: module.name, properties: names.length === 0 ? undefined : [...new Set(names)], seed, runs, timeMs,
    stop: new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT),
  }
}

function propertyName(name: string): string {
  if (properties.some((property) => property.name === name)) return name
  throw new BadInput({
    code: 'unknown-name', where: '--property', path: '', expected: expectedName(name, properties.map((property) => property.name)), got: JSON.stringify(name),
  })
}

function searchSeed(text: string): string {
  try {
    return canonicalSeed(text)
  } catch (cause) {
    throw new BadInput({ code: 'bad-value', where: '--seed', path: '', expected: 'an integer or a non-empty text', got: JSON.stringify(text) }, { cause })
  }
}
