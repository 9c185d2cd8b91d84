import { describe, expect, test } from 'vitest'
import { runOrdered, type PoolWorker } from './ordered-pool.ts'

/** A worker whose results come back when the test says so. */
function manualWorkers() {
  const waiting: { task: number; resolve(value: string): void; reject(problem: Error): void }[] = []
  let open = 0
  let openedMax = 0
  const openWorker = (): PoolWorker<number, string> => {
    open += 1
    openedMax = Math.max(openedMax, open)
    let closed = false
    let abandon: (problem: Error) => void = () => undefined
    return {
      run: (task) => new Promise((resolve, reject) => {
        abandon = reject
        waiting.push({ task, resolve, reject })
      }),
      close: async () => {
        if (closed) return
        closed = true
        open -= 1
        abandon(new Error('closed'))
      },
    }
  }
  const settle = async (): Promise<void> => {
    for (let turn = 0; turn < 10; turn += 1) await Promise.resolve()
  }
  return { openWorker, waiting, settle, open: () => open, openedMax: () => openedMax }
}

describe('runOrdered', () => {
  test('D1: results are in the order of the tasks, not in the order the workers finished', async () => {
    const workers = manualWorkers()
    const counts: number[] = []
    const all = runOrdered({
      tasks: [1, 2, 3], workers: 2, openWorker: workers.openWorker,
      interrupted: new AbortController().signal, onDone: (done) => counts.push(done),
    })
    expect(workers.waiting.map(({ task }) => task)).toEqual([1, 2])
    workers.waiting[1]?.resolve('two')
    await workers.settle()
    workers.waiting[2]?.resolve('three')
    await workers.settle()
    workers.waiting[0]?.resolve('one')
    expect((await all).map(({ task, result }) => [task, result])).toEqual([[1, 'one'], [2, 'two'], [3, 'three']])
    expect(counts).toEqual([1, 2, 3])
    expect(workers.open()).toBe(0)
  })

  test('never opens more workers than there are tasks', async () => {
    const workers = manualWorkers()
    const all = runOrdered({ tasks: [1], workers: 8, openWorker: workers.openWorker, interrupted: new AbortController().signal })
    workers.waiting[0]?.resolve('one')
    await all
    expect(workers.openedMax()).toBe(1)
  })

  test('an interrupt keeps what was finished and closes the workers', async () => {
    const workers = manualWorkers()
    const controller = new AbortController()
    const all = runOrdered({ tasks: [1, 2, 3], workers: 1, openWorker: workers.openWorker, interrupted: controller.signal })
    workers.waiting[0]?.resolve('one')
    await workers.settle()
    controller.abort()
    expect(await all).toEqual([{ task: 1, result: 'one' }])
    expect(workers.open()).toBe(0)
  })

  test('a failing task fails the whole and closes the workers', async () => {
    const workers = manualWorkers()
    const all = runOrdered({ tasks: [1, 2], workers: 2, openWorker: workers.openWorker, interrupted: new AbortController().signal })
    workers.waiting[0]?.reject(new Error('broken'))
    await expect(all).rejects.toThrow('broken')
    expect(workers.open()).toBe(0)
  })
})
