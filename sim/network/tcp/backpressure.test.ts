import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { HEADER_BYTES, MSS_BYTES, PROBE } from './segment.ts'
import type { Segment } from './segment.ts'
import { eventsOf, messagesOf, openConnection } from './testing/test-connection.ts'

const BUFFER_BYTES = 20_000

describe('backpressure', () => {
  it('A04: a paused reader bounds both buffers, the sender sees the stall, and nothing is lost', () => {
    const test = openConnection({ options: { receiveBufferBytes: BUFFER_BYTES, sendBufferBytes: BUFFER_BYTES } })
    test.server.pause()
    let sent = 0
    const send = (): void => {
      while (test.client.send(sent, 1_000)) sent++
    }
    send()
    const pump = (): void => {
      send()
      if (test.kernel.nowUs < 100_000_000) test.kernel.after(100_000, pump)
    }
    pump()
    test.kernel.run({ untilUs: 90_000_000 })
    expect(messagesOf(test.atServer)).toEqual([])
    expect(test.client.bufferedBytes).toBe(BUFFER_BYTES)
    expect(sent).toBe((2 * BUFFER_BYTES) / 1_000)
    test.server.resume()
    test.kernel.run()
    expect(messagesOf(test.atServer)).toEqual(Array.from({ length: sent }, (_, index) => index))
    expect(sent).toBeGreaterThan(100)
    expect(eventsOf(test.atClient)).toContain('writable')
    expect(test.kernel.pending).toBe(0)
  })

  it('A03: without a pause the receive buffer never holds the sender back', () => {
    const test = openConnection({ options: { receiveBufferBytes: BUFFER_BYTES } })
    const fromUs = test.kernel.nowUs
    for (let message = 0; message < 10; message++) test.client.send(message, 1_000)
    test.kernel.run()
    expect(test.atServer.messages.at(-1)?.atUs).toBe(fromUs + 25_000)
  })

  it('writable comes once after a refused send, when a third is free, and not without a refusal', () => {
    const test = openConnection({ options: { sendBufferBytes: 30_000 } })
    for (let message = 0; message < 29; message++) test.client.send(message, 1_000)
    test.kernel.run()
    expect(eventsOf(test.atClient)).toEqual(['opened'])
    for (let message = 0; message < 40; message++) test.client.send(message, 1_000)
    const roomAt: number[] = []
    test.kernel.run()
    roomAt.push(...test.atClient.events.filter(({ event }) => event === 'writable').map(({ atUs }) => atUs))
    expect(roomAt).toHaveLength(1)
  })

  it('a send buffer that is tuned takes two congestion windows, and more as the window grows (Linux tcp_sndbuf_expand)', () => {
    const test = openConnection({ options: { tunesSendBuffer: true } })
    const buffered: number[] = []
    const fill = (): void => {
      while (test.client.send(0, 1_000));
      buffered.push(test.client.bufferedBytes)
      if (buffered.length < 40) test.kernel.after(10_000, fill)
    }
    fill()
    expect(buffered).toEqual([Math.ceil(2 * 10 * MSS_BYTES / 1_000) * 1_000])
    test.kernel.run()
    expect(Math.max(...buffered)).toBeGreaterThan(4 * buffered[0])
    expect(Math.max(...buffered)).toBeLessThan(2 * test.client.congestionWindow * MSS_BYTES + 1_000)
  })

  it('RFC 1122: a lost window update is found out by probing', () => {
    const test = openConnection({ options: { receiveBufferBytes: BUFFER_BYTES } })
    const fromUs = test.kernel.nowUs
    test.server.pause()
    for (let message = 0; message < 40; message++) test.client.send(message, 1_000)
    test.kernel.run({ untilUs: fromUs + 1_000_000 })
    test.down.isCut = true
    test.server.resume()
    test.kernel.run({ untilUs: fromUs + 1_001_000 })
    test.down.isCut = false
    expect(messagesOf(test.atServer)).toHaveLength(20)
    test.kernel.run()
    expect(messagesOf(test.atServer)).toHaveLength(40)
    const probes = test.up.packets.filter(({ packet }) => ((packet as Segment).flags & PROBE) !== 0).map(({ atUs }) => atUs - fromUs)
    expect(probes.length).toBeGreaterThanOrEqual(3)
    const gaps = probes.slice(1).map((atUs, index) => atUs - probes[index])
    gaps.slice(1).forEach((gapUs, index) => expect(gapUs).toBe(gaps[index] * 2))
  })

  it('RFC 1122: each time the window closes probing starts anew', () => {
    const test = openConnection({ options: { receiveBufferBytes: BUFFER_BYTES } })
    const firstProbeUs = (): number => {
      const fromUs = test.kernel.nowUs
      const packets = test.up.packets.length
      test.server.pause()
      for (let message = 0; message < 40; message++) test.client.send(message, 1_000)
      test.kernel.run({ untilUs: fromUs + 20_000_000 })
      test.server.resume()
      test.kernel.run()
      return (test.up.packets.slice(packets).find(({ packet }) => ((packet as Segment).flags & PROBE) !== 0)?.atUs ?? Infinity) - fromUs
    }
    expect(firstProbeUs()).toBeLessThan(600_000)
    expect(firstProbeUs()).toBeLessThan(600_000)
  })

  it('a user timeout is about silence: a peer that answers probes with its window closed is not given up', () => {
    const test = openConnection({ options: { receiveBufferBytes: BUFFER_BYTES, userTimeoutUs: 5_000_000 } })
    test.server.pause()
    for (let message = 0; message < 40; message++) test.client.send(message, 1_000)
    test.kernel.run({ untilUs: test.kernel.nowUs + 300_000_000 })
    expect(test.client.isOpen).toBe(true)
    test.server.resume()
    test.kernel.run()
    expect(messagesOf(test.atServer)).toHaveLength(40)
  })

  it('RFC 1122: no segment is made small because the window ends', () => {
    const test = openConnection({ options: { receiveBufferBytes: 4_000 } })
    const before = test.up.packets.length
    test.client.send(0, 20 * MSS_BYTES)
    test.kernel.run()
    const data = test.up.packets.slice(before).filter(({ packet }) => packet.sizeBytes > 100)
    expect(data.map(({ packet }) => packet.sizeBytes)).toEqual(Array<number>(20).fill(MSS_BYTES + HEADER_BYTES))
  })

  it('R4: a peer that vanishes with its window closed is given up like any other', () => {
    const test = openConnection({ options: { receiveBufferBytes: BUFFER_BYTES } })
    test.server.pause()
    for (let message = 0; message < 40; message++) test.client.send(message, 1_000)
    test.kernel.run({ untilUs: test.kernel.nowUs + 10_000_000 })
    test.server.vanish()
    test.kernel.run()
    expect(eventsOf(test.atClient)).toEqual(['opened', 'timeout'])
    expect(test.kernel.pending).toBe(0)
  })

  it('A04: pauses at any time, with loss, lose nothing, reorder nothing, and hand over nothing while paused', () => {
    const pauses = fc.array(fc.record({ atUs: fc.nat(5_000_000), forUs: fc.integer({ min: 1, max: 2_000_000 }) }), { maxLength: 5 })
    fc.assert(fc.property(pauses, fc.nat(100), fc.nat(1_000), (when, loss, seed) => {
      const test = openConnection({ profile: { delayUs: 10_000, loss }, options: { receiveBufferBytes: BUFFER_BYTES }, seed: String(seed) })
      const fromUs = test.kernel.nowUs
      let paused = 0
      test.onServerMessage = () => { expect(paused).toBe(0) }
      for (const { atUs, forUs } of when) {
        test.kernel.at(fromUs + atUs, () => {
          if (paused++ === 0) test.server.pause()
        })
        test.kernel.at(fromUs + atUs + forUs, () => {
          if (--paused === 0) test.server.resume()
        })
      }
      for (let message = 0; message < 100; message++) test.kernel.at(fromUs + message * 40_000, () => { test.client.send(message, 1_500) })
      test.kernel.run()
      expect(messagesOf(test.atServer)).toEqual(Array.from({ length: 100 }, (_, index) => index))
    }), { numRuns: 60 })
  })
})
