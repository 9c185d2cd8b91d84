import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Sha256 } from '../kernel/sha256.ts'
import { TraceDigest } from '../kernel/trace-digest.ts'
import type { DocumentShape } from '../values.ts'
import { Recorder } from './recorder.ts'
import { ViewRecorder } from './view-recorder.ts'

const DOCUMENT: DocumentShape = { id: 'doc', fields: [{ name: 'price', type: 'register', initial: 'free' }, { name: 'note', type: 'text', initial: 'ab' }] }

function makeViews(): { readonly views: ViewRecorder; readonly recorder: Recorder } {
  const recorder = new Recorder(new TraceDigest(new Sha256()), ['A', 'B'])
  return { recorder, views: new ViewRecorder([DOCUMENT], recorder, () => 7) }
}

describe('ViewRecorder', () => {
  it('records a register whole and a text as one splice, only what differs from what was shown', () => {
    const { views, recorder } = makeViews()
    expect(views.record('A', 'doc', { price: 'free', note: 'ab' })).toBe(false)
    expect(views.record('A', 'doc', { price: 'one', note: 'aXb' })).toBe(true)
    expect(views.record('A', 'doc', { price: 'one', note: 'aXb' })).toBe(false)
    expect(recorder.events).toEqual([
      { kind: 'view', atUs: 7, host: 'A', document: 'doc', field: 'price', type: 'register', change: { op: 'set', value: 'one' } },
      { kind: 'view', atUs: 7, host: 'A', document: 'doc', field: 'note', type: 'text', change: { op: 'splice', at: 1, removed: '', inserted: 'X' } },
    ])
  })

  it('keeps hosts apart, and everyone starts from the initial content', () => {
    const { views } = makeViews()
    const [price, note] = DOCUMENT.fields
    views.record('A', 'doc', { price: null, note: '' })
    expect([views.shown('A', 'doc', price), views.shown('A', 'doc', note)]).toEqual([null, ''])
    expect([views.shown('B', 'doc', price), views.shown('B', 'doc', note)]).toEqual(['free', 'ab'])
  })

  it('a field that a view does not have is one the strategy does not know, and stays as it is', () => {
    const { views, recorder } = makeViews()
    expect(views.record('A', 'doc', { note: 'ab' })).toBe(false)
    expect([recorder.events, views.shown('A', 'doc', DOCUMENT.fields[0])]).toEqual([[], 'free'])
  })

  it('the recorded changes rebuild every text that was shown', () => {
    fc.assert(fc.property(fc.array(fc.string({ unit: fc.constantFrom('a', 'b', '😀') }), { maxLength: 12 }), (shown) => {
      const { views, recorder } = makeViews()
      for (const note of shown) views.record('A', 'doc', { price: 'free', note })
      let text = 'ab'
      for (const event of recorder.events) {
        if (event.kind !== 'view' || event.change.op !== 'splice') throw new Error('only splices of one text')
        const { at, removed, inserted } = event.change
        expect(text.slice(at, at + removed.length)).toBe(removed)
        text = text.slice(0, at) + inserted + text.slice(at + removed.length)
      }
      expect(text).toBe(shown.at(-1) ?? 'ab')
    }))
  })
})
