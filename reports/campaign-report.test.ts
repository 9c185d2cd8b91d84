import { describe, expect, test } from 'vitest'
import type { Claim } from '../sim/contract.ts'
import { makeCampaignReport } from './campaign-report.ts'
import { compareDocumentSchema } from './documents/compare-document.ts'
import type { JudgedRun } from './judged-run.ts'
import { renderComparisonMarkdown } from './markdown/compare-markdown.ts'
import { renderComparison } from './terminal/comparison.ts'
import { makePaint } from './terminal/paint.ts'

type VerdictName = JudgedRun['document']['verdicts'][number]['verdict']

function judged(strategy: string, seed: string, verdict: VerdictName, part: Partial<JudgedRun> = {}): JudgedRun {
  return {
    end: 'quiet',
    contended: true,
    document: {
      schema: 'syncstorm.run/1', scenario: 'desk', strategy, seed, digest: 'ab'.repeat(32), simulatedMs: 1000, wallMs: 5, events: 9, quiescent: true,
      verdicts: [{ property: 'no-lost-write', type: 'text', verdict, claimed: null, asClaimed: null, reason: 'because' }],
      metrics: { lost: Number(seed), skipped: 1 },
      coverage: { edits: 10, answeredEdits: 10, acknowledgedEdits: 10, concurrentPairs: 4, faults: 1, faultsThatHit: 1, changedEnd: 1 },
    },
    ...part,
  }
}

const claims = (claim: Claim['claim'], seeds = 3): readonly Claim[] => [{
  property: 'no-lost-write', type: 'text', claim, because: 'test', ...(claim === 'violated' ? { witness: { scenario: 'desk', seeds } } : {}),
}]

function report(a: readonly VerdictName[], claim: Claim['claim'], part: Partial<JudgedRun> = {}) {
  return makeCampaignReport({
    scenario: 'desk', settings: { client: { invalidation: 'debounced' } }, wallMs: 100,
    modules: [{ name: 'a', claims: claims(claim) }, { name: 'b', claims: claims('holds') }],
    seeds: a.map((verdict, index) => ({
      seed: String(index + 1), runs: [judged('a', String(index + 1), verdict, part), judged('b', String(index + 1), 'holds')],
    })),
  })
}

describe('the report of a campaign', () => {
  test('H4: a claim that holds is broken by one seed, which is named', () => {
    const { violations, document } = report(['holds', 'violated', 'violated'], 'holds')
    expect(violations).toEqual([{ strategy: 'a', property: 'no-lost-write', type: 'text', seed: '2', broken: true }])
    expect(document.strategies[0]?.verdicts[0]).toMatchObject({ holds: 1, violated: 2, asClaimed: false })
    expect(document.strategies[1]?.verdicts[0]).toMatchObject({ holds: 3, asClaimed: true })
  })

  test('H4: a claimed violation is as claimed once seen, and broken if its witness never shows it', () => {
    expect(report(['holds', 'violated', 'holds'], 'violated').violations).toMatchObject([{ seed: '2', broken: false }])
    expect(report(['holds', 'holds', 'holds'], 'violated').violations).toMatchObject([{ seed: null, broken: true }])
    expect(report(['holds', 'holds'], 'violated').document.strategies[0]?.verdicts[0]).toMatchObject({ asClaimed: null, seedsNeeded: 1 })
  })

  test('H1: too little coverage is named with its strategy; a plan without contention owes no concurrent pairs', () => {
    const { coverage } = judged('a', '1', 'holds').document
    const idle: Partial<JudgedRun> = { document: { ...judged('a', '1', 'holds').document, coverage: { ...coverage, concurrentPairs: 0 } } }
    const unmet = report(['holds', 'holds'], 'holds', idle).unmetFloors
    expect(unmet).toHaveLength(1)
    expect(unmet[0]).toMatch(/^a: .*concurrent pair.*: 0 where 2 are needed$/)
    expect(report(['holds'], 'holds', { ...idle, contended: false }).unmetFloors).toEqual([])
  })

  test('H3: runs that did not become quiet, and runs that a budget cut short, are counted apart', () => {
    expect(report(['holds', 'holds'], 'holds', { end: 'horizon' })).toMatchObject({ notQuiet: 2, cutShort: 0 })
    expect(report(['holds', 'holds'], 'holds', { end: 'budget' })).toMatchObject({ notQuiet: 0, cutShort: 2 })
  })

  test('H7: says what was done', () => {
    const { done, ...rest } = report(['holds', 'holds'], 'holds')
    expect(done).toEqual({ runs: 4, edits: 40, skipped: 4, concurrentPairs: 16, faults: 4, faultsThatHit: 4, wallMs: 100 })
    const text = renderComparison({ done, ...rest }, { width: 200, paint: makePaint(false) })
    expect(text).toContain('2 seeds × 2 strategies = 4 runs in 0.1 s; 40 edits (4 more skipped), 16 concurrent pairs, 4 faults, 4 of them hit something')
    expect(text).toContain('Coverage floors: met.')
  })

  test('the document validates, and the Markdown has a cell for each claim', () => {
    const whole = report(['holds', 'violated'], 'holds')
    expect(compareDocumentSchema.parse(JSON.parse(JSON.stringify(whole.document)))).toEqual(whole.document)
    const markdown = renderComparisonMarkdown(whole)
    expect(markdown).toContain('| no-lost-write | text | **broken claim** (1 hold, 1 violated, 0 vacuous) | as claimed (2 hold, 0 violated, 0 vacuous) |')
    expect(markdown).toContain('| lost | b - a | 0 |')
  })
})
