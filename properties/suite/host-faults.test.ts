/**
 * Every fault on hosts, under every strategy (issue of step 2, "Faults"): written as weather in a scenario, set
 * as `--set` does, it strikes and hits something, and no claim is broken.
 */
import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { findScenario, installAmbient, makePlan, runPlan, validateScenario, type Hasher, type Run, type StrategyModule } from '../../sim/index.ts'
import type { HostFault } from '../../sim/scenario/plan.ts'
import { setPaths } from '../../sim/scenario/set-path.ts'
import { strategies } from '../../strategies/index.ts'
import { compareRun } from '../campaign/claims.ts'
import { judgeRun } from '../judge.ts'

installAmbient() // before any strategy's library is imported (D3)

const createHasher = (): Hasher => {
  const hash = createHash('sha256')
  return { update: (bytes) => void hash.update(bytes), digestHex: () => hash.digest('hex') }
}

const SHORT = { durationMs: { min: 300, max: 2500 } }
const DEVICES = ['A', 'B', 'C']
/** How each fault stands in a scenario; those that servers can have are tried on both. */
const WEATHER: Readonly<Record<HostFault['type'], Readonly<Record<string, unknown>>>> = {
  crash: { ...SHORT, devices: [...DEVICES, 'server'] },
  kill: { ...SHORT, devices: [...DEVICES, 'server'] },
  restart: { ...SHORT, devices: [...DEVICES, 'server'] },
  'torn-write': { ...SHORT, devices: [...DEVICES, 'server'] },
  suspend: { durationMs: { min: 1000, max: 36_000 }, devices: DEVICES },
  hide: { durationMs: { min: 1000, max: 20_000 }, devices: DEVICES },
  stall: { durationMs: { min: 500, max: 15_000 }, devices: DEVICES },
  quota: { ...SHORT, devices: [...DEVICES, 'server'] },
  'disk-error': { ...SHORT, devices: [...DEVICES, 'server'] },
  'bit-rot': { ...SHORT, devices: DEVICES },
  step: { byMs: { min: -3_600_000, max: 3_600_000 }, devices: [...DEVICES, 'server'] },
  skew: { ...SHORT, byMs: { min: -60_000, max: 60_000 }, devices: [...DEVICES, 'server'] },
  failover: { ...SHORT, devices: ['server'], byMs: { min: -60_000, max: 60_000 } },
  drift: { ...SHORT, ppm: { min: -50_000, max: 50_000 }, devices: [...DEVICES, 'server'] },
}
/**
 * A server whose disk refuses takes in what has gathered in one event, and is looked at after it: of two writes
 * of a whole text in one such batch the first is never seen, as if it had never entered.
 */
const UNSEEN: Readonly<Partial<Record<HostFault['type'], readonly string[]>>> = {
  quota: ['broken-audit-trail'], 'disk-error': ['broken-audit-trail'],
}
/** A replica of `ot-text` lives in memory and fetches what it shows: its disk holds nothing that could rot. */
const KEEPS_NOTHING: Readonly<Partial<Record<HostFault['type'], readonly string[]>>> = { 'bit-rot': ['ot-text'] }
const TYPES = Object.keys(WEATHER) as HostFault['type'][]
const SEEDS = [1, 2, 3, 4, 5]

async function runs(module: StrategyModule, type: HostFault['type']): Promise<readonly Run[]> {
  const strategy = await module.load((library) => import(library))
  const weather = JSON.stringify([{ type, name: 'weather', count: 4, fromMs: 2000, untilMs: 50_000, ...WEATHER[type] }])
  const scenario = validateScenario(setPaths(findScenario('crash-recovery'), [`weather=${weather}`, 'devices[1].clockDriftPpm=120']), 'weather')
  return SEEDS.map((seed) => runPlan(makePlan(scenario, seed), module, strategy, { createHasher }))
}

describe.each(strategies.map((module) => [module.name, module] as const))('faults on hosts under %s', (_name, module) => {
  it.each(TYPES)('%s (R5, R6, I04, I07, I08, I10, A15): it strikes, it hits, and no claim is broken', async (type) => {
    let struck = 0
    let hit = 0
    for (const { history, plan } of await runs(module, type)) {
      const ends = history.events.flatMap((event) => event.kind === 'fault' && event.phase === 'end' && event.type === type ? [event.hit] : [])
      struck += ends.length
      hit += ends.filter((hits) => hits > 0).length
      const broken = compareRun(judgeRun(history), module.claims, plan).filter(({ asClaimed, property }) => asClaimed === false && !UNSEEN[type]?.includes(property))
      expect({ seed: plan.seed, broken }).toEqual({ seed: plan.seed, broken: [] })
    }
    expect(struck).toBe(4 * SEEDS.length)
    if (KEEPS_NOTHING[type]?.includes(module.name)) expect(hit).toBe(0)
    else expect(hit).toBeGreaterThan(0)
  })
})

/** The other direction (H4): what is not claimed where bytes rot is really lost there, on a device that is offline now and then. */
it.each([['crdt-yjs', 'no-lost-write', 'text'], ['version-reject', 'outcome-conservation', 'register']])('bit-rot, I10: without sound disks %s does not keep %s of a %s', async (name, property, type) => {
  const module = strategies.find((one) => one.name === name)
  if (module === undefined) throw new Error(`no strategy ${name}`)
  const strategy = await module.load((library) => import(library))
  const rot = { type: 'bit-rot', name: 'rot', count: 4, fromMs: 2000, untilMs: 50_000, ...WEATHER['bit-rot'] }
  const offline = { type: 'offline', name: 'off', count: 3, fromMs: 2000, untilMs: 50_000, durationMs: { min: 3000, max: 9000 } }
  const isViolated = (weather: readonly object[], seed: number): boolean => {
    const scenario = validateScenario(setPaths(findScenario('crash-recovery'), [`weather=${JSON.stringify(weather)}`]), 'weather')
    const { history } = runPlan(makePlan(scenario, seed), module, strategy, { createHasher })
    return judgeRun(history).some((judgement) => judgement.property === property && judgement.type === type && judgement.verdict === 'violated')
  }
  const seeds = Array.from({ length: 20 }, (_, index) => index + 1)
  expect(seeds.some((seed) => isViolated([rot, offline], seed))).toBe(true)
  expect(SEEDS.filter((seed) => isViolated([offline], seed))).toEqual([])
})
