/**
 * What strategies claim holds whichever version of HTTP is below them, with servers that close what is idle (A06,
 * R2), and on pages that are blocked, with and without backpressure (A03, A04).
 */
import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { findScenario, installAmbient, makePlan, runPlan, validateScenario, type Hasher, type Run, type StrategyModule } from '../../sim/index.ts'
import { setPaths } from '../../sim/scenario/set-path.ts'
import { strategies } from '../../strategies/index.ts'
import { compareRun } from '../campaign/claims.ts'
import { judgeRun } from '../judge.ts'
import { tellStory } from '../story/tell-story.ts'

installAmbient() // before any strategy's library is imported (D3)

const createHasher = (): Hasher => {
  const hash = createHash('sha256')
  return { update: (bytes) => void hash.update(bytes), digestHex: () => hash.digest('hex') }
}

/** Runs, and tells what broke a claim. */
async function judged(module: StrategyModule, scenario: string, seeds: readonly number[], settings: readonly string[]): Promise<readonly Run[]> {
  const strategy = await module.load((library) => import(library))
  return seeds.map((seed) => {
    const run = runPlan(makePlan(validateScenario(setPaths(findScenario(scenario), settings), scenario), seed), module, strategy, { createHasher })
    const broken = compareRun(judgeRun(run.history), module.claims, run.plan).filter(({ asClaimed }) => asClaimed === false)
    expect(broken.flatMap((judgement) => [`seed ${seed}`, ...tellStory(run.history, judgement)])).toEqual([])
    expect(run.quiescent).toBe(true)
    expect(run.coverage.settledEdits).toBeGreaterThan(0)
    return run
  })
}

const HTTP2 = ['wire.httpVersion=2', 'wire.httpKeepAliveMs=5000', 'wire.requestHeaderBytes=600']
const STALLS = `weather=${JSON.stringify([{ type: 'stall', name: 'busy', count: 6, devices: ['A', 'B'], fromMs: 2000, untilMs: 100_000, durationMs: { min: 500, max: 9000 } }])}`

describe.each(strategies.map((module) => [module.name, module] as const))('%s', (_name, module) => {
  it.each(['websocket', 'sse', 'long-poll', 'http'])('over %s with HTTP/2: order-desk and crash-recovery break no claim (A06, A16)', async (transport) => {
    for (const scenario of ['order-desk', 'crash-recovery']) await judged(module, scenario, [1], [`transport=${transport}`, ...HTTP2])
  })

  it('over HTTP/1.1 with a server that closes idle connections after 5 s: no claim is broken (R2)', async () => {
    for (const scenario of ['order-desk', 'crash-recovery']) await judged(module, scenario, [1, 2], ['wire.httpKeepAliveMs=5000'])
  })

  it.each([['wire.backpressure=false'], ['wire.backpressure=true', 'wire.deflate=0.3'], ['transport=sse', 'wire.httpVersion=2']])('on pages that are blocked, %s: no claim is broken (A03, A04)', async (...settings) => {
    const runs = await judged(module, 'order-desk', [1, 2, 3], [STALLS, ...settings])
    expect(runs.reduce((sum, { coverage }) => sum + coverage.faultsThatHit, 0)).toBeGreaterThan(0)
  })
})
