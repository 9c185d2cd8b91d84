/** R1: what loss does to the messages of a live stream: delay, by traffic behind them, and never a hole. */
import { describe, expect, it } from 'vitest'
import { messagesOf, openConnection } from './testing/test-connection.ts'
import type { TestConnection } from './testing/test-connection.ts'

const ONE_WAY_US = 25_000
const MESSAGES = 4_000
const IDLE_GAP_US = 1_000_000
const BUSY_GAP_US = 8_000

interface Stream { readonly test: TestConnection; readonly delaysUs: readonly number[]; quantileMs(share: number): number }

/** Messages of 200 bytes, one every gap. */
function streamOf(gapUs: number, perMille: number, seed: string): Stream {
  const test = openConnection({ profile: { delayUs: ONE_WAY_US, loss: perMille }, seed })
  const sentUs: number[] = []
  const send = (): void => {
    sentUs.push(test.kernel.nowUs)
    test.client.send(sentUs.length - 1, 200)
    if (sentUs.length < MESSAGES) test.kernel.after(gapUs, send)
  }
  send()
  test.kernel.run()
  const delaysUs = test.atServer.messages.map(({ message, atUs }) => atUs - sentUs[message])
  const sorted = delaysUs.toSorted((a, b) => a - b)
  return { test, delaysUs, quantileMs: (share) => sorted[Math.floor(share * (sorted.length - 1))] / 1_000 }
}

const allMessages = Array.from({ length: MESSAGES }, (_, index) => index)

describe('the tails of idle and busy connections', () => {
  it.each([0, 10, 50])('R1: at a loss of %i per thousand every message arrives once and in order, idle and busy', (perMille) => {
    for (const gapUs of [IDLE_GAP_US, BUSY_GAP_US]) {
      const { test } = streamOf(gapUs, perMille, '1')
      expect(messagesOf(test.atServer)).toEqual(allMessages)
      expect(test.up.lost > 0).toBe(perMille > 0)
      expect(test.client.bufferedBytes).toBe(0)
    }
  })

  it('R1: without loss every message takes the one-way delay', () => {
    for (const gapUs of [IDLE_GAP_US, BUSY_GAP_US]) expect(new Set(streamOf(gapUs, 0, '1').delaysUs)).toEqual(new Set([ONE_WAY_US]))
  })

  it.each(['1', '2', '3'])('R1: at 1 %% an idle connection repairs a loss after SRTT + 200 ms, a busy one within a round trip or two (seed %s)', (seed) => {
    const idle = streamOf(IDLE_GAP_US, 10, seed)
    const busy = streamOf(BUSY_GAP_US, 10, seed)
    const delayed = (stream: Stream): readonly number[] => stream.delaysUs.filter((delayUs) => delayUs > ONE_WAY_US)

    // Idle: a lone loss waits for the probe (RTT 50 + 200 ms); each delays one message and no other.
    const repaired = delayed(idle)
    expect(repaired.length).toBeGreaterThan(MESSAGES * 0.005)
    expect(repaired.length).toBeLessThan(MESSAGES * 0.016)
    expect(repaired.filter((delayUs) => Math.abs(delayUs - ONE_WAY_US - 250_000) < 5_000).length).toBeGreaterThan(repaired.length * 0.8)
    // Busy: three segments behind the hole, 24 ms, and one round trip; the messages behind wait with it.
    const waiting = delayed(busy)
    expect(waiting.length).toBeGreaterThan(3 * repaired.length)
    expect(busy.quantileMs(0.99)).toBeLessThan(150)
    expect(busy.quantileMs(0.95)).toBeGreaterThan(idle.quantileMs(0.95) + 10)
    expect(idle.quantileMs(0.998)).toBeGreaterThanOrEqual(270)
    expect(idle.quantileMs(0.998)).toBeGreaterThan(1.5 * busy.quantileMs(0.998))
  })

  it('R1: one loss on a busy connection delays what follows it, and all of that arrives together', () => {
    const test = openConnection()
    const fromUs = test.kernel.nowUs
    const first = test.up.packets.length
    test.up.fate = (_, ordinal) => ordinal === first + 2
    for (let message = 0; message < 8; message++) test.kernel.at(fromUs + message * BUSY_GAP_US, () => { test.client.send(message, 200) })
    test.kernel.run()
    const at = test.atServer.messages.map(({ atUs }) => (atUs - fromUs) / 1_000)
    expect(at.slice(0, 2)).toEqual([25, 33])
    // Lost at 16; message 3 arrives at 49, its SACK at 74; a reordering window of RTT/4 from the loss's own due
    // time (16 + 50 + 12.5 + 2) against the third SACK at 90: 80.5; the repair takes 25 ms more.
    expect(at.slice(2)).toEqual([105.5, 105.5, 105.5, 105.5, 105.5, 105.5])
    expect(test.client.retransmissions).toBe(1)
  })

  it('R1: three messages behind a loss repair it at once', () => {
    const test = openConnection()
    const fromUs = test.kernel.nowUs
    const first = test.up.packets.length
    test.up.fate = (_, ordinal) => ordinal === first
    for (let message = 0; message < 4; message++) test.kernel.at(fromUs + message * 1_000, () => { test.client.send(message, 200) })
    test.kernel.run()
    expect(test.atServer.messages.map(({ atUs }) => atUs - fromUs)).toEqual([78_000, 78_000, 78_000, 78_000])
  })

  it('R1: the loss of the last of several is found by a probe after two round trips', () => {
    const test = openConnection()
    const fromUs = test.kernel.nowUs
    const first = test.up.packets.length
    test.up.fate = (_, ordinal) => ordinal === first + 1 || ordinal === first + 2
    for (let message = 0; message < 3; message++) test.client.send(message, 200)
    test.kernel.run()
    const at = test.atServer.messages.map(({ atUs }) => Math.round((atUs - fromUs) / 1_000))
    // The first is acknowledged at 50; a probe of the last two round trips later; its SACK reveals the other.
    expect(at).toEqual([25, expect.any(Number), expect.any(Number)])
    expect(at[2]).toBeGreaterThan(150)
    expect(at[2]).toBeLessThan(260)
    expect(test.client.retransmissions).toBe(2)
  })
})
