/** One run on the terminal: what it was, each verdict with its reason, the evidence of violations, the metrics. */
import type { RunDocument } from '../documents/run-document.ts'
import type { TableStyle } from './compare-table.ts'
import { count, formatDuration, formatNumber } from './numbers.ts'
import type { Paint } from './paint.ts'
import { cut, wrapList, wrapText } from './wrap.ts'

type RunVerdict = RunDocument['verdicts'][number]

const VERDICT_WIDTH = 12

export function renderRun(document: RunDocument, style: TableStyle): string {
  return [headline(document, style), verdicts(document, style), evidence(document, style), metrics(document, style)]
    .filter((part) => part !== '').join('\n\n')
}

function headline(document: RunDocument, { paint, width }: TableStyle): string {
  const { scenario, strategy, seed, simulatedMs, wallMs, events, digest, quiescent } = document
  const what = `${scenario} under ${strategy}, seed ${seed}`
  const figures = [
    `${formatDuration(simulatedMs)} simulated in ${formatDuration(wallMs)}`, count(events, 'event'),
    quiescent ? 'quiet at the end' : 'not quiet at the end',
  ].join(', ')
  return `${paint.strong(cut(what, width))}\n${wrapText(figures, width)}\n${paint.faint(cut(`digest ${digest}`, width))}`
}

function verdicts(document: RunDocument, { paint, width }: TableStyle): string {
  const labels = document.verdicts.map(({ property, type }) => (type === 'any' ? property : `${property} ${type}`))
  const labelWidth = Math.max(...labels.map((label) => label.length), 0) + 2
  return document.verdicts.map((verdict, index) => {
    const label = (labels[index] ?? '').padEnd(labelWidth)
    const shown = paintVerdict(verdict, paint)
    return ` ${label}${shown}${cut(verdict.reason, Math.max(10, width - labelWidth - VERDICT_WIDTH - 1))}`
  }).join('\n')
}

/** The verdict's symbol and name; a violation that the strategy claims is no surprise, and so not red. */
function paintVerdict({ verdict, claimed }: RunVerdict, paint: Paint): string {
  switch (verdict) {
    case 'holds': return paint.good('✓ holds'.padEnd(VERDICT_WIDTH))
    case 'violated': {
      const expected = claimed === 'violated'
      return expected ? paint.unsure('! violated'.padEnd(VERDICT_WIDTH)) : paint.bad('✗ violated'.padEnd(VERDICT_WIDTH))
    }
    case 'vacuous': return paint.faint('~ vacuous'.padEnd(VERDICT_WIDTH))
    case 'not-applicable': return paint.faint('-'.padEnd(VERDICT_WIDTH))
  }
}

const EVIDENCE_SHOWN = 3

function evidence(document: RunDocument, { paint, width }: TableStyle): string {
  return document.verdicts.filter(({ verdict }) => verdict === 'violated').map((verdict) => {
    const found = verdict.evidence ?? []
    const because = verdict.claimed === 'violated' ? ' (the strategy claims no better)' : ''
    const lines = found.slice(0, EVIDENCE_SHOWN).map(({ what, atUs }) =>
      wrapText(`${atUs === undefined ? '' : `${formatNumber(atUs / 1000)} ms: `}${what}`, width, '   '))
    const more = found.length > EVIDENCE_SHOWN ? [`   and ${found.length - EVIDENCE_SHOWN} more (--json has them)`] : []
    return [cut(` ${paint.strong(verdict.property)} ${verdict.type}${because}`, width + 20), ...lines, ...more].join('\n')
  }).join('\n')
}

function metrics(document: RunDocument, { paint, width }: TableStyle): string {
  const entries = Object.entries(document.metrics).flatMap(([name, value]) =>
    typeof value === 'number' ? [`${name} ${paint.strong(formatNumber(value))}`] : [])
  return wrapList(entries, width)
}
