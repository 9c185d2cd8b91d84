/** Makes verdicts. */
import type { Evidence, Verdict } from './property.ts'

const MOST_EVIDENCE = 10

export const holds = (reason: string): Verdict => ({ verdict: 'holds', reason })
export const vacuous = (reason: string): Verdict => ({ verdict: 'vacuous', reason })
export const notApplicable = (reason: string): Verdict => ({ verdict: 'not-applicable', reason })

/** Evidence beyond the first ten is cut; the reason should carry the count. */
export const violated = (reason: string, evidence: readonly Evidence[]): Verdict => ({
  verdict: 'violated', reason, evidence: evidence.slice(0, MOST_EVIDENCE),
})

/** `1 edit`, `2 edits`. */
export const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`
