/**
 * Batching on devices over whole runs of every strategy (A14, F10): the wider the window, the less the radio is on and
 * the more goes with each wake-up, at the price of no more than the window; and a process that is killed with a full
 * window has lost nothing that was promised.
 */
import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { findScenario, installAmbient, makePlan, runPlan, setPaths, validateScenario, type Hasher, type Run, type StrategyModule } from '../../sim/index.ts'
import { strategies } from '../../strategies/index.ts'
import { compareRun } from '../campaign/claims.ts'
import { judgeRun } from '../judge.ts'

installAmbient() // before any strategy's library is imported (D3)

const createHasher = (): Hasher => {
  const hash = createHash('sha256')
  return { update: (bytes) => void hash.update(bytes), digestHex: () => hash.digest('hex') }
}
/** Each of two people changes a field or types a few keys about twice a minute. */
const SPARSE = [
  { kind: 'fields', name: 'fields', devices: ['A', 'B'], document: 'order', fields: ['price', 'quantity'], hotShare: 0.5, editsPerMinute: 1 },
  { kind: 'typing', name: 'note', devices: ['A', 'B'], document: 'order', field: 'note', burstsPerMinute: 1, keysPerBurst: { min: 2, max: 6 }, keyMs: { min: 60, max: 250 } },
]
const SEEDS = Array.from({ length: 5 }, (_, index) => index + 1)

async function runsOf(module: StrategyModule, scenarioName: string, settings: readonly string[], seeds: readonly number[] = SEEDS): Promise<readonly Run[]> {
  const strategy = await module.load((library) => import(library))
  const scenario = validateScenario(setPaths(findScenario(scenarioName), settings), scenarioName)
  return seeds.map((seed) => runPlan(makePlan(scenario, seed), module, strategy, { createHasher }))
}

function mean(runs: readonly Run[], of: (metrics: Run['metrics']) => unknown): number {
  return runs.reduce((sum, { metrics }) => sum + Number(of(metrics)), 0) / runs.length
}

const brokenClaims = ({ history, plan }: Run, module: StrategyModule): readonly unknown[] =>
  compareRun(judgeRun(history), module.claims, plan).filter(({ asClaimed }) => asClaimed === false)
/** Ids of edits made within two seconds before their device was killed, and not settled by then; younger ones may not be on disk. */
function openAtKills({ history: { events } }: Run): readonly string[] {
  return events.flatMap((stop, at) => stop.kind !== 'lifecycle' || stop.state !== 'stopped' ? [] : events.slice(0, at).flatMap((event) =>
    event.kind === 'edit' && event.device === stop.host && event.atUs > stop.atUs - 2_000_000 && event.atUs < stop.atUs - 50_000
      && !events.slice(0, at).some((other) => (other.kind === 'settled' || other.kind === 'rejected') && other.edit === event.edit) ? [event.edit] : []))
}
function isAnswered({ history: { events } }: Run, edit: string): boolean {
  return events.some((event) => (event.kind === 'settled' || event.kind === 'rejected') && event.edit === edit)
}
const falling = (values: readonly number[]): boolean => values.every((value, index) => index === 0 || value < values[index - 1])

describe.each(strategies.map((module) => [module.name, module] as const))('batching under %s', (_name, module) => {
  // A window below the radio's tail, 238 ms, joins nothing that the tail would not have joined.
  it('A14, F10: the wider the window beyond the tail, the less the radio is on, on Wi-Fi', async () => {
    const figures = []
    for (const flushMs of [0, 500, 2000]) {
      const runs = await runsOf(module, 'order-desk', ['link.radio=wifi', `client.flushMs=${flushMs}`, 'weather=[]'])
      for (const run of runs) expect(brokenClaims(run, module)).toEqual([])
      figures.push({ on: mean(runs, ({ radioOnMs }) => radioOnMs), wakeUps: mean(runs, ({ radioWakeUps }) => radioWakeUps) })
    }
    console.info(`${module.name}: ${figures.map(({ on, wakeUps }) => `${Math.round(on)} ms in ${Math.round(wakeUps)} wake-ups`).join(', ')}`)
    expect(falling(figures.map(({ on }) => on))).toBe(true)
    expect(figures[2].wakeUps).toBeLessThan(figures[0].wakeUps)
  })

  it('A14, F10: on LTE, whose tail is 11.6 s, it takes a window beyond that, where people edit twice a minute', async () => {
    const sparse = ['simulatedMs=300000', 'weather=[]', 'link.latencyMs=35', `workload.streams=${JSON.stringify(SPARSE)}`]
    const on: number[] = []
    for (const flushMs of [0, 20_000]) on.push(mean(await runsOf(module, 'order-desk', [...sparse, `client.flushMs=${flushMs}`]), ({ radioOnMs }) => radioOnMs))
    console.info(`${module.name}: LTE ${on.map(Math.round).join(', ')} ms`)
    expect(falling(on)).toBe(true)
  })

  it('A14, R5: devices killed with a window of two seconds: what they were told is done is done', async () => {
    const weather = JSON.stringify([{ type: 'kill', name: 'kills', count: 6, fromMs: 2000, untilMs: 50_000, durationMs: { min: 300, max: 2500 }, devices: ['A', 'B', 'C'] }])
    let hit = 0
    let waiting = 0
    for (const run of await runsOf(module, 'crash-recovery', [`weather=${weather}`, 'client.flushMs=2000'])) {
      hit += run.history.events.filter((event) => event.kind === 'fault' && event.phase === 'end' && event.hit > 0).length
      expect({ seed: run.plan.seed, broken: brokenClaims(run, module) }).toEqual({ seed: run.plan.seed, broken: [] })
      expect(run.quiescent).toBe(true)
      const open = openAtKills(run)
      waiting += open.length
      // What the outbox keeps is answered by a later process; the others bring theirs again by themselves.
      if (!module.owns.has('resend')) expect(open.filter((edit) => !isAnswered(run, edit))).toEqual([])
    }
    expect(hit).toBeGreaterThan(0)
    if (module.settles === 'server-durable') expect(waiting).toBeGreaterThan(5)
  })
})
