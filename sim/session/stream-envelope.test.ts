import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeEnvelope, encodeEnvelope, type Envelope } from './stream-envelope.ts'

const number = fc.maxSafeNat()
const envelope: fc.Arbitrary<Envelope> = fc.oneof(
  fc.record({
    type: fc.constant('greeting' as const), id: fc.string(), candidate: fc.string(), received: number, sent: number, firstRetained: number,
  }),
  fc.record({ type: fc.constant('data' as const), number, received: number, payload: fc.uint8Array() }),
  fc.record({ type: fc.constant('ack' as const), received: number }),
  fc.record({ type: fc.constant('close' as const), code: number }),
)

describe('stream envelope', () => {
  it('reads back what was written', () => {
    fc.assert(fc.property(envelope, (one) => { expect(decodeEnvelope(encodeEnvelope(one))).toEqual(one) }))
  })

  it('refuses truncated and overlong frames', () => {
    fc.assert(fc.property(envelope, (one) => {
      const bytes = encodeEnvelope(one)
      expect(() => decodeEnvelope(bytes.slice(0, -1))).toThrow()
      expect(() => decodeEnvelope(Uint8Array.from([...bytes, 0]))).toThrow()
    }))
  })

  it('A02: a small data frame costs four bytes beside its payload', () => {
    expect(encodeEnvelope({ type: 'data', number: 1, received: 0, payload: Uint8Array.of(1, 2, 3) }).length).toBe(4 + 3)
  })
})
