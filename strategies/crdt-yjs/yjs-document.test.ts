import { fc, test } from '@fast-check/vitest'
import { describe, expect, it, vi } from 'vitest'
import * as Y from 'yjs'
import type { DocumentShape } from '../../sim/contract.ts'
import { initialUpdate, sharedText, YjsDocument } from './yjs-document.ts'

const shape: DocumentShape = {
  id: 'doc', fields: [
    { name: 'note', type: 'text', initial: 'a😀b' }, { name: 'price', type: 'register', initial: null },
    { name: 'colour', type: 'register', initial: 'red' }, { name: 'stock', type: 'counter', initial: '5' },
  ],
}
const elsewhere = {}
function make(replicaNumber: number, saved: readonly Uint8Array[] = []): { document: YjsDocument; updates: Uint8Array[] } {
  const updates: Uint8Array[] = []
  return { updates, document: new YjsDocument(Y, shape, replicaNumber, saved, (update) => { updates.push(update) }) }
}

describe('a Yjs document', () => {
  it('D8: has the client id of its replica number, also after loading saved state and meeting its own operations', () => {
    const printed = vi.spyOn(console, 'log').mockImplementation(() => undefined)
    const first = make(4)
    expect(first.document.doc.clientID).toBe(5)
    first.document.edit('note', { op: 'splice', at: 0, removed: '', inserted: 'x' })
    expect(make(4, first.updates).document.doc.clientID).toBe(5)
    const second = make(4)
    for (const update of first.updates) second.document.apply(update, elsewhere)
    expect(second.document.view().note).toBe('xa😀b')
    expect(second.document.doc.clientID).toBe(5)
    expect(() => { second.document.apply(Uint8Array.of(1, 2), elsewhere) }).toThrow()
    expect(second.document.doc.clientID).toBe(5)
    printed.mockRestore()
  })

  it('D1: the initial content is the same bytes at every host, and no register stands there that has no value', () => {
    expect(initialUpdate(Y, shape)).toEqual(initialUpdate(Y, shape))
    expect(make(1).document.view()).toEqual({ note: 'a😀b', price: null, colour: 'red', stock: '5' })
    const one = make(1)
    one.document.apply(Y.encodeStateAsUpdate(make(2).document.doc), elsewhere)
    expect(one.updates).toEqual([])
    expect(one.document.view().note).toBe('a😀b')
  })

  const steps = fc.array(fc.tuple(fc.nat(2), fc.nat(), fc.nat(3), fc.string({ unit: 'grapheme', maxLength: 3 })), { maxLength: 40 })
  test.prop([steps])('the strings kept beside equal the shared texts, at every step', (list) => {
    const replicas = [make(1), make(2), make(3)]
    const sent = [0, 0, 0]
    for (const [who, where, length, inserted] of list) {
      const { document } = replicas[who] ?? make(9)
      const points = Array.from(document.view().note ?? '')
      const at = where % (points.length + 1)
      document.edit('note', { op: 'splice', at, removed: points.slice(at, at + length).join(''), inserted })
      expect(document.view().note).toBe(sharedText(document.doc, 'note').toString())
      if (where % 3 === 0) continue
      // One replica's news reaches the next one.
      const news = replicas[who]?.updates ?? []
      const other = replicas[(who + 1) % 3]
      for (const update of news.slice(sent[who])) other?.document.apply(update, elsewhere)
      sent[who] = news.length
      expect(other?.document.view().note).toBe(sharedText(other?.document.doc ?? new Y.Doc(), 'note').toString())
    }
  })

  it('a view is the same object until something changes', () => {
    const { document } = make(1)
    const before = document.view()
    expect(document.view()).toBe(before)
    document.edit('price', { op: 'set', value: '3' })
    expect(document.view()).toEqual({ ...before, price: '3' })
  })
})
