import { describe, expect, it } from 'vitest'
import { Kernel } from '../../kernel/kernel.ts'
import { TcpConnection } from './tcp-connection.ts'
import { RST, SYN } from './segment.ts'
import type { Segment } from './segment.ts'
import { LossyPath } from './testing/lossy-path.ts'
import { eventsOf, messagesOf, testConnection } from './testing/test-connection.ts'

const ROUND_TRIP_US = 50_000
const synTimes = ({ packets }: LossyPath): readonly number[] => packets
  .filter(({ packet }) => ((packet as Segment).flags & SYN) !== 0).map(({ atUs }) => atUs)

describe('opening a connection', () => {
  it('R1, A01: the client is open after one round trip, the server half a one later', () => {
    const test = testConnection()
    test.client.connect()
    expect(test.client.isOpen).toBe(false)
    test.kernel.run()
    expect(test.atClient.events).toEqual([{ event: 'opened', atUs: ROUND_TRIP_US }])
    expect(test.atServer.events).toEqual([{ event: 'opened', atUs: 1.5 * ROUND_TRIP_US }])
    expect(test.kernel.pending).toBe(0)
  })

  it('R1: TLS 1.3 takes one round trip more, with flights of real size', () => {
    const test = testConnection({ options: { tls: true } })
    test.client.connect()
    test.kernel.run()
    expect(test.atClient.events).toEqual([{ event: 'opened', atUs: 2 * ROUND_TRIP_US }])
    expect(test.atServer.events).toEqual([{ event: 'opened', atUs: 2.5 * ROUND_TRIP_US }])
    const bytes = (path: LossyPath): number => path.packets.reduce((sum, { packet }) => sum + packet.sizeBytes, 0)
    // SYN 60, the handshake's ACK 52, hello 517, finished 80, each under 52 bytes of headers; acknowledgements.
    expect(bytes(test.up) - 52 * test.up.packets.length).toBe(8 + 517 + 80)
    expect(bytes(test.down) - 52 * test.down.packets.length).toBe(8 + 4_000)
    expect(test.down.packets.filter(({ packet }) => packet.sizeBytes > 500)).toHaveLength(3)
  })

  it('R1: SYN is sent again after 1, 3 and 7 s', () => {
    const test = testConnection()
    test.up.fate = (_, ordinal) => ordinal < 3
    test.client.connect()
    test.kernel.run()
    expect(synTimes(test.up)).toEqual([0, 1_000_000, 3_000_000, 7_000_000])
    expect(test.atClient.events).toEqual([{ event: 'opened', atUs: 7_000_000 + ROUND_TRIP_US }])
    expect(test.client.congestionWindow).toBe(1) // RFC 5681
  })

  it('Linux 6.5: with linear timeouts the first retries are a second apart', () => {
    const test = testConnection({ options: { synLinearTimeouts: 4 } })
    test.up.isCut = true
    test.client.connect()
    test.kernel.run({ untilUs: 20_000_000 })
    expect(synTimes(test.up)).toEqual([0, 1, 2, 3, 4, 5, 7, 11, 19].map((seconds) => seconds * 1_000_000))
  })

  it('R1: a lost SYN-ACK is sent again by either the server or the repeated SYN', () => {
    const test = testConnection()
    test.down.fate = (_, ordinal) => ordinal === 0
    test.client.connect()
    test.kernel.run()
    const [opened] = test.atClient.events
    expect(opened).toEqual({ event: 'opened', atUs: 1_000_000 + ROUND_TRIP_US })
    expect(eventsOf(test.atServer)).toEqual(['opened'])
  })

  it('a SYN that comes twice is answered twice, and the connection opens once', () => {
    const test = testConnection({ profile: { delayUs: 25_000, jitterUs: 2_000, duplicate: 1_000 } })
    test.client.connect()
    test.kernel.run()
    expect(synTimes(test.down)).toHaveLength(2)
    expect([eventsOf(test.atClient), eventsOf(test.atServer)]).toEqual([['opened'], ['opened']])
  })

  it('R1: when the last step of the handshake is lost, the first message does its work', () => {
    const test = testConnection()
    test.up.fate = (_, ordinal) => ordinal === 1
    test.client.connect()
    test.kernel.run({ untilUs: 100_000 })
    expect(eventsOf(test.atServer)).toEqual([])
    test.client.send(7, 100)
    test.kernel.run({ untilUs: 200_000 })
    expect(test.atServer.events).toEqual([{ event: 'opened', atUs: 100_000 + ROUND_TRIP_US / 2 }])
    expect(messagesOf(test.atServer)).toEqual([7])
    test.kernel.run()
    expect(test.kernel.pending).toBe(0)
  })

  it('R4: towards a host that is gone, connecting ends after the timeout and not before', () => {
    const silent = testConnection({ options: { connectTimeoutUs: 10_000_000 } })
    silent.server.vanish()
    silent.client.connect()
    silent.kernel.run()
    expect(silent.atClient.events).toEqual([{ event: 'timeout', atUs: 10_000_000 }])
    const patient = testConnection()
    patient.server.vanish()
    patient.client.connect()
    patient.kernel.run()
    expect(patient.atClient.events).toEqual([{ event: 'timeout', atUs: 127_000_000 }])
    expect(patient.kernel.pending).toBe(0)
  })

  it('R4: a server that vanishes inside the TLS handshake is a timeout too', () => {
    const test = testConnection({ options: { tls: true, connectTimeoutUs: 10_000_000 } })
    test.client.connect()
    test.kernel.run({ untilUs: ROUND_TRIP_US })
    test.server.vanish()
    test.kernel.run()
    expect(test.atClient.events).toEqual([{ event: 'timeout', atUs: 10_000_000 }])
    expect(test.kernel.pending).toBe(0)
  })

  it('a port nobody listens to refuses with a reset', () => {
    const test = testConnection()
    test.server.forget()
    test.client.connect()
    test.kernel.run()
    expect(test.atClient.events).toEqual([{ event: 'reset', atUs: ROUND_TRIP_US }])
    expect(test.down.packets.map(({ packet }) => (packet as Segment).flags)).toEqual([RST])
  })

  it('a client that gives up connecting sends nothing more, and the server is told by a reset', () => {
    const test = testConnection()
    test.client.connect()
    test.kernel.run({ untilUs: 30_000 })
    test.client.abort()
    test.kernel.run()
    expect(test.atClient.events).toEqual([])
    expect(eventsOf(test.atServer)).toEqual(['reset'])
    expect(test.kernel.pending).toBe(0)
  })

  it('a server whose client vanishes in the handshake gives up after five retries', () => {
    const test = testConnection()
    test.client.connect()
    test.kernel.run({ untilUs: 30_000 })
    test.client.vanish()
    test.kernel.run()
    expect(eventsOf(test.atServer)).toEqual(['timeout'])
    expect(synTimes(test.down)).toHaveLength(6)
  })

  it('nothing can be sent before it is open', () => {
    const test = testConnection()
    expect(test.client.send(1, 10)).toBe(false)
    test.client.connect()
    expect(test.client.send(2, 10)).toBe(false)
    test.kernel.run()
    expect(messagesOf(test.atServer)).toEqual([])
    expect(() => test.client.send(3, 0)).toThrow(RangeError)
  })

  it('options with which nothing could be sent are refused by name', () => {
    const kernel = new Kernel()
    const path = new LossyPath(kernel, { delayUs: 1 }, '1')
    const events = { opened: () => {}, message: () => {}, writable: () => {}, closed: () => {} }
    const make = (clientOptions: object): (() => unknown) =>
      () => new TcpConnection(kernel, { id: 1, up: path, down: path, client: events, server: events, clientOptions })
    expect(make({ sendBufferBytes: 0 })).toThrow('sendBufferBytes')
    expect(make({ userTimeoutUs: 0.5 })).toThrow('userTimeoutUs')
    expect(make({ tls: true })).toThrow('both ends')
    expect(make({})).not.toThrow()
  })
})
