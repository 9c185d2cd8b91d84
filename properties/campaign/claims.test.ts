import { describe, expect, it } from 'vitest'
import type { Claim } from '../../sim/contract.ts'
import { claimFor, compareCampaign, compareRun } from './claims.ts'
import type { Judgement, VerdictName } from '../property.ts'

const debounced = { client: { invalidation: 'debounced' } } as const
const immediate = { client: { invalidation: 'immediate' } } as const
const condition = { setting: 'client.invalidation', is: 'debounced' } as const
const claim = (kind: Claim['claim'], extra: Partial<Claim> = {}): Claim => ({ property: 'p', type: 'register', claim: kind, because: 'golden', ...extra })
const judgement = (verdict: VerdictName, type: Judgement['type'] = 'register'): Judgement => ({ property: 'p', type, verdict, reason: 'golden' })
const run = (verdict: VerdictName, claims: readonly Claim[]): unknown => compareRun([judgement(verdict)], claims, debounced)[0]?.asClaimed
const campaign = (verdicts: readonly VerdictName[], claims: readonly Claim[], scenario = 'desk') => {
  const [row] = compareCampaign(scenario, verdicts.map((verdict) => [judgement(verdict)]), claims, debounced)
  if (row === undefined) throw new Error('no row')
  return row
}
const VERDICTS: readonly VerdictName[] = ['holds', 'violated', 'vacuous', 'not-applicable']

describe('claims and one run', () => {
  it('H4: one run can break a claim that something holds, and cannot judge one that it does not', () => {
    expect(VERDICTS.map((verdict) => run(verdict, [claim('holds')]))).toEqual([true, false, null, null])
    expect(VERDICTS.map((verdict) => run(verdict, [claim('holds-if', { condition })]))).toEqual([true, false, null, null])
    expect(VERDICTS.map((verdict) => run(verdict, [claim('violated')]))).toEqual([null, null, null, null])
    expect(VERDICTS.map((verdict) => run(verdict, [claim('not-applicable')]))).toEqual([null, null, null, true])
    expect(compareRun([judgement('violated')], [], debounced)).toEqual([{ ...judgement('violated'), claimed: null, asClaimed: null }])
  })

  it('H4: a claim whose condition the configuration does not meet promises nothing', () => {
    expect(compareRun([judgement('violated')], [claim('holds-if', { condition })], immediate)[0]?.asClaimed).toBe(null)
  })

  it('H4: a claim that rests on sound disks promises nothing where bytes rot, in a scenario\'s weather or a plan\'s faults', () => {
    const onDisk = [claim('holds-if', { condition: { setting: 'weather', is: 'without bit-rot' } })]
    const asClaimed = (settings: object): unknown => compareRun([judgement('violated')], onDisk, { ...immediate, ...settings })[0]?.asClaimed
    expect([{}, { weather: [{ type: 'crash' }] }, { faults: [{ type: 'torn-write' }] }].map(asClaimed)).toEqual([false, false, false])
    expect([{ weather: [{ type: 'crash' }, { type: 'bit-rot' }] }, { faults: [{ type: 'bit-rot' }] }].map(asClaimed)).toEqual([null, null])
  })

  it('a claim about the type comes before one about any; a whole run takes its only claim', () => {
    const any = claim('violated', { type: 'any' })
    const exact = claim('holds')
    expect(claimFor([any, exact], 'p', 'register')).toBe(exact)
    expect(claimFor([any, exact], 'p', 'text')).toBe(any)
    expect(claimFor([exact], 'p', 'any')).toBe(exact)
    expect(claimFor([exact], 'p', 'text')).toBe(null)
    expect(claimFor([exact], 'q', 'register')).toBe(null)
  })
})

describe('claims and a campaign', () => {
  const witness = { witness: { scenario: 'desk', seeds: 3 } }

  it('H4: a claim that holds', () => {
    expect(campaign(['holds', 'vacuous'], [claim('holds')])).toMatchObject({ cell: 'as claimed', asClaimed: true, holds: 1, vacuous: 1 })
    expect(campaign(['holds', 'violated'], [claim('holds')])).toMatchObject({ cell: 'broken claim', asClaimed: false, violated: 1 })
    expect(campaign(['vacuous', 'vacuous'], [claim('holds')])).toMatchObject({ cell: 'vacuous', asClaimed: null })
  })

  it('H4: a claimed violation is seen, not yet seen, or, after enough seeds of its witness, missing', () => {
    expect(campaign(['holds', 'violated'], [claim('violated', witness)])).toMatchObject({ cell: 'claimed violation seen', asClaimed: true })
    expect(campaign(['holds', 'vacuous'], [claim('violated', witness)])).toMatchObject({ cell: 'not yet seen', asClaimed: null, seedsNeeded: 1 })
    expect(campaign(['holds', 'vacuous', 'holds'], [claim('violated', witness)])).toMatchObject({ cell: 'not yet seen', asClaimed: false, seedsNeeded: 0 })
    expect(campaign(['holds', 'holds', 'holds'], [claim('violated', witness)], 'other')).toMatchObject({ cell: 'not yet seen', asClaimed: null, seedsNeeded: 3 })
  })

  it('nothing claimed, or claimed not to apply', () => {
    expect(campaign(['violated'], [])).toMatchObject({ cell: null, asClaimed: null, claimed: null })
    expect(campaign(['not-applicable'], [claim('not-applicable')])).toMatchObject({ cell: 'as claimed', asClaimed: true })
    expect(campaign(['holds'], [claim('not-applicable')])).toMatchObject({ cell: 'vacuous', asClaimed: null })
  })

  it('makes one row per property and type', () => {
    const rows = compareCampaign('desk', [[judgement('holds'), judgement('holds', 'text')], [judgement('violated'), judgement('holds', 'text')]], [claim('holds', { type: 'any' })], debounced)
    expect(rows.map(({ type, cell }) => [type, cell])).toEqual([['register', 'broken claim'], ['text', 'as claimed']])
  })
})
