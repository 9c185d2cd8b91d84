/** Flags and help that the commands share. */
import type { Command } from 'commander'
import type { CommandContext } from '../command-context.ts'

export const DEFAULT_OUT = 'reports/out'

/** For repeatable options. */
export function collect(value: string, before: readonly string[]): readonly string[] {
  return [...before, value]
}

export function commonOptions(command: Command): Command {
  return command
    .option('--out <dir>', 'where results are saved', DEFAULT_OUT)
    .option('--json', 'one JSON document on stdout, and nothing else there')
}

/** Help ends with commands that can be pasted. */
export function examples({ self }: CommandContext, commands: readonly string[]): string {
  return ['', 'Examples:', ...commands.map((command) => `  ${self} ${command}`), ''].join('\n')
}
