import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { encodeEvent, EventStreamReader, KEEP_ALIVE_COMMENT, type ServerSentEvent } from './server-sent-events.ts'

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text)
const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)
const read = (text: string): readonly ServerSentEvent[] => new EventStreamReader().read(bytesOf(text))

describe('text/event-stream as written (A08, WHATWG HTML 9.2)', () => {
  it('has a field a line and a blank line at the end', () => {
    expect(textOf(encodeEvent({ id: '7', data: 'eA==' }))).toBe('id: 7\ndata: eA==\n\n')
    expect(textOf(encodeEvent({ event: 'close', id: '8', data: '1001' }))).toBe('event: close\nid: 8\ndata: 1001\n\n')
  })

  it('sets reconnection time and id with a block that is no event', () => {
    const reader = new EventStreamReader()
    expect(reader.read(encodeEvent({ retry: '3000', id: '0' }))).toEqual([])
    expect([reader.retryMs, reader.lastEventId]).toEqual([3000, '0'])
  })

  it('a comment is no event', () => {
    expect(read(textOf(KEEP_ALIVE_COMMENT))).toEqual([])
  })
})

describe('EventStreamReader (WHATWG HTML 9.2.6)', () => {
  it.each([
    ['data of several lines', 'data: YHOO\ndata: +2\ndata: 10\n\n', [{ event: 'message', data: 'YHOO\n+2\n10', id: '' }]],
    ['comments, an id that stays, an id that is reset', ': test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event\n\n', [
      { event: 'message', data: 'first event', id: '1' }, { event: 'message', data: 'second event', id: '' }, { event: 'message', data: ' third event', id: '' },
    ]],
    ['data that is empty but for its lines; an incomplete event at the end', 'data\n\ndata\ndata\n\ndata:', [{ event: 'message', data: '', id: '' }, { event: 'message', data: '\n', id: '' }]],
    ['one optional space', 'data:test\n\ndata: test\n\n', [{ event: 'message', data: 'test', id: '' }, { event: 'message', data: 'test', id: '' }]],
    ['names of events, for one event each', 'event: add\ndata: 73857293\n\ndata: 113411\n\n', [{ event: 'add', data: '73857293', id: '' }, { event: 'message', data: '113411', id: '' }]],
    ['carriage returns, and a byte order mark', '\uFEFFdata: a\r\rdata: b\r\n\r\n', [{ event: 'message', data: 'a', id: '' }, { event: 'message', data: 'b', id: '' }]],
    ['unknown fields, times that are no numbers, ids with a null', 'what: x\nretry: soon\nid: a\0b\ndata: x\n\n', [{ event: 'message', data: 'x', id: '' }]],
  ])('%s', (_what, text, events) => {
    expect(read(text)).toEqual(events)
  })

  it('reads the same however the bytes are cut', () => {
    const text = 'retry: 10\nid: ä\ndata: grüße\r\n\r\nevent: x\rdata: 1\r\rdata: 2\n\n'
    fc.assert(fc.property(fc.array(fc.nat(text.length + 4), { maxLength: 8 }), (cuts) => {
      const bytes = bytesOf(text)
      const reader = new EventStreamReader()
      const at = [0, ...[...cuts].sort((a, b) => a - b), bytes.length]
      const events = at.slice(1).flatMap((end, index) => reader.read(bytes.subarray(at[index], end)))
      expect(events).toEqual(read(text))
      expect([reader.lastEventId, reader.retryMs]).toEqual(['ä', 10])
    }))
  })
})
