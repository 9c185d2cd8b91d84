/**
 * A long-lived worker thread that does one task at a time. Scripts are those of the build, beside this
 * file. Errors cross as data: an error's class does not survive the way between threads.
 */
import { Worker } from 'node:worker_threads'
import { BadInput, type BadInputProblem } from '../../sim/bad-input.ts'
import type { PoolWorker } from '../campaign/ordered-pool.ts'

export type Answer<Result> =
  | { readonly kind: 'result'; readonly result: Result }
  | { readonly kind: 'bad-input'; readonly problem: BadInputProblem }
  | { readonly kind: 'error'; readonly message: string; readonly stack: string | undefined }

/** What a worker sends: news of the task, as often as it likes, and in the end the answer. */
export type FromWorker<Result, News> = Answer<Result> | { readonly kind: 'news'; readonly news: News }

/**
 * Opens `script` (a name beside this file, such as `campaign-worker.js`) with `workerData`.
 *
 * @param onNews hears what the worker tells about a task while it is under way
 */
export function openThreadWorker<Task, Result, News = never>(
  script: string, workerData: unknown, onNews: (news: News) => void = () => undefined,
): PoolWorker<Task, Result> {
  const worker = new Worker(new URL(`./${script}`, import.meta.url), { workerData })
  let settle: (answer: Answer<Result>) => void = () => undefined
  let reject: (problem: Error) => void = () => undefined
  let ended: Error | undefined
  const end = (problem: Error): void => {
    ended ??= problem
    reject(ended)
  }
  worker.on('error', end)
  worker.on('exit', (code) => end(new Error(`a worker thread ended with code ${code}`)))
  worker.on('message', (message: FromWorker<Result, News>) => {
    if (message.kind === 'news') onNews(message.news)
    else settle(message)
  })
  return {
    run: (task) => new Promise((resolve, onProblem) => {
      if (ended !== undefined) return onProblem(ended)
      reject = onProblem
      settle = (answer) => {
        try {
          resolve(readAnswer(answer))
        } catch (problem) {
          onProblem(problem)
        }
      }
      worker.postMessage(task)
    }),
    close: async () => {
      await worker.terminate()
    },
  }
}

export function readAnswer<Result>(answer: Answer<Result>): Result {
  switch (answer.kind) {
    case 'result': return answer.result
    case 'bad-input': throw new BadInput(answer.problem)
    case 'error': throw Object.assign(new Error(answer.message), { stack: answer.stack })
  }
}

/** Does `work` and wraps what came of it. */
export async function answerOf<Result>(work: () => Result | Promise<Result>): Promise<Answer<Result>> {
  try {
    return { kind: 'result', result: await work() }
  } catch (problem) {
    if (problem instanceof BadInput) {
      const { code, where, path, expected, got, others } = problem
      return { kind: 'bad-input', problem: { code, where, path, expected, got, others } }
    }
    return problem instanceof Error
      ? { kind: 'error', message: problem.message, stack: problem.stack }
      : { kind: 'error', message: String(problem), stack: undefined }
  }
}
