import { describe, expect, it } from 'vitest'
import type { HistoryBuilder } from './golden/history-builder.ts'
import { forge, goldenHistory, register, text } from './golden/history-builder.ts'
import { verdictOf } from './golden/verdict-of.ts'

/** a sets, the server takes it, b shows it. */
const good = (): HistoryBuilder => goldenHistory({ fields: [register('price')] }).set('a', 'a1', 'price', '1').show('server', 'price', '1').settle('a1').show('b', 'price', '1')

describe('convergence', () => {
  it('P-CONV: holds when all hosts end equal and something came across', () => {
    expect(verdictOf('convergence', good().quiet().build())).toBe('holds')
  })

  it('P-CONV, H6: one forged view breaks it: of a replica, or of the authority', () => {
    for (const host of ['a', 'b', 'server']) {
      const forged = forge(good().quiet().build(), (event) => event.kind === 'view' && event.host === host, () => null)
      expect(verdictOf('convergence', forged)).toBe('violated')
    }
  })

  it('P-CONV, H2: agreeing that nothing happened is not convergence', () => {
    const silent = goldenHistory({ fields: [register('price')] }).set('a', 'a1', 'price', '1').settle('a1').show('a', 'price', null).quiet().build()
    expect(verdictOf('convergence', silent)).toBe('violated')
    const never = goldenHistory({ fields: [register('price')] }).set('a', 'a1', 'price', '1').show('a', 'price', null).quiet().build()
    expect(verdictOf('convergence', never)).toBe('violated')
    const rejected = goldenHistory({ fields: [register('price')] }).set('a', 'a1', 'price', '1').reject('a1').show('a', 'price', null).quiet().build()
    expect(verdictOf('convergence', rejected)).toBe('vacuous')
  })

  it('P-CONV, H1: vacuous without an edit, with one replica, with an unchanged end, or when nothing came across', () => {
    expect(verdictOf('convergence', goldenHistory().quiet().build())).toBe('vacuous')
    const alone = goldenHistory({ devices: ['a'] }).set('a', 'a1', 'price', '1').settle('a1').show('server', 'price', '1').quiet().build()
    expect(verdictOf('convergence', alone)).toBe('vacuous')
    const back = goldenHistory({ fields: [text('note', 'q')] }).type('a', 'a1', 'note', 0, '', 'X').settle('a1').type('a', 'a2', 'note', 0, 'X', '').settle('a2')
    expect(verdictOf('convergence', back.quiet().build(), 'text')).toBe('vacuous')
    const same = goldenHistory({ fields: [register('price')] }).set('a', 'a1', 'price', '1').set('b', 'b1', 'price', '1').show('server', 'price', '1').settle('a1').settle('b1')
    expect(verdictOf('convergence', same.quiet().build())).toBe('vacuous')
  })

  it('P-CONV, H3: a missed horizon violates it, a budget or a cut history leaves it open', () => {
    expect(verdictOf('convergence', good().quiet('horizon', ['frame 7']).build())).toBe('violated')
    expect(verdictOf('convergence', good().quiet('budget').build())).toBe('vacuous')
    expect(verdictOf('convergence', good().build())).toBe('vacuous')
  })

  it('P-CONV: text that is not distinct is compared by content', () => {
    const story = (): HistoryBuilder => goldenHistory({ fields: [text('note')], header: { distinctText: false } }).type('a', 'a1', 'note', 0, '', 'oo')
      .settle('a1').splice('server', 'note', 0, '', 'oo')
    expect(verdictOf('convergence', story().splice('b', 'note', 0, '', 'oo').quiet().build(), 'text')).toBe('holds')
    expect(verdictOf('convergence', story().splice('b', 'note', 0, '', 'o').quiet().build(), 'text')).toBe('violated')
  })

  it('not applicable to a type that the strategy lacks', () => {
    expect(verdictOf('convergence', good().quiet().build(), 'text')).toBe('not-applicable')
  })

  it('P-CONV, R5: an edit that went with its process may vanish; an acknowledged one may not', () => {
    const gone = (): HistoryBuilder => good().set('a', 'a9', 'price', '9')
    const back = (builder: HistoryBuilder): HistoryBuilder => builder.life('a', 'stopped').life('a', 'started', 2).show('a', 'price', good().build().events.flatMap((event) =>
      event.kind === 'view' && event.change.op === 'set' ? [event.change.value] : []).at(-1) ?? null).quiet()
    expect(verdictOf('convergence', back(gone()).build())).toBe('holds')
    expect(verdictOf('convergence', back(gone().settle('a9')).build())).toBe('violated')
  })
})
