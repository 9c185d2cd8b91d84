import { fc, test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import { decodeEntry, decodeFrame, encodeEntry, encodeFrame, ProtocolError, type Frame } from './codec.ts'
import { operationOf, type TextOp } from './operation.ts'

const number = fc.oneof(fc.nat(300), fc.nat(), fc.constant(2 ** 40))
const op: fc.Arbitrary<TextOp> = fc.tuple(fc.nat(40_000), fc.string({ unit: 'grapheme', maxLength: 3 }), fc.string())
  .map(([at, removed, inserted]) => operationOf({ op: 'splice', at, removed, inserted }))
const frame: fc.Arbitrary<Frame> = fc.oneof(
  fc.record({ kind: fc.constant('join' as const), channel: number, client: number, received: number }),
  fc.record({ kind: fc.constant('ack' as const), channel: number, number, received: number }),
  fc.record({ kind: fc.constant('op' as const), channel: number, number, received: number, op }),
)

describe('the codec', () => {
  test.prop([frame])('R7: what is written is read back', (one) => {
    expect(decodeFrame(encodeFrame(one))).toEqual(one)
  })

  test.prop([frame, fc.nat()])('a frame cut short is refused', (one, cut) => {
    const bytes = encodeFrame(one)
    expect(() => decodeFrame(bytes.subarray(0, cut % bytes.length))).toThrow(ProtocolError)
  })

  test.prop([fc.uint8Array({ maxLength: 24 })])('any bytes are a frame or a protocol error', (bytes) => {
    let read: Frame
    try {
      read = decodeFrame(bytes)
    } catch (problem) {
      expect(problem).toBeInstanceOf(ProtocolError)
      return
    }
    expect(decodeFrame(encodeFrame(read))).toEqual(read)
  })

  it('R7: a typed character costs a handful of bytes', () => {
    expect(encodeFrame({ kind: 'op', channel: 0, number: 100, received: 100, op: [5000, 'x'] })).toHaveLength(11)
  })

  it('journal entries keep the client', () => {
    const one = { kind: 'op', channel: 2, number: 3, received: 4, op: ['x'] } as const
    expect(decodeEntry(encodeEntry(70_001, one))).toEqual({ client: 70_001, frame: one })
    expect(() => decodeEntry(Uint8Array.of(1, 2, 0, 0, 0))).toThrow(ProtocolError)
  })
})
