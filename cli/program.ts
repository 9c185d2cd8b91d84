/**
 * The command line: registers the commands, turns every way of failing into a message and an exit code.
 *
 * Each command's file holds its flags and imports what it works with only when it runs, so that `--help`
 * does not load the world. Without a command the main job runs: the comparison on the default scenario.
 */
import { Command, CommanderError } from 'commander'
import type { CommandContext } from './command-context.ts'
import { registerCompare } from './commands/compare.ts'
import { registerFuzz } from './commands/fuzz.ts'
import { registerList } from './commands/list.ts'
import { registerReplay } from './commands/replay.ts'
import { registerRun } from './commands/run.ts'
import { EXIT, type ExitCode } from './exit-codes.ts'
import { reportFailure } from './failures.ts'
import { VERSION } from './version.ts'

const DEFAULT_COMMAND = 'compare'

/** Runs one command line (without node and the script); resolves to the exit code, never rejects. */
export async function runProgram(argv: readonly string[], context: CommandContext): Promise<ExitCode> {
  let exitCode: ExitCode = EXIT.asClaimed
  const program = buildProgram(context, (code) => { exitCode = code })
  const words = argv.filter((argument) => argument !== '--no-color')
  try {
    await program.parseAsync(words.length === 0 ? [DEFAULT_COMMAND] : [...argv], { from: 'user' })
    return exitCode
  } catch (problem) {
    if (problem instanceof CommanderError) return problem.exitCode === 0 ? EXIT.asClaimed : EXIT.badInput
    return reportFailure(problem, context.streams.err, argv)
  }
}

function buildProgram(context: CommandContext, onExit: (code: ExitCode) => void): Command {
  const { out, err } = context.streams
  const program = new Command('syncstorm')
    .description('Does your sync survive a real network? Runs conflict strategies over a simulated one and judges what happened.')
    .version(VERSION)
    .option('--no-color', 'plain text, also on a terminal')
    .helpCommand(false)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => out.write(text),
      writeErr: (text) => err.write(text),
      outputError: (text, write) => write(text.replace(/^error: /, 'syncstorm: ').replace(/\n\((Did you mean .*)\)\n$/, ' ($1)\n')),
      getOutHelpWidth: () => out.columns,
      getErrHelpWidth: () => err.columns,
      getOutHasColors: () => out.colour,
      getErrHasColors: () => err.colour,
    })
    .addHelpText('after', [
      '', 'Without a command: compares the strategies on the default scenario.', '', 'Examples:',
      `  ${context.self}`,
      `  ${context.self} run order-desk --strategy lww-server --seed 7`,
      `  ${context.self} list scenarios`, '',
    ].join('\n'))
  registerRun(program, context, onExit)
  registerCompare(program, context, onExit)
  registerFuzz(program, context, onExit)
  registerReplay(program, context, onExit)
  registerList(program, context)
  return program
}
