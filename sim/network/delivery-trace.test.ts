import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BadInput } from '../bad-input.ts'
import { type DeliveryTrace, longestServiceUs, meanKbps, parseDeliveryTrace, RecordedRate } from './delivery-trace.ts'

const traceOf = (...ms: readonly number[]): DeliveryTrace => parseDeliveryTrace(`${ms.join('\n')}\n`, 'test.trace')

/**
 * mahimahi's LinkQueue::rationalize, restated: opportunity by opportunity with real queues. Departure in
 * milliseconds of each packet, which come at whole milliseconds in order.
 */
function mahimahi(schedule: readonly number[], packets: readonly { readonly atMs: number; readonly bytes: number }[]): number[] {
  const departures: number[] = []
  const queue: { index: number; bytes: number }[] = []
  let [next, base, taken] = [0, 0, 0]
  let transit: { index: number; bytes: number } | undefined
  while (departures.length < packets.length) {
    const nowMs = base + schedule[next]
    while (taken < packets.length && packets[taken].atMs < nowMs) {
      queue.push({ index: taken, bytes: packets[taken].bytes })
      taken++
    }
    next = (next + 1) % schedule.length
    if (next === 0) base += schedule[schedule.length - 1]
    let left = 1500
    while (left > 0) {
      transit ??= queue.shift()
      if (transit === undefined) break
      transit.bytes -= left
      left = 0
      if (transit.bytes <= 0) {
        left = -transit.bytes
        departures[transit.index] = nowMs
        transit = undefined
      }
    }
  }
  return departures
}

describe('parseDeliveryTrace', () => {
  it('reads one time per line; times may repeat; the last line may lack its end, and lines may end as on Windows', () => {
    expect([...traceOf(0, 5, 5, 12).opportunitiesUs]).toEqual([0, 5_000, 5_000, 12_000])
    expect([...parseDeliveryTrace('3\r\n4', 'x').opportunitiesUs]).toEqual([3_000, 4_000])
  })

  it.each([
    ['', /x: expected a mahimahi trace.*empty file/],
    ['5\n3\n', /x: line 2: expected a time not before.*5, got 3/],
    ['5\n\n6\n', /x: line 2: expected a whole number of milliseconds/],
    ['5\nfast\n', /x: line 2: .*got "fast"/],
    ['5\n-1\n', /x: line 2: .*got "-1"/],
    ['1.5\n', /x: line 1: /],
    ['1\n99999999\n', /x: line 2: .*86400000/],
    ['1\n9999999999999999999999\n', /x: line 2: /],
    ['0\n0\n', /x: line 2: expected a last time above 0/],
    ['\u001f\u008b\u0008\u0000', /x: line 1: /],
  ])('bad input %j is refused with its line', (text, message) => {
    expect(() => parseDeliveryTrace(text, 'x')).toThrow(BadInput)
    expect(() => parseDeliveryTrace(text, 'x')).toThrow(message)
  })
})

describe('RecordedRate', () => {
  it('a full packet leaves at the next opportunity, later than its coming', () => {
    const rate = new RecordedRate(traceOf(2, 4, 10))
    expect(rate.transmit(0, 1500)).toEqual({ startUs: 2_000, endUs: 2_000 })
    expect(rate.transmit(0, 1500)).toEqual({ startUs: 4_000, endUs: 4_000 })
    expect(rate.transmit(10_000, 1500).endUs).toBe(12_000) // missed at 10; the recording repeats
  })

  it('small packets share an opportunity when they wait together, and waste it when they come apart', () => {
    const rate = new RecordedRate(traceOf(2, 4, 10))
    expect([rate.transmit(0, 500).endUs, rate.transmit(1_000, 500).endUs, rate.transmit(2_000, 500).endUs]).toEqual([2_000, 2_000, 4_000])
  })

  it('a packet that begins with the rest of an opportunity ends with the next', () => {
    const rate = new RecordedRate(traceOf(2, 4, 10))
    rate.transmit(0, 1000)
    expect(rate.transmit(0, 1000)).toEqual({ startUs: 2_000, endUs: 4_000 })
    expect(rate.transmit(0, 1000)).toEqual({ startUs: 4_000, endUs: 4_000 })
  })

  it('uses opportunities exactly as mahimahi does', () => {
    const schedule = fc.array(fc.nat(40), { minLength: 1, maxLength: 12 }).map((gaps) => {
      let at = 0
      const times = gaps.map((gap) => at += gap)
      return times[times.length - 1] === 0 ? [...times, 1] : times
    })
    const packets = fc.array(fc.record({ gapMs: fc.oneof(fc.nat(3), fc.nat(200)), bytes: fc.integer({ min: 1, max: 4000 }) }), { minLength: 1, maxLength: 30 })
    fc.assert(fc.property(schedule, packets, (times, sendings) => {
      let atMs = 0
      const timed = sendings.map(({ gapMs, bytes }) => ({ atMs: atMs += gapMs, bytes }))
      const rate = new RecordedRate(traceOf(...times))
      expect(timed.map((packet) => rate.transmit(packet.atMs * 1000, packet.bytes).endUs / 1000)).toEqual(mahimahi(times, timed))
    }), { numRuns: 400 })
  })

  it('begins where it is told, as if the run had begun earlier', () => {
    fc.assert(fc.property(fc.nat(30), fc.array(fc.record({ gapMs: fc.nat(9), bytes: fc.integer({ min: 1, max: 3000 }) }), { minLength: 1, maxLength: 20 }), (fromMs, packets) => {
      const [late, whole] = [new RecordedRate(traceOf(2, 4, 10), fromMs * 1000), new RecordedRate(traceOf(2, 4, 10))]
      let atUs = 0
      for (const { gapMs, bytes } of packets) {
        atUs += gapMs * 1000
        expect(late.transmit(atUs, bytes).endUs + fromMs * 1000).toBe(whole.transmit(atUs + fromMs * 1000, bytes).endUs)
      }
    }), { numRuns: 200 })
  })

  it('no run of full packets takes longer than the slowest stretch, and one takes as long', () => {
    const schedule = fc.array(fc.nat(40), { minLength: 1, maxLength: 8 }).map((gaps) => {
      let at = 0
      return [...gaps.map((gap) => at += gap), at + 1]
    })
    fc.assert(fc.property(schedule, fc.integer({ min: 1, max: 20 }), (times, packets) => {
      const trace = traceOf(...times)
      const tookUs = Array.from({ length: times[times.length - 1] + 1 }, (_, atMs) => {
        const rate = new RecordedRate(trace)
        return Array.from({ length: packets }, () => rate.transmit(atMs * 1000, 1500).endUs).reduce((last, us) => Math.max(last, us)) - atMs * 1000
      })
      expect(Math.max(...tookUs)).toBe(longestServiceUs(trace, packets))
    }), { numRuns: 100 })
    expect(longestServiceUs(traceOf(2, 4, 10), 1)).toBe(6_000)
    expect(meanKbps(traceOf(2, 4, 10))).toBe(3600)
  })

  it('jumps over a day without walking it', () => {
    const rate = new RecordedRate(traceOf(1, 3))
    rate.transmit(0, 100)
    expect(rate.transmit(86_400_000_500, 1500).endUs).toBe(86_400_001_000)
  })
})
