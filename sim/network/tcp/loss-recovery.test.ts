import { describe, expect, it } from 'vitest'
import { LossRecovery } from './loss-recovery.ts'
import { ACK, DUPLICATE, Segment } from './segment.ts'

const ROUND_TRIP_US = 50_000
const acknowledgement = (ack: number, sacks: readonly number[] | null = null, echoUs = -1, flags = ACK): Segment =>
  new Segment([], flags, 0, 0, ack, 0, sacks, 0, echoUs)

/** Segments of one position each, all sent at 0. */
function outstanding(count: number): LossRecovery {
  const recovery = new LossRecovery()
  recovery.roundTrips.sample(ROUND_TRIP_US, 0, 0)
  for (let index = 0; index < count; index++) recovery.sent.append(index, index + 1, 0, [], 0)
  return recovery
}

describe('LossRecovery', () => {
  it('RFC 6675: the first retransmission goes out although the halved window has no room', () => {
    const recovery = outstanding(10)
    recovery.receive(acknowledgement(0, [1, 4]), 10, ROUND_TRIP_US)
    expect(recovery.hasRoom).toBe(false)
    expect(recovery.nextToResend()?.start).toBe(0)
    expect(recovery.congestion.window).toBe(5)
    expect(recovery.nextToResend()).toBeNull()
  })

  it('RFC 6582: a recovery ends when all that was out is acknowledged, and halves the window once', () => {
    const recovery = outstanding(10)
    recovery.receive(acknowledgement(0, [1, 4]), 10, ROUND_TRIP_US)
    const lost = recovery.nextToResend()
    if (lost !== null) recovery.sent.markResent(lost, ROUND_TRIP_US)
    recovery.receive(acknowledgement(4, [5, 9]), 10, 2 * ROUND_TRIP_US)
    expect(recovery.sent.head?.isLost).toBe(true)
    expect(recovery.congestion.window).toBe(5)
    expect(recovery.mayProbe).toBe(false)
    recovery.receive(acknowledgement(10), 10, 3 * ROUND_TRIP_US)
    recovery.sent.append(10, 11, 0, [], 3 * ROUND_TRIP_US)
    expect(recovery.mayProbe).toBe(true)
    expect(recovery.congestion.window).toBe(5)
  })

  it('Karn: what was sent twice gives no sample, nor does anything acknowledged with it; the echo does', () => {
    const recovery = outstanding(2)
    const { head } = recovery.sent
    if (head !== null) recovery.sent.markResent(head, 950_000)
    recovery.receive(acknowledgement(2, null, 950_000), 2, 1_000_000)
    expect(recovery.roundTrips.smoothedUs).toBe(ROUND_TRIP_US)
  })

  it('RFC 8985: a tail probe that repaired a loss halves the window, a needless one does not', () => {
    const windowAfter = (segment: Segment): number => {
      const recovery = outstanding(1)
      const { tail } = recovery.sent
      if (tail !== null) recovery.sent.markResent(tail, 250_000)
      recovery.tailProbed(1)
      recovery.receive(acknowledgement(1), 1, 300_000) // either of the two
      recovery.sent.append(1, 2, 0, [], 300_000)
      recovery.receive(segment, 2, 350_000)
      return recovery.congestion.window
    }
    expect(windowAfter(acknowledgement(2))).toBe(5)
    expect(windowAfter(acknowledgement(2, null, -1, ACK | DUPLICATE))).toBe(10)
  })

  it('a timeout leaves one segment of window beyond what is on the way, and a second one no lower threshold', () => {
    const recovery = outstanding(10)
    recovery.timedOut(10, 250_000)
    expect([recovery.congestion.window, recovery.congestion.threshold, recovery.sent.unrepaired]).toEqual([1, 5, 10])
    recovery.timedOut(10, 750_000)
    expect(recovery.congestion.threshold).toBe(5)
  })
})
