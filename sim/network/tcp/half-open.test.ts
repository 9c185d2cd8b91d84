import { describe, expect, it } from 'vitest'
import { eventsOf, messagesOf, openConnection } from './testing/test-connection.ts'

describe('half-open connections', () => {
  it('R4, B07: sends to a vanished peer succeed until the buffer is full, and no send counts as delivered', () => {
    const test = openConnection({ options: { sendBufferBytes: 65_536 } })
    test.server.vanish()
    let accepted = 0
    while (test.client.send(accepted, 1_000)) accepted++
    expect(accepted).toBe(66)
    expect(test.client.isOpen).toBe(true)
    test.kernel.run({ untilUs: test.kernel.nowUs + 600_000_000 })
    expect(test.client.isOpen).toBe(true)
    expect(test.client.bufferedBytes).toBe(66_000)
    expect(messagesOf(test.atServer)).toEqual([])
    expect(eventsOf(test.atClient)).toEqual(['opened'])
  })

  it('R4: retransmission gives up after tcp_retries2, some 15 minutes', () => {
    const test = openConnection()
    const fromUs = test.kernel.nowUs
    test.server.vanish()
    test.client.send(1, 100)
    test.kernel.run()
    const last = test.atClient.events.at(-1)
    expect(last?.event).toBe('timeout')
    expect((last?.atUs ?? 0) - fromUs).toBeGreaterThan(924_000_000)
    expect((last?.atUs ?? 0) - fromUs).toBeLessThan(1_060_000_000)
    expect(test.client.retransmissions).toBeGreaterThanOrEqual(15)
    expect(test.client.isOpen).toBe(false)
    expect(test.kernel.pending).toBe(0)
  })

  it('R4: retransmissions go out after 0.25 s (a probe), then 0.25, 0.5, 1 ... s later, at most 120 s apart', () => {
    const test = openConnection()
    const fromUs = test.kernel.nowUs
    test.server.vanish()
    const packets = test.up.packets.length
    test.client.send(1, 100)
    test.kernel.run()
    const times = test.up.packets.slice(packets).map(({ atUs }) => atUs)
    const gaps = times.slice(1).map((atUs, index) => atUs - times[index])
    expect(times[0]).toBe(fromUs)
    expect(gaps.slice(0, 6).map((gapUs) => Math.round(gapUs / 10_000) * 10_000))
      .toEqual([250_000, 250_000, 500_000, 1_000_000, 2_000_000, 4_000_000])
    expect(Math.max(...gaps)).toBe(120_000_000)
  })

  it('R4: a user timeout ends it exactly that long after the first retransmission', () => {
    const test = openConnection({ options: { userTimeoutUs: 30_000_000 } })
    const fromUs = test.kernel.nowUs
    test.server.vanish()
    test.client.send(1, 100)
    test.kernel.run()
    expect(test.atClient.events.at(-1)).toEqual({ event: 'timeout', atUs: expect.any(Number) as number })
    expect(Math.abs((test.atClient.events.at(-1)?.atUs ?? 0) - fromUs - 30_250_000)).toBeLessThan(1_000)
  })

  it('a user timeout is about silence: losses on a connection that goes on do not add up', () => {
    const test = openConnection({ profile: { delayUs: 25_000, loss: 50 }, options: { userTimeoutUs: 3_000_000 } })
    for (let message = 0; message < 5_000; message++) test.kernel.at(test.kernel.nowUs + message * 8_000, () => { test.client.send(message, 200) })
    test.kernel.run()
    expect(test.client.retransmissions).toBeGreaterThan(100)
    expect(messagesOf(test.atServer)).toHaveLength(5_000)
  })

  it('R4: an idle connection to a vanished peer never notices: keepalive is off', () => {
    const test = openConnection()
    test.client.vanish()
    test.kernel.run()
    expect(test.server.isOpen).toBe(true)
    expect(test.kernel.pending).toBe(0)
    expect(eventsOf(test.atServer)).toEqual(['opened'])
  })

  it('R5: a host that is back and knows nothing answers with a reset', () => {
    const test = openConnection()
    test.server.vanish()
    test.client.send(1, 100)
    test.kernel.run({ untilUs: test.kernel.nowUs + 10_000_000 })
    test.server.forget()
    test.kernel.run()
    expect(eventsOf(test.atClient)).toEqual(['opened', 'reset'])
    expect(test.kernel.pending).toBe(0)
  })

  it('R1: after an outage shorter than the limit everything arrives, late and in order', () => {
    const test = openConnection()
    const fromUs = test.kernel.nowUs
    test.up.isCut = test.down.isCut = true
    for (let message = 0; message < 30; message++) test.client.send(message, 500)
    test.kernel.at(fromUs + 60_000_000, () => { test.up.isCut = test.down.isCut = false })
    test.kernel.run()
    expect(messagesOf(test.atServer)).toEqual(Array.from({ length: 30 }, (_, index) => index))
    // The next retransmission after the end: doubled up to some 64 s.
    expect((test.atServer.messages[0].atUs - fromUs) / 1_000_000).toBeGreaterThan(60)
    expect((test.atServer.messages[0].atUs - fromUs) / 1_000_000).toBeLessThan(66)
  })
})
