import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SentSegments } from './sent-segments.ts'
import type { SentSegment } from './sent-segments.ts'

const all = (sent: SentSegments): SentSegment[] => {
  const segments: SentSegment[] = []
  for (let one = sent.head; one !== null; one = one.next) segments.push(one)
  return segments
}

describe('SentSegments', () => {
  it('RFC 6675: its counts are those of the marks, whatever happens to the segments', () => {
    const step = fc.record({ act: fc.constantFrom('append', 'shift', 'sack', 'lose', 'resend'), which: fc.nat(20) })
    fc.assert(fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const sent = new SentSegments()
      let end = 0
      for (const { act, which } of steps) {
        const segments = all(sent)
        const segment = segments.at(which % Math.max(segments.length, 1))
        if (act === 'append') sent.append(end, ++end, 0, [], 0)
        else if (act === 'shift') sent.shift()
        else if (segment === undefined || segment.isSacked) continue
        else if (act === 'sack') sent.markSacked(segment)
        else if (act === 'lose') sent.markLost(segment)
        else sent.markResent(segment, 1)

        const now = all(sent)
        const count = (holds: (one: SentSegment) => boolean): number => now.filter(holds).length
        expect(sent.out).toBe(now.length)
        expect(sent.sacked).toBe(count((one) => one.isSacked))
        expect(sent.unrepaired).toBe(count((one) => one.isLost && !one.isResent))
        expect(sent.inFlight).toBe(now.length - sent.sacked - count((one) => one.isLost) + count((one) => one.isResent))
        expect(sent.firstUnrepaired()).toBe(now.find((one) => one.isLost && !one.isResent) ?? null)
        expect(sent.tail).toBe(now.at(-1) ?? null)
        expect(now.map((one) => one.start)).toEqual(now.map((_, index) => (now[0]?.start ?? 0) + index))
      }
    }), { numRuns: 300 })
  })

  it('RFC 8985: what a tail-loss probe repeats is on the way once, until it is believed lost', () => {
    const sent = new SentSegments()
    sent.append(0, 1, 0, [], 0)
    const [probed] = all(sent)
    sent.markResent(probed, 1)
    expect([probed.attempts, probed.sentAtUs, sent.inFlight, sent.unrepaired]).toEqual([1, 1, 1, 0])
    sent.markLost(probed)
    expect([sent.inFlight, sent.unrepaired]).toEqual([0, 1])
    sent.markResent(probed, 2)
    expect([sent.inFlight, sent.unrepaired]).toEqual([1, 0])
  })
})
