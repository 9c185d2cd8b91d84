import { describe, expect, it } from 'vitest'
import { analyse } from './analysis.ts'
import { goldenHistory, register, text } from '../golden/history-builder.ts'

describe('folding views', () => {
  it('gives each host its own content, from the initial values on', () => {
    const history = goldenHistory({ fields: [register('price', '1'), text('note', 'hello')] })
      .show('a', 'price', '2').show('a', 'price', '3').splice('b', 'note', 5, '', ' you').splice('b', 'note', 0, 'hell', 'sh').build()
    const { fields, views } = analyse(history)
    const shown = fields.hosts.map((host) => fields.keys.map((key) => views.final(host, key)))
    expect(shown).toEqual([['3', 'hello'], ['1', 'sho you'], ['1', 'hello']])
  })

  it('reports the net change of a splice that covers text that stays', () => {
    const history = goldenHistory({ fields: [text('note', 'abcd')] }).splice('b', 'note', 0, 'abcd', 'Xbcb😀').build()
    const [delta] = analyse(history).views.deltas
    expect(String.fromCodePoint(...(delta?.entering ?? []))).toBe('Xb😀')
    expect(String.fromCodePoint(...(delta?.leaving ?? []))).toBe('ad')
  })

  it('takes a whole new text as a change too', () => {
    const history = goldenHistory({ fields: [text('note', 'abc')] }).show('b', 'note', 'xbz').build()
    const { fields, views } = analyse(history)
    expect(views.final(fields.host('b'), fields.key('order', 'note'))).toBe('xbz')
    expect(views.deltas[0]?.entering).toEqual([120, 122])
    expect(views.deltas[0]?.leaving).toEqual([97, 99])
  })

  it('refuses events about fields and hosts that the header does not declare', () => {
    const history = goldenHistory({ fields: [register('price')] }).show('stranger', 'price', 'x').build()
    expect(() => analyse(history).views).toThrow(/stranger/)
  })
})
