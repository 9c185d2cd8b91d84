import { describe, expect, it } from 'vitest'
import type { Writes } from '../sim/contract.ts'
import { Journal } from './journal.ts'

function disk(): { context: ConstructorParameters<typeof Journal>[0]; writes: { batch: Writes; synced: (problem?: 'quota' | 'io') => void }[]; timers: (() => void)[] } {
  const writes: { batch: Writes; synced: (problem?: 'quota' | 'io') => void }[] = []
  const timers: (() => void)[] = []
  return {
    writes, timers,
    context: {
      disk: { boot: new Map(), write: (batch, synced) => { writes.push({ batch, synced }) } },
      timer: (_, run) => { timers.push(run); return () => undefined },
    },
  }
}
const bytes = Uint8Array.of(1)

describe('the journal', () => {
  it('P-DUR: entries become durable in order, only once synced, gathered while a write is under way', () => {
    const { context, writes } = disk()
    const journal = new Journal(context)
    const done: string[] = []
    for (const key of ['a', 'b', 'c']) journal.append(new Map([[key, bytes]]), () => { done.push(key) })
    expect(writes.map(({ batch }) => [...batch.keys()])).toEqual([['a']])
    expect(done).toEqual([])
    writes[0]?.synced()
    expect(done).toEqual(['a'])
    expect(writes.map(({ batch }) => [...batch.keys()])).toEqual([['a'], ['b', 'c']])
    writes[1]?.synced()
    expect(done).toEqual(['a', 'b', 'c'])
  })

  it('P-DUR: a refused batch is written again before anything later, after a pause', () => {
    const { context, writes, timers } = disk()
    const journal = new Journal(context)
    const done: string[] = []
    journal.append(new Map([['a', bytes]]), () => { done.push('a') })
    writes[0]?.synced('io')
    journal.append(new Map([['b', bytes]]), () => { done.push('b') })
    expect(writes).toHaveLength(1)
    timers[0]?.()
    expect([...(writes[1]?.batch.keys() ?? [])]).toEqual(['a', 'b'])
    writes[1]?.synced()
    expect(done).toEqual(['a', 'b'])
  })

  it('says nothing after it was disposed of', () => {
    const { context, writes } = disk()
    const journal = new Journal(context)
    const done: string[] = []
    journal.append(new Map([['a', bytes]]), () => { done.push('a') })
    journal.dispose()
    writes[0]?.synced()
    expect(done).toEqual([])
  })
})
