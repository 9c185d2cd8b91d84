import { describe, expect, it } from 'vitest'
import { forge, goldenHistory } from '../golden/history-builder.ts'
import { provenanceMetrics } from './index.ts'

/** a1 is missing from 0 to 90 ms (at the authority until 40), a2 from 50 to 450, and a3 from 1000 to 1030. */
const history = goldenHistory().at(0).set('a', 'a1', 'price', '1').at(40).show('server', 'price', '1')
  .at(50).set('a', 'a2', 'price', '2').at(90).show('b', 'price', '1').at(440).show('server', 'price', '2').at(450).show('b', 'price', '2')
  .at(1000).set('a', 'a3', 'price', '3').at(1010).show('server', 'price', '3').at(1030).show('b', 'price', '3').at(6000).quiet().build()

describe('stale views (M11)', () => {
  it('M11: the time in which some screen lacked an edit counts once, however many were missing', () => {
    expect(provenanceMetrics(history)).toMatchObject({ staleViewMs: 480, staleViewMaxMs: 400 })
  })

  it('M11: the way up counts, which P-STALE leaves out', () => {
    expect(provenanceMetrics(history)).toMatchObject({ stalenessMs: 50, stalenessMaxMs: 50 })
  })

  it('M11, H8: what never came is missing until the end', () => {
    const blind = forge(history, (event) => event.kind === 'view' && event.host === 'b' && event.atUs > 1_000_000, () => null)
    expect(provenanceMetrics(blind)).toMatchObject({ staleViewMs: 450 + 5000, staleViewMaxMs: 5000 })
  })

  it('M11: nothing is said of a run without edits', () => {
    expect(provenanceMetrics(goldenHistory().at(5000).quiet().build())).not.toHaveProperty('staleViewMs')
  })
})
