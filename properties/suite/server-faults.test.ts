/**
 * Every fault of requests, under every strategy (step 2, "Faults"): written as weather in a scenario, set as
 * `--set` does, it strikes and hits something, and no claim is broken.
 */
import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { findScenario, installAmbient, makePlan, runPlan, validateScenario, type Hasher, type Run, type StrategyModule } from '../../sim/index.ts'
import { MOMENTS, type Moment, type RequestFault } from '../../sim/scenario/plan.ts'
import { setPaths } from '../../sim/scenario/set-path.ts'
import { strategies } from '../../strategies/index.ts'
import { compareRun } from '../campaign/claims.ts'
import { judgeRun } from '../judge.ts'

installAmbient() // before any strategy's library is imported (D3)

const createHasher = (): Hasher => {
  const hash = createHash('sha256')
  return { update: (bytes) => void hash.update(bytes), digestHex: () => hash.digest('hex') }
}

const COUNT = 4
const LONG = { durationMs: { min: 3000, max: 9000 }, hits: 'all', count: COUNT, fromMs: 2000, untilMs: 50_000 }
/** How each fault stands in a scenario, and what it needs: `streams` that are opened meanwhile, `requests`, or requests that read. */
const WEATHER: Readonly<Record<RequestFault['type'], { readonly entry: Readonly<Record<string, unknown>>; readonly meets: 'any' | 'requests' | 'reads' }>> = {
  'server-error': { entry: { ...LONG, status: 503, retryAfterMs: 2000, share: 0.7 }, meets: 'any' },
  'rate-limit': { entry: { ...LONG, perSecond: 0.4, retryAfterMs: 1000 }, meets: 'any' },
  overload: { entry: { ...LONG, slowdown: 500, workers: 1, queue: 1, retryAfterMs: 1000 }, meets: 'requests' },
  'lost-answer': { entry: { ...LONG, share: 0.6 }, meets: 'requests' },
  'duplicate-request': { entry: { ...LONG, withinMs: { min: 0, max: 3000 } }, meets: 'requests' },
  'token-expired': { entry: { count: COUNT, hits: 'all', fromMs: 2000, untilMs: 50_000 }, meets: 'any' },
  lag: { entry: { ...LONG, lagMs: { min: 500, max: 5000 } }, meets: 'reads' },
}
const TYPES = Object.keys(WEATHER) as (keyof typeof WEATHER)[]
const SEEDS = [1, 2, 3, 4, 5]
/** What a strategy sends besides the frames of its streams. */
const SENDS: Readonly<Record<string, readonly string[]>> = {
  'lww-server': ['any', 'requests'], 'version-reject': ['any', 'requests', 'reads'], 'ot-text': ['any'], 'crdt-yjs': ['any'],
}

/**
 * A CRDT's server shows and relays an update before it has it on disk, since every replica could bring it again.
 * Power that fails in that millisecond takes it from the server's own screen, and the next sync puts it back.
 */
const SHOWN_BEFORE_DURABLE: Readonly<Record<string, readonly string[]>> = { 'crdt-yjs': ['duplicate-update', 'broken-audit-trail'] }

/** Where the moments of the protocol are waited for. */
const WHERE: Readonly<Record<Moment, string>> = {
  edit: 'B', 'write-unsynced': 'server', 'request-executed': 'server', 'answer-sent': 'server', 'frame-sent': 'server', handshake: 'C', 'stream-opened': 'A',
}

async function runs(module: StrategyModule, scenario: string, entries: readonly Readonly<Record<string, unknown>>[], ...settings: readonly string[]): Promise<readonly Run[]> {
  const strategy = await module.load((library) => import(library))
  const recipe = validateScenario(setPaths(findScenario(scenario), [`weather=${JSON.stringify(entries)}`, ...settings]), 'weather')
  return SEEDS.map((seed) => runPlan(makePlan(recipe, seed), module, strategy, { createHasher }))
}

/** How many faults of this type struck, and how often they hit; no claim may be broken. */
function marks(module: StrategyModule, type: string, all: readonly Run[], excused: readonly string[] = []): { readonly struck: number; readonly hits: number } {
  let struck = 0
  let hits = 0
  for (const { history, plan } of all) {
    const ends = history.events.flatMap((event) => event.kind === 'fault' && event.phase === 'end' && event.type === type ? [event.hit] : [])
    struck += ends.length
    hits += ends.reduce((sum, hit) => sum + hit, 0)
    const broken = compareRun(judgeRun(history), module.claims, plan).filter(({ asClaimed, property }) => asClaimed === false && !excused.includes(property))
    expect({ seed: plan.seed, broken }).toEqual({ seed: plan.seed, broken: [] })
  }
  return { struck, hits }
}

/** Without it, a strategy that only streams meets no server's refusal: it dials once. */
const RESETS = { type: 'break', name: 'reset', hits: 'all', count: 12, fromMs: 2000, untilMs: 55_000 }

describe.each(strategies.map((module) => [module.name, module] as const))('faults on requests under %s', (name, module) => {
  it.each(TYPES.flatMap((type) => [['order-desk', type] as const, ['crash-recovery', type] as const]))(
    'in %s, %s (R2, B03, B04, C07, C10, F08, K04): it strikes, it hits, and no claim is broken', async (scenario, type) => {
      const { entry, meets } = WEATHER[type]
      const { struck, hits } = marks(module, type, await runs(module, scenario, [{ type, name: 'weather', ...entry }, RESETS]))
      expect(struck).toBe(COUNT * SEEDS.length)
      if (SENDS[name].includes(meets)) expect(hits).toBeGreaterThan(10)
      else expect(hits).toBe(0)
    })

  it.each(['order-desk', 'crash-recovery'])('in %s, A16, B15: tokens that expire, on a server that fails and is replaced, break no claim', async (scenario) => {
    const weather = [
      { type: 'server-error', name: 'errors', ...LONG, share: 0.5, status: 502, executes: true },
      { type: 'failover', name: 'failover', count: 2, fromMs: 5000, untilMs: 50_000, durationMs: { min: 500, max: 5000 }, byMs: { min: -20_000, max: 20_000 } },
    ]
    const all = await runs(module, scenario, [...weather, RESETS], 'server.tokenLifeMs=30000')
    expect(marks(module, 'failover', all)).toMatchObject({ struck: 2 * SEEDS.length })
    expect(marks(module, 'server-error', all).hits).toBeGreaterThan(10)
  })

  it.each(MOMENTS)('in crash-recovery, D5: faults that wait for %s strike then, hit, and no claim is broken', async (event) => {
    const at = { count: 3, fromMs: 2000, untilMs: 40_000, durationMs: { min: 300, max: 2500 } }
    const weather = [
      { type: 'partition', name: 'cut', ...at, devices: ['A'], when: { event, nth: 2 } },
      { type: 'crash', name: 'power', ...at, devices: [WHERE[event]], when: { event, host: WHERE[event], nth: 3 } },
      { type: 'kill', name: 'killed', ...at, devices: ['B'], when: { event, host: WHERE[event] } },
    ]
    const all = await runs(module, 'crash-recovery', [...weather, RESETS])
    const { struck, hits } = marks(module, 'crash', all, event === 'frame-sent' || event === 'write-unsynced' ? SHOWN_BEFORE_DURABLE[name] : [])
    const missed = all.flatMap(({ history }) => history.events).filter((one) => one.kind === 'fault' && one.phase === 'missed' && one.type === 'crash')
    expect(struck + missed.length).toBe(3 * SEEDS.length)
    if (SENDS[name].includes(event === 'request-executed' || event === 'answer-sent' ? 'requests' : 'any')) expect(hits).toBeGreaterThan(0)
    else expect(missed).toHaveLength(3 * SEEDS.length)
  })
})
