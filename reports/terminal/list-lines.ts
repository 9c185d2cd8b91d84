/** Names and summaries, one line each, so that `grep` and `cut` work on them. */
import type { ListEntry } from '../documents/list-document.ts'
import type { TableStyle } from './compare-table.ts'
import { cut } from './wrap.ts'

export function renderList(entries: readonly ListEntry[], style: TableStyle): string {
  const nameWidth = Math.max(0, ...entries.map(({ name }) => name.length)) + 2
  return entries.map(({ name, summary }) =>
    `${style.paint.strong(name)}${' '.repeat(nameWidth - name.length)}${cut(summary, style.width - nameWidth)}\n`).join('')
}
