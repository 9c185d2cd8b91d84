/** What to run after a comparison: a look at the most telling run, more seeds, and what else there is. */
import type { CampaignReport } from '../../reports/campaign-report.ts'
import { quote } from '../quote.ts'

const RUNS_NEXT = 200

/** What the user asked for: the scenario as it was typed, and the changes made to it. */
export interface AskedScenario {
  readonly scenario: string
  readonly set: readonly string[]
}

export function nextCommands({ document, violations }: CampaignReport, asked: AskedScenario, self: string): readonly string[] {
  const { seeds, strategies } = document
  const scenario = [asked.scenario, ...asked.set.flatMap((set) => ['--set', set])].map(quote).join(' ')
  // Broken claims come first; lost writes are what users ask about.
  const telling = violations.find(({ broken }) => broken)
    ?? violations.find(({ property }) => property === 'no-lost-write') ?? violations[0]
  const strategy = telling?.strategy ?? strategies[0]?.name
  const seed = telling?.seed ?? seeds[0] ?? '1'
  return [
    ...(strategy === undefined ? [] : [`${self} run ${scenario} --strategy ${strategy} --seed ${quote(seed)}`]),
    ...(telling === undefined ? [] : [`${self} fuzz ${scenario} --strategy ${telling.strategy} --property ${telling.property}`]),
    `${self} compare ${scenario} --runs ${Math.max(RUNS_NEXT, seeds.length * 4)}`,
    `${self} list scenarios`,
  ]
}
