/** `fuzz [scenario]`: searches for violations, shrinks them, and writes counterexamples. */
import type { Command } from 'commander'
import type { FuzzReport } from '../../reports/fuzz-report.ts'
import type { CommandContext } from '../command-context.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { collect, commonOptions, examples } from './common-options.ts'

export interface FuzzFlags {
  readonly strategy?: string
  readonly property: readonly string[]
  readonly runs?: string
  readonly time?: string
  readonly seed?: string
  readonly set: readonly string[]
  readonly out: string
  readonly json?: true
}

export function registerFuzz(program: Command, context: CommandContext, onExit: (code: ExitCode) => void): void {
  const command = program.command('fuzz')
    .description('Searches for violations, shrinks them, and writes counterexamples')
    .argument('[scenario]', 'a name (list scenarios), or a .json file; order-desk unless given')
    .option('--strategy <name>', 'the strategy (list strategies)')
    .option('--property <name>', 'only this one; repeatable. All that is claimed to hold unless given', collect, [])
    .option('--runs <n>', 'stop after so many runs; 1000 unless --time is given')
    .option('--time <duration>', 'stop after 15s, 5m or 1h')
    .option('--seed <n|text>', 'of the search; 1 unless given')
    .option('--set <path=value>', 'change one value of the scenario; repeatable', collect, [])
  commonOptions(command)
    .addHelpText('after', examples(context, [
      'fuzz order-desk --strategy lww-server --property no-lost-write',
      'fuzz same-caret --strategy crdt-yjs --runs 2000',
      'fuzz same-caret --strategy ot-text --time 5m --seed nightly',
    ]))
    .action(async (scenario: string | undefined, flags: FuzzFlags) => onExit(await fuzzCommand(scenario, flags, context)))
}

export async function fuzzCommand(scenario: string | undefined, flags: FuzzFlags, context: CommandContext): Promise<ExitCode> {
  const { err } = context.streams
  const { prepareFuzz } = await import('../fuzzing/prepare-fuzz.ts')
  const task = await prepareFuzz(scenario, flags, context.workingFolder)
  const { runFuzz } = await import('../fuzzing/run-fuzz.ts')
  const report = await runFuzz(task, context)
  const { publishFuzz } = await import('../fuzzing/publish-fuzz.ts')
  publishFuzz(report, flags.out, flags.json === true, context)
  if (report.stopped) err.write(`syncstorm: interrupted after ${report.runs} runs; what was found is kept\n`)
  return fuzzExitCode(report)
}

/** What a search says about the claims. Ending at its runs or its time is a normal end. */
export function fuzzExitCode({ stopped, finds, unmetFloors }: FuzzReport): ExitCode {
  if (stopped) return EXIT.interrupted
  if (finds.length > 0) return EXIT.refuted
  return unmetFloors.length > 0 ? EXIT.inconclusive : EXIT.asClaimed
}
