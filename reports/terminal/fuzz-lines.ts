/** A search on the terminal: what was found, or what was tried in vain (H1, H7). */
import type { FuzzDocument } from '../documents/fuzz-document.ts'
import type { FuzzReport } from '../fuzz-report.ts'
import type { TableStyle } from './compare-table.ts'
import { count, formatDuration, groupThousands } from './numbers.ts'
import { wrapText } from './wrap.ts'

export function renderFuzz(report: FuzzReport, document: FuzzDocument, { paint, width }: TableStyle): string {
  const { coverage, runs, finds } = report
  const mark = (name: string): number => coverage[name] ?? 0
  const found = finds.flatMap((find, index) => [
    paint.bad(`✗ ${find.property} (${find.type}) is violated`),
    wrapText(`Found in run ${groupThousands(find.foundAtRun)}; shrunk to ${count(find.devices, 'device')}, ${count(find.edits, 'edit')} and ${count(find.faults, 'fault')} `
      + `in ${count(find.shrinks, 'step')} (${find.minimal === 'proven' ? 'nothing more can be left out' : 'as far as the budget went'}).`, width, '  '),
    '',
    ...find.counterexample.story.map((line) => `  ${line}`),
    '',
    `  ${paint.strong(document.counterexamples[index]?.file ?? '')}`,
    '',
  ])
  return [
    paint.strong(`${report.scenario} under ${report.strategy}, search ${report.seed}`),
    '',
    ...(finds.length === 0 ? [paint.good('✓ nothing found')] : found),
    wrapText(`Done: ${count(runs, 'run')} in ${formatDuration(report.wallMs)} (${document.runsPerSecond}/s); ${count(mark('edits'), 'edit')}, `
      + `${count(mark('concurrentPairs'), 'concurrent pair')}, ${count(mark('faults'), 'fault')}, ${groupThousands(mark('faultsThatHit'))} of them hit something in flight.`, width),
    ...(finds.length > 0 || runs === 0 ? [] : [wrapText(`With 95 % confidence, fewer than about 1 in ${groupThousands(Math.max(1, Math.floor(runs / 3)))} runs of this scenario fail.`, width)]),
  ].join('\n')
}
