/**
 * Several tabs of one device (requirements L04, A06): each is a replica, and every claim speaks of each. A search
 * with shrinking as for the claims, so that a failure comes back as a story (H4).
 */
import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { installAmbient, type Hasher } from '../../sim/index.ts'
import { strategies } from '../../strategies/index.ts'
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
    const { search, ...campaign } = claimsCampaign(module, strategy, { scenario, runs: 8, seed: 2024, run: { createHasher }, settings })
    console.info(`${name}: ${describeCampaign({ search, ...campaign })}`)
    expect(search.finds.flatMap(({ run, judgement, planSeed }) => [`${scenario}, plan seed ${planSeed}`, ...tellStory(run.history, judgement)])).toEqual([])
    expect(search.floors.filter(({ met }) => !met)).toEqual([])
  })
})
