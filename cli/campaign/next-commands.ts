/** What to run after a comparison: a look at the most telling run, a search, and more seeds. */
import type { CampaignVerdict, CompareDocument } from '../../reports/documents/compare-document.ts'

const RUNS_NEXT = 200

export function nextCommands(document: CompareDocument, self: string): readonly string[] {
  const { scenario, seeds } = document
  const violations = document.strategies.flatMap(({ name, verdicts }) =>
    verdicts.filter(({ violated }) => violated > 0).map((verdict) => ({ strategy: name, verdict })))
  // A broken claim is worth more attention than a violation that the strategy owns up to.
  const [worst] = [...violations].sort((a, b) => rank(a.verdict) - rank(b.verdict))
  const strategy = worst?.strategy ?? document.strategies[0]?.name
  return [
    ...(strategy === undefined ? [] : [`${self} run ${scenario} --strategy ${strategy} --seed ${seeds[0] ?? '1'}`]),
    `${self} compare ${scenario} --runs ${Math.max(RUNS_NEXT, seeds.length * 4)}`,
    `${self} list scenarios`,
  ]
}

function rank({ asClaimed, property }: CampaignVerdict): number {
  return (asClaimed === false ? 0 : 10) + (property === 'no-lost-write' ? 0 : 1)
}
