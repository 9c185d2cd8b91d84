/** The scenarios of networks that come and go, run: what connections and edits go through there. */
import { describe, expect, it } from 'vitest'
import type { HistoryEvent } from './history/events.ts'
import type { Run } from './history/run-record.ts'
import { Sha256 } from './kernel/sha256.ts'
import { runPlan } from './run.ts'
import { findScenario } from './scenario/catalogue/index.ts'
import { makePlan } from './scenario/generate.ts'
import { validateScenario } from './scenario/scenario-schema.ts'
import { echoModule, echoStrategy } from './testing/echo-strategy.ts'

const SEEDS = Array.from({ length: 12 }, (_, seed) => seed)
const SECOND_US = 1_000_000

function runsOf(scenario: string): readonly Run[] {
  return SEEDS.map((seed) => runPlan(makePlan(validateScenario(findScenario(scenario), scenario), seed), echoModule(), echoStrategy, { createHasher: () => new Sha256() }))
}
const eventsOf = <K extends HistoryEvent['kind']>({ history }: Run, kind: K): readonly Extract<HistoryEvent, { kind: K }>[] =>
  history.events.filter((event): event is Extract<HistoryEvent, { kind: K }> => event.kind === kind)

/** The largest number of these times that lie within one second. */
function mostInASecond(timesUs: readonly number[]): number {
  return Math.max(0, ...timesUs.map((atUs, index) => timesUs.slice(index).filter((later) => later < atUs + SECOND_US).length))
}

describe('flapping (L01, B13)', () => {
  const runs = runsOf('flapping')
  const timesOf = (run: Run, device: string, state: 'connecting' | 'open' | 'closed'): readonly number[] =>
    eventsOf(run, 'connection').filter((event) => event.device === device && event.state === state).map(({ atUs }) => atUs)

  it('the interface goes down about ten times in a second', () => {
    const drops = runs.flatMap(({ plan }) => plan.faults.filter(({ id }) => id.startsWith('cable.')))
    expect(drops.length / (runs.length * 6)).toBeGreaterThan(8)
    expect(drops.length / (runs.length * 6)).toBeLessThan(12)
  })

  it('B13, B01: connections that lived less than a second do not reset the backoff: a device dials at most five times in a second', () => {
    const dials = runs.flatMap((run) => ['A', 'B', 'C'].map((device) => mostInASecond(timesOf(run, device, 'connecting'))))
    expect(Math.max(...dials)).toBeLessThanOrEqual(5) // at 0, 100, 300, 700 ms, and once more by jitter
    expect(Math.max(...dials)).toBeGreaterThanOrEqual(3)
    // Connections did open between two drops, so that there was something to reset it.
    expect(Math.max(...runs.flatMap((run) => ['A', 'B', 'C'].map((device) => mostInASecond(timesOf(run, device, 'closed')))))).toBeGreaterThanOrEqual(2)
  })

  it('L01: nothing is left over: every device ends with one connection, no timer, no request and no edit', () => {
    for (const run of runs) {
      expect(run.quiescent).toBe(true)
      for (const device of ['A', 'B', 'C']) {
        expect(eventsOf(run, 'connection').findLast((event) => event.device === device)?.state).toBe('open')
        expect(timesOf(run, device, 'connecting').length).toBe(timesOf(run, device, 'closed').length + 1)
      }
      expect(eventsOf(run, 'settled')).toHaveLength(eventsOf(run, 'edit').length)
    }
  })
})

describe('network-switch (L08, B14)', () => {
  const runs = runsOf('network-switch')

  it('every switch costs a device its connection, and it connects again over the new network', () => {
    for (const run of runs) {
      for (const { atUs, devices: [device] } of run.plan.faults.filter(({ type }) => type === 'switch')) {
        const connections = eventsOf(run, 'connection').filter((event) => event.device === device)
        const before = connections.findLast((event) => event.atUs < atUs)
        if (before?.state === 'open') expect(connections.find((event) => event.atUs >= atUs)).toMatchObject({ state: 'closed', atUs })
        expect(connections.some((event) => event.state === 'open' && event.atUs > atUs)).toBe(true)
      }
    }
  })

  it('B14: what is edited while it has no connection is buffered, and survives the switch', () => {
    let buffered = 0
    for (const run of runs) {
      const settled = new Map(eventsOf(run, 'settled').map(({ edit, atUs }) => [edit, atUs]))
      for (const { edit, device, atUs } of eventsOf(run, 'edit')) {
        expect(settled.get(edit)).toBeGreaterThan(atUs)
        const connection = eventsOf(run, 'connection').findLast((event) => event.device === device && event.atUs <= atUs)
        if (connection?.state !== 'open') buffered++
      }
    }
    expect(buffered).toBeGreaterThan(10)
  })
})
