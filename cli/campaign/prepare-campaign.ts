/** What `compare` was asked for, checked: the scenario, the strategies that fit it, the seeds. */
import { availableParallelism } from 'node:os'
import { BadInput } from '../../sim/bad-input.ts'
import { canonicalSeed, DEFAULT_SCENARIO } from '../../sim/index.ts'
import type { StrategyModule } from '../../sim/index.ts'
import { expectedName } from '../../sim/scenario/nearest-name.ts'
import type { Scenario } from '../../sim/scenario/scenario-schema.ts'
import { loadScenario, planFor } from '../loading/load-scenario.ts'
import { loadStrategyModules, misfit, type Misfit, strategyNamed } from '../loading/load-strategies.ts'
import { campaignSeeds, parseCount } from '../loading/seeds.ts'
import type { CampaignSetup } from './run-seed.ts'

export interface CampaignRequest {
  readonly strategies?: string
  readonly seeds?: string
  readonly runs?: string
  readonly workers?: string
  readonly set: readonly string[]
  readonly format: string
}

export const FORMATS = ['json', 'markdown'] as const
export type Format = (typeof FORMATS)[number]

export interface Campaign {
  readonly setup: CampaignSetup
  readonly modules: readonly StrategyModule[]
  /** Strategies that cannot run on the scenario. */
  readonly leftOut: readonly { readonly name: string; readonly why: Misfit }[]
  /** In canonical form, each once. */
  readonly seeds: readonly string[]
  readonly workers: number
  readonly formats: readonly Format[]
}

const WORKERS_MAX = 256
/** Every worker holds all libraries; more than these gain little on a laptop. */
const WORKERS_DEFAULT_MAX = 8

export async function prepareCampaign(
  scenario: string | undefined, request: CampaignRequest, workingFolder: string,
): Promise<Campaign> {
  const formats = parseFormats(request.format)
  const workers = request.workers === undefined
    ? Math.min(availableParallelism(), WORKERS_DEFAULT_MAX) : parseCount('--workers', request.workers, WORKERS_MAX)
  const asked = campaignSeeds(request)
  const all = await loadStrategyModules()
  const chosen = request.strategies === undefined ? all : parseNames(request.strategies).map((name) => strategyNamed(name, all, '--strategies'))
  const loaded = loadScenario(scenario ?? DEFAULT_SCENARIO, request.set, workingFolder)
  refuseWaitingFaults(loaded.scenario)
  const leftOut = chosen.flatMap((module) => {
    const why = misfit(module, loaded.scenario)
    return why === undefined ? [] : [{ name: module.name, why }]
  })
  const modules = chosen.filter(({ name }) => !leftOut.some((one) => one.name === name))
  if (modules.length === 0) {
    throw new BadInput({
      code: 'contradiction', where: '--strategies', path: '',
      expected: leftOut.some(({ why }) => why === 'delivery') ? `a strategy that bears datagrams, for transport ${loaded.scenario.transport}`
        : `a strategy for the data types of ${loaded.scenario.name}`,
      got: leftOut.map(({ name }) => name).join(', '),
    })
  }
  // Made here once so that what is wrong with it is said before any worker starts.
  const seeds = [...new Set(asked.map(canonicalSeed))]
  planFor(loaded, seeds[0] ?? '1')
  return { setup: { loaded, strategies: modules.map(({ name }) => name) }, modules, leftOut, seeds, workers, formats }
}

/** D5: what waits for a moment of the protocol strikes each strategy at another time, and a comparison is of the same weather. */
function refuseWaitingFaults({ name, weather }: Scenario): void {
  const [first, ...others] = weather.flatMap((entry, index) => entry.when === undefined ? [] : [{ entry, index }])
  if (first === undefined) return
  throw new BadInput({
    code: 'contradiction', where: name, path: `weather[${first.index}].when`, others: others.length,
    expected: 'weather that strikes every strategy at the same times, for a comparison (run and fuzz take any)',
    got: `"${first.entry.name}", which waits for ${first.entry.when?.event ?? ''}`,
  })
}

function parseNames(list: string): readonly string[] {
  return [...new Set(list.split(',').map((name) => name.trim()))]
}

function parseFormats(list: string): readonly Format[] {
  return parseNames(list).map((name) => {
    const format = FORMATS.find((known) => known === name)
    if (format !== undefined) return format
    throw new BadInput({
      code: 'unknown-name', where: '--format', path: '', got: JSON.stringify(name),
      expected: name === 'html' || name === 'junit' ? `${FORMATS.join(' or ')} (${name} is not in this release)` : expectedName(name, FORMATS),
    })
  })
}
