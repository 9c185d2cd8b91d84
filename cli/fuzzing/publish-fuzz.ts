/** What a search leaves behind: the counterexample files, and what is printed. */
import { join } from 'node:path'
import { counterexampleFileName } from '../../properties/search/counterexample.ts'
import { makeFuzzDocument, type FuzzReport } from '../../reports/fuzz-report.ts'
import { renderJson } from '../../reports/json.ts'
import { renderFuzz } from '../../reports/terminal/fuzz-lines.ts'
import { makePaint } from '../../reports/terminal/paint.ts'
import type { CommandContext } from '../command-context.ts'
import { quote } from '../quote.ts'
import { saveFiles } from '../saving.ts'

export function publishFuzz(report: FuzzReport, out: string, json: boolean, context: CommandContext): void {
  const { streams, self } = context
  const files = saveFiles(report.finds.map(({ counterexample }) => ({
    name: join('counterexamples', counterexampleFileName(counterexample)), text: renderJson(counterexample),
  })), out, context)
  const document = makeFuzzDocument(report, files)
  if (json) streams.out.write(renderJson(document))
  else streams.out.write(`${renderFuzz(report, document, { width: streams.out.columns, paint: makePaint(streams.out.colour) })}\n`)
  if (report.finds.length === 0) for (const floor of report.unmetFloors) streams.err.write(`syncstorm: inconclusive: ${floor}\n`)
  if (!json && files.length > 0) streams.err.write(`\nNext:\n${files.map((file) => `  ${self} replay ${quote(file)}\n`).join('')}`)
}
