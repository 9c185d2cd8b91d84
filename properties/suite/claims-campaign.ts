/**
 * Tests a strategy's claims in both directions (H4): a search over each scenario, judged by every property.
 *
 * One run per scenario and seed serves all properties. A violation of what is claimed to hold comes back
 * shrunk, as a find; the table says per property and type how often it held, failed, or was not tested.
 */
import type { Strategy, StrategyModule } from '../../sim/contract.ts'
import type { RunOptions } from '../../sim/run.ts'
import { findScenario } from '../../sim/scenario/catalogue/index.ts'
import { validateScenario } from '../../sim/scenario/scenario-schema.ts'
import { setPaths } from '../../sim/scenario/set-path.ts'
import { compareCampaign, type ClaimedCampaign } from '../campaign/claims.ts'
import { fuzz, type FuzzResult } from '../search/fuzz.ts'
import { judgeRun } from '../judge.ts'
import type { Judgement } from '../property.ts'

export interface ClaimsCampaign {
  readonly scenario: string
  readonly search: FuzzResult
  /** One row per property and type. */
  readonly rows: readonly ClaimedCampaign[]
  /** The judgements of each run, in the order of the runs. */
  readonly judgements: readonly (readonly Judgement[])[]
}

export interface ClaimsCampaignOptions {
  readonly scenario: string
  readonly runs: number
  readonly seed: string | number
  readonly run: RunOptions
  /** Changes to the scenario, as `--set` takes them. */
  readonly settings?: readonly string[]
}

export function claimsCampaign(module: StrategyModule, strategy: Strategy, options: ClaimsCampaignOptions): ClaimsCampaign {
  const judgements: (readonly Judgement[])[] = []
  const scenario = validateScenario(setPaths(findScenario(options.scenario), options.settings ?? []), options.scenario)
  const search = fuzz({
    scenario, module, strategy, run: options.run, seed: options.seed, runs: options.runs,
    onRun: ({ history }) => judgements.push(judgeRun(history)),
  })
  return { scenario: options.scenario, search, rows: compareCampaign(options.scenario, judgements, module.claims, scenario), judgements }
}

/** What a campaign did, in one line (H7). */
export function describeCampaign({ scenario, search: { seed, runs, coverage } }: ClaimsCampaign): string {
  const { edits = 0, acknowledgedEdits = 0, concurrentPairs = 0, faultsThatHit = 0, faults = 0 } = coverage
  return `${scenario}, ${runs} runs of seed ${seed}: ${edits} edits, ${acknowledgedEdits} acknowledged, `
    + `${concurrentPairs} concurrent pairs, ${faultsThatHit} of ${faults} faults hit something`
}
