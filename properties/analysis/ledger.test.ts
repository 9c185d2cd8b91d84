import { describe, expect, it } from 'vitest'
import type { History } from '../../sim/history/events.ts'
import { analyse } from './analysis.ts'
import type { HistoryBuilder } from '../golden/history-builder.ts'
import { forge, goldenHistory, register, text } from '../golden/history-builder.ts'

const ALL = ['a', 'b', 'server']
const outcomes = (history: History): Record<string, string> => Object.fromEntries(analyse(history).ledger.entries.map((entry) => [entry.edit, entry.outcome]))

describe('the ledger of registers', () => {
  /** b sees a1 and then sets b1; everybody ends with b1. */
  const sequel = (): HistoryBuilder => goldenHistory().set('a', 'a1', 'price', '1').settle('a1').show('server', 'price', '1').show('b', 'price', '1')
    .set('b', 'b1', 'price', '2').settle('b1').showAll(['a', 'server'], 'price', '2').quiet()

  it('P-NLW: reflected, and superseded by somebody who had seen it', () => {
    expect(outcomes(sequel().build())).toEqual({ a1: 'superseded', b1: 'reflected' })
  })

  it('P-NLW, H6: without the view that showed it, the same end is a concurrent overwrite', () => {
    const blind = forge(sequel().build(), (event) => event.kind === 'view' && event.host === 'b', () => null)
    expect(outcomes(blind)).toEqual({ a1: 'overwritten', b1: 'reflected' })
    const [entry] = analyse(blind).ledger.entries
    expect([entry?.by, entry?.settled]).toEqual(['b1', true])
  })

  it('P-NLW, H6: an end that falls back to the older value loses the newer edit', () => {
    const back = sequel().showAll(ALL, 'price', '1').build()
    expect(outcomes(back)).toEqual({ a1: 'reflected', b1: 'lost' })
    const nothing = sequel().showAll(ALL, 'price', null).build()
    expect(outcomes(nothing)).toEqual({ a1: 'lost', b1: 'lost' })
  })

  it('P-NLW: the worst host counts, and is named', () => {
    const entry = analyse(sequel().show('a', 'price', '1').build()).ledger.entries[1]
    expect([entry?.outcome, entry?.host]).toEqual(['lost', 'a'])
  })

  it('P-OUTCOME: rejected, unresolved, skipped and what the strategy said', () => {
    const history = goldenHistory().set('a', 'a1', 'price', '1').set('a', 'a2', 'price', '2').set('b', 'b1', 'price', '3').reject('b1').skip('b', 'b2', 'price')
      .settle('a1', 'local-durable').settle('a2').showAll(ALL, 'price', '2').quiet().build()
    expect(outcomes(history)).toEqual({ a1: 'unresolved', a2: 'reflected', b1: 'rejected', b2: 'skipped' })
    const entry = analyse(history).ledger.entries[2]
    expect([entry?.notices, entry?.shownAt]).toEqual([{ rejected: 1, overwritten: 0 }, null])
    expect(analyse({ ...history, header: { ...history.header, settles: 'local-durable' } }).ledger.entries[0]?.outcome).toBe('superseded')
  })

  it('P-OUTCOME: a rejected edit that a screen shows is found out', () => {
    const history = goldenHistory().set('b', 'b1', 'price', '3').reject('b1').showAll(['a', 'server'], 'price', null).quiet().build()
    expect(analyse(history).ledger.entries[0]?.shownAt).toBe('b')
  })
})

describe('the ledger of repeated values', () => {
  const toggled = (final: string): History => goldenHistory({ fields: [register('lamp', 'off')] }).set('a', 'on1', 'lamp', 'on').settle('on1')
    .set('a', 'off1', 'lamp', 'off').settle('off1').set('a', 'on2', 'lamp', 'on').settle('on2').showAll(ALL, 'lamp', final).quiet().build()

  it('T73: on/off/on ends on', () => {
    expect(outcomes(toggled('on'))).toEqual({ on1: 'superseded', off1: 'superseded', on2: 'reflected' })
  })

  it('T73: on/off/on that ends off has lost the last edit, and that one only', () => {
    expect(outcomes(toggled('off'))).toEqual({ on1: 'superseded', off1: 'reflected', on2: 'lost' })
  })

  it('P-NLW: an ambiguous view gives the benefit of the doubt', () => {
    const history = goldenHistory({ devices: ['a', 'b', 'c'], fields: [register('lamp', 'off')] }).set('a', 'a1', 'lamp', 'on').settle('a1')
      .set('b', 'b1', 'lamp', 'on').settle('b1').show('c', 'lamp', 'on').set('c', 'c1', 'lamp', 'red').settle('c1')
      .showAll(['a', 'b', 'server'], 'lamp', 'red').quiet().build()
    expect(outcomes(history)).toEqual({ a1: 'superseded', b1: 'superseded', c1: 'reflected' })
  })
})

describe('the ledger of text', () => {
  const note = (): HistoryBuilder => goldenHistory({ fields: [text('note', 'pqr')] })

  it('P-NLW: two inserts at one place are both there', () => {
    const history = note().type('a', 'a1', 'note', 1, '', 'X').type('b', 'b1', 'note', 1, '', 'Y').settle('a1').settle('b1')
      .splice('server', 'note', 1, '', 'XY').splice('a', 'note', 2, '', 'Y').splice('b', 'note', 1, '', 'X').quiet().build()
    expect(outcomes(history)).toEqual({ a1: 'reflected', b1: 'reflected' })
    expect(analyse(history).concurrentPairs('text')).toBe(1)
  })

  it('P-NLW, H6: an inserted code point that vanishes with no remover is overwritten by a concurrent edit that is there', () => {
    const history = note().type('a', 'a1', 'note', 1, '', 'X').type('b', 'b1', 'note', 1, '', 'Y').settle('a1').settle('b1')
      .splice('server', 'note', 1, '', 'Y').splice('a', 'note', 1, 'X', 'Y').quiet().build()
    expect(outcomes(history)).toEqual({ a1: 'overwritten', b1: 'reflected' })
    expect(analyse(history).ledger.entries[0]?.by).toBe('b1')
  })

  it('P-NLW, H6: and lost where none is', () => {
    const history = note().type('a', 'a1', 'note', 1, '', 'X').settle('a1').splice('a', 'note', 1, 'X', '').quiet().build()
    expect(outcomes(history)).toEqual({ a1: 'lost' })
  })

  it('P-NLW: text that its reader removed on purpose is superseded; what is left of it is reflected', () => {
    const history = note().type('a', 'a1', 'note', 0, '', 'XY').settle('a1').splice('b', 'note', 0, '', 'XY').splice('server', 'note', 0, '', 'XY')
      .type('b', 'b1', 'note', 0, 'X', '').settle('b1').splice('server', 'note', 0, 'X', '').splice('a', 'note', 0, 'X', '')
    expect(outcomes(history.build())).toEqual({ a1: 'reflected', b1: 'reflected' })
    const all = history.type('b', 'b2', 'note', 0, 'Y', '').settle('b2').splice('server', 'note', 0, 'Y', '').splice('a', 'note', 0, 'Y', '').build()
    expect(outcomes(all)).toEqual({ a1: 'superseded', b1: 'reflected', b2: 'reflected' })
  })

  it('P-NLW: two removals of one code point are both reflected, or merged where the strategy says so', () => {
    const both = note().type('a', 'a1', 'note', 1, 'q', '').type('b', 'b1', 'note', 1, 'q', '').settle('a1').splice('server', 'note', 1, 'q', '')
    expect(outcomes(both.settle('b1').build())).toEqual({ a1: 'reflected', b1: 'reflected' })
    const merged = note().type('a', 'a1', 'note', 1, 'q', '').type('b', 'b1', 'note', 1, 'q', '').settle('a1').splice('server', 'note', 1, 'q', '')
    expect(outcomes(merged.merge('b1', 'same-target-delete').build())).toEqual({ a1: 'reflected', b1: 'merged' })
  })

  it('P-NLW, H6: a removed code point that is still there, or a merge that does not excuse it', () => {
    const kept = note().type('a', 'a1', 'note', 1, 'q', '').settle('a1').splice('a', 'note', 1, '', 'q').build()
    expect(outcomes(kept)).toEqual({ a1: 'lost' })
    const excused = note().type('a', 'a1', 'note', 1, '', 'X').merge('a1', 'parent-deleted').splice('a', 'note', 1, 'X', '').build()
    expect(outcomes(excused)).toEqual({ a1: 'lost' })
  })

  it('P-NLW: a code point that the text has several times is known by its count', () => {
    const start = (): HistoryBuilder => goldenHistory({ fields: [text('note', 'all')] }).type('a', 'a1', 'note', 2, 'l', '').settle('a1')
    expect(outcomes(start().splice('b', 'note', 1, 'l', '').splice('server', 'note', 1, 'l', '').build())).toEqual({ a1: 'reflected' })
    expect(outcomes(start().splice('b', 'note', 1, 'l', '').build())).toEqual({ a1: 'lost' })
  })

  it('P-NLW: a rejected remover explains nothing', () => {
    const history = note().type('a', 'a1', 'note', 1, '', 'X').settle('a1').splice('b', 'note', 1, '', 'X').type('b', 'b1', 'note', 1, 'X', '').reject('b1')
      .splice('a', 'note', 1, 'X', '').build()
    expect(outcomes(history)).toEqual({ a1: 'lost', b1: 'rejected' })
  })

  it('text that is not distinct is not judged', () => {
    const history = goldenHistory({ fields: [text('note')], header: { distinctText: false } }).type('a', 'a1', 'note', 0, '', 'x').settle('a1').build()
    expect(outcomes(history)).toEqual({ a1: 'unjudged' })
  })
})
