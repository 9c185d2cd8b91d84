/**
 * What a failed command says and how it exits: bad input in one line without a stack trace, everything
 * else as a bug of syncstorm, with what is needed to report it.
 */
import process from 'node:process'
import { BadInput } from '../sim/bad-input.ts'
import { EXIT, type ExitCode } from './exit-codes.ts'
import type { Sink } from './streams.ts'
import { quote } from './quote.ts'
import { VERSION } from './version.ts'

/** Writes the message for `problem` to `err` and returns the exit code. */
export function reportFailure(problem: unknown, err: Sink, commandLine: readonly string[]): ExitCode {
  if (problem instanceof BadInput) {
    err.write(`syncstorm: ${problem.message}\n`)
    return EXIT.badInput
  }
  err.write(internalErrorReport(problem, commandLine))
  return EXIT.internal
}

function internalErrorReport(problem: unknown, commandLine: readonly string[]): string {
  const stack = problem instanceof Error ? (problem.stack ?? problem.message) : String(problem)
  const cause = problem instanceof Error && problem.cause !== undefined ? `caused by: ${String(problem.cause)}\n` : ''
  return [
    'syncstorm: internal error. This is a bug of syncstorm; please report it with the lines below.',
    `  version: ${VERSION}, node ${process.version}, ${process.platform} ${process.arch}`,
    `  command: syncstorm ${commandLine.map(quote).join(' ')}`,
    `${stack}\n${cause}`,
  ].join('\n')
}
