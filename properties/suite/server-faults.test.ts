/**
 * Every fault of requests, under every strategy (step 2, "Faults"): written as weather in a scenario, set as
 * `--set` does, it strikes and hits what the strategy sends, and no claim is broken.
 */
import { describe, expect, it } from 'vitest'
import { installAmbient } from '../../sim/index.ts'
import type { RequestFault } from '../../sim/scenario/plan.ts'
import { strategies } from '../../strategies/index.ts'
import { brokenClaims, marksOf, runsUnder, type WeatherEntry } from './weather-runs.ts'

installAmbient() // before any strategy's library is imported (D3)

const COUNT = 4
const LONG = { durationMs: { min: 3000, max: 9000 }, hits: 'all', count: COUNT, fromMs: 2000, untilMs: 50_000 }
/** How each fault stands in a scenario, and what it meets: streams that are opened too, requests only, or requests that read. */
const WEATHER: Readonly<Record<RequestFault['type'], { readonly entry: WeatherEntry; readonly meets: 'streams' | 'requests' | 'reads' }>> = {
  'server-error': { entry: { ...LONG, status: 503, retryAfterMs: 2000, share: 0.7 }, meets: 'streams' },
  'rate-limit': { entry: { ...LONG, perSecond: 0.4, retryAfterMs: 1000 }, meets: 'streams' },
  overload: { entry: { ...LONG, slowdown: 500, workers: 1, queue: 1, retryAfterMs: 1000 }, meets: 'requests' },
  'lost-answer': { entry: { ...LONG, share: 0.6 }, meets: 'requests' },
  'duplicate-request': { entry: { ...LONG, withinMs: { min: 0, max: 3000 } }, meets: 'requests' },
  'token-expired': { entry: { count: COUNT, hits: 'all', fromMs: 2000, untilMs: 50_000 }, meets: 'streams' },
  lag: { entry: { ...LONG, lagMs: { min: 500, max: 5000 } }, meets: 'reads' },
}
const TYPES = Object.keys(WEATHER) as RequestFault['type'][]
const SEEDS: Readonly<Record<string, readonly number[]>> = { 'order-desk': [1, 2], 'crash-recovery': [1, 2, 3, 4] }
const SCENARIOS = Object.keys(SEEDS)
/** What a strategy has on its way to the server. */
const SENDS: Readonly<Record<string, readonly string[]>> = {
  'lww-server': ['streams', 'requests'], 'version-reject': ['streams', 'requests', 'reads'], 'ot-text': ['streams'], 'crdt-yjs': ['streams'],
}
/** Without it a stream is opened once, before the first fault. */
const RESETS = { type: 'break', name: 'reset', hits: 'all', count: 12, fromMs: 2000, untilMs: 55_000 }

describe.each(strategies.map((module) => [module.name, module] as const))('faults on requests under %s', (name, module) => {
  it.each(TYPES.flatMap((type) => SCENARIOS.map((scenario) => [type, scenario] as const)))(
    '%s in %s (R2, B03, B04, C07, C10, F08, K04): it strikes, it hits, and no claim is broken', async (type, scenario) => {
      const { entry, meets } = WEATHER[type]
      const seeds = SEEDS[scenario]
      const runs = runsUnder(module, await module.load((library) => import(library)), scenario, [{ type, name: 'weather', ...entry }, RESETS], seeds)
      expect(brokenClaims(runs, module)).toEqual([])
      const { struck, hits } = marksOf(runs, type)
      expect(struck).toBe(COUNT * seeds.length)
      if (SENDS[name].includes(meets)) expect(hits).toBeGreaterThan(2 * seeds.length)
      else expect(hits).toBe(0)
    })

  it.each(SCENARIOS)('A16, B15 in %s: tokens that expire, on a server that fails and is replaced, break no claim', async (scenario) => {
    const weather = [
      { type: 'server-error', name: 'errors', ...LONG, share: 0.5, status: 502, executes: true },
      { type: 'failover', name: 'failover', count: 2, fromMs: 5000, untilMs: 50_000, durationMs: { min: 500, max: 5000 }, byMs: { min: -20_000, max: 20_000 } },
    ]
    const seeds = SEEDS[scenario]
    const runs = runsUnder(module, await module.load((library) => import(library)), scenario, [...weather, RESETS], seeds, ['server.tokenLifeMs=30000'])
    expect(brokenClaims(runs, module)).toEqual([])
    expect(marksOf(runs, 'failover')).toMatchObject({ struck: 2 * seeds.length })
    expect(marksOf(runs, 'server-error').hits).toBeGreaterThan(2 * seeds.length)
  })
})

/** The application's requests meet a fault over any transport, and what `sse` and `long-poll` make of requests its refusals. */
describe.each([['sse', 'lww-server'], ['sse', 'crdt-yjs'], ['long-poll', 'version-reject']] as const)('faults on requests over %s under %s (A16)', (transport, name) => {
  const module = strategies.find((one) => one.name === name)
  if (module === undefined) throw new Error(`no strategy ${name}`)
  const scenario = 'crash-recovery'
  const seeds = [1, 2]

  it.each(TYPES)('%s strikes, hits, and breaks no claim', async (type) => {
    const { entry, meets } = WEATHER[type]
    const runs = runsUnder(module, await module.load((library) => import(library)), scenario, [{ type, name: 'weather', ...entry }, RESETS], seeds, [`transport=${transport}`])
    expect(brokenClaims(runs, module)).toEqual([])
    expect(runs.map(({ quiescent }) => quiescent)).toEqual(seeds.map(() => true))
    const { struck, hits } = marksOf(runs, type)
    expect(struck).toBe(COUNT * seeds.length)
    if (SENDS[name].includes(meets)) expect(hits).toBeGreaterThan(2 * seeds.length)
  })

  it('A16, B15: tokens that expire on a server that fails break no claim', async () => {
    const settings = [`transport=${transport}`, 'server.tokenLifeMs=30000', 'wire.keepAliveMs=2000', 'wire.holdMs=2000']
    const weather = [{ type: 'server-error', name: 'errors', ...LONG, share: 0.5, status: 502, executes: true }, RESETS]
    const runs = runsUnder(module, await module.load((library) => import(library)), scenario, weather, seeds, settings)
    expect(brokenClaims(runs, module)).toEqual([])
    expect(runs.map(({ quiescent }) => quiescent)).toEqual(seeds.map(() => true))
    expect(marksOf(runs, 'server-error').hits).toBeGreaterThan(2 * seeds.length)
  })
})
