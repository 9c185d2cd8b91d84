import { describe, expect, it } from 'vitest'
import type { History } from '../sim/history/events.ts'
import type { HistoryBuilder } from './golden/history-builder.ts'
import { forge, goldenHistory, register, text } from './golden/history-builder.ts'
import { check, verdictOf } from './golden/verdict-of.ts'

const ALL = ['a', 'b', 'server']
const prices = (): HistoryBuilder => goldenHistory({ fields: [register('price')] })
const note = (): HistoryBuilder => goldenHistory({ fields: [text('note', 'pq')] })
const one = (): HistoryBuilder => prices().set('a', 'a1', 'price', '1').at(100).show('server', 'price', '1').at(200).settle('a1').at(300).show('b', 'price', '1')
const symptoms = ['stale-screen', 'duplicate-update', 'race-override', 'broken-audit-trail', 'inconsistent-devices']

describe('the order desk’s symptoms (D12)', () => {
  it('D12: are not applicable to a type that the strategy lacks', () => {
    for (const name of symptoms) expect(verdictOf(name, prices().quiet().build(), 'text')).toBe('not-applicable')
  })

  it('D12: are vacuous where nothing happened', () => {
    for (const name of symptoms) expect(verdictOf(name, prices().quiet().build())).toBe('vacuous')
  })

  it('D12 stale-screen: one screen that keeps the old value, at the end or for too long', () => {
    expect(verdictOf('stale-screen', one().quiet().build())).toBe('holds')
    const old = forge(one().quiet().build(), (event) => event.kind === 'view' && event.host === 'b', () => null)
    expect(check('stale-screen', old)).toMatchObject({ verdict: 'violated', evidence: [{ host: 'b' }] })
    const late = prices().set('a', 'a1', 'price', '1').at(100).show('server', 'price', '1').settle('a1').at(3000).show('b', 'price', '1').quiet().build()
    expect(verdictOf('stale-screen', late)).toBe('violated')
    expect(verdictOf('stale-screen', one().quiet('budget').build())).toBe('vacuous')
  })

  it('D12 inconsistent-devices: two devices that end differently', () => {
    expect(verdictOf('inconsistent-devices', one().quiet().build())).toBe('holds')
    expect(verdictOf('inconsistent-devices', forge(one().quiet().build(), (event) => event.kind === 'view' && event.host === 'b', () => null))).toBe('violated')
    expect(verdictOf('inconsistent-devices', one().show('b', 'price', 'x').quiet('budget').build())).toBe('vacuous')
  })

  it('D12 duplicate-update: a value that comes back to the authority after it was replaced', () => {
    const replaced = one().set('b', 'b1', 'price', '2').at(400).show('server', 'price', '2').settle('b1').show('a', 'price', '2')
    expect(verdictOf('duplicate-update', replaced.quiet().build())).toBe('holds')
    expect(check('duplicate-update', replaced.show('server', 'price', '1').quiet().build())).toMatchObject({ verdict: 'violated', evidence: [{ edit: 'a1' }] })
    const toggled = prices().set('a', 'on1', 'price', 'on').show('server', 'price', 'on').set('a', 'off1', 'price', 'off').show('server', 'price', 'off')
      .set('a', 'on2', 'price', 'on').show('server', 'price', 'on')
    expect(verdictOf('duplicate-update', toggled.build())).toBe('holds')
    expect(verdictOf('duplicate-update', toggled.show('server', 'price', 'off').build())).toBe('violated')
  })

  it('D12 duplicate-update: text that stands twice on a screen, or returns to the authority on its own', () => {
    const typed = (): HistoryBuilder => note().type('a', 'a1', 'note', 0, '', 'X').splice('server', 'note', 0, '', 'X').settle('a1').splice('b', 'note', 0, '', 'X')
    expect(verdictOf('duplicate-update', typed().build(), 'text')).toBe('holds')
    expect(verdictOf('duplicate-update', typed().splice('b', 'note', 0, '', 'X').build(), 'text')).toBe('violated')
    const removed = typed().type('b', 'b1', 'note', 0, 'X', '').splice('server', 'note', 0, 'X', '').settle('b1')
    expect(verdictOf('duplicate-update', removed.build(), 'text')).toBe('holds')
    expect(verdictOf('duplicate-update', removed.splice('server', 'note', 0, '', 'X').build(), 'text')).toBe('violated')
  })

  it('D12 duplicate-update: a whole-value write may bring back the text its author still had', () => {
    const broughtBack = goldenHistory({ fields: [text('note')], header: { wholeValueTypes: ['text'] } })
      .type('a', 'a1', 'note', 0, '', 'X').splice('server', 'note', 0, '', 'X').settle('a1')
      .splice('server', 'note', 0, 'X', '').splice('server', 'note', 0, '', 'X').splice('b', 'note', 0, '', 'X')
    expect(verdictOf('duplicate-update', broughtBack.build(), 'text')).toBe('holds')
    expect(verdictOf('duplicate-update', broughtBack.splice('b', 'note', 0, '', 'X').build(), 'text')).toBe('violated')
  })

  it('D12 broken-audit-trail: a removal of what is gone already enters with nothing to show, even if the text comes back', () => {
    const trail = goldenHistory({ fields: [text('note', 'v')], header: { wholeValueTypes: ['text'] } })
      .at(1).type('b', 'b1', 'note', 0, 'v', '').at(2).splice('server', 'note', 0, 'v', '').settle('b1')
      .at(3).type('a', 'a1', 'note', 0, 'v', '').settle('a1')
      .at(4).splice('server', 'note', 0, '', 'v').at(5).splice('server', 'note', 0, 'v', '')
    expect(verdictOf('broken-audit-trail', trail.quiet().build(), 'text')).toBe('holds')
  })

  it('D12 race-override: an acknowledged edit overwritten in silence', () => {
    const race = (): HistoryBuilder => prices().set('a', 'a1', 'price', '1').set('b', 'b1', 'price', '2').settle('a1').settle('b1').showAll(ALL, 'price', '2')
    expect(check('race-override', race().quiet().build())).toMatchObject({ verdict: 'violated', evidence: [{ edit: 'a1' }] })
    expect(verdictOf('race-override', race().notify('a1', 'overwritten').quiet().build())).toBe('holds')
    expect(verdictOf('race-override', one().quiet().build())).toBe('vacuous')
    expect(verdictOf('race-override', race().quiet('horizon').build())).toBe('vacuous')
  })

  it('D12 broken-audit-trail: an acknowledged edit that the authority never showed, or only afterwards', () => {
    expect(verdictOf('broken-audit-trail', one().build())).toBe('holds')
    const isServerView = (event: { kind: string; host?: string }): boolean => event.kind === 'view' && event.host === 'server'
    expect(check('broken-audit-trail', forge(one().build(), isServerView, () => null))).toMatchObject({ verdict: 'violated', evidence: [{ edit: 'a1' }] })
    expect(verdictOf('broken-audit-trail', prices().set('a', 'a1', 'price', '1').settle('a1').show('server', 'price', '1').build())).toBe('violated')
  })

  it('D12 broken-audit-trail: a batch enters by its last word; one device’s edits keep their order', () => {
    const batch = prices().set('a', 'a1', 'price', '1').set('a', 'a2', 'price', '2').show('server', 'price', '2').settle('a1').settle('a2')
    expect(verdictOf('broken-audit-trail', batch.build())).toBe('holds')
    const swapped = prices().set('a', 'a1', 'price', '1').set('a', 'a2', 'price', '2').show('server', 'price', '2').show('server', 'price', '1').settle('a1').settle('a2')
    expect(check('broken-audit-trail', swapped.build()).evidence?.[0]?.what).toMatch(/a2 of a entered before a1/)
  })

  it('D12 broken-audit-trail: a repeated value has entered where the authority showed it since; else it is missing', () => {
    const lamp = (): HistoryBuilder => prices().set('a', 'on1', 'price', 'on').show('server', 'price', 'on').settle('on1').show('b', 'price', 'on')
    expect(verdictOf('broken-audit-trail', lamp().set('b', 'on2', 'price', 'on').settle('on2').build())).toBe('holds')
    const replaced = lamp().set('a', 'a2', 'price', '7').show('server', 'price', '7').settle('a2')
    expect(verdictOf('broken-audit-trail', replaced.set('b', 'on2', 'price', 'on').settle('on2').build())).toBe('violated')
    const rejected = prices().set('b', 'on1', 'price', 'on').reject('on1').set('a', 'on2', 'price', 'on').show('server', 'price', 'on').settle('on2')
    expect(verdictOf('broken-audit-trail', rejected.build())).toBe('holds')
  })

  it('D12 broken-audit-trail: text typed and removed before it was sent, and a removal that came second, are no breaks', () => {
    const composed = note().type('a', 'a1', 'note', 0, '', 'X').type('a', 'a2', 'note', 0, 'X', '').settle('a1').settle('a2')
    expect(verdictOf('broken-audit-trail', composed.build(), 'text')).toBe('holds')
    const twice = note().type('a', 'a1', 'note', 0, 'p', '').splice('server', 'note', 0, 'p', '').settle('a1').type('b', 'b1', 'note', 0, 'p', '').settle('b1')
    expect(verdictOf('broken-audit-trail', twice.build(), 'text')).toBe('holds')
    const gone = note().type('a', 'a1', 'note', 0, 'p', '').settle('a1')
    expect(verdictOf('broken-audit-trail', gone.build(), 'text')).toBe('violated')
  })

  it('D12 broken-audit-trail: local acknowledgements are due at quiet', () => {
    const local = (): HistoryBuilder => goldenHistory({ fields: [register('price')], header: { settles: 'local-durable' } }).set('a', 'a1', 'price', '1').settle('a1', 'local-durable')
    expect(verdictOf('broken-audit-trail', local().build())).toBe('vacuous')
    expect(verdictOf('broken-audit-trail', local().quiet().build())).toBe('violated')
    expect(verdictOf('broken-audit-trail', local().show('server', 'price', '1').quiet().build())).toBe('holds')
  })

  it('duplicate-update, R5: what a server that starts again shows no more may come once more, and not twice', () => {
    const fields = [register('price')]
    const again = (times: number): History => {
      const builder = goldenHistory({ fields }).set('a', 'a1', 'price', '1').show('server', 'price', '1').at(100).life('server', 'stopped').at(200).life('server', 'started', 2).show('server', 'price', null)
      for (let time = 0; time < times; time++) builder.at(300 + time).show('server', 'price', '1').at(400 + time).set('b', `b${time}`, 'price', `x${time}`).show('server', 'price', `x${time}`)
      return builder.quiet().build()
    }
    expect(verdictOf('duplicate-update', again(1))).toBe('holds')
    expect(verdictOf('duplicate-update', again(2))).toBe('violated')
  })
})
