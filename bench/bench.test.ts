import { describe, expect, test } from 'vitest'
import { openEngine } from './engines.ts'
import type { Engine, EngineName } from './engines.ts'
import { median, medianSpeeds } from './interleaved.ts'
import { benchTable } from './main.ts'
import { cancelHeavy, pingPong, timerChurn } from './workloads.ts'
import type { Workload } from './workloads.ts'

/** Counts what a workload asks of an engine. */
function counted(name: EngineName): { engine: Engine; counts: { after: number; cancelled: number; ran: number } } {
  const inner = openEngine(name)
  const counts = { after: 0, cancelled: 0, ran: 0 }
  return {
    counts,
    engine: {
      after: (delay, run) => {
        counts.after++
        return inner.after(delay, () => { counts.ran++; run() })
      },
      cancel: (timer) => { counts.cancelled++; inner.cancel(timer) },
      run: (events) => { inner.run(events) },
    },
  }
}

describe('kernel bench', () => {
  const workloads: readonly [name: string, workload: Workload, cancelsPerEvent: number, schedulesPerEvent: number][] = [
    ['W1', timerChurn(50), 0, 1], ['W2', pingPong(50), 0, 1], ['W3', cancelHeavy(50), 1, 2],
  ]
  for (const engineName of ['kernel', 'tinyqueue', 'sinon'] as const) {
    test.each(workloads)(`%s on ${engineName} handles what was asked and keeps 50 events pending`, (_name, workload, cancels, schedules) => {
      const { engine, counts } = counted(engineName)
      workload(engine)
      expect(counts.after).toBe(50)
      engine.run(2_000)
      expect(counts).toEqual({ ran: 2_000, after: 50 + 2_000 * schedules, cancelled: 2_000 * cancels })
    })
  }

  test('contestants take turns, after one warm-up each', () => {
    const turns: string[] = []
    const contestant = (name: string, operations: number) => ({ name, operations, round: (asked: number) => { turns.push(`${name}${asked}`) } })
    expect(medianSpeeds([contestant('a', 10), contestant('b', 20)], 2)).toHaveLength(2)
    expect(turns).toEqual(['a10', 'b20', 'a10', 'b20', 'a10', 'b20'])
    expect([median([3, 1, 2]), median([4, 1, 2, 3])]).toEqual([2, 2.5])
  })

  test('the table says of each goal whether it was met', () => {
    const table = benchTable({
      schema: 'syncstorm.bench/1', machine: { node: 'v20', platform: 'linux x64', cpu: 'a cpu', cores: 2 },
      results: [
        { name: 'fast', unit: 'events', median: 10, peers: [{ name: 'slow', median: 1, ratio: 10, goal: '>= 12' }, { name: 'slower', median: 0.5, ratio: 20, goal: '>= 12' }] },
        { name: 'small', unit: 'bytes', median: 10, peers: [{ name: 'limit', median: 20, ratio: 0.5, goal: '<= 1' }, { name: 'other', median: 5, ratio: 2 }] },
      ],
    })
    const line = (name: string): string => table.split('\n').find((row) => row.includes(name)) ?? ''
    expect(line('slow ')).toMatch(/10\.00x.*missed/)
    expect(line('slower')).toMatch(/20\.00x.*met/)
    expect(line('limit')).toMatch(/0\.50x.*met/)
    expect(line('other')).not.toMatch(/met|missed/)
    expect(table).toContain('a cpu, 2 cores')
  })
})
