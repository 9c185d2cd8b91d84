/**
 * Compares verdicts with what a strategy claims (design section 1, H4): for one run whether it is as
 * claimed, for a campaign the one displayed cell.
 *
 * One run can refute a claim that something holds, and cannot judge a claim that it does not: that takes
 * the claim's witness scenario and enough seeds.
 */
import type { Claim, ClaimCondition } from '../../sim/contract.ts'
import type { Judgement, VerdictName } from '../property.ts'

/** Null where it cannot be judged. */
export type AsClaimed = boolean | null
export type Cell = 'as claimed' | 'broken claim' | 'claimed violation seen' | 'not yet seen' | 'vacuous'

/** The settings that conditions speak of, in a scenario or a plan. */
export interface ClaimSettings {
  readonly client: { readonly invalidation: 'debounced' | 'immediate' }
  /** Of a scenario. */
  readonly weather?: readonly { readonly type: string }[]
  /** Of a plan. */
  readonly faults?: readonly { readonly type: string }[]
}

/** The claim about a property and type: the exact one, else the one about `any`; a whole run takes its only one. */
export function claimFor(claims: readonly Claim[], property: string, type: Judgement['type']): Claim | null {
  const about = claims.filter((claim) => claim.property === property)
  const exact = about.find((claim) => claim.type === type) ?? about.find((claim) => claim.type === 'any')
  if (exact !== undefined) return exact
  return type === 'any' && about.length === 1 ? about[0] ?? null : null
}

export interface ClaimedJudgement extends Judgement {
  readonly claimed: Claim['claim'] | null
  readonly asClaimed: AsClaimed
}

/** Adds to each verdict of one run what was claimed, and whether that stands. */
export function compareRun(judgements: readonly Judgement[], claims: readonly Claim[], settings: ClaimSettings): ClaimedJudgement[] {
  return judgements.map((judgement) => {
    const claim = claimFor(claims, judgement.property, judgement.type)
    return { ...judgement, claimed: claim?.claim ?? null, asClaimed: claim === null ? null : runAsClaimed(judgement.verdict, claim, settings) }
  })
}

function runAsClaimed(verdict: VerdictName, claim: Claim, settings: ClaimSettings): AsClaimed {
  switch (claim.claim) {
    case 'holds': case 'holds-if':
      if (!isPromised(claim, settings) || verdict === 'vacuous' || verdict === 'not-applicable') return null
      return verdict === 'holds'
    case 'violated': return null
    case 'not-applicable': return verdict === 'not-applicable' ? true : null
  }
}

/** Whether the strategy promises it under these settings; where the condition is not met, nothing is claimed. */
function isPromised({ claim, condition }: Claim, settings: ClaimSettings): boolean {
  return claim === 'holds' || (claim === 'holds-if' && condition !== undefined && isMet(condition, settings))
}

function isMet(condition: ClaimCondition, { client, weather = [], faults = [] }: ClaimSettings): boolean {
  switch (condition.setting) {
    case 'client.invalidation': return client.invalidation === condition.is
    case 'weather': return [...weather, ...faults].every(({ type }) => type !== 'bit-rot')
  }
}

/** A property's verdicts over the seeds of a campaign, against its claim. */
export interface ClaimedCampaign {
  readonly property: string
  readonly type: Judgement['type']
  readonly holds: number
  readonly violated: number
  readonly vacuous: number
  readonly notApplicable: number
  readonly claimed: Claim['claim'] | null
  /** Null where nothing is claimed. */
  readonly cell: Cell | null
  readonly asClaimed: AsClaimed
  /** For `not yet seen`: how many more seeds of the witness scenario it takes. */
  readonly seedsNeeded?: number
}

/** `runs`: the judgements of each seed's run of `scenario` under one strategy. One row per property and type, in the first run's order. */
export function compareCampaign(
  scenario: string, runs: readonly (readonly Judgement[])[], claims: readonly Claim[], settings: ClaimSettings,
): ClaimedCampaign[] {
  const rows = new Map<string, { readonly property: string; readonly type: Judgement['type']; readonly counts: Record<VerdictName, number> }>()
  for (const run of runs) {
    for (const { property, type, verdict } of run) {
      const name = `${property} ${type}`
      const row = rows.get(name) ?? { property, type, counts: { holds: 0, violated: 0, vacuous: 0, 'not-applicable': 0 } }
      row.counts[verdict] += 1
      rows.set(name, row)
    }
  }
  return [...rows.values()].map(({ property, type, counts }) => {
    const claim = claimFor(claims, property, type)
    const { holds, violated, vacuous, 'not-applicable': notApplicable } = counts
    return {
      property, type, holds, violated, vacuous, notApplicable, claimed: claim?.claim ?? null,
      ...(claim === null ? { cell: null, asClaimed: null } : campaignCell(counts, claim, scenario, settings)),
    }
  })
}

function campaignCell(
  counts: Readonly<Record<VerdictName, number>>, claim: Claim, scenario: string, settings: ClaimSettings,
): Pick<ClaimedCampaign, 'cell' | 'asClaimed' | 'seedsNeeded'> {
  const untested = counts.holds === 0 && counts.violated === 0
  switch (claim.claim) {
    case 'holds': case 'holds-if':
      if (untested || !isPromised(claim, settings)) return { cell: 'vacuous', asClaimed: null }
      return counts.violated > 0 ? { cell: 'broken claim', asClaimed: false } : { cell: 'as claimed', asClaimed: true }
    case 'violated': {
      if (counts.violated > 0) return { cell: 'claimed violation seen', asClaimed: true }
      const seeds = claim.witness?.seeds ?? 0
      const isWitness = claim.witness?.scenario === scenario
      const seedsNeeded = isWitness ? Math.max(0, seeds - counts.holds - counts.vacuous - counts['not-applicable']) : seeds
      return { cell: 'not yet seen', asClaimed: isWitness && seedsNeeded === 0 ? false : null, seedsNeeded }
    }
    case 'not-applicable':
      return untested && counts.vacuous === 0 ? { cell: 'as claimed', asClaimed: true } : { cell: 'vacuous', asClaimed: null }
  }
}
