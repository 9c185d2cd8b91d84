/** The worker's side: answers each message with what `work` makes of it. */
import { parentPort } from 'node:worker_threads'
import { answerOf } from './thread-worker.ts'

export function serve<Task, Result>(work: (task: Task) => Result | Promise<Result>): void {
  if (parentPort === null) throw new Error('this file is the script of a worker thread')
  const port = parentPort
  port.on('message', (task: Task) => {
    void answerOf(() => work(task)).then((answer) => port.postMessage(answer))
  })
}
