/** `run [scenario]`: one run, judged. */
import type { Command } from 'commander'
import type { RunDocument } from '../../reports/documents/run-document.ts'
import type { CommandContext } from '../command-context.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import type { JudgedRun } from '../../reports/judged-run.ts'
import { collect, commonOptions, examples } from './common-options.ts'

export interface RunFlags {
  readonly strategy?: string
  readonly seed?: string
  readonly plan?: string
  readonly strict?: true
  readonly inWorker?: true
  readonly check?: true
  readonly set: readonly string[]
  readonly out: string
  readonly json?: true
}

export function registerRun(program: Command, context: CommandContext, onExit: (code: ExitCode) => void): void {
  const command = program.command('run')
    .description('One run of a scenario under one strategy, judged by every property')
    .argument('[scenario]', 'a name (list scenarios), or a .json file; order-desk unless given')
    .option('--strategy <name>', 'the strategy (list strategies)')
    .option('--seed <n|text>', 'any integer or non-empty text; 1 unless given')
    .option('--plan <file>', 'run this plan instead of a scenario')
    .option('--strict', 'a claimed property that was vacuous makes the run inconclusive')
    .option('--in-worker', 'run in a worker thread')
    .option('--check', 'run twice and compare the digests')
    .option('--set <path=value>', 'change one value of the scenario; repeatable', collect, [])
  commonOptions(command)
    .addHelpText('after', examples(context, [
      'run order-desk --strategy lww-server --seed 7',
      'run same-caret --strategy crdt-yjs --seed tuesday --check --json',
      'run burst-200 --strategy version-reject --set link.latencyMs=300',
    ]))
    .action(async (scenario: string | undefined, flags: RunFlags) => onExit(await runCommand(scenario, flags, context)))
}

export async function runCommand(scenario: string | undefined, flags: RunFlags, context: CommandContext): Promise<ExitCode> {
  const { prepareRun } = await import('../loading/prepare-run.ts')
  const { plan, module } = await prepareRun(scenario, flags, context.workingFolder)
  const { executeRun } = await import('../execute-run.ts')
  const task = { plan, strategy: module.name }
  const judged = flags.inWorker === true ? await inWorker(task) : await executeRun(task)
  if (judged === undefined) {
    context.streams.err.write('syncstorm: interrupted; the run was not finished, nothing was written\n')
    return EXIT.interrupted
  }
  if (flags.check === true) {
    const { checkAgain } = await import('../check-again.ts')
    await checkAgain(task, judged.document.digest)
    context.streams.err.write(`syncstorm: checked: a second run gave the same digest\n`)
  }
  const { saveRun } = await import('../saving.ts')
  const saved = saveRun(judged.document, plan, flags.out, context)
  await printRun(judged.document, flags.json === true, context)
  const code = runExitCode(judged, flags.strict === true)
  explainExit(judged, code, context)
  context.streams.err.write(`syncstorm: saved ${saved.join(' and ')}\n`)
  return code
}

async function inWorker(task: { readonly plan: unknown; readonly strategy: string }): Promise<JudgedRun | undefined> {
  const [{ openThreadWorker }, { runOrdered }, { listenForInterrupt }] = await Promise.all([
    import('../workers/thread-worker.ts'), import('../campaign/ordered-pool.ts'), import('../interrupt.ts'),
  ])
  const interrupt = listenForInterrupt()
  try {
    const [done] = await runOrdered({
      tasks: [task], workers: 1, interrupted: interrupt.signal,
      openWorker: () => openThreadWorker<typeof task, JudgedRun>('run-worker.js', undefined),
    })
    return done?.result
  } finally {
    interrupt.dispose()
  }
}

/** What one run says about its strategy's claims. */
export function runExitCode({ document, end }: JudgedRun, strict: boolean): ExitCode {
  if (document.verdicts.some(({ asClaimed }) => asClaimed === false)) return EXIT.refuted
  if (end === 'budget') return EXIT.inconclusive
  if (!document.quiescent) return EXIT.refuted
  return strict && vacuousClaims(document).length > 0 ? EXIT.inconclusive : EXIT.asClaimed
}

function vacuousClaims(document: RunDocument): RunDocument['verdicts'] {
  return document.verdicts.filter(({ verdict, claimed }) => verdict === 'vacuous' && (claimed === 'holds' || claimed === 'holds-if'))
}

async function printRun(document: RunDocument, json: boolean, { streams: { out } }: CommandContext): Promise<void> {
  if (json) {
    const { renderJson } = await import('../../reports/json.ts')
    out.write(renderJson(document))
    return
  }
  const [{ makePaint }, { renderRun }] = await Promise.all([
    import('../../reports/terminal/paint.ts'), import('../../reports/terminal/run-table.ts'),
  ])
  out.write(`${renderRun(document, { width: out.columns, paint: makePaint(out.colour) })}\n`)
}

function explainExit({ document, end }: JudgedRun, code: ExitCode, { streams: { err } }: CommandContext): void {
  if (code === EXIT.refuted && !document.quiescent) err.write('syncstorm: the world did not become quiet within its horizon\n')
  for (const { property, type } of document.verdicts.filter(({ asClaimed }) => asClaimed === false)) {
    err.write(`syncstorm: broken claim: ${document.strategy} does not keep ${property} (${type})\n`)
  }
  if (code !== EXIT.inconclusive) return
  if (end === 'budget') err.write('syncstorm: inconclusive: the event budget ended the run before it was quiet\n')
  for (const { property, type } of vacuousClaims(document)) {
    err.write(`syncstorm: inconclusive (--strict): ${property} (${type}) was vacuous\n`)
  }
}
