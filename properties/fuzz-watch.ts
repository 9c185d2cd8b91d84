/** Which verdicts a search calls a find: those that break a claim, or those of the properties it was told to watch. */
import type { Claim } from '../sim/contract.ts'
import type { History } from '../sim/history/events.ts'
import { claimFor } from './claims.ts'
import { judgeRun } from './judge.ts'
import type { Judgement, Property } from './property.ts'
import { properties } from './registry.ts'

export interface Watch {
  readonly property: Property
  /** Whether a violation for this data type is a find. */
  readonly covers: (type: Judgement['type']) => boolean
}

/** The named properties, for every type; without names all that is claimed to hold, for the types it is claimed for. */
export function watchFor(claims: readonly Claim[], named: readonly Property[] | undefined): readonly Watch[] {
  if (named !== undefined) return named.map((property) => ({ property, covers: () => true }))
  const isPromised = (property: Property, type: Judgement['type']): boolean => {
    const claim = claimFor(claims, property.name, type)?.claim
    return claim === 'holds' || claim === 'holds-if'
  }
  return properties
    .filter(({ name }) => claims.some(({ property, claim }) => property === name && (claim === 'holds' || claim === 'holds-if')))
    .map((property) => ({ property, covers: (type) => isPromised(property, type) }))
}

/** The first violation that is a find, in the order of the watches. */
export function firstViolation(history: History, watches: readonly Watch[]): Judgement | undefined {
  for (const { property, covers } of watches) {
    const violation = judgeRun(history, [property]).find(({ verdict, type }) => verdict === 'violated' && covers(type))
    if (violation !== undefined) return violation
  }
  return undefined
}
