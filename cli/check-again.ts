/** `run --check`: the run once more; the same digest, or where the two part (D7). A difference is our bug. */
import { firstTraceDifference, type TraceEntry } from '../sim/kernel/trace-digest.ts'
import { executeRun, traceOf, type RunTask } from './execute-run.ts'
import { loadStrategy, loadStrategyModules, strategyNamed } from './loading/load-strategies.ts'

export async function checkAgain(task: RunTask, digest: string): Promise<void> {
  const second = (await executeRun(task)).document.digest
  if (second === digest) return
  const loaded = await loadStrategy(strategyNamed(task.strategy, await loadStrategyModules(), '--strategy'))
  throw new Error(describeDifference(digest, second, traceOf(task.plan, loaded), traceOf(task.plan, loaded)))
}

/** Names the first entry in which two traces of one plan differ. */
export function describeDifference(
  first: string, second: string, left: readonly TraceEntry[], right: readonly TraceEntry[],
): string {
  const difference = firstTraceDifference(left, right)
  const where = difference === null
    ? 'two further runs gave equal traces, so the difference does not come back every time'
    : `the first difference is trace entry ${difference.index}: ${show(difference.left)} against ${show(difference.right)}`
  return `the same plan and strategy gave two digests, ${first} and ${second}; ${where}`
}

function show(entry: TraceEntry | undefined): string {
  if (entry === undefined) return 'the end'
  switch (entry.entry) {
    case 'record': return `record ${entry.kind} at ${entry.atUs} us on host ${entry.host} (${entry.a}, ${entry.b})`
    case 'bytes': return `${entry.content.length} bytes ${Array.from(entry.content.subarray(0, 16), (byte) => byte.toString(16).padStart(2, '0')).join('')}`
    case 'text': return `text ${JSON.stringify(entry.text)}`
  }
}
