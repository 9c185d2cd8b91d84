import { describe, expect, test } from 'vitest'
import type { CampaignReport } from '../../reports/campaign-report.ts'
import type { FoundCounterexample, FuzzReport } from '../../reports/fuzz-report.ts'
import type { JudgedRun } from '../../reports/judged-run.ts'
import { EXIT } from '../exit-codes.ts'
import { compareExitCode } from './compare.ts'
import { fuzzExitCode } from './fuzz.ts'
import { runExitCode } from './run.ts'

type RunVerdict = JudgedRun['document']['verdicts'][number]

function run(end: JudgedRun['end'], ...verdicts: readonly Partial<RunVerdict>[]): JudgedRun {
  return {
    end, contended: true,
    document: {
      schema: 'syncstorm.run/1', scenario: 's', strategy: 't', seed: '1', digest: 'ab'.repeat(8), simulatedMs: 1, wallMs: 1, events: 1,
      quiescent: end === 'quiet', metrics: {}, coverage: {},
      verdicts: verdicts.map((part) => ({ property: 'p', type: 'any', verdict: 'holds', claimed: 'holds', asClaimed: null, reason: '', ...part })),
    },
  }
}

describe('exit code of run', () => {
  const broken = { verdict: 'violated', asClaimed: false } as const
  const expected = { verdict: 'violated', claimed: 'violated', asClaimed: null } as const
  const vacuous = { verdict: 'vacuous', asClaimed: null } as const
  test.each([
    ['everything as claimed', run('quiet', { asClaimed: true }), false, EXIT.asClaimed],
    ['a claimed violation', run('quiet', expected), true, EXIT.asClaimed],
    ['a broken claim', run('quiet', broken), false, EXIT.refuted],
    ['not quiet within the horizon', run('horizon'), false, EXIT.refuted],
    ['cut by the budget', run('budget'), false, EXIT.inconclusive],
    ['cut by the budget, with a broken claim', run('budget', broken), false, EXIT.refuted],
    ['vacuous', run('quiet', vacuous), false, EXIT.asClaimed],
    ['vacuous and strict', run('quiet', vacuous), true, EXIT.inconclusive],
    ['vacuous where nothing is promised, strict', run('quiet', { ...vacuous, claimed: 'violated' }, { ...vacuous, claimed: null }), true, EXIT.asClaimed],
  ] as const)('%s', (_, judged, strict, code) => {
    expect(runExitCode(judged, strict)).toBe(code)
  })
})

describe('exit code of compare', () => {
  const report = (part: Partial<CampaignReport>): CampaignReport => ({
    document: { schema: 'syncstorm.compare/1', scenario: 's', seeds: [], strategies: [], paired: [] },
    violations: [], notQuiet: 0, cutShort: 0, unmetFloors: [],
    done: { runs: 0, edits: 0, skipped: 0, concurrentPairs: 0, faults: 0, faultsThatHit: 0, wallMs: 0 }, ...part,
  })
  const violation = { strategy: 'a', property: 'p', type: 'any', seed: '1' }
  test.each([
    ['everything as claimed', report({}), EXIT.asClaimed],
    ['claimed violations seen', report({ violations: [{ ...violation, broken: false }] }), EXIT.asClaimed],
    ['a broken claim', report({ violations: [{ ...violation, broken: true }], unmetFloors: ['x'] }), EXIT.refuted],
    ['a run that did not become quiet', report({ notQuiet: 1 }), EXIT.refuted],
    ['floors not met', report({ unmetFloors: ['x'] }), EXIT.inconclusive],
    ['runs cut by the budget', report({ cutShort: 1 }), EXIT.inconclusive],
  ])('%s', (_, given, code) => {
    expect(compareExitCode(given)).toBe(code)
  })
})

describe('exit code of fuzz', () => {
  const report = (part: Partial<FuzzReport>): FuzzReport => ({
    scenario: 's', strategy: 't', seed: '1', runs: 9, wallMs: 1, coverage: {}, unmetFloors: [], stopped: false, finds: [], ...part,
  })
  const find = {} as FoundCounterexample
  test.each([
    ['nothing found', report({}), EXIT.asClaimed],
    ['a counterexample', report({ finds: [find], unmetFloors: ['x'] }), EXIT.refuted],
    ['nothing found, and too little tried', report({ unmetFloors: ['x'] }), EXIT.inconclusive],
    ['interrupted', report({ finds: [find], stopped: true }), EXIT.interrupted],
  ])('%s', (_, given, code) => {
    expect(fuzzExitCode(given)).toBe(code)
  })
})
