import { describe, expect, it } from 'vitest'
import { LossDetection } from './loss-detection.ts'
import { RoundTrips } from './rto.ts'
import { SentSegments } from './sent-segments.ts'
import type { SentSegment } from './sent-segments.ts'

const ROUND_TRIP_US = 40_000

/** Segments sent 1 ms apart on a path of 40 ms. */
function outstanding(count: number): { sent: SentSegments; detection: LossDetection; roundTrips: RoundTrips; at: (index: number) => SentSegment } {
  const sent = new SentSegments()
  const roundTrips = new RoundTrips()
  roundTrips.sample(ROUND_TRIP_US, 0, 0)
  for (let index = 0; index < count; index++) sent.append(index, index + 1, 0, [], index * 1_000)
  const at = (index: number): SentSegment => {
    let one = sent.head
    for (let step = 0; step < index && one !== null; step++) one = one.next
    if (one === null) throw new RangeError(`no segment ${index}`)
    return one
  }
  return { sent, roundTrips, detection: new LossDetection(sent, roundTrips), at }
}

function arrive({ sent, detection, at }: ReturnType<typeof outstanding>, index: number): number {
  const nowUs = index * 1_000 + ROUND_TRIP_US
  detection.arrived(at(index), nowUs)
  sent.markSacked(at(index))
  return detection.markLost(nowUs, false)
}

describe('LossDetection', () => {
  it('RFC 8985: one arrival behind a hole starts the reordering window of a quarter round trip', () => {
    const world = outstanding(5)
    const againUs = arrive(world, 1)
    expect(world.sent.unrepaired).toBe(0)
    // Segment 0 is overdue 10 ms after its own round trip, of which 1 ms has passed; and Linux adds 2 ms.
    expect(againUs).toBe(ROUND_TRIP_US / 4 - 1_000 + 2_000)
    expect(world.detection.markLost(1_000 + ROUND_TRIP_US + againUs, false)).toBe(0)
    expect(world.at(0).isLost).toBe(true)
    expect(world.at(2).isLost).toBe(false)
  })

  it('RFC 5681: three arrivals behind a hole are enough at once', () => {
    const world = outstanding(5)
    for (const index of [1, 2]) arrive(world, index)
    expect(world.at(0).isLost).toBe(false)
    arrive(world, 3)
    expect(world.at(0).isLost).toBe(true)
    expect(world.at(4).isLost).toBe(false)
  })

  it('RFC 8985: after reordering was seen three arrivals are no longer enough', () => {
    const world = outstanding(8)
    arrive(world, 1)
    arrive(world, 0) // late, not lost
    expect(world.detection.isReordering).toBe(true)
    for (const index of [3, 4, 5]) arrive(world, index)
    expect(world.at(2).isLost).toBe(false)
  })

  it('RFC 8985: what the peer received twice widens the window, once per window of data', () => {
    const world = outstanding(5)
    world.detection.duplicateReported(0, 5)
    world.detection.duplicateReported(0, 5)
    expect(arrive(world, 1)).toBe(2 * (ROUND_TRIP_US / 4) - 1_000 + 2_000)
  })

  it('RFC 8985: a report that comes sooner than any round trip is of the first sending and says nothing of the second', () => {
    const world = outstanding(5)
    world.sent.markResent(world.at(1), 38_000)
    world.detection.arrived(world.at(1), 41_000)
    world.sent.markSacked(world.at(1))
    world.detection.markLost(41_000, true)
    expect(world.sent.unrepaired).toBe(0)
  })

  it('a timeout takes the first for lost, and of the others those sent more than a round trip ago', () => {
    const world = outstanding(5)
    world.detection.arrived(world.at(0), ROUND_TRIP_US)
    world.sent.shift()
    world.detection.markTimedOut(ROUND_TRIP_US + ROUND_TRIP_US / 4 + 2_000, false)
    expect([0, 1, 2, 3].map((index) => world.at(index).isLost)).toEqual([true, true, false, false])
  })

  it('R1, RFC 8985: a probe is due after two round trips, 200 ms later when nothing else is out, 1 s unmeasured', () => {
    expect(outstanding(2).detection.probeTimeoutUs()).toBe(2 * ROUND_TRIP_US + 2_000)
    expect(outstanding(1).detection.probeTimeoutUs()).toBe(2 * ROUND_TRIP_US + 200_000)
    expect(new LossDetection(new SentSegments(), new RoundTrips()).probeTimeoutUs()).toBe(1_000_000)
  })
})
