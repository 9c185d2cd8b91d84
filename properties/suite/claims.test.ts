/**
 * Every claim of the strategies that come with syncstorm, in both directions (H4): what is said to hold is
 * never violated and was really tested; what is said to fail is seen to fail in its witness scenario, within
 * the seeds that it names. Each test says what it did (H7).
 */
import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { installAmbient, type Claim, type Hasher, type StrategyModule } from '../../sim/index.ts'
import { strategies } from '../../strategies/index.ts'
import { claimFor } from '../campaign/claims.ts'
import { properties } from '../registry.ts'
import { tellStory } from '../story/tell-story.ts'
import { claimsCampaign, describeCampaign, type ClaimsCampaign } from './claims-campaign.ts'

installAmbient() // before any strategy's library is imported (D3)

const createHasher = (): Hasher => {
  const hash = createHash('sha256')
  return { update: (bytes) => void hash.update(bytes), digestHex: () => hash.digest('hex') }
}

const SEED = 2024
/** Runs per scenario: the witness scenario as many as the claims name at most, short scenarios more. */
const RUNS: Readonly<Record<string, number>> = { 'order-desk': 40, 'same-caret': 150, 'long-offline': 20, 'burst-200': 6, flapping: 12, 'network-switch': 12 }
/** What a scenario is no place for: bursts are about refetches, and none of their keys is contended. */
const UNCONTENDED = ['burst-200']

/** The scenarios a strategy has a type for, and those that exist for a part of the stack that it uses. */
function scenariosOf(module: StrategyModule): readonly string[] {
  const text = module.types.text !== 'none' ? ['same-caret'] : []
  const refetches = module.owns.has('invalidation') || module.types.register === 'none' ? [] : ['burst-200']
  return ['order-desk', ...text, 'long-offline', 'crash-recovery', 'flapping', 'network-switch', ...refetches]
}

describe.each(strategies.map((module) => [module.name, module] as const))('claims of %s (H4)', (name, module) => {
  const campaigns = new Map<string, ClaimsCampaign>()

  /** Runs once per scenario, whichever test asks first. */
  async function campaignOf(scenario: string): Promise<ClaimsCampaign> {
    const done = campaigns.get(scenario)
    if (done !== undefined) return done
    const strategy = await module.load((library) => import(library))
    const startedMs = performance.now()
    const campaign = claimsCampaign(module, strategy, { scenario, runs: RUNS[scenario] ?? 20, seed: SEED, run: { createHasher } })
    campaigns.set(scenario, campaign)
    console.info(`${name}: ${describeCampaign(campaign)}, in ${((performance.now() - startedMs) / 1000).toFixed(1)} s`)
    return campaign
  }

  const allCampaigns = async (): Promise<readonly ClaimsCampaign[]> => {
    const all: ClaimsCampaign[] = []
    for (const scenario of scenariosOf(module)) all.push(await campaignOf(scenario))
    return all
  }

  it.each(scenariosOf(module))(`H1, H7: ${name} on %s breaks no claim, and the floors are met`, async (scenario) => {
    const { finds, floors } = (await campaignOf(scenario)).search
    expect(finds.flatMap(({ run, judgement, planSeed }) => [`${scenario}, plan seed ${planSeed}`, ...tellStory(run.history, judgement)])).toEqual([])
    const excused = (floor: string): boolean => UNCONTENDED.includes(scenario) && floor.includes('concurrent')
    expect(floors.filter(({ met, floor }) => !met && !excused(floor))).toEqual([])
  })

  it(`H4: ${name} claims something about every property, for every type that it works on`, () => {
    const types = (['register', 'text'] as const).filter((type) => module.types[type] !== 'none')
    const silent = properties.flatMap((property) => (property.scope === 'run' ? ['any' as const] : types)
      .filter((type) => claimFor(module.claims, property.name, type) === null).map((type) => `${property.name}/${type}`))
    expect(silent).toEqual([])
  })

  it.each(module.claims.map((claim) => [`${claim.property}/${claim.type} ${claim.claim}`, claim] as const))(`H4: ${name}: %s`, async (_title, claim) => {
    const { told, problems } = claim.claim === 'violated' ? await seenToFail(claim) : await holdsOrIsSilent(claim)
    console.info(`${name}: ${claim.property}/${claim.type}, claimed ${claim.claim}: ${told}`)
    expect(problems).toEqual([])
  })

  async function seenToFail({ property, type, witness }: Claim): Promise<{ readonly told: string; readonly problems: readonly string[] }> {
    if (witness === undefined) return { told: 'without a witness', problems: ['a claimed violation names its witness scenario'] }
    const { judgements } = await campaignOf(witness.scenario)
    const tried = judgements.slice(0, witness.seeds)
    const seen = tried.filter((run) => run.some((judgement) => judgement.property === property && judgement.type === type && judgement.verdict === 'violated'))
    const told = `violated in ${seen.length} of the first ${tried.length} runs of ${witness.scenario}`
    const enough = tried.length === witness.seeds ? [] : [`only ${tried.length} runs; the claim names ${witness.seeds}`]
    return { told, problems: seen.length > 0 ? [] : [...enough, told] }
  }

  async function holdsOrIsSilent({ property, type, claim }: Claim): Promise<{ readonly told: string; readonly problems: readonly string[] }> {
    const rows = (await allCampaigns()).flatMap(({ scenario, rows: all }) => all
      .filter((row) => row.property === property && (row.type === type || type === 'any' || row.type === 'any')).map((row) => ({ scenario, ...row })))
    const sum = (of: 'holds' | 'violated' | 'vacuous' | 'notApplicable'): number => rows.reduce((total, row) => total + row[of], 0)
    const told = rows.map(({ scenario, holds, violated, vacuous, notApplicable }) => `${scenario} ${holds}/${violated}/${vacuous}/${notApplicable}`).join(', ')
    const problems = claim === 'not-applicable'
      ? [...(sum('notApplicable') > 0 ? [] : ['never judged']), ...(sum('holds') + sum('violated') === 0 ? [] : ['judged although not applicable'])]
      : [...(sum('holds') > 0 ? [] : ['never tested: vacuous everywhere']), ...(sum('violated') === 0 ? [] : ['violated'])]
    return { told: `${told} (held/violated/vacuous/not applicable)`, problems }
  }
})
