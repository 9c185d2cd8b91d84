/**
 * A table that keeps to the width of the terminal: a label column, then one column per strategy. Where
 * the strategies do not fit side by side they continue in a further table below.
 */
import Table from 'cli-table3'
import stringWidth from 'string-width'
import type { Paint } from './paint.ts'

export interface GridRow {
  readonly label: string
  /** One per column. */
  readonly cells: readonly string[]
}

export interface GridOptions {
  readonly corner: string
  readonly columns: readonly string[]
  readonly rows: readonly GridRow[]
  readonly width: number
  readonly paint: Paint
}

const PADDING = 2
const INDENT = 1
const COLUMN_MIN = 8

export function renderGrid(options: GridOptions): string {
  const { columns, rows, width, paint } = options
  const labelWidth = widest([options.corner, ...rows.map((row) => row.label)]) + PADDING
  const widths = columns.map((name, index) =>
    Math.max(COLUMN_MIN, widest([...splitName(name), ...rows.map((row) => row.cells[index] ?? '')]) + PADDING))
  return splitColumns(widths, Math.max(width - INDENT - labelWidth + PADDING, COLUMN_MIN)).map((part) => {
    const table = new Table({
      head: [paint.strong(options.corner), ...part.map((index) => splitName(columns[index] ?? '').map(paint.strong).join('\n'))],
      colWidths: [labelWidth, ...part.map((index) => widths[index] ?? COLUMN_MIN)],
      chars: NO_LINES,
      style: { head: [], border: [], 'padding-left': 0, 'padding-right': PADDING, compact: true },
    })
    for (const row of rows) table.push([row.label, ...part.map((index) => row.cells[index] ?? '')])
    return indent(table.toString())
  }).join('\n\n')
}

/** A long hyphenated name on two lines, at the hyphen nearest its middle. */
function splitName(name: string): readonly string[] {
  if (name.length <= 10) return [name]
  const cuts = Array.from(name.matchAll(/-/g), (match) => match.index + 1)
  const cut = cuts.sort((a, b) => Math.abs(a - name.length / 2) - Math.abs(b - name.length / 2))[0]
  return cut === undefined ? [name] : [name.slice(0, cut), name.slice(cut)]
}

function widest(texts: readonly string[]): number {
  return Math.max(0, ...texts.flatMap((text) => text.split('\n')).map((line) => stringWidth(line)))
}

/** Groups column indexes so that each group's widths fit into `room`; at least one column each. */
function splitColumns(widths: readonly number[], room: number): readonly (readonly number[])[] {
  const parts: number[][] = []
  let used = Number.POSITIVE_INFINITY
  widths.forEach((width, index) => {
    if (used + width > room) {
      parts.push([])
      used = 0
    }
    parts.at(-1)?.push(index)
    used += width
  })
  return parts
}

function indent(table: string): string {
  return table.split('\n').map((line) => (' '.repeat(INDENT) + line).trimEnd()).join('\n')
}

const NO_LINES = {
  top: '', 'top-mid': '', 'top-left': '', 'top-right': '', bottom: '', 'bottom-mid': '', 'bottom-left': '', 'bottom-right': '',
  left: '', 'left-mid': '', mid: '', 'mid-mid': '', right: '', 'right-mid': '', middle: '',
} as const
