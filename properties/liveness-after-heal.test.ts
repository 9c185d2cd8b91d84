import { describe, expect, it } from 'vitest'
import type { HistoryBuilder } from './golden/history-builder.ts'
import { forge, goldenHistory } from './golden/history-builder.ts'
import { check, verdictOf } from './golden/verdict-of.ts'

const live = (): HistoryBuilder => goldenHistory({ header: { healedAtUs: 20_000_000 } }).at(1000).fault('f1', 'partition', ['a'], 'begin').set('a', 'a1', 'price', '1')
  .at(20_000).fault('f1', 'partition', ['a'], 'end').at(21_000).showAll(['server', 'b'], 'price', '1').settle('a1').at(26_000)

describe('liveness-after-heal', () => {
  it('P-LIVE: holds when the world becomes quiet after the last fault', () => {
    expect(check('liveness-after-heal', live().quiet().build(), 'any')).toEqual({ verdict: 'holds', reason: 'quiet 6 s after the heal, with 1 fault and 1 edit before it' })
  })

  it('P-LIVE, H3, H6: the horizon is a violation, with what is pending', () => {
    const forged = forge(live().quiet().build(), (event) => event.kind === 'quiet', (event) => ({ ...event, result: 'horizon', pending: ['a: 1 edit not settled'] } as typeof event))
    expect(check('liveness-after-heal', forged, 'any')).toMatchObject({ verdict: 'violated', evidence: [{ what: 'a: 1 edit not settled' }] })
    expect(verdictOf('liveness-after-heal', live().quiet('quiet', ['a: 1 request in the outbox']).build(), 'any')).toBe('violated')
    expect(verdictOf('liveness-after-heal', live().at(90_000).quiet().build(), 'any')).toBe('violated')
  })

  it('P-LIVE, H3: a budget, or a history without an end, leaves it open', () => {
    expect(verdictOf('liveness-after-heal', live().quiet('budget').build(), 'any')).toBe('vacuous')
    expect(verdictOf('liveness-after-heal', live().build(), 'any')).toBe('vacuous')
  })

  it('P-LIVE, H1, X03: vacuous without a fault, without an edit before the heal, or with a fault that never ends', () => {
    expect(verdictOf('liveness-after-heal', goldenHistory().set('a', 'a1', 'price', '1').quiet().build(), 'any')).toBe('vacuous')
    expect(verdictOf('liveness-after-heal', forge(live().quiet().build(), (event) => event.kind === 'edit', () => null), 'any')).toBe('vacuous')
    expect(verdictOf('liveness-after-heal', live().fault('f2', 'offline', ['b'], 'begin').quiet().build(), 'any')).toBe('vacuous')
    expect(verdictOf('liveness-after-heal', live().fault('f2', 'break', ['b'], 'begin').quiet().build(), 'any')).toBe('holds')
  })
})
