import { describe, expect, it } from 'vitest'
import { decodeStackFrame, encodeSignal, encodeStrategyFrame, encodeToken } from './stack-frames.ts'

describe('stack frames (R7)', () => {
  it('a strategy frame is its payload with one byte in front, empty payloads included', () => {
    for (const payload of [new Uint8Array(0), Uint8Array.of(2), Uint8Array.of(1, 2, 255)]) {
      const bytes = encodeStrategyFrame(payload)
      expect(bytes.length).toBe(payload.length + 1)
      expect(decodeStackFrame(bytes)).toEqual({ type: 'strategy', payload })
    }
  })

  it('C06: a signal carries a document and a version, and nothing else', () => {
    const bytes = encodeSignal('dokument-ä', 300)
    expect(decodeStackFrame(bytes)).toEqual({ type: 'signal', document: 'dokument-ä', version: 300 })
    expect(bytes.length).toBe(1 + 2 + 1 + 11)
  })

  it('A16: a token is its text', () => {
    const bytes = encodeToken('A.1.x')
    expect([decodeStackFrame(bytes), bytes.length]).toEqual([{ type: 'token', token: 'A.1.x' }, 7])
  })

  it('anything else throws: both ends are ours', () => {
    for (const bytes of [[], [0], [3, 1], [2], [2, 1, 5, 65]]) expect(() => decodeStackFrame(Uint8Array.from(bytes))).toThrow(RangeError)
  })
})
