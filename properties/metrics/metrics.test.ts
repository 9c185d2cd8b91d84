import { describe, expect, it } from 'vitest'
import type { FrameEvent, History } from '../../sim/history/events.ts'
import { forge, goldenHistory, register, text } from '../golden/history-builder.ts'
import type { HistoryBuilder } from '../golden/history-builder.ts'
import { provenanceMetrics } from './index.ts'

const note = (): HistoryBuilder => goldenHistory({ fields: [text('note', 'pqr')] })

describe('sync latencies of registers (M04)', () => {
  /** Made at 0, at the authority after 40 ms, on the other device after 90 ms. */
  const simple = (): HistoryBuilder => goldenHistory().at(0).set('a', 'a1', 'price', '1')
    .at(40).show('server', 'price', '1').at(60).settle('a1').at(90).show('b', 'price', '1')

  it('M04: durable at the first view of the authority, all at the last screen; the acknowledgement takes no part', () => {
    const history = simple().at(5000).quiet().build()
    expect(provenanceMetrics(history)).toMatchObject({ syncDurableMs: 40, syncAllMs: 90, unfinished: 0, neverShown: 0 })
    const early = forge(history, (event) => event.kind === 'settled', (event) => ({ ...event, atUs: 1 }))
    expect(provenanceMetrics(early)).toMatchObject({ syncDurableMs: 40, syncAllMs: 90 })
  })

  it('H8: an edit that never reaches one screen counts until the end of the run', () => {
    const blind = forge(simple().at(5000).quiet().build(), (event) => event.kind === 'view' && event.host === 'b', () => null)
    expect(provenanceMetrics(blind)).toMatchObject({ syncDurableMs: 40, syncAllMs: 5000, unfinished: 1 })
  })

  it('H8: an acknowledged edit that the authority never shows is unfinished in both', () => {
    const history = goldenHistory().set('a', 'a1', 'price', '1').settle('a1').at(700).quiet().build()
    expect(provenanceMetrics(history)).toMatchObject({ syncDurableMs: 700, syncAllMs: 700, unfinished: 1, neverShown: 0 })
  })

  it('M04: a device that was offline is done with the newest value alone, and holds the older edits up until then', () => {
    const history = goldenHistory().at(0).connection('b', 'closed').set('a', 'a1', 'price', '1').at(10).show('server', 'price', '1')
      .at(100).set('a', 'a2', 'price', '2').at(110).show('server', 'price', '2')
      .at(1000).connection('b', 'open').show('b', 'price', '2').at(6000).quiet().build()
    expect(provenanceMetrics(history)).toMatchObject({ syncDurableMs: 10, syncAllMs: 950, syncAllP50Ms: 900, syncAllP95Ms: 1000, unfinished: 0 })
  })

  it('M04: what was written offline and replaced by its author is there with the replacement', () => {
    const history = goldenHistory().at(0).set('a', 'a1', 'price', '1').at(100).set('a', 'a2', 'price', '2')
      .at(300).showAll(['server', 'b'], 'price', '2').at(6000).quiet().build()
    expect(provenanceMetrics(history)).toMatchObject({ syncDurableMs: 250, syncAllMs: 250, unfinished: 0 })
  })

  it('M04: a screen that shows its own edit has the other one once the authority has put its own after it', () => {
    const history = goldenHistory().at(0).set('a', 'a1', 'price', '1').at(5).set('b', 'b1', 'price', '2').at(40).show('server', 'price', '1')
      .at(50).show('server', 'price', '2').at(90).show('a', 'price', '2').at(6000).quiet().build()
    // a1: at the server 40, on b 50. b1: at the server 45, on a 85.
    expect(provenanceMetrics(history)).toMatchObject({ syncDurableMs: 42.5, syncAllMs: 67.5, unfinished: 0 })
  })

  it('M04, M09: rejected edits are left out; edits that gave way unseen are left out and counted', () => {
    const history = goldenHistory().at(0).set('a', 'a1', 'price', '1').at(20).show('server', 'price', '1').at(30).show('b', 'price', '1')
      .at(30).set('b', 'b1', 'price', '2').at(80).reject('b1').show('b', 'price', '1').at(6000).quiet().build()
    expect(provenanceMetrics(history)).toMatchObject({ syncDurableMs: 20, syncAllMs: 30, unfinished: 0, neverShown: 0 })
    const dropped = goldenHistory().at(0).set('a', 'a1', 'price', '1').set('b', 'b1', 'price', '2').at(20).show('server', 'price', '1')
      .at(50).settle('b1').show('b', 'price', '1').at(4000).set('b', 'b2', 'price', '3').at(4010).showAll(['server', 'a'], 'price', '3').at(9000).quiet().build()
    // a1: 20 and 50; b2: 10 and 10. Without the rule for what gave way b1 would count as 4010.
    expect(provenanceMetrics(dropped)).toMatchObject({ syncDurableMs: 15, syncAllMs: 30, unfinished: 0, neverShown: 1 })
  })

  it('T73: of repeated values each writer has its turn', () => {
    const history = goldenHistory({ fields: [register('lamp', 'off')] }).at(0).set('a', 'on1', 'lamp', 'on').at(10).set('a', 'off1', 'lamp', 'off')
      .at(20).set('a', 'on2', 'lamp', 'on').at(100).showAll(['server', 'b'], 'lamp', 'on').at(110).showAll(['server', 'b'], 'lamp', 'off')
      .at(120).showAll(['server', 'b'], 'lamp', 'on').at(6000).quiet().build()
    expect(provenanceMetrics(history)).toMatchObject({ syncDurableMs: 100, syncAllMs: 100, unfinished: 0 })
  })

  it('T73: a repeated value that is there already when it is written again is there at once', () => {
    const history = goldenHistory({ fields: [register('lamp', 'off')] }).at(0).set('a', 'on1', 'lamp', 'on').at(40).showAll(['server', 'b'], 'lamp', 'on')
      .at(50).set('b', 'on2', 'lamp', 'on').at(6000).quiet().build()
    expect(provenanceMetrics(history)).toMatchObject({ syncDurableMs: 20, syncAllMs: 20, unfinished: 0 })
  })

  it('M04: of two servers the first makes an edit durable, and both must have it for all', () => {
    const history = goldenHistory({ servers: ['s1', 's2'] }).at(0).set('a', 'a1', 'price', '1').set('a', 'a2', 'price', '2')
      .at(30).show('s2', 'price', '1').at(40).show('s2', 'price', '2').at(50).show('b', 'price', '2')
      .at(70).show('s1', 'price', '1').at(90).show('s1', 'price', '2').at(6000).quiet().build()
    expect(provenanceMetrics(history)).toMatchObject({ syncDurableMs: 35, syncAllMs: 80, unfinished: 0 })
  })
})

describe('sync latencies of texts (M04)', () => {
  const typed = (): HistoryBuilder => note().at(0).type('a', 'a1', 'note', 1, 'q', 'XY').at(40).splice('server', 'note', 1, 'q', 'XY')

  it('M04: done when the last of its code points is there and what it took out is gone', () => {
    const history = typed().at(70).splice('b', 'note', 1, '', 'XY').at(90).splice('b', 'note', 3, 'q', '').at(6000).quiet().build()
    expect(provenanceMetrics(history)).toMatchObject({ syncDurableMs: 40, syncAllMs: 90, unfinished: 0 })
  })

  it('H8: a code point that never arrives leaves the edit unfinished', () => {
    const history = typed().at(70).splice('b', 'note', 1, 'q', 'X').at(6000).quiet().build()
    expect(provenanceMetrics(history)).toMatchObject({ syncDurableMs: 40, syncAllMs: 6000, unfinished: 1 })
  })

  it('M04: an offline device need not show what was taken out before it came back', () => {
    const history = typed().at(200).type('a', 'a2', 'note', 1, 'XY', '').at(230).splice('server', 'note', 1, 'XY', '')
      .at(900).splice('b', 'note', 1, 'q', '').at(6000).quiet().build()
    // a1: the server lost XY at 230, and q is gone from b at 900. a2: the server at 230; b never had it.
    expect(provenanceMetrics(history)).toMatchObject({ syncDurableMs: 35, syncAllMs: (900 + 30) / 2, unfinished: 0 })
  })

  it('M04: what the authority takes back (a whole-value write of somebody who had not seen it) need not be shown', () => {
    const history = typed().at(100).splice('server', 'note', 1, 'XY', 'q').at(6000).quiet().build()
    expect(provenanceMetrics(history)).toMatchObject({ syncDurableMs: 40, syncAllMs: 100, unfinished: 0 })
  })

  it('M04: of two servers the first makes an edit durable, and both must have it for all', () => {
    const history = goldenHistory({ servers: ['s1', 's2'], fields: [text('note', 'pqr')] }).at(0).type('a', 'a1', 'note', 1, 'q', 'X')
      .at(30).splice('s2', 'note', 1, 'q', 'X').at(50).splice('b', 'note', 1, 'q', 'X').at(70).splice('s1', 'note', 1, 'q', 'X').at(6000).quiet().build()
    expect(provenanceMetrics(history)).toMatchObject({ syncDurableMs: 30, syncAllMs: 70, unfinished: 0 })
  })

  it('M04: typed and taken back before anyone heard of it: nothing to see, left out and counted', () => {
    const history = note().at(0).type('a', 'a1', 'note', 1, '', 'X').at(10).type('a', 'a2', 'note', 1, 'X', '').at(6000).quiet().build()
    expect(provenanceMetrics(history)).toMatchObject({ unfinished: 0, neverShown: 2 })
    expect(provenanceMetrics(history)).not.toHaveProperty('syncAllMs')
  })

  it('M04: a text that is not distinct, and a type that the strategy lacks, have no such metrics', () => {
    const { header, events } = typed().at(6000).quiet().build()
    expect(provenanceMetrics({ header: { ...header, distinctText: false }, events })).toEqual({ serverOperations: 0 })
    expect(provenanceMetrics({ header: { ...header, types: ['register'] }, events })).not.toHaveProperty('syncAllMs')
  })
})

describe('stalenessMs (M07, M11)', () => {
  it('P-STALE: changes of others as shown, and what was never shown counts as long as it was owed', () => {
    const shown = goldenHistory().at(0).set('a', 'a1', 'price', '1').at(40).show('server', 'price', '1').at(90).show('b', 'price', '1').at(500).quiet().build()
    expect(provenanceMetrics(shown)).toMatchObject({ stalenessMs: 50 })
    expect(provenanceMetrics(forge(shown, (event) => event.kind === 'view' && event.host === 'b', () => null))).toMatchObject({ stalenessMs: 460 })
  })
})

describe('wrong winners (K05, M11)', () => {
  /** a1 is made before b1; the authority takes them in the given order. */
  const race = (first: string, second: string): History => goldenHistory().at(0).set('a', 'a1', 'price', '1').at(10).set('b', 'b1', 'price', '2')
    .at(30).show('server', 'price', first).at(40).show('server', 'price', second).settle('a1').settle('b1')
    .at(60).show(second === '1' ? 'b' : 'a', 'price', second).at(6000).quiet().build()

  it('K05: the older edit arrives last and wins', () => {
    expect(provenanceMetrics(race('2', '1'))).toMatchObject({ wrongWinners: 1 })
    expect(provenanceMetrics(race('1', '2'))).toMatchObject({ wrongWinners: 0 })
  })

  it('K05: only an acknowledged loser counts', () => {
    expect(provenanceMetrics(forge(race('2', '1'), (event) => event.kind === 'settled' && event.edit === 'b1', () => null))).toMatchObject({ wrongWinners: 0 })
  })

  it('K05: the newer edit is dropped on arrival', () => {
    const history = goldenHistory().at(0).set('a', 'a1', 'price', '1').at(10).set('b', 'b1', 'price', '2').at(30).show('server', 'price', '1')
      .at(40).settle('b1').at(60).show('b', 'price', '1').at(6000).quiet().build()
    expect(provenanceMetrics(history)).toMatchObject({ wrongWinners: 1, neverShown: 1 })
  })

  it('K05: an edit made with the older one on screen is no conflict', () => {
    const history = goldenHistory().at(0).set('a', 'a1', 'price', '1').at(10).show('b', 'price', '1').at(20).set('b', 'b1', 'price', '2')
      .at(30).show('server', 'price', '2').at(40).settle('b1').show('server', 'price', '1').at(6000).quiet().build()
    expect(provenanceMetrics(history)).toMatchObject({ wrongWinners: 0 })
    const unseen = forge(history, (event) => event.kind === 'view' && event.atUs === 10_000, () => null)
    expect(provenanceMetrics(unseen)).toMatchObject({ wrongWinners: 1 })
  })
})

describe('flickers (M11)', () => {
  const pending = (): HistoryBuilder => goldenHistory({ fields: [register('price', '0')] }).at(0).set('a', 'a1', 'price', '1')

  it('M11: a pending edit that vanishes and comes back is one flicker', () => {
    expect(provenanceMetrics(pending().at(20).show('a', 'price', '0').at(40).show('a', 'price', '1').at(60).quiet().build())).toMatchObject({ flickers: 1 })
  })

  it('M11: an echo of somebody else between the two showings is one flicker', () => {
    const history = pending().at(5).set('b', 'b1', 'price', '2').at(20).show('a', 'price', '2').at(40).show('a', 'price', '1').at(60).quiet().build()
    expect(provenanceMetrics(history)).toMatchObject({ flickers: 1 })
    expect(provenanceMetrics(forge(history, (event) => event.kind === 'view' && event.atUs === 20_000, () => null))).toMatchObject({ flickers: 0 })
  })

  it('M11: a rejected edit that is rolled back, and a value that is written again, are none', () => {
    expect(provenanceMetrics(pending().at(20).reject('a1').show('a', 'price', '0').at(60).quiet().build())).toMatchObject({ flickers: 0 })
    const again = pending().at(20).set('a', 'a2', 'price', '0').at(30).set('a', 'a3', 'price', '1').at(60).quiet().build()
    expect(provenanceMetrics(again)).toMatchObject({ flickers: 0 })
  })

  it('M11: text that vanishes and comes back; on a server it is no flicker', () => {
    const bounce = (host: string): History => note().at(0).type('a', 'a1', 'note', 1, '', 'XY').at(5).splice('server', 'note', 1, '', 'XY')
      .at(20).splice(host, 'note', 1, 'XY', '').at(40).splice(host, 'note', 1, '', 'XY').at(60).quiet().build()
    expect([provenanceMetrics(bounce('a'))['flickers'], provenanceMetrics(bounce('server'))['flickers']]).toEqual([1, 0])
    const gone = forge(bounce('a'), (event) => event.kind === 'view' && event.atUs === 40_000, () => null)
    expect(provenanceMetrics(gone)).toMatchObject({ flickers: 0 })
  })
})

describe('serverOperations', () => {
  it('M10: requests and data frames that reached a server, and nothing else', () => {
    const frame = (part: Partial<FrameEvent>): FrameEvent => ({
      kind: 'frame', atUs: 1, frame: 1, state: 'delivered', from: 'a', to: 'server', bytes: 10, traffic: 'data', cause: null, ...part,
    })
    const { header, events } = goldenHistory().at(60).quiet().build()
    const frames = [frame({}), frame({ traffic: 'request' }), frame({ traffic: 'control' }), frame({ state: 'sent' }), frame({ state: 'lost' }),
      frame({ from: 'server', to: 'a' }), frame({ traffic: 'response', from: 'server', to: 'a' })]
    expect(provenanceMetrics({ header, events: [...frames, ...events] })).toMatchObject({ serverOperations: 2 })
  })
})

describe('long sessions', () => {
  it('26,000 edits of one text by two devices are measured, with one device behind by half of them', () => {
    const builder = note()
    const count = 26_000
    const point = (index: number): string => String.fromCodePoint(0x20000 + index)
    for (let index = 0; index < count; index += 1) {
      builder.at(index).type('a', `a${index}`, 'note', 0, '', point(index)).splice('server', 'note', 0, '', point(index))
      if (index >= count / 2) builder.splice('b', 'note', 0, '', point(index - count / 2))
    }
    const metrics = provenanceMetrics(builder.at(count + 6000).quiet().build())
    expect(metrics).toMatchObject({ syncDurableMs: 0, unfinished: count / 2, syncAllP50Ms: count / 2, flickers: 0 })
  })
})
