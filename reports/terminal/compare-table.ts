/** A comparison on the terminal: verdicts against claims, metrics with their intervals, paired differences. */
import type { CampaignVerdict, CompareDocument, ComparedStrategy } from '../documents/compare-document.ts'
import { type ClaimCell, claimCell, claimLegend, renderClaimCell } from './claim-cell.ts'
import { type GridRow, renderGrid } from './grid.ts'
import { formatCompact } from './numbers.ts'
import type { Paint } from './paint.ts'
import { wrapList, wrapText } from './wrap.ts'

export interface TableStyle {
  readonly width: number
  readonly paint: Paint
}

/** Rows: property and data type. Columns: strategies. */
export function renderVerdicts(document: CompareDocument, style: TableStyle): string {
  const grid = renderGrid({
    corner: 'property', columns: names(document), rows: verdictRows(document, style.paint), ...style,
  })
  return `${grid}\n\n${style.paint.faint(wrapList(claimLegend(cellsOf(document)), style.width))}`
}

function cellsOf(document: CompareDocument): ReadonlySet<ClaimCell> {
  const rows = rowsOf(document)
  return new Set(document.strategies.flatMap((strategy) =>
    rows.map(({ property, type }) => {
      const verdict = find(strategy, property, type)
      return verdict === undefined ? 'not-applicable' : claimCell(verdict)
    })))
}

function verdictRows(document: CompareDocument, paint: Paint): readonly GridRow[] {
  return rowsOf(document).map((row) => ({
    label: row.type === 'any' ? row.property : `${row.property} ${paint.faint(row.type)}`,
    cells: document.strategies.map((strategy) => {
      const verdict = find(strategy, row.property, row.type)
      return verdict === undefined ? paint.faint('-') : renderClaimCell(verdict, paint)
    }),
  }))
}

/** Every property and type that some strategy was judged on: a property's types together, in order of first mention. */
function rowsOf(document: CompareDocument): readonly { readonly property: string; readonly type: string }[] {
  const verdicts = document.strategies.flatMap((strategy) => strategy.verdicts)
  return [...new Set(verdicts.map(({ property }) => property))].flatMap((property) => {
    const types = new Set(verdicts.filter((verdict) => verdict.property === property).map(({ type }) => type))
    return [...types].map((type) => ({ property, type }))
  })
}

function find(strategy: ComparedStrategy, property: string, type: string): CampaignVerdict | undefined {
  return strategy.verdicts.find((verdict) => verdict.property === property && verdict.type === type)
}

/** The metrics shown on the terminal, in this order: how fast, what became of the edits, at what cost. The document has all of them. */
const SHOWN_METRICS = [
  'syncDurableMs', 'syncAllMs', 'convergenceMs', 'stalenessMs',
  'edits', 'skipped', 'unfinished', 'neverShown', 'rejected', 'merged', 'overwritten', 'lost', 'wrongWinners', 'flickers',
  'refetches', 'bytesUp', 'bytesDown', 'frames', 'serverOperations',
] as const

/** The mean over seeds, with the half width of its 95 % interval. */
export function renderMetrics(document: CompareDocument, style: TableStyle): string {
  const measured = SHOWN_METRICS.filter((metric) => document.strategies.some((strategy) => strategy.metrics[metric] !== undefined))
  const zero = measured.filter((metric) => isZeroForAll(document, metric))
  const rows = measured.filter((metric) => !zero.includes(metric)).map((metric): GridRow => ({
    label: metric,
    cells: document.strategies.map((strategy) => {
      const summary = strategy.metrics[metric]
      if (summary === undefined || summary.n === 0) return style.paint.faint('-')
      const fewer = summary.n < document.seeds.length ? style.paint.faint(` n=${summary.n}`) : ''
      return `${formatCompact(summary.mean)}${margin(summary.ci95, style.paint)}${fewer}`
    }),
  }))
  const grid = renderGrid({ corner: `mean ±95 %, n=${document.seeds.length}`, columns: names(document), rows, ...style })
  if (zero.length === 0) return grid
  return `${grid}\n${style.paint.faint(wrapText(`Zero for all, not shown: ${zero.join(', ')}.`, style.width, ' '))}`
}

/** Metrics are never negative, so a mean of zero is zero in every seed. */
function isZeroForAll(document: CompareDocument, metric: string): boolean {
  return document.strategies.every((strategy) => (strategy.metrics[metric]?.mean ?? 0) === 0)
}

/** What the paragraph of paired differences speaks of: the speed, the traffic, and what users lose. */
const PAIRED_METRICS = ['syncDurableMs', 'syncAllMs', 'rejected', 'overwritten', 'lost', 'bytesUp', 'bytesDown'] as const

/** Each strategy less the first one, seed by seed. */
export function renderPaired(document: CompareDocument, style: TableStyle): string {
  const [first, ...others] = names(document)
  if (first === undefined || others.length === 0) return ''
  const paired = PAIRED_METRICS.filter((metric) => document.paired.some((pair) => pair.metric === metric) && !isZeroForAll(document, metric))
  const rows = paired.map((metric): GridRow => ({
    label: metric,
    cells: others.map((other) => {
      const pair = document.paired.find((entry) => entry.metric === metric && entry.a === other && entry.b === first)
      if (pair === undefined) return style.paint.faint('-')
      const sign = pair.meanDifference > 0 ? '+' : ''
      return `${sign}${formatCompact(pair.meanDifference)}${margin(pair.ci95, style.paint)}`
    }),
  }))
  return renderGrid({ corner: `less ${first}`, columns: others, rows, ...style })
}

function margin(ci95: readonly [number | null, number | null], paint: Paint): string {
  const [low, high] = ci95
  if (low === null || high === null) return ''
  return low === high ? '' : paint.faint(` ±${formatCompact((high - low) / 2)}`)
}

function names(document: CompareDocument): readonly string[] {
  return document.strategies.map((strategy) => strategy.name)
}
