import { describe, expect, it } from 'vitest'
import type { HistoryBuilder } from './golden/history-builder.ts'
import { forge, goldenHistory, register, text } from './golden/history-builder.ts'
import { check, verdictOf } from './golden/verdict-of.ts'

const ALL = ['a', 'b', 'server']
/** Two people insert at once, and both inserts survive. */
const merged = (): HistoryBuilder => goldenHistory({ fields: [text('note')] }).type('a', 'a1', 'note', 0, '', 'X').type('b', 'b1', 'note', 0, '', 'Y')
  .settle('a1').settle('b1').splice('server', 'note', 0, '', 'XY').splice('a', 'note', 1, '', 'Y').splice('b', 'note', 0, '', 'X')
/** Two people set a register at once; the later to arrive wins. */
const race = (): HistoryBuilder => goldenHistory({ fields: [register('price')] }).set('a', 'a1', 'price', '1').set('b', 'b1', 'price', '2')
  .settle('a1').settle('b1').showAll(ALL, 'price', '2')

describe('no-lost-write', () => {
  it('P-NLW: holds when concurrent edits both survive', () => {
    const verdict = check('no-lost-write', merged().quiet().build(), 'text')
    expect(verdict).toEqual({ verdict: 'holds', reason: 'nothing lost or overwritten: 2 acknowledged edits, 1 concurrent pair' })
  })

  it('P-NLW, H6: violated by an overwritten edit and by a lost one', () => {
    expect(check('no-lost-write', race().quiet().build())).toMatchObject({ verdict: 'violated', evidence: [{ edit: 'a1' }] })
    const forged = forge(merged().quiet().build(), (event) => event.kind === 'view' && event.host === 'b', (event) => ({ ...event, host: 'a' }), 1)
    expect(verdictOf('no-lost-write', forged, 'text')).toBe('violated')
  })

  it('P-REJ-NOTIFY: a conflict that is rejected is no lost write', () => {
    const rejected = goldenHistory({ fields: [register('price')] }).set('a', 'a1', 'price', '1').set('b', 'b1', 'price', '2').settle('b1').reject('a1').showAll(ALL, 'price', '2')
    expect(verdictOf('no-lost-write', rejected.quiet().build())).toBe('holds')
  })

  it('P-NLW, H1: vacuous without concurrency, without acknowledgements, or before quiet', () => {
    const alone = goldenHistory({ fields: [register('price')] }).set('a', 'a1', 'price', '1').settle('a1').showAll(ALL, 'price', '1').quiet().build()
    expect(verdictOf('no-lost-write', alone)).toBe('vacuous')
    const unanswered = forge(race().quiet().build(), (event) => event.kind === 'settled', () => null)
    expect(verdictOf('no-lost-write', forge(unanswered, (event) => event.kind === 'settled', () => null))).toBe('vacuous')
    for (const end of ['horizon', 'budget'] as const) expect(verdictOf('no-lost-write', race().quiet(end).build())).toBe('vacuous')
  })

  it('not applicable to text that is not distinct, or to a type that the strategy lacks', () => {
    const plain = goldenHistory({ fields: [text('note')], header: { distinctText: false } }).quiet().build()
    expect(verdictOf('no-lost-write', plain, 'text')).toBe('not-applicable')
    expect(verdictOf('no-lost-write', plain, 'register')).toBe('not-applicable')
  })
})

describe('no-unexplained-loss', () => {
  it('P-NLW-lww: concurrent overwriting passes, and is counted', () => {
    expect(check('no-unexplained-loss', race().quiet().build())).toEqual({ verdict: 'holds', reason: 'nothing lost: 2 acknowledged edits, 1 of them overwritten concurrently' })
  })

  it('P-NLW-lww, H6: a value that its winner had seen, or no value at all, does not', () => {
    const emptied = forge(race().quiet().build(), (event) => event.kind === 'view' && event.host === 'server', (event) => ({ ...event, change: { op: 'set', value: null } } as typeof event))
    expect(check('no-unexplained-loss', emptied)).toMatchObject({ verdict: 'violated', evidence: [{ edit: 'a1', host: 'server' }, { edit: 'b1', host: 'server' }] })
    const older = goldenHistory({ fields: [register('price')] }).set('a', 'a1', 'price', '1').settle('a1').show('b', 'price', '1').set('b', 'b1', 'price', '2').settle('b1').showAll(ALL, 'price', '1')
    expect(check('no-unexplained-loss', older.quiet().build())).toMatchObject({ verdict: 'violated', evidence: [{ edit: 'b1' }] })
  })

  it('P-NLW-lww, H1: vacuous without acknowledgements; not applicable without the type', () => {
    const empty = goldenHistory({ fields: [register('price')] }).quiet().build()
    expect(verdictOf('no-unexplained-loss', empty)).toBe('vacuous')
    expect(verdictOf('no-unexplained-loss', empty, 'text')).toBe('not-applicable')
  })
})
