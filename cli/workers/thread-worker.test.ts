import { expect, test } from 'vitest'
import { BadInput } from '../../sim/bad-input.ts'
import { answerOf, readAnswer } from './thread-worker.ts'

const acrossThreads = async (work: () => unknown): Promise<unknown> => readAnswer(structuredClone(await answerOf(work)))

test('results come across', async () => {
  expect(await acrossThreads(() => ({ digest: 'ab' }))).toEqual({ digest: 'ab' })
})

test('bad input stays bad input, with its message', async () => {
  const problem = new BadInput({ code: 'bad-value', where: 'x.json', path: 'a', expected: 'b', got: 'c', others: 2 })
  await expect(acrossThreads(() => { throw problem })).rejects.toThrow(problem.message)
  await expect(acrossThreads(() => { throw problem })).rejects.toBeInstanceOf(BadInput)
})

test('a bug keeps its message and stack', async () => {
  const bug = new TypeError('undefined is not a plan')
  await expect(acrossThreads(() => { throw bug })).rejects.toMatchObject({ message: bug.message, stack: bug.stack })
})
