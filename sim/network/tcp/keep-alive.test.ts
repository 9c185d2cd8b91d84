import { describe, expect, it } from 'vitest'
import { eventsOf, openConnection } from './testing/test-connection.ts'

const IDLE_US = 45_000_000

describe('keep-alive probes (B07)', () => {
  it('R4: nine without an answer end the connection one interval later, with a reset', () => {
    const test = openConnection()
    const fromUs = test.kernel.nowUs
    const packets = test.up.packets.length
    test.server.vanish()
    test.client.keepAlive(IDLE_US)
    test.kernel.run()
    expect(test.up.packets.slice(packets).map(({ atUs }) => (atUs - fromUs) / IDLE_US)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
    expect(test.atClient.events.at(-1)).toEqual({ event: 'timeout', atUs: fromUs + 10 * IDLE_US })
  })

  it('a peer that is there answers each, and the count begins anew', () => {
    const test = openConnection()
    test.client.keepAlive(IDLE_US)
    test.kernel.run({ untilUs: 30 * IDLE_US })
    expect(eventsOf(test.atClient)).toEqual(['opened'])
    test.client.keepAlive(null)
    test.kernel.run()
    expect(test.kernel.pending).toBe(0)
  })

  it('a peer that has forgotten the connection answers with a reset', () => {
    const test = openConnection()
    const fromUs = test.kernel.nowUs
    test.server.forget()
    test.client.keepAlive(IDLE_US)
    test.kernel.run()
    expect(eventsOf(test.atClient)).toEqual(['opened', 'reset'])
    expect(test.atClient.events.at(-1)?.atUs).toBeGreaterThan(fromUs + IDLE_US)
  })

  it('while something is under way TCP\'s own timer probes', () => {
    const test = openConnection()
    const fromUs = test.kernel.nowUs
    test.server.vanish()
    test.client.keepAlive(IDLE_US)
    test.client.send(1, 100)
    test.kernel.run()
    expect((test.atClient.events.at(-1)?.atUs ?? 0) - fromUs).toBeGreaterThan(924_000_000)
  })
})
