/**
 * Every fault of the network, under every strategy (issue of step 2, "Faults"): written as weather in a scenario, set
 * as `--set` does, it strikes and hits something, and no claim is broken.
 */
import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { findScenario, installAmbient, makePlan, runPlan, validateScenario, type Hasher, type Run, type StrategyModule } from '../../sim/index.ts'
import type { FaultType } from '../../sim/scenario/plan.ts'
import { setPaths } from '../../sim/scenario/set-path.ts'
import { strategies } from '../../strategies/index.ts'
import { compareRun } from '../campaign/claims.ts'
import { judgeRun } from '../judge.ts'

installAmbient() // before any strategy's library is imported (D3)

const createHasher = (): Hasher => {
  const hash = createHash('sha256')
  return { update: (bytes) => void hash.update(bytes), digestHex: () => hash.digest('hex') }
}

const SHORT = { durationMs: { min: 300, max: 4000 } }
const DEVICES = ['A', 'B', 'C']
const ALL = { devices: [...DEVICES, 'server'] }
/** A title with the requirements, how the fault stands in a scenario, and what it is in a plan. */
const WEATHER: Readonly<Record<string, readonly [weather: Readonly<Record<string, unknown>>, inPlan: FaultType]>> = {
  'partition both ways (K01, R1)': [{ type: 'partition', ...SHORT, ...ALL }, 'partition'],
  'partition of the way up (K01, R1)': [{ type: 'partition', ...SHORT, ...ALL, direction: 'up' }, 'partition'],
  'partition of the way down (K01, R1)': [{ type: 'partition', ...SHORT, ...ALL, direction: 'down' }, 'partition'],
  'break (K03, R1)': [{ type: 'break' }, 'break'],
  'offline (R4)': [{ type: 'offline', ...SHORT }, 'offline'],
  'clog (R3)': [{ type: 'clog', ...SHORT, ...ALL }, 'clog'],
  'clog of the way down (R3)': [{ type: 'clog', ...SHORT, ...ALL, direction: 'down' }, 'clog'],
  'swizzle (C01, R3)': [{ type: 'swizzle', ...SHORT }, 'clog'],
  'flap of packets (B13, L01)': [{ type: 'flap', ...SHORT, upMs: 200, blockedMs: 200, stableMs: 20 }, 'partition'],
  'flap of the interface (B13, L01)': [{ type: 'flap', by: 'offline', ...SHORT, upMs: 200, blockedMs: 100, stableMs: 20 }, 'offline'],
  'switch for good (B14, L08)': [{ type: 'switch', link: { latencyMs: 120, jitterMs: 60 } }, 'switch'],
  'switch for a while (B14, L08)': [{ type: 'switch', link: { profile: 'loadero-4g' }, ...SHORT }, 'switch'],
  'reset (K03, R1)': [{ type: 'reset', ...ALL }, 'reset'],
  'black-hole (B07, R4)': [{ type: 'black-hole', ...SHORT, ...ALL }, 'black-hole'],
  'slow-close (B07, R4)': [{ type: 'slow-close', ...SHORT, ...ALL }, 'slow-close'],
  'dns-failure (B04)': [{ type: 'dns-failure', durationMs: { min: 2000, max: 20_000 } }, 'dns-failure'],
}
const SEEDS = [1, 2, 3]

async function runs(module: StrategyModule, entry: Readonly<Record<string, unknown>>): Promise<readonly Run[]> {
  const strategy = await module.load((library) => import(library))
  // Connections that come and go give something to do to what concerns their beginnings and ends.
  const weather = JSON.stringify([
    { name: 'weather', count: 4, fromMs: 2000, untilMs: 50_000, ...entry },
    { type: 'restart', name: 'reload', devices: DEVICES, count: 6, fromMs: 2000, untilMs: 50_000, durationMs: { min: 10, max: 500 } },
  ])
  const scenario = validateScenario(setPaths(findScenario('crash-recovery'), [`weather=${weather}`]), 'weather')
  return SEEDS.map((seed) => runPlan(makePlan(scenario, seed), module, strategy, { createHasher }))
}

describe.each(strategies.map((module) => [module.name, module] as const))('faults of the network under %s', (_name, module) => {
  it.each(Object.entries(WEATHER))('%s: it strikes, it hits, and no claim is broken', async (_title, [entry, type]) => {
    let struck = 0
    let hit = 0
    for (const { history, plan } of await runs(module, entry)) {
      const ends = history.events.flatMap((event) => event.kind === 'fault' && event.phase === 'end' && event.type === type ? [event.hit] : [])
      struck += ends.length
      hit += ends.filter((hits) => hits > 0).length
      const broken = compareRun(judgeRun(history), module.claims, plan).filter(({ asClaimed }) => asClaimed === false)
      expect({ seed: plan.seed, broken }).toEqual({ seed: plan.seed, broken: [] })
    }
    expect(struck).toBeGreaterThanOrEqual(4 * SEEDS.length)
    expect(hit).toBeGreaterThan(0)
  })
})
