/** `replay <counterexample>`: runs a counterexample again, verifies verdict and digest, and tells its story. */
import type { Command } from 'commander'
import type { CommandContext } from '../command-context.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { examples } from './common-options.ts'

export function registerReplay(program: Command, context: CommandContext, onExit: (code: ExitCode) => void): void {
  program.command('replay')
    .description('Runs a counterexample again, verifies it, and tells its story')
    .argument('<counterexample>', 'a file that fuzz has written')
    .option('--json', 'one JSON document on stdout, and nothing else there')
    .addHelpText('after', examples(context, [
      'replay reports/out/counterexamples/<file>.json',
      'replay found.json --json',
    ]))
    .action(async (file: string, flags: { readonly json?: true }) => onExit(await replayCommand(file, flags.json === true, context)))
}

/** A counterexample that still reproduces exits with 1: what it refutes is still refuted. */
export async function replayCommand(file: string, json: boolean, context: CommandContext): Promise<ExitCode> {
  const { out, err } = context.streams
  const { replayFile } = await import('../replay-file.ts')
  const { document, notes } = await replayFile(file, context.workingFolder)
  if (json) {
    const { renderJson } = await import('../../reports/json.ts')
    out.write(renderJson(document))
  } else {
    const [{ makePaint }, { renderReplay }] = await Promise.all([
      import('../../reports/terminal/paint.ts'), import('../../reports/terminal/replay-lines.ts'),
    ])
    out.write(`${renderReplay(document, makePaint(out.colour))}\n`)
  }
  for (const note of notes) err.write(`syncstorm: ${note}\n`)
  return document.reproduced ? EXIT.refuted : EXIT.asClaimed
}
