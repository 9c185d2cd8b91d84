/** Saves results below `--out`. What cannot be written there is bad input: the folder was the user's choice. */
import { join, relative, resolve } from 'node:path'
import { writeFileAtomically } from './atomic-file.ts'
import type { RunDocument } from '../reports/documents/run-document.ts'
import { renderJson } from '../reports/json.ts'
import { BadInput } from '../sim/bad-input.ts'
import type { Plan } from '../sim/scenario/plan.ts'
import type { CommandContext } from './command-context.ts'

export interface NamedText {
  readonly name: string
  readonly text: string
}

/** Writes each file whole or not at all; returns their paths as a user would type them. */
export function saveFiles(files: readonly NamedText[], out: string, { workingFolder }: CommandContext): readonly string[] {
  return files.map(({ name, text }) => {
    const file = resolve(workingFolder, out, name)
    try {
      writeFileAtomically(file, text)
    } catch (problem) {
      const got = problem instanceof Error ? problem.message : String(problem)
      throw new BadInput({ code: 'bad-value', where: '--out', path: '', expected: 'a folder that can be written to', got }, { cause: problem })
    }
    return relative(workingFolder, file) || file
  })
}

/** The document of a run, and the plan that replays it. */
export function saveRun(document: RunDocument, plan: Plan, out: string, context: CommandContext): readonly string[] {
  const name = ['run', document.scenario, document.strategy, document.seed].map(fileNamePart).join('-')
  return saveFiles([
    { name: join('runs', `${name}.json`), text: renderJson(document) },
    { name: join('runs', `${name}.plan.json`), text: `${JSON.stringify(plan)}\n` },
  ], out, context)
}

/** A seed may be any text; a file name may not. */
export function fileNamePart(text: string): string {
  return text.replace(/[^\w.-]+/gu, '_').replace(/^\.+/, '_').slice(0, 60)
}
