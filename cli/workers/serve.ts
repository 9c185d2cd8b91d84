/** The worker's side: answers each message with what `work` makes of it. */
import { parentPort } from 'node:worker_threads'
import { answerOf } from './thread-worker.ts'

export function serve<Task, Result, News = never>(work: (task: Task, tell: (news: News) => void) => Result | Promise<Result>): void {
  if (parentPort === null) throw new Error('this file is the script of a worker thread')
  const port = parentPort
  const tell = (news: News): void => port.postMessage({ kind: 'news', news })
  port.on('message', (task: Task) => {
    void answerOf(() => work(task, tell)).then((answer) => port.postMessage(answer))
  })
}
