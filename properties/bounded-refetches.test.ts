import { describe, expect, it } from 'vitest'
import type { History } from '../sim/history/events.ts'
import type { HistoryBuilder } from './golden/history-builder.ts'
import { forge, goldenHistory, register } from './golden/history-builder.ts'
import { check, verdictOf } from './golden/verdict-of.ts'

/** Golden histories have a debounce of 100 ms and a maxWait of 1000 ms. */
const watching = (): HistoryBuilder => goldenHistory({ fields: [register('price')], header: { invalidation: true } }).connection('b', 'open').at(1).refetch('b', 0, 1, true)
/** Signals every `gapMs` from `fromMs` on, versions from `version` on. */
function signals(builder: HistoryBuilder, fromMs: number, count: number, gapMs: number, version = 1): HistoryBuilder {
  for (let index = 0; index < count; index += 1) builder.at(fromMs + index * gapMs).signal('b', version + index)
  return builder
}
const burst = (): HistoryBuilder => signals(watching(), 1000, 10, 50).at(1600).refetch('b', 10, 50)
const verdict = (history: History): string => verdictOf('bounded-refetches', history, 'any')
const what = (history: History): string => check('bounded-refetches', history, 'any').evidence?.[0]?.what ?? 'none'

describe('bounded-refetches', () => {
  it('F01, P-REFETCH: a burst makes one refetch, after its last event', () => {
    expect(check('bounded-refetches', burst().quiet().build(), 'any')).toMatchObject({ verdict: 'holds', reason: expect.stringMatching(/^10 signals, 1 refetches/) as string })
  })

  it('F01, H6: two refetches for one burst, one before its end, and none at all', () => {
    expect(what(burst().at(1900).refetch('b', 10, 50).quiet().build())).toMatch(/10 events on order within 450 ms caused 2 refetches, not 1/)
    const early = forge(burst().quiet().build(), (event) => event.kind === 'refetch' && !event.initial, (event) => ({ ...event, startedAtUs: 1_420_000 } as typeof event))
    expect(what(early)).toMatch(/refetched before the last of them/)
    const none = forge(burst().quiet().build(), (event) => event.kind === 'refetch' && !event.initial, () => null)
    expect(what(none)).toMatch(/announced version 10, which was never fetched/)
  })

  it('F02: every signal fetching at once is a storm', () => {
    const storm = watching()
    for (let index = 0; index < 20; index += 1) storm.at(1000 + 10 * index).signal('b', index + 1).at(1000 + 10 * index + 5).refetch('b', index + 1, 5)
    expect(verdict(storm.quiet().build())).toBe('violated')
  })

  it('F03: a burst longer than maxWait makes one refetch per maxWait, and one more', () => {
    const long = (everyMs: number): History => {
      const builder = watching()
      for (let ms = 50, version = 1; ms <= 5000; ms += 50, version += 1) {
        builder.at(1000 + ms).signal('b', version)
        if (ms % everyMs === 0) builder.at(1000 + ms + 10).refetch('b', version, 10)
      }
      return builder.at(6200).refetch('b', 100, 50).quiet().build()
    }
    expect(verdict(long(1000))).toBe('holds')
    expect(what(long(500))).toMatch(/caused 11 refetches, not 6/)
  })

  it('P-REFETCH: failures, stale answers and reconnections each allow one more', () => {
    const failed = signals(watching(), 1000, 3, 50).at(1300).refetch('b', null, 50).at(1700).refetch('b', 3, 50).quiet().build()
    expect(verdict(failed)).toBe('holds')
    const stale = signals(watching(), 1000, 3, 50).at(1300).refetch('b', 2, 50).at(1700).refetch('b', 3, 50).quiet().build()
    expect(verdict(stale)).toBe('holds')
    const again = burst().at(3000).connection('b', 'closed').at(4000).connection('b', 'open').at(4200).refetch('b', 10, 50).quiet().build()
    expect(verdict(again)).toBe('holds')
    expect(verdict(forge(again, (event) => event.kind === 'connection', () => null, 2))).toBe('violated')
  })

  it('C05: signals that the gate ignores are no part of a burst', () => {
    const late = burst().at(1650).signal('b', 4).at(1700).signal('b', 5).at(1790).signal('b', 11).at(1850).signal('b', 9).at(1940).refetch('b', 11, 40).at(1945).signal('b', 3).quiet().build()
    expect(verdict(late)).toBe('holds')
  })

  it('P-REFETCH: a device that writes is held to the window bound and to its causes', () => {
    const writer = (): HistoryBuilder => watching().set('b', 'b1', 'price', '1').at(500).show('server', 'price', '1').show('a', 'price', '1').settle('b1').at(510).signal('b', 1)
    expect(verdict(writer().quiet().build())).toBe('holds')
    expect(verdict(writer().at(900).refetch('b', 1, 50).at(2000).refetch('b', 1, 50).quiet().build())).toBe('violated')
    const rejected = writer().at(1000).set('b', 'b2', 'price', '2').at(1100).reject('b2').show('b', 'price', '1').at(1300).refetch('b', 1, 50).at(2000).quiet().build()
    expect(verdict(rejected)).toBe('holds')
  })

  it('P-REFETCH with P-STALE: never refetching while screens go stale does not hold', () => {
    const stale = watching().set('a', 'a1', 'price', '1').at(100).show('server', 'price', '1').settle('a1').at(150).signal('b', 1).at(400).refetch('b', 1, 50).at(9000).quiet().build()
    expect(what(stale)).toMatch(/few refetches do not count/)
  })

  it('P-REFETCH, H1: vacuous without a signal; not applicable without the part', () => {
    expect(verdict(watching().quiet().build())).toBe('vacuous')
    expect(verdict(goldenHistory().quiet().build())).toBe('not-applicable')
  })
})
