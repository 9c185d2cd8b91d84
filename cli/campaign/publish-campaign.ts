/** What a campaign leaves behind: the saved report, and what is printed. */
import { renderJson } from '../../reports/json.ts'
import type { CampaignReport } from '../../reports/campaign-report.ts'
import { renderComparisonMarkdown } from '../../reports/markdown/compare-markdown.ts'
import { renderComparison } from '../../reports/terminal/comparison.ts'
import { makePaint } from '../../reports/terminal/paint.ts'
import type { CommandContext } from '../command-context.ts'
import { fileNamePart, saveFiles, type NamedText } from '../saving.ts'
import { nextCommands, type AskedScenario } from './next-commands.ts'
import type { Format } from './prepare-campaign.ts'

export function saveComparison(
  report: CampaignReport, formats: readonly Format[], out: string, context: CommandContext,
): readonly string[] {
  const name = `compare-${fileNamePart(report.document.scenario)}`
  return saveFiles(formats.map((format): NamedText => {
    switch (format) {
      case 'json': return { name: `${name}.json`, text: renderJson(report.document) }
      case 'markdown': return { name: `${name}.md`, text: renderComparisonMarkdown(report) }
    }
  }), out, context)
}

export interface PrintOptions {
  readonly asked: AskedScenario
  readonly saved: readonly string[]
  readonly json: boolean
}

export function printComparison(report: CampaignReport, { asked, saved, json }: PrintOptions, context: CommandContext): void {
  const { out, err } = context.streams
  if (json) {
    out.write(renderJson(report.document))
  } else {
    out.write(`${renderComparison(report, { width: out.columns, paint: makePaint(out.colour) })}\n`)
  }
  for (const { strategy, property, type, seed } of report.violations.filter(({ broken }) => broken)) {
    const what = seed === null ? 'a violation that it claims was never seen' : `violated under seed ${seed}`
    err.write(`syncstorm: broken claim: ${strategy}, ${property} (${type}): ${what}\n`)
  }
  if (report.notQuiet > 0) err.write(`syncstorm: ${report.notQuiet} runs did not become quiet within their horizon\n`)
  for (const floor of report.unmetFloors) err.write(`syncstorm: inconclusive: ${floor}\n`)
  if (report.cutShort > 0) err.write(`syncstorm: inconclusive: the event budget cut ${report.cutShort} runs short\n`)
  if (saved.length > 0) err.write(`syncstorm: saved ${saved.join(' and ')}\n`)
  if (!json) err.write(`\nNext:\n${nextCommands(report, asked, context.self).map((line) => `  ${line}\n`).join('')}`)
}
