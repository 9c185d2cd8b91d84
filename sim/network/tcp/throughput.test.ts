import { describe, expect, it } from 'vitest'
import { Kernel } from '../../kernel/kernel.ts'
import { ACK, DUPLICATE, FIN, HEADER_BYTES, MSS_BYTES, RST, Segment, SYN } from './segment.ts'
import { LossyPath } from './testing/lossy-path.ts'
import { messagesOf, openConnection, testConnection } from './testing/test-connection.ts'

const RATE_MBPS = 10
const DELAY_US = 25_000
const MEGABYTE = 1_000_000
/** What the rate leaves of its bits to payload. */
const USEFUL = MSS_BYTES / (MSS_BYTES + HEADER_BYTES)

function transferUs(sizeBytes: number, profile: { readonly queueBytes?: number; readonly rateMbps?: number; readonly loss?: number }): { tookUs: number; lost: number; test: ReturnType<typeof openConnection> } {
  const test = openConnection({ profile: { delayUs: DELAY_US, ...profile } })
  const fromUs = test.kernel.nowUs
  test.client.send(0, sizeBytes)
  test.kernel.run()
  return { tookUs: test.atServer.messages[0].atUs - fromUs, lost: test.up.lost, test }
}

describe('throughput', () => {
  it('R1, RFC 6928: slow start: 10 segments in the first round trip, 20 in the second, 40 in the third', () => {
    const { test } = transferUs(100 * MSS_BYTES, {})
    const data = test.up.packets.filter(({ packet }) => packet.sizeBytes > HEADER_BYTES + 100)
    const firstUs = data[0].atUs
    const perRound = [0, 1, 2, 3].map((round) => data.filter(({ atUs }) => Math.floor((atUs - firstUs) / (2 * DELAY_US)) === round).length)
    expect(perRound).toEqual([10, 20, 40, 30])
  })

  it('R1: so a message within the initial window takes half a round trip, ten times as much three more', () => {
    expect(transferUs(10 * MSS_BYTES, {}).tookUs).toBe(DELAY_US)
    expect(transferUs(10 * MSS_BYTES + 1, {}).tookUs).toBe(3 * DELAY_US)
    expect(transferUs(100 * MSS_BYTES, {}).tookUs).toBe(7 * DELAY_US)
  })

  it('R7: 10 MB over 10 Mbit/s approach the rate', () => {
    const { tookUs } = transferUs(10 * MEGABYTE, { rateMbps: RATE_MBPS })
    const share = (10 * MEGABYTE * 8) / tookUs / (RATE_MBPS * USEFUL)
    expect(share).toBeGreaterThan(0.97)
    expect(share).toBeLessThanOrEqual(1)
  })

  it('R7: a queue of 100 kB overflows in slow start and the rate does not collapse', () => {
    const { tookUs, lost } = transferUs(10 * MEGABYTE, { rateMbps: RATE_MBPS, queueBytes: 100_000 })
    expect(lost).toBeGreaterThan(10)
    expect((10 * MEGABYTE * 8) / tookUs / (RATE_MBPS * USEFUL)).toBeGreaterThan(0.9)
    const small = transferUs(MEGABYTE, { rateMbps: RATE_MBPS, queueBytes: 100_000 })
    expect((MEGABYTE * 8) / small.tookUs / (RATE_MBPS * USEFUL)).toBeGreaterThan(0.8)
  })

  it('R1: at 1 % loss the rate of a long transfer is of the order the square-root law gives', () => {
    const { tookUs } = transferUs(4 * MEGABYTE, { loss: 10 })
    // Mathis et al. 1997: MSS / RTT * 1.22 / sqrt(p), here 2.8 Mbit/s; and the timeouts that it leaves out.
    const law = (MSS_BYTES * 8 / (2 * DELAY_US)) * 1.22 / Math.sqrt(0.01)
    const seen = (4 * MEGABYTE * 8) / tookUs
    expect(seen / law).toBeGreaterThan(0.5)
    expect(seen / law).toBeLessThan(1.5)
  })

  it('R7: connections of a device share the rate of their common path', () => {
    const kernel = new Kernel()
    const profile = { delayUs: DELAY_US, rateMbps: RATE_MBPS, queueBytes: 100_000 }
    const shared = { kernel, up: new LossyPath(kernel, profile, 'up'), down: new LossyPath(kernel, profile, 'down') }
    const tests = [1, 2, 3].map((id) => testConnection({ shared: { ...shared, id } }))
    for (const { client } of tests) client.connect()
    kernel.run()
    const fromUs = kernel.nowUs
    for (const { client } of tests) for (let message = 0; message < 60; message++) client.send(message, 50_000)
    kernel.run()
    const ends = tests.map(({ atServer }) => atServer.messages.at(-1)?.atUs ?? 0)
    const totalMbps = (3 * 60 * 50_000 * 8) / (Math.max(...ends) - fromUs)
    expect(totalMbps / (RATE_MBPS * USEFUL)).toBeGreaterThan(0.9)
    expect(totalMbps / (RATE_MBPS * USEFUL)).toBeLessThanOrEqual(1)
    // Halfway through none has starved.
    const halfUs = (fromUs + Math.max(...ends)) / 2
    for (const { atServer } of tests) expect(atServer.messages.filter(({ atUs }) => atUs < halfUs).length).toBeGreaterThan(12)
  })

  it('RFC 2861: after a pause a large message starts with a small window again', () => {
    const { test } = transferUs(200 * MSS_BYTES, {})
    const sendLarge = (waitUs: number): number => {
      test.kernel.run({ untilUs: test.kernel.nowUs + waitUs })
      const fromUs = test.kernel.nowUs
      test.client.send(1, 100 * MSS_BYTES)
      test.kernel.run()
      return (test.atServer.messages.at(-1)?.atUs ?? 0) - fromUs
    }
    test.kernel.after(1_000, () => {})
    expect(sendLarge(1_000)).toBe(DELAY_US)
    test.kernel.after(60_000_000, () => {})
    expect(sendLarge(60_000_000)).toBe(7 * DELAY_US)
  })

  it('R7: small messages written together share segments, and those written apart do not (no Nagle)', () => {
    const test = openConnection()
    const before = test.client.segmentsSent
    // The window takes ten; what waits behind it goes out together.
    for (let message = 0; message < 100; message++) test.client.send(message, 100)
    test.kernel.run()
    expect(messagesOf(test.atServer)).toHaveLength(100)
    expect(test.client.segmentsSent - before).toBe(10 + Math.ceil(9_000 / MSS_BYTES))
  })

  it('A02, R7: bytes on the wire are headers, options and payload', () => {
    const sizeOf = (flags: number, length: number, sacks: readonly number[] | null): number =>
      new Segment([], flags, 0, length, 0, 0, sacks, 0, 0).sizeBytes
    expect([sizeOf(SYN, 0, null), sizeOf(RST, 0, null)]).toEqual([60, 40])
    expect([sizeOf(ACK, 0, null), sizeOf(ACK, 100, null), sizeOf(ACK | FIN, 101, null)]).toEqual([52, 152, 152])
    expect([sizeOf(ACK, 0, [5, 6]), sizeOf(ACK | DUPLICATE, 0, [5, 6, 8, 9])]).toEqual([64, 80])
  })
})
