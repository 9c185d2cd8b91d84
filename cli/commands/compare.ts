/** `compare [scenario]`: the main job. Every strategy over the same seeds, judged against its claims. */
import type { Command } from 'commander'
import type { CampaignReport } from '../../reports/campaign-report.ts'
import type { CommandContext } from '../command-context.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import type { Interrupt } from '../interrupt.ts'
import { collect, commonOptions, examples } from './common-options.ts'

export interface CompareFlags {
  readonly strategies?: string
  readonly seeds?: string
  readonly runs?: string
  readonly workers?: string
  readonly set: readonly string[]
  readonly format: string
  readonly out: string
  readonly json?: true
}

export function registerCompare(program: Command, context: CommandContext, onExit: (code: ExitCode) => void): void {
  const command = program.command('compare')
    .description('Every strategy over the same seeds: verdicts against claims, metrics with intervals')
    .argument('[scenario]', 'a name (list scenarios), or a .json file; order-desk unless given')
    .option('--strategies <names>', 'only these, separated by commas')
    .option('--seeds <range>', 'seeds such as 1..200 or 3,7,40..44')
    .option('--runs <n>', 'seeds 1 to n; 50 unless given')
    .option('--workers <n>', 'worker threads; as many as there are processors unless given')
    .option('--set <path=value>', 'change one value of the scenario; repeatable', collect, [])
    .option('--format <names>', 'what to save: json, markdown', 'json,markdown')
  commonOptions(command)
    .addHelpText('after', examples(context, [
      'compare order-desk --runs 200',
      'compare same-caret --strategies ot-text,crdt-yjs --json',
      'compare order-desk --set link.latencyMs=300 --out reports/slow',
    ]))
    .action(async (scenario: string | undefined, flags: CompareFlags) => onExit(await compareCommand(scenario, flags, context)))
}

export async function compareCommand(scenario: string | undefined, flags: CompareFlags, context: CommandContext): Promise<ExitCode> {
  const { streams: { err } } = context
  const { prepareCampaign } = await import('../campaign/prepare-campaign.ts')
  const campaign = await prepareCampaign(scenario, flags, context.workingFolder)
  const { name: scenarioName, transport } = campaign.setup.loaded.scenario
  for (const { name, why } of campaign.leftOut) {
    const reason = why === 'types' ? `it has none of the data types of ${scenarioName}` : `it needs ordered streams, and transport ${transport} gives none`
    err.write(`syncstorm: ${name} is left out: ${reason}\n`)
  }
  const [{ runCampaign }, { listenForInterrupt }] = await Promise.all([import('../campaign/run-campaign.ts'), import('../interrupt.ts')])
  const interrupt: Interrupt = listenForInterrupt()
  try {
    const report = await runCampaign(campaign, interrupt.signal, context)
    const interrupted = interrupt.signal.aborted
    if (interrupted) {
      const finished = report?.document.seeds.length ?? 0
      err.write(`syncstorm: interrupted; ${finished} of ${campaign.seeds.length} seeds were finished${finished === 0 ? '' : ' and are kept'}\n`)
    }
    if (report === undefined) return EXIT.interrupted
    const { saveComparison, printComparison } = await import('../campaign/publish-campaign.ts')
    const saved = saveComparison(report, campaign.formats, flags.out, context)
    printComparison(report, {
      asked: { scenario: scenario ?? campaign.setup.loaded.scenario.name, set: flags.set }, saved, json: flags.json === true,
    }, context)
    return interrupted ? EXIT.interrupted : compareExitCode(report)
  } finally {
    interrupt.dispose()
  }
}

/** What a campaign says about the claims. A broken one outweighs too little coverage. */
export function compareExitCode({ violations, notQuiet, unmetFloors, cutShort }: CampaignReport): ExitCode {
  if (violations.some(({ broken }) => broken) || notQuiet > 0) return EXIT.refuted
  return unmetFloors.length > 0 || cutShort > 0 ? EXIT.inconclusive : EXIT.asClaimed
}
