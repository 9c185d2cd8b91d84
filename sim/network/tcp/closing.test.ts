import { describe, expect, it } from 'vitest'
import { ACK, FIN, HEADER_BYTES, MSS_BYTES, RST, Segment } from './segment.ts'
import type { LossyPath } from './testing/lossy-path.ts'
import { eventsOf, messagesOf, openConnection } from './testing/test-connection.ts'
import type { TestConnection } from './testing/test-connection.ts'

const flagged = ({ packets }: LossyPath, flag: number): number => packets.filter(({ packet }) => ((packet as Segment).flags & flag) !== 0).length

describe('closing a connection', () => {
  it('A01: a FIN comes after everything sent before it; both ends hear it once and no timer is left', () => {
    const test = openConnection({ profile: { delayUs: 25_000, loss: 50 } })
    for (let message = 0; message < 200; message++) test.client.send(message, 1_000)
    test.client.close()
    expect(test.client.send(999, 10)).toBe(false)
    test.kernel.run()
    expect(messagesOf(test.atServer)).toEqual(Array.from({ length: 200 }, (_, index) => index))
    expect(eventsOf(test.atServer)).toEqual(['opened', 'fin'])
    expect(eventsOf(test.atClient)).toEqual(['opened', 'fin'])
    expect(test.kernel.pending).toBe(0)
  })

  it('what the other end had sent before it hears the FIN still arrives', () => {
    const test = openConnection()
    test.server.send(1, 100)
    test.client.close()
    test.kernel.run({ untilUs: test.kernel.nowUs + 10_000 })
    test.server.send(2, 100)
    test.kernel.run()
    expect(messagesOf(test.atClient)).toEqual([1, 2])
    expect(eventsOf(test.atClient)).toEqual(['opened', 'fin'])
  })

  it('both may close at once', () => {
    const test = openConnection()
    test.client.close()
    test.server.close()
    test.kernel.run()
    expect([eventsOf(test.atClient), eventsOf(test.atServer)]).toEqual([['opened', 'fin'], ['opened', 'fin']])
    expect(test.kernel.pending).toBe(0)
  })

  it('R1: a lost FIN is sent again', () => {
    const test = openConnection()
    test.up.fate = (packet) => (((packet as Segment).flags & FIN) !== 0 && flagged(test.up, FIN) === 0 ? true : undefined)
    test.client.close()
    test.kernel.run()
    expect(flagged(test.up, FIN)).toBe(2)
    expect(eventsOf(test.atServer)).toEqual(['opened', 'fin'])
  })

  it('R1: a reset ends both at once; what was in flight either way is lost without notice', () => {
    const test = openConnection()
    const fromUs = test.kernel.nowUs
    test.client.send(1, 100)
    test.kernel.run({ untilUs: fromUs + 1_000 })
    test.server.send(2, 100)
    test.server.abort()
    test.kernel.run()
    expect(messagesOf(test.atServer)).toEqual([])
    expect(test.atClient.events.at(-1)).toEqual({ event: 'reset', atUs: fromUs + 1_000 + 25_000 })
    expect(eventsOf(test.atServer)).toEqual(['opened']) // one's own reset is no news
    expect(test.kernel.pending).toBe(0)
  })

  it('R1: a reset is a packet: lost, the peer stays open until it sends, and is answered with another', () => {
    const test = openConnection()
    test.down.fate = (packet) => (((packet as Segment).flags & RST) !== 0 && flagged(test.down, RST) === 0 ? true : undefined)
    test.server.abort()
    test.kernel.run({ untilUs: test.kernel.nowUs + 3_600_000_000 })
    expect(test.client.isOpen).toBe(true)
    const sentUs = test.kernel.nowUs
    test.client.send(1, 100)
    test.kernel.run()
    expect(test.atClient.events.at(-1)).toEqual({ event: 'reset', atUs: sentUs + 50_000 })
    expect(test.kernel.pending).toBe(0)
  })

  it('B07: closing towards a vanished peer hangs, and ends as a timeout after some 100 s', () => {
    const test = openConnection()
    const fromUs = test.kernel.nowUs
    test.server.vanish()
    test.client.close()
    test.kernel.run()
    const last = test.atClient.events.at(-1)
    expect(last?.event).toBe('timeout')
    expect((last?.atUs ?? 0) - fromUs).toBeGreaterThan(100_000_000)
    expect((last?.atUs ?? 0) - fromUs).toBeLessThan(210_000_000)
    expect(test.kernel.pending).toBe(0)
  })

  it('B07: a peer that acknowledged the FIN and then vanished is waited for 60 s', () => {
    const test = openConnection()
    const fromUs = test.kernel.nowUs
    test.down.fate = (packet) => ((packet as Segment).flags & FIN) !== 0 || undefined
    test.client.close()
    test.kernel.run({ untilUs: fromUs + 60_000 })
    test.server.vanish()
    test.kernel.run()
    expect(test.atClient.events.at(-1)?.event).toBe('timeout')
    expect((test.atClient.events.at(-1)?.atUs ?? 0) - fromUs).toBeLessThan(61_000_000)
    expect(test.kernel.pending).toBe(0)
  })

  it('a handler may abort inside a message: nothing of what follows in the same segment is handed over', () => {
    const test = openConnection()
    test.onServerMessage = (message) => { if (message === 2) test.server.abort() }
    sendInOneSegment(test)
    expect(messagesOf(test.atServer)).toEqual([0, 1, 2])
    expect(eventsOf(test.atClient)).toEqual(['opened', 'reset'])
  })

  it('a handler may pause inside a message: what follows in the same segment waits for the reader', () => {
    const test = openConnection()
    test.onServerMessage = (message) => { if (message === 2) test.server.pause() }
    sendInOneSegment(test)
    expect(messagesOf(test.atServer)).toEqual([0, 1, 2])
    test.server.resume()
    expect(messagesOf(test.atServer)).toEqual([0, 1, 2, 3, 4, 5])
  })

  it('a handler is never entered inside another, also if it pauses and resumes', () => {
    const test = openConnection()
    let depth = 0
    test.onServerMessage = () => {
      expect(++depth).toBe(1)
      test.server.pause()
      test.server.resume()
      depth--
    }
    sendInOneSegment(test)
    expect(messagesOf(test.atServer)).toEqual([0, 1, 2, 3, 4, 5])
  })

  it('a vanished host stays silent even to a reset and what comes behind it', () => {
    const test = openConnection()
    test.client.vanish()
    const packets = test.up.packets.length
    test.client.arrive(new Segment([], RST, 0, 0, 0, 0, null, 0, -1))
    test.client.arrive(new Segment([], ACK, 0, 100, 0, 0, null, 0, -1))
    expect(test.up.packets).toHaveLength(packets)
  })

  it('a connection that is closed both ways is done at once: nothing waits for a FIN any more', () => {
    const test = openConnection()
    const fromUs = test.kernel.nowUs
    test.client.close()
    test.kernel.run()
    expect(test.kernel.nowUs - fromUs).toBeLessThan(200_000)
  })
})

/** Fills the window, so that five small messages wait together and share a segment. */
function sendInOneSegment({ client, up, kernel }: TestConnection): void {
  const before = up.packets.length
  client.send(0, 10 * MSS_BYTES)
  for (let message = 1; message <= 5; message++) client.send(message, 100)
  kernel.run()
  const sizes = up.packets.slice(before).map(({ packet }) => packet.sizeBytes)
  expect(sizes.filter((sizeBytes) => sizeBytes === HEADER_BYTES + 500)).toHaveLength(1)
}
