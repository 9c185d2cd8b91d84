/**
 * What strategies claim to hold, over links that lose packets (R1): loss is delay there, never a hole.
 *
 * Few seeds each; a search with shrinking as for the claims, so that a failure comes back as a story (H4).
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

const PROFILES = ['atc-edge-lossy', 'loadero-3g']
const RUNS: Readonly<Record<string, number>> = { 'order-desk': 4, 'same-caret': 8, 'long-offline': 4 }

describe.each(PROFILES)('claims over %s (R1, H4)', (profile) => {
  const cases = strategies.flatMap((module) => Object.keys(RUNS)
    .filter((scenario) => scenario !== 'same-caret' || module.types.text !== 'none').map((scenario) => [module.name, scenario, module] as const))

  it.each(cases)('%s on %s breaks no claim', async (name, scenario, module) => {
    const strategy = await module.load((library) => import(library))
    const campaign = claimsCampaign(module, strategy, { scenario, runs: RUNS[scenario] ?? 4, seed: 2024, run: { createHasher }, settings: [`link.profile=${profile}`] })
    console.info(`${name} over ${profile}: ${describeCampaign(campaign)}`)
    const { finds, coverage } = campaign.search
    expect(finds.flatMap(({ run, judgement, planSeed }) => [`${scenario}, plan seed ${planSeed}`, ...tellStory(run.history, judgement)])).toEqual([])
    expect(coverage.acknowledgedEdits).toBeGreaterThan(0)
  })
})
