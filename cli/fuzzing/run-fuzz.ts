/** Runs a search in a worker thread, with progress, and passes Ctrl-C on to it. */
import type { FuzzReport } from '../../reports/fuzz-report.ts'
import { groupThousands } from '../../reports/terminal/numbers.ts'
import type { CommandContext } from '../command-context.ts'
import { listenForInterrupt } from '../interrupt.ts'
import { startProgress } from '../progress.ts'
import { openThreadWorker } from '../workers/thread-worker.ts'
import type { FuzzNews, FuzzTask } from './fuzz-task.ts'

export async function runFuzz(task: FuzzTask, context: CommandContext): Promise<FuzzReport> {
  const { scenario } = task.loaded
  const progress = startProgress({
    what: `fuzz ${scenario.name}`, unit: 'runs', total: task.timeMs === undefined ? task.runs : undefined,
    sink: context.streams.err, nowMs: context.nowMs,
  })
  progress.update(0)
  const interrupt = listenForInterrupt()
  const askToStop = (): void => void Atomics.store(new Int32Array(task.stop), 0, 1)
  interrupt.signal.addEventListener('abort', askToStop)
  const worker = openThreadWorker<FuzzTask, FuzzReport, FuzzNews>('fuzz-worker.js', undefined, ({ runs, shrinking }) =>
    progress.update(runs, shrinking === undefined ? undefined
      : `shrinking ${shrinking.property}: ${shrinking.edits} edits left after ${groupThousands(shrinking.runs)} runs`))
  try {
    return await worker.run(task)
  } finally {
    progress.end()
    interrupt.dispose()
    await worker.close()
  }
}
