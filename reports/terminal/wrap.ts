/** Text fitted to the terminal's width. Widths are those of the terminal's cells, not of the string. */
import stringWidth from 'string-width'

/** Items side by side, as many as fit into a line. */
export function wrapList(items: readonly string[], width: number, gap = '   '): string {
  return join(items, width, gap, ' ')
}

/** A paragraph, broken at spaces. Words longer than the line stay whole. */
export function wrapText(text: string, width: number, indent = ''): string {
  return join(text.split(/\s+/).filter((word) => word !== ''), width, ' ', indent)
}

function join(items: readonly string[], width: number, gap: string, indent: string): string {
  const lines: string[] = []
  let line = ''
  for (const item of items) {
    if (line !== '' && stringWidth(indent + line + gap + item) > width) {
      lines.push(indent + line)
      line = ''
    }
    line += line === '' ? item : gap + item
  }
  if (line !== '') lines.push(indent + line)
  return lines.join('\n')
}

/** Cuts a line to `width` cells, with an ellipsis where something was cut. */
export function cut(text: string, width: number): string {
  if (stringWidth(text) <= width) return text
  let kept = ''
  for (const point of text) {
    if (stringWidth(kept + point) > width - 1) break
    kept += point
  }
  return `${kept}…`
}
