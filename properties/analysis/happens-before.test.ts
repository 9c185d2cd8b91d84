import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { History } from '../../sim/history/events.ts'
import { analyse } from './analysis.ts'
import type { HistoryBuilder } from '../golden/history-builder.ts'
import { goldenHistory, register, text } from '../golden/history-builder.ts'

const orderOf = (history: History, a: string, b: string): 'before' | 'after' | 'concurrent' => {
  const { happensBefore } = analyse(history)
  if (happensBefore.happensBefore(a, b)) return 'before'
  return happensBefore.happensBefore(b, a) ? 'after' : 'concurrent'
}
const pairs = (history: History, field: string): number => {
  const { happensBefore, fields } = analyse(history)
  return happensBefore.concurrentPairs(fields.key('order', field))
}

describe('happens-before', () => {
  it('P-NLW: edits that had not seen each other are concurrent; a device’s own are in order', () => {
    const history = goldenHistory().set('a', 'a1', 'price', '1').set('b', 'b1', 'price', '2').set('a', 'a2', 'price', '3').build()
    expect([orderOf(history, 'a1', 'b1'), orderOf(history, 'a1', 'a2'), orderOf(history, 'a2', 'a1'), orderOf(history, 'b1', 'a2')])
      .toEqual(['concurrent', 'before', 'after', 'concurrent'])
    expect(pairs(history, 'price')).toBe(2)
    expect(pairs(history, 'note')).toBe(0)
  })

  it('P-NLW: a view teaches an edit and its whole past', () => {
    const history = goldenHistory({ devices: ['a', 'b', 'c'], fields: [register('price'), register('name')] })
      .set('a', 'a1', 'name', 'x').set('a', 'a2', 'price', '1').show('b', 'price', '1').set('b', 'b1', 'price', '2')
      .show('c', 'price', '2').set('c', 'c1', 'name', 'y').build()
    expect(orderOf(history, 'a1', 'c1')).toBe('before')
    expect(pairs(history, 'name')).toBe(0)
  })

  it('P-NLW: what a server shows teaches no device', () => {
    const history = goldenHistory().set('a', 'a1', 'price', '1').show('server', 'price', '1').set('b', 'b1', 'price', '2').build()
    expect(orderOf(history, 'a1', 'b1')).toBe('concurrent')
  })

  it('P-NLW: text teaches by inserted code points, and by ones that a single edit had removed', () => {
    const start = (): HistoryBuilder => goldenHistory({ devices: ['a', 'b', 'c'], fields: [text('note', 'pqr')] })
    const inserted = start().type('a', 'a1', 'note', 1, '', 'X').splice('b', 'note', 1, '', 'X').type('b', 'b1', 'note', 0, '', 'Y').build()
    expect(orderOf(inserted, 'a1', 'b1')).toBe('before')
    const removed = start().type('a', 'a1', 'note', 1, 'q', '').splice('b', 'note', 1, 'q', '').type('b', 'b1', 'note', 0, '', 'Y').build()
    expect(orderOf(removed, 'a1', 'b1')).toBe('before')
    const displaced = { ...removed, header: { ...removed.header, wholeValueTypes: ['text' as const] } }
    expect(orderOf(displaced, 'a1', 'b1')).toBe('concurrent')
    const twoRemovers = start().type('a', 'a1', 'note', 1, 'q', '').type('c', 'c1', 'note', 1, 'q', '').splice('b', 'note', 1, 'q', '')
      .type('b', 'b1', 'note', 0, '', 'Y').build()
    expect([orderOf(twoRemovers, 'a1', 'b1'), orderOf(twoRemovers, 'c1', 'b1')]).toEqual(['concurrent', 'concurrent'])
  })

  it('P-NLW: a repeated value teaches nothing but to its author, unless only one edit could have written it so far', () => {
    const history = goldenHistory({ devices: ['a', 'b', 'c'] }).set('a', 'a1', 'price', 'on').show('c', 'price', 'on').set('c', 'c1', 'price', '7')
      .set('b', 'b1', 'price', 'on').show('c', 'price', 'on').set('c', 'c2', 'price', '8').build()
    expect(orderOf(history, 'a1', 'c1')).toBe('before')
    expect(orderOf(history, 'b1', 'c2')).toBe('concurrent')
    expect(analyse(history).possiblyBefore.happensBefore('b1', 'c2')).toBe(true)
  })

  it('P-NLW: a restarted device knows what its screen still shows, not what was lost with its memory', () => {
    const story = (): HistoryBuilder => goldenHistory().set('a', 'a1', 'price', '1').set('a', 'a2', 'price', '2')
    const kept = story().set('a', 'a3', 'price', '3', 1).build()
    expect(orderOf(kept, 'a2', 'a3')).toBe('before')
    const lost = story().show('a', 'price', '1').set('a', 'a3', 'price', '3', 1).build()
    expect(orderOf(lost, 'a2', 'a3')).toBe('concurrent')
    expect(orderOf(lost, 'a1', 'a3')).toBe('before')
  })

  it('P-NLW: counts the same pairs as comparing all edits with all, and precedence is transitive', () => {
    const step = fc.record({ device: fc.nat(2), from: fc.nat(2), edits: fc.boolean() })
    fc.assert(fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const devices = ['a', 'b', 'c']
      const shown: string[] = ['', '', '']
      const builder = goldenHistory({ devices, fields: [register('price')] })
      steps.forEach(({ device, from, edits }, index) => {
        const name = devices[device] ?? 'a'
        const seen = shown[from] ?? ''
        if (edits) {
          builder.set(name, `e${index}`, 'price', `v${index}`)
          shown[device] = `v${index}`
        } else if (seen !== '') {
          builder.show(name, 'price', seen)
          shown[device] = seen
        }
      })
      const history = builder.build()
      const { happensBefore, provenance } = analyse(history)
      const { edits } = provenance
      let expected = 0
      for (const a of edits) {
        for (const b of edits) {
          if (a.index < b.index && happensBefore.parallel(a, b)) expected += 1
          if (a.index < b.index) expect(happensBefore.precedes(b, a)).toBe(false)
          for (const c of edits) {
            if (happensBefore.precedes(a, b) && happensBefore.precedes(b, c)) expect(happensBefore.precedes(a, c)).toBe(true)
          }
        }
        const [key] = analyse(history).fields.keys
        if (key === undefined) throw new Error('no field')
        const found = happensBefore.concurrentFinder(key, (other) => other.index % 2 === 0)(a)
        const rivals = edits.filter((other) => other.index % 2 === 0 && happensBefore.parallel(a, other))
        expect(found).toBe(rivals.at(-1))
      }
      expect(pairs(history, 'price')).toBe(expected)
    }), { numRuns: 100 })
  })

  it('R5: a process that starts again knows what its screen shows, also if the one before it edited nothing', () => {
    const seen = (again: (builder: HistoryBuilder) => HistoryBuilder): History =>
      again(goldenHistory({ fields: [register('price')] }).set('a', 'a1', 'price', '1').show('b', 'price', '1')).set('b', 'b1', 'price', '2', 2).build()
    expect(orderOf(seen((builder) => builder), 'a1', 'b1')).toBe('before')
    expect(orderOf(seen((builder) => builder.life('b', 'stopped').life('b', 'started', 2).show('b', 'price', null)), 'a1', 'b1')).toBe('concurrent')
    expect(orderOf(seen((builder) => builder.life('b', 'stopped').life('b', 'started', 2)), 'a1', 'b1')).toBe('before')
  })
})
