/** The long searches: thousands of plans in which the merging text strategies, and every other claim, must stand. */
import { createHash } from 'node:crypto'
import { expect, it } from 'vitest'
import { installAmbient } from '../../sim/index.ts'
import type { Hasher } from '../../sim/index.ts'
import { strategies } from '../../strategies/index.ts'
import { claimsCampaign, describeCampaign } from './claims-campaign.ts'

installAmbient() // before any strategy's library is imported (D3)

const createHasher = (): Hasher => {
  const hash = createHash('sha256')
  return { update: (bytes) => void hash.update(bytes), digestHex: () => hash.digest('hex') }
}

const RUNS = 2000

it.each(strategies.flatMap((module) => ['same-caret', 'order-desk', 'long-offline'].map((scenario) => [module.name, scenario, module] as const)))(
  'H4: %s breaks no claim on %s in 2,000 runs', async (_, name, module) => {
    const strategy = await module.load((library) => import(library))
    const campaign = claimsCampaign(module, strategy, { scenario: name, runs: RUNS, seed: 20_261_121, run: { createHasher } })
    console.info(describeCampaign(campaign))
    expect(campaign.search.finds.map(({ judgement, planSeed }) => `${judgement.property} ${judgement.type}: seed ${planSeed}`)).toEqual([])
  })
