import { describe, expect, it } from 'vitest'
import type { History } from '../sim/history/events.ts'
import type { HistoryBuilder } from './golden/history-builder.ts'
import { forge, goldenHistory, register, text } from './golden/history-builder.ts'
import { check, verdictOf } from './golden/verdict-of.ts'

/** The bound of golden histories is 1000 ms. */
const prices = (): HistoryBuilder => goldenHistory({ fields: [register('price')] })
const accepted = (): HistoryBuilder => prices().set('a', 'a1', 'price', '1').at(100).show('server', 'price', '1').settle('a1')

describe('bounded-staleness of registers', () => {
  it('P-STALE: holds when the other device shows it in time, with the spread', () => {
    expect(check('bounded-staleness', accepted().at(400).show('b', 'price', '1').quiet().build()))
      .toEqual({ verdict: 'holds', reason: '1 change shown by other devices: p95 300 ms, max 300 ms, bound 1000 ms' })
  })

  it('P-STALE, H6: violated when it comes late, or never', () => {
    expect(check('bounded-staleness', accepted().at(1200).show('b', 'price', '1').quiet().build())).toMatchObject({ verdict: 'violated', evidence: [{ host: 'b' }] })
    const never = forge(accepted().at(400).show('b', 'price', '1').at(5000).quiet().build(), (event) => event.kind === 'view' && event.host === 'b', () => null)
    expect(verdictOf('bounded-staleness', never)).toBe('violated')
  })

  it('P-STALE: a successor will do', () => {
    const jumped = accepted().at(900).set('a', 'a2', 'price', '2').at(1000).show('server', 'price', '2').settle('a2').at(1090).show('b', 'price', '2')
    expect(verdictOf('bounded-staleness', jumped.at(5000).quiet().build())).toBe('holds')
  })

  it('P-STALE: an older value is no successor', () => {
    const fallback = accepted().at(300).set('a', 'a2', 'price', '2').at(400).show('server', 'price', '2').settle('a2').at(500).show('b', 'price', '1')
    expect(check('bounded-staleness', fallback.at(5000).quiet().build()).evidence?.[0]?.what).toMatch(/b went without price = "2" for 4600 ms/)
  })

  it('P-STALE: time without a connection does not count, and the clock restarts', () => {
    const dropped = (backMs: number): HistoryBuilder => prices().connection('b', 'open').set('a', 'a1', 'price', '1').at(100).connection('b', 'closed').show('server', 'price', '1').settle('a1')
      .at(9000).connection('b', 'open').at(9000 + backMs).show('b', 'price', '1').quiet()
    expect(verdictOf('bounded-staleness', dropped(900).build())).toBe('holds')
    expect(verdictOf('bounded-staleness', dropped(1100).build())).toBe('violated')
    expect(verdictOf('bounded-staleness', forge(dropped(900).build(), (event) => event.kind === 'connection' && event.state === 'closed', () => null))).toBe('violated')
  })

  it('P-STALE, A08: nor does time before a stream has found its way back, once it has', () => {
    const broken = (backMs: number, lateMs: number): History => accepted().at(backMs).stream('b', 'resumed').at(backMs + lateMs).show('b', 'price', '1').quiet().build()
    expect(verdictOf('bounded-staleness', broken(900, 900))).toBe('holds')
    expect(verdictOf('bounded-staleness', broken(1200, 100))).toBe('violated')
    expect(verdictOf('bounded-staleness', broken(100, 1100))).toBe('violated')
  })

  it('P-STALE: nor does time under a fault; what was late before it stays late', () => {
    const cut = (cutMs: number): HistoryBuilder => accepted().at(cutMs).fault('f1', 'partition', ['b'], 'begin').at(8000).fault('f1', 'partition', ['b'], 'end').at(8500).show('b', 'price', '1').quiet()
    expect(verdictOf('bounded-staleness', cut(900).build())).toBe('holds')
    expect(verdictOf('bounded-staleness', cut(1200).build())).toBe('violated')
  })

  it('P-STALE, K01: a fault of the network that names the server is one of every device; one of its disk is none', () => {
    const struck = (type: string): HistoryBuilder => accepted().at(900).fault('f1', type, ['server'], 'begin').at(8000).fault('f1', type, ['server'], 'end').at(8500).show('b', 'price', '1').quiet()
    expect(verdictOf('bounded-staleness', struck('partition').build())).toBe('holds')
    expect(verdictOf('bounded-staleness', struck('quota').build())).toBe('violated')
    expect(verdictOf('bounded-staleness', struck('reset').build())).toBe('violated') // over as soon as it has begun
  })

  it('P-STALE: an own edit on its way hides the other’s, and no longer than it is on its way', () => {
    const own = (resolvedMs: number): HistoryBuilder => accepted().at(200).set('b', 'b1', 'price', '2').at(resolvedMs).reject('b1').at(resolvedMs + 100).show('b', 'price', '1').at(9000).quiet()
    expect(verdictOf('bounded-staleness', own(3000).build())).toBe('holds')
    const stuck = accepted().at(200).set('b', 'b1', 'price', '2').at(300).reject('b1').at(9000).quiet().build()
    expect(verdictOf('bounded-staleness', stuck)).toBe('violated')
    const won = accepted().at(200).set('b', 'b1', 'price', '2').at(3000).show('server', 'price', '2').settle('b1').at(3100).show('a', 'price', '2').at(9000).quiet().build()
    expect(verdictOf('bounded-staleness', won)).toBe('holds')
  })

  it('P-STALE, H1: vacuous when nobody had anything to show; not applicable without an authority or a bound', () => {
    expect(verdictOf('bounded-staleness', prices().quiet().build())).toBe('vacuous')
    const alone = goldenHistory({ devices: ['a'], fields: [register('price')] }).set('a', 'a1', 'price', '1').at(100).show('server', 'price', '1').quiet().build()
    expect(verdictOf('bounded-staleness', alone)).toBe('vacuous')
    expect(verdictOf('bounded-staleness', goldenHistory({ servers: [] }).build())).toBe('not-applicable')
    expect(verdictOf('bounded-staleness', goldenHistory({ header: { bounds: { stalenessUs: 0, debounceUs: 0, maxWaitUs: 0, horizonUs: 0 } } }).build())).toBe('not-applicable')
  })
})

describe('bounded-staleness of text', () => {
  const note = (): HistoryBuilder => goldenHistory({ fields: [text('note', 'pq')] }).type('a', 'a1', 'note', 1, 'q', 'XY').at(100).splice('server', 'note', 1, 'q', 'XY').settle('a1')

  it('P-STALE: every code point that came or went must be shown in time', () => {
    expect(verdictOf('bounded-staleness', note().at(400).splice('b', 'note', 1, 'q', 'XY').quiet().build(), 'text')).toBe('holds')
    expect(verdictOf('bounded-staleness', note().at(400).splice('b', 'note', 2, '', 'XY').at(3000).quiet().build(), 'text')).toBe('violated')
    expect(verdictOf('bounded-staleness', note().at(400).splice('b', 'note', 1, 'q', 'X').at(3000).quiet().build(), 'text')).toBe('violated')
    expect(verdictOf('bounded-staleness', note().at(1200).splice('b', 'note', 1, 'q', 'XY').quiet().build(), 'text')).toBe('violated')
  })

  it('P-STALE: what the authority took back is owed to nobody', () => {
    const gone = note().at(200).type('a', 'a2', 'note', 1, 'XY', '').at(300).splice('server', 'note', 1, 'XY', '').settle('a2').at(400).splice('b', 'note', 1, 'q', '').at(5000).quiet().build()
    expect(verdictOf('bounded-staleness', gone, 'text')).toBe('holds')
  })

  it('not applicable to text that is not distinct', () => {
    expect(verdictOf('bounded-staleness', goldenHistory({ header: { distinctText: false } }).build(), 'text')).toBe('not-applicable')
  })

  it('P-STALE, R4: a server that stops takes every connection with it, whatever the devices believe', () => {
    const news = (lost: (builder: HistoryBuilder) => HistoryBuilder): History => lost(prices().connection('a', 'open').connection('b', 'open'))
      .at(100).set('a', 'a1', 'price', '1').show('server', 'price', '1').settle('a1').at(9000).connection('b', 'open').at(9500).show('b', 'price', '1').quiet().build()
    expect(verdictOf('bounded-staleness', news((builder) => builder))).toBe('violated')
    expect(verdictOf('bounded-staleness', news((builder) => builder.life('server', 'stopped').life('server', 'started', 2)))).toBe('holds')
  })
})
