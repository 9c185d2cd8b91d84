/**
 * Several tabs of one device (requirements L04, A06): each is a replica, and every claim speaks of each. A search
 * with shrinking as for the claims, so that a failure comes back as a story (H4).
 */
import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { findScenario, installAmbient, makePlan, runPlan, validateScenario, type Hasher, type Run, type Strategy } from '../../sim/index.ts'
import { setPaths } from '../../sim/scenario/set-path.ts'
import { strategies } from '../../strategies/index.ts'
import { compareRun } from '../campaign/claims.ts'
import { judgeRun } from '../judge.ts'
import { tellStory } from '../story/tell-story.ts'
import { claimsCampaign, describeCampaign } from './claims-campaign.ts'

installAmbient() // before any strategy's library is imported (D3)

const createHasher = (): Hasher => {
  const hash = createHash('sha256')
  return { update: (bytes) => void hash.update(bytes), digestHex: () => hash.digest('hex') }
}

describe.each(strategies.map((module) => [module.name, module] as const))('many tabs under %s (L04, A06)', (name, module) => {
  it.each([['many-tabs', []], ['order-desk', ['devices[0].tabs=3', 'devices[1].tabs=2']]])('%s breaks no claim, and the floors are met', async (scenario, settings) => {
    const strategy = await module.load((library) => import(library))
    const { search, ...campaign } = claimsCampaign(module, strategy, { scenario, runs: 3, seed: 2024, run: { createHasher }, settings })
    console.info(`${name}: ${describeCampaign({ search, ...campaign })}`)
    expect(search.finds.flatMap(({ run, judgement, planSeed }) => [`${scenario}, plan seed ${planSeed}`, ...tellStory(run.history, judgement)])).toEqual([])
    expect(search.floors.filter(({ met }) => !met)).toEqual([])
  })

  const CROWDED = ['devices[0].tabs=4', 'wire.webSocketsPerOrigin=2']
  const play = (strategy: Strategy, settings: readonly string[], seed: number): Run =>
    runPlan(makePlan(validateScenario(setPaths(findScenario('order-desk'), settings), 'order-desk'), seed), module, strategy, { createHasher })
  const connectedBy = ({ history }: Run, device: string): ReadonlySet<string> => new Set(history.events.flatMap((event) =>
    event.kind === 'connection' && event.device === device && event.state === 'open' ? [event.via ?? 'websocket'] : []))

  it.each([['http'], ['long-poll'], ['sse']])('A06: the third and the fourth tab find two WebSockets taken, fall back to %s, and everything converges', async (to) => {
    const strategy = await module.load((library) => import(library))
    const run = play(strategy, [...CROWDED, `client.fallback.to=["${to}"]`], 1)
    const broken = compareRun(judgeRun(run.history), module.claims, run.plan).filter(({ asClaimed }) => asClaimed === false)
    expect({ quiet: run.quiescent, broken }).toEqual({ quiet: true, broken: [] })
    expect(run.plan.devices.filter(({ id }) => connectedBy(run, id).has(to)).length).toBeGreaterThanOrEqual(2)
    expect(run.plan.devices.every(({ id }) => connectedBy(run, id).size > 0)).toBe(true)
  })

  it('A06: without anything to fall back to they never connect, and the run says so', async () => {
    const run = play(await module.load((library) => import(library)), CROWDED, 1)
    expect(run.quiescent).toBe(false)
    expect(judgeRun(run.history).find(({ property }) => property === 'liveness-after-heal')?.verdict).toBe('violated')
    expect(run.history.events.at(-1)).toMatchObject({ kind: 'quiet', result: 'horizon', pending: expect.arrayContaining([expect.stringMatching(/^A-\d: 1 x not connected$/)]) as unknown })
  })
})
