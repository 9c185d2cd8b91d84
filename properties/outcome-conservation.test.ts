import { describe, expect, it } from 'vitest'
import type { History } from '../sim/history/events.ts'
import type { HistoryBuilder } from './golden/history-builder.ts'
import { forge, goldenHistory, register, text } from './golden/history-builder.ts'
import { check, verdictOf } from './golden/verdict-of.ts'

const ALL = ['a', 'b', 'server']
/** One edit is kept, one rejected with its notice, one skipped. */
const good = (): HistoryBuilder => goldenHistory({ fields: [register('price')] }).set('a', 'a1', 'price', '1').set('b', 'b1', 'price', '2').settle('a1').reject('b1')
  .skip('b', 'b2', 'price').showAll(ALL, 'price', '1')
const violation = (history: History): string => check('outcome-conservation', history).evidence?.[0]?.what ?? 'none'

describe('outcome-conservation', () => {
  it('P-OUTCOME: holds when every intention has one outcome, and says which', () => {
    expect(check('outcome-conservation', good().quiet().build())).toEqual({ verdict: 'holds', reason: '3 intentions: 1 reflected, 1 rejected, 1 skipped' })
  })

  it('P-OUTCOME, H6: an edit that nothing was decided about', () => {
    expect(violation(forge(good().quiet().build(), (event) => event.kind === 'settled', () => null))).toMatch(/a1 of a was never acknowledged/)
  })

  it('P-OUTCOME, H6: a rejection without its notice, with two, or a notice without a rejection', () => {
    const { header, events } = good().quiet().build()
    const isNotice = (kind: string): boolean => kind === 'notified'
    expect(violation(forge({ header, events }, (event) => isNotice(event.kind), () => null))).toMatch(/told 0 times/)
    expect(violation(good().notify('b1', 'rejected').quiet().build())).toMatch(/told 2 times/)
    expect(violation(forge({ header, events }, (event) => event.kind === 'rejected', () => null))).toMatch(/never rejected, but its user was told so/)
  })

  it('P-OUTCOME, H6: two outcomes at once', () => {
    expect(violation(good().settle('b1').quiet().build())).toMatch(/rejected and acknowledged/)
    expect(violation(good().merge('b1', 'same-target-delete').quiet().build())).toMatch(/rejected and merged/)
    expect(violation(good().reject('b1', 'silently').quiet().build())).toMatch(/rejected 2 times/)
    expect(violation(good().showAll(ALL, 'price', '2').quiet().build())).toMatch(/rejected, and a shows it all the same|missing/)
    expect(violation(good().skip('a', 'a1', 'price').quiet().build())).toMatch(/both made and skipped/)
  })

  it('P-OUTCOME, T73: a rejected edit whose value stands there anyway, because it did before or another wrote it, is no second outcome', () => {
    const toggles = (initial: string): HistoryBuilder => goldenHistory({ fields: [register('urgent', initial)] })
    const before = toggles('off').set('a', 'a1', 'urgent', 'off').reject('a1')
    expect(verdictOf('outcome-conservation', before.quiet().build())).toBe('holds')
    const another = toggles('off').set('b', 'b1', 'urgent', 'on').settle('b1').set('a', 'a1', 'urgent', 'on').reject('a1')
    expect(verdictOf('outcome-conservation', another.showAll(ALL, 'urgent', 'on').quiet().build())).toBe('holds')
    const forced = toggles('off').set('a', 'a1', 'urgent', 'on').reject('a1')
    expect(verdictOf('outcome-conservation', forced.showAll(ALL, 'urgent', 'on').quiet().build())).toBe('violated')
  })

  it('P-OUTCOME, H6: an acknowledged edit that is missing, and words of the wrong device', () => {
    expect(violation(good().showAll(ALL, 'price', null).quiet().build())).toMatch(/a1 of a was acknowledged, and is missing/)
    expect(violation(forge(good().quiet().build(), (event) => event.kind === 'settled', (event) => ({ ...event, device: 'b' })))).toMatch(/b says "settled" about a1/)
  })

  it('P-OUTCOME, H3: before quiet, missing outcomes are open, and double ones are violations all the same', () => {
    expect(verdictOf('outcome-conservation', goldenHistory({ fields: [register('price')] }).set('a', 'a1', 'price', '1').quiet('budget').build())).toBe('vacuous')
    expect(verdictOf('outcome-conservation', good().settle('b1').quiet('horizon').build())).toBe('violated')
  })

  it('P-OUTCOME, H1: vacuous without an edit; not applicable to text that is not distinct', () => {
    expect(verdictOf('outcome-conservation', goldenHistory().skip('a', 'a1', 'price').quiet().build())).toBe('vacuous')
    expect(verdictOf('outcome-conservation', goldenHistory({ fields: [text('note')], header: { distinctText: false } }).quiet().build(), 'text')).toBe('not-applicable')
  })

  it('P-OUTCOME, R5: nobody is left to say what became of an edit whose process ended; of one made after that, somebody is', () => {
    const silent = (): HistoryBuilder => good().set('a', 'a9', 'price', '9').showAll(ALL, 'price', '9')
    expect(verdictOf('outcome-conservation', silent().quiet().build())).toBe('violated')
    expect(check('outcome-conservation', silent().life('a', 'stopped').life('a', 'started', 2).quiet().build()))
      .toMatchObject({ verdict: 'holds', reason: expect.stringContaining('1 unresolved') as string })
    expect(verdictOf('outcome-conservation', silent().life('b', 'stopped').life('b', 'started', 2).quiet().build())).toBe('violated')
    expect(verdictOf('outcome-conservation', good().life('a', 'stopped').life('a', 'started', 2).set('a', 'a9', 'price', '9', 2).showAll(ALL, 'price', '9').quiet().build())).toBe('violated')
  })
})
