import { describe, expect, it } from 'vitest'
import { ledgerFigures, runCoverage } from './figures.ts'
import { goldenHistory, register } from '../golden/history-builder.ts'

describe('figures of a run', () => {
  const history = goldenHistory({ fields: [register('price')] })
    .set('a', 'a1', 'price', '1').set('b', 'b1', 'price', '2').settle('a1').settle('b1').showAll(['a', 'server'], 'price', '2')
    .set('a', 'a2', 'price', '3').reject('a2').show('a', 'price', '2').skip('a', 'a3', 'price').set('b', 'b2', 'price', '4').show('b', 'price', '2')
    .fault('f1', 'partition', ['a'], 'begin', 0).fault('f1', 'partition', ['a'], 'end', 2).fault('f2', 'break', ['b'], 'begin', 0).quiet().build()

  it('M09: each edit is counted under its one outcome', () => {
    expect(ledgerFigures(history)).toEqual({
      lost: 0, overwritten: 1, merged: 0, superseded: 0, rejected: 1, unresolved: 1, skipped: 1, concurrentPairs: 3,
    })
  })

  it('H1: what campaigns sum up', () => {
    expect(runCoverage(history)).toEqual({
      edits: 4, answeredEdits: 3, acknowledgedEdits: 2, concurrentPairs: 3, faults: 2, faultsThatHit: 1, changedEnd: 1,
    })
    expect(runCoverage(goldenHistory().quiet().build()).changedEnd).toBe(0)
  })
})
