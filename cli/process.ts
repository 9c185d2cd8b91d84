/** Connects the command line to this process: its arguments, streams and exit code. */
import { basename, relative } from 'node:path'
import process from 'node:process'
import { EXIT } from './exit-codes.ts'
import { runProgram } from './program.ts'
import { processStreams } from './streams.ts'

export async function runProcess(): Promise<void> {
  const argv = process.argv.slice(2)
  // A reader that has seen enough (`| head`) is no failure of ours.
  const streams = processStreams(argv, process.env, () => process.exit(EXIT.asClaimed))
  process.exitCode = await runProgram(argv, {
    streams, self: selfCommand(process.argv[1] ?? '', process.cwd()), workingFolder: process.cwd(), nowMs: () => performance.now(),
  })
}

/** How a user calls this program again from where they are: as the installed command, or by its file. */
export function selfCommand(script: string, workingFolder: string): string {
  return basename(script).endsWith('.js') ? `node ${relative(workingFolder, script)}` : 'syncstorm'
}
