/**
 * Hands tasks to a few long-lived workers and returns the results in the order of the tasks, whatever
 * order they came back in. Knows nothing about threads: a worker is anything that turns a task into a
 * promise of a result.
 */
export interface PoolWorker<Task, Result> {
  run(task: Task): Promise<Result>
  /** Ends the worker at once; a task it is running is rejected. */
  close(): Promise<void>
}

export interface PoolOptions<Task, Result> {
  readonly tasks: readonly Task[]
  readonly workers: number
  openWorker(): PoolWorker<Task, Result>
  /** No further task is handed out once this is aborted, and the workers are closed under those running. */
  readonly interrupted: AbortSignal
  onDone?(done: number): void
}

/** One entry per task that was finished, in the order of the tasks. The first failure ends everything. */
export async function runOrdered<Task, Result>(
  options: PoolOptions<Task, Result>,
): Promise<readonly { readonly task: Task; readonly result: Result }[]> {
  const { tasks, interrupted } = options
  const finished = new Map<number, { task: Task; result: Result }>()
  const opened: PoolWorker<Task, Result>[] = []
  let next = 0
  let failed = false

  const serve = async (worker: PoolWorker<Task, Result>): Promise<void> => {
    for (let index = next++; index < tasks.length && !failed && !interrupted.aborted; index = next++) {
      const task = tasks[index]
      try {
        finished.set(index, { task, result: await worker.run(task) })
      } catch (problem) {
        if (interrupted.aborted) return
        throw problem
      }
      options.onDone?.(finished.size)
    }
  }
  const closeAll = (): Promise<unknown> => Promise.all(opened.map((worker) => worker.close()))
  const onInterrupt = (): void => void closeAll()

  interrupted.addEventListener('abort', onInterrupt)
  try {
    const lanes = Math.min(options.workers, tasks.length)
    for (let lane = 0; lane < lanes; lane += 1) opened.push(options.openWorker())
    await Promise.all(opened.map(serve))
  } catch (problem) {
    failed = true
    throw problem
  } finally {
    interrupted.removeEventListener('abort', onInterrupt)
    await closeAll()
  }
  return [...finished.entries()].sort(([a], [b]) => a - b).map(([, entry]) => entry)
}
