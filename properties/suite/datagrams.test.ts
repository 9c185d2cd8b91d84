/**
 * Whole runs over transport `datagram`, where frames are lost, repeated and shuffled: what a strategy that says it
 * bears that (`delivery: 'datagrams'`) claims, it keeps, and nothing is lost for good (L10, R3).
 */
import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { findScenario, installAmbient, makePlan, runPlan, validateScenario, type Hasher, type Run } from '../../sim/index.ts'
import type { LinkDescription } from '../../sim/scenario/link-plan.ts'
import type { Plan } from '../../sim/scenario/plan.ts'
import { setPaths } from '../../sim/scenario/set-path.ts'
import { strategies } from '../../strategies/index.ts'
import { compareRun } from '../campaign/claims.ts'
import { judgeRun } from '../judge.ts'
import { eventsOf } from '../../sim/history/metrics.ts'

installAmbient() // before any strategy's library is imported (D3)

const createHasher = (): Hasher => {
  const hash = createHash('sha256')
  return { update: (bytes) => void hash.update(bytes), digestHex: () => hash.digest('hex') }
}

const bearing = strategies.filter(({ delivery }) => delivery === 'datagrams')
const loaded = await Promise.all(bearing.map(async (module) => [module.name, module, await module.load((library) => import(library))] as const))

function planOf(scenario: string, seed: number, settings: readonly string[] = []): Plan {
  return makePlan(validateScenario(setPaths(findScenario(scenario), ['transport=datagram', ...settings]), scenario), seed)
}

/** The same plan over links that also do this. */
function over(plan: Plan, impairments: Partial<LinkDescription>): Plan {
  return { ...plan, devices: plan.devices.map((device) => ({ ...device, link: { up: { ...device.link.up, ...impairments }, down: { ...device.link.down, ...impairments } } })) }
}

const lossy = (probability: number): Partial<LinkDescription> =>
  ({ loss: { model: 'random', probability }, duplicate: { probability: 0.1 }, keepsOrder: false })

const lostShare = ({ history }: Run): number => {
  const frames = eventsOf(history, 'frame').filter(({ traffic }) => traffic === 'data' || traffic === 'control')
  const lost = frames.filter(({ state }) => state === 'lost').length
  return lost / (lost + frames.filter(({ state }) => state === 'delivered').length)
}

it('some strategy bears datagrams, and it resumes by itself', () => {
  expect(bearing.map(({ name }) => name)).toContain('crdt-yjs')
  for (const { owns } of bearing) expect(owns.has('resume')).toBe(true)
})

describe.each(loaded)('%s over datagrams', (_name, module, strategy) => {
  const play = (plan: Plan): Run => runPlan(plan, module, strategy, { createHasher })
  const expectAsClaimed = (run: Run): void => {
    const broken = compareRun(judgeRun(run.history), module.claims, run.plan).filter(({ asClaimed }) => asClaimed === false)
    expect({ seed: run.plan.seed, quiet: run.quiescent, broken }).toEqual({ seed: run.plan.seed, quiet: true, broken: [] })
  }

  it.each([0, 0.05, 0.2, 0.5])('L10: at %d loss each way, with copies and out of order, no claim is broken', (probability) => {
    for (const scenario of ['order-desk', 'same-caret', 'long-offline']) {
      for (const seed of [1, 2, 3]) {
        const run = play(over(planOf(scenario, seed), lossy(probability)))
        expectAsClaimed(run)
        expect(Math.abs(lostShare(run) - probability)).toBeLessThan(0.2)
        expect(run.coverage.settledEdits).toBeGreaterThan(0)
      }
    }
  })

  const hosts = ['A', 'B', 'C', 'server']
  it.each<[string, Readonly<Record<string, unknown>>]>([
    ['partition', { durationMs: { min: 1_000, max: 45_000 } }],
    ['break', {}],
    ['offline', { durationMs: { min: 300, max: 20_000 } }],
    ['crash', { durationMs: { min: 300, max: 2_500 }, devices: hosts }],
    ['kill', { durationMs: { min: 300, max: 2_500 }, devices: hosts }],
    ['restart', { durationMs: { min: 300, max: 2_500 }, devices: hosts }],
    ['torn-write', { durationMs: { min: 300, max: 2_500 }, devices: hosts }],
    ['suspend', { durationMs: { min: 1_000, max: 45_000 } }],
    ['hide', { durationMs: { min: 1_000, max: 20_000 } }],
  ])('K01: %s strikes, hits something, and breaks no claim, at 10 %% loss', (type, how) => {
    let hit = 0
    for (const seed of [1, 2, 3, 4]) {
      const weather = JSON.stringify([{ type, name: 'weather', count: 4, fromMs: 2_000, untilMs: 50_000, ...how }])
      const run = play(over(planOf('crash-recovery', seed, [`weather=${weather}`]), lossy(0.1)))
      expectAsClaimed(run)
      hit += run.coverage.faultsThatHit
    }
    expect(hit).toBeGreaterThan(0)
  })

  it('D1: one plan gives one digest, and another link another', () => {
    const plan = over(planOf('order-desk', 7), lossy(0.2))
    expect(play(plan).digest).toBe(play(plan).digest)
    expect(play(over(planOf('order-desk', 7), lossy(0.21))).digest).not.toBe(play(plan).digest)
  })
})

it('a strategy that needs streams is not run over datagrams, and the error names both', async () => {
  const other = strategies.find(({ delivery }) => delivery !== 'datagrams')
  if (other === undefined) throw new Error('every strategy bears datagrams')
  const strategy = await other.load((library) => import(library))
  expect(() => runPlan(planOf('order-desk', 1), other, strategy, { createHasher })).toThrow(`${other.name} needs ordered streams; transport datagram gives none`)
})
