/** A comparison as Markdown, for pull requests and wikis. The same cells as on the terminal, without colour. */
import type { CampaignReport } from '../campaign-report.ts'
import { claimCell, type ClaimCell } from '../terminal/claim-cell.ts'
import { doneLines } from '../terminal/comparison.ts'
import { formatNumber, groupThousands } from '../terminal/numbers.ts'
import type { CampaignVerdict, MetricSummary } from '../documents/compare-document.ts'

export function renderComparisonMarkdown(report: CampaignReport): string {
  const { document } = report
  const names = document.strategies.map(({ name }) => name)
  const rows = new Map(document.strategies.flatMap(({ verdicts }) => verdicts.map(({ property, type }) =>
    [`${property} ${type}`, { property, type }] as const)))
  const metrics = [...new Set(document.strategies.flatMap((strategy) => Object.keys(strategy.metrics)))]
  return [
    `# ${document.scenario}`,
    doneLines(report).join('\n\n'),
    '## Claims',
    table(['property', 'type', ...names], [...rows.values()].map(({ property, type }) => [property, type, ...document.strategies.map((strategy) =>
      claimText(strategy.verdicts.find((verdict) => verdict.property === property && verdict.type === type)))])),
    `## Metrics\n\nMean over seeds with its 95 % interval, and the 95th percentile of the seeds.`,
    table(['metric', ...names], metrics.map((metric) => [metric, ...document.strategies.map((strategy) => metricText(strategy.metrics[metric]))])),
    '## Paired differences\n\nSeed by seed: the first strategy less the second. Less is better.',
    table(['metric', 'strategies', 'mean difference', '95 % interval', 'first is better in'], document.paired.map(({ metric, a, b, meanDifference, ci95, aWins }) =>
      [metric, `${a} - ${b}`, formatNumber(meanDifference), intervalText(ci95), `${Math.round(aWins * 100)} %`])),
    `Seeds: ${document.seeds.join(', ')}`,
  ].join('\n\n') + '\n'
}

const CELL_NAMES: Readonly<Record<ClaimCell, string>> = {
  'as-claimed': 'as claimed',
  'broken-claim': '**broken claim**',
  'claimed-violation-seen': 'claimed violation seen',
  'not-yet-seen': 'not yet seen',
  vacuous: 'vacuous',
  unclaimed: 'nothing claimed',
  'not-applicable': '-',
}

function claimText(verdict: CampaignVerdict | undefined): string {
  if (verdict === undefined) return '-'
  const cell = claimCell(verdict)
  if (cell === 'not-applicable') return '-'
  const { holds, violated, vacuous, seedsNeeded } = verdict
  const needed = cell === 'not-yet-seen' && seedsNeeded !== undefined ? `, ${groupThousands(seedsNeeded)} more seeds needed` : ''
  return `${CELL_NAMES[cell]} (${holds} hold, ${violated} violated, ${vacuous} vacuous${needed})`
}

function metricText(summary: MetricSummary | undefined): string {
  if (summary === undefined) return '-'
  const interval = intervalText(summary.ci95)
  return `${formatNumber(summary.mean)}${interval === '' ? '' : ` ${interval}`}, p95 ${formatNumber(summary.p95)}, n ${summary.n}`
}

function intervalText([low, high]: readonly [number | null, number | null]): string {
  return low === null || high === null ? '' : `[${formatNumber(low)}, ${formatNumber(high)}]`
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}
