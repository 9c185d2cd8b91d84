/** Which verdicts a search calls a find: those that break a claim, or those of the properties it was told to watch. */
import type { Claim } from '../../sim/contract.ts'
import type { History } from '../../sim/history/events.ts'
import { compareRun, type ClaimSettings } from '../campaign/claims.ts'
import { judgeRun } from '../judge.ts'
import type { Judgement, Property } from '../property.ts'
import { properties } from '../registry.ts'

export interface Watch {
  readonly property: Property
  /** Whether a violation is a find. */
  readonly minds: (violation: Judgement) => boolean
}

/** The named properties, for every type; without names all that is claimed to hold under the settings, for the types it is claimed for. */
export function watchFor(claims: readonly Claim[], settings: ClaimSettings, named: readonly Property[] | undefined): readonly Watch[] {
  if (named !== undefined) return named.map((property) => ({ property, minds: () => true }))
  const breaksClaim = (violation: Judgement): boolean => compareRun([violation], claims, settings).some(({ asClaimed }) => asClaimed === false)
  return properties
    .filter(({ name }) => claims.some(({ property, claim }) => property === name && (claim === 'holds' || claim === 'holds-if')))
    .map((property) => ({ property, minds: breaksClaim }))
}

/** The first violation that is a find, in the order of the watches. */
export function firstViolation(history: History, watches: readonly Watch[]): Judgement | undefined {
  for (const { property, minds } of watches) {
    const violation = judgeRun(history, [property]).find((judgement) => judgement.verdict === 'violated' && minds(judgement))
    if (violation !== undefined) return violation
  }
  return undefined
}
