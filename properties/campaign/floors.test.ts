import { describe, expect, it } from 'vitest'
import type { RunCoverage } from '../metrics/figures.ts'
import { floorsOf } from './floors.ts'

const good: RunCoverage = { edits: 10, answeredEdits: 10, acknowledgedEdits: 8, concurrentPairs: 3, faults: 1, faultsThatHit: 1, changedEnd: 1 }
const missed = (run: Partial<RunCoverage>, options = {}): string[] => (
  floorsOf(Array.from({ length: 10 }, () => ({ ...good, ...run })), options).filter((floor) => !floor.met).map((floor) => floor.floor)
)

describe('the floors of a campaign (H1)', () => {
  it('H1: a campaign that tested something meets them all', () => {
    expect(floorsOf([good])).toHaveLength(6)
    expect(missed({})).toEqual([])
  })

  it('H1, X01, X02, X03, X04: each way of testing nothing misses its own floor', () => {
    expect(missed({ concurrentPairs: 0 })).toEqual(['runs with at least 1 concurrent pair on one field'])
    expect(missed({ faultsThatHit: 0 })).toEqual(['faults that hit something in flight'])
    expect(missed({ changedEnd: 0 })).toEqual(['runs that end otherwise than they began'])
    expect(missed({ answeredEdits: 4 })).toEqual(['answered edits'])
    expect(missed({ acknowledgedEdits: 0 })).toEqual(['acknowledged edits'])
    expect(floorsOf([]).filter((floor) => !floor.met).map((floor) => floor.floor)).toEqual(['runs', 'acknowledged edits'])
  })

  it('H1: a share of the runs has to be contended; no fault is asked of plans without one', () => {
    const runs = (contended: number): readonly RunCoverage[] => Array.from({ length: 10 }, (_, index) => ({ ...good, concurrentPairs: index < contended ? 5 : 0 }))
    expect(floorsOf(runs(8), { pairsPerRun: 5 }).every((floor) => floor.met)).toBe(true)
    expect(floorsOf(runs(7), { pairsPerRun: 5 }).every((floor) => floor.met)).toBe(false)
    expect(missed({ concurrentPairs: 0, faults: 0, faultsThatHit: 0 }, { pairsPerRun: 0 })).toEqual([])
  })
})
