/** The whole of `compare` on a terminal: verdicts, metrics, paired differences, and what was done (H7). */
import type { CampaignReport } from '../campaign-report.ts'
import { renderMetrics, renderPaired, renderVerdicts, type TableStyle } from './compare-table.ts'
import { count, formatDuration, groupThousands } from './numbers.ts'
import { wrapText } from './wrap.ts'

export function renderComparison(report: CampaignReport, style: TableStyle): string {
  const { document } = report
  const { paint, width } = style
  const paired = renderPaired(document, style)
  return [
    paint.strong(`${document.scenario}: what was claimed, and in how many of ${count(document.seeds.length, 'seed')} it was seen`),
    renderVerdicts(document, style),
    renderMetrics(document, style),
    ...(paired === '' ? [] : [
      `${paired}\n${paint.faint(wrapText('Paired differences, seed by seed: same edits, same weather. Less is better.', width, ' '))}`,
    ]),
    doneLines(report).map((line) => wrapText(line, width, ' ')).join('\n'),
  ].join('\n\n')
}

/** What was done, so that a green table can be weighed. */
export function doneLines({ document, done, unmetFloors }: CampaignReport): readonly string[] {
  const strategies = document.strategies.length
  return [
    `Done: ${count(document.seeds.length, 'seed')} × ${count(strategies, 'strategy', 'strategies')} = ${count(done.runs, 'run')} in ${formatDuration(done.wallMs)}; `
      + `${count(done.edits, 'edit')} (${groupThousands(done.skipped)} more skipped), ${count(done.concurrentPairs, 'concurrent pair')}, `
      + `${count(done.faults, 'fault')}, ${groupThousands(done.faultsThatHit)} of them hit something in flight.`,
    unmetFloors.length === 0 ? 'Coverage floors: met.' : `Coverage floors not met: ${unmetFloors.join('; ')}.`,
  ]
}
