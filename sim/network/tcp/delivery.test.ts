/** R1 for any path: every message exactly once and in order, or the connection ends; and no timer stays behind. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Packet } from './packet-path.ts'
import { eventsOf, messagesOf, testConnection } from './testing/test-connection.ts'
import type { Heard, TestConnection } from './testing/test-connection.ts'

const action = fc.record({ atUs: fc.nat(8_000_000), sizeBytes: fc.oneof(fc.integer({ min: 1, max: 400 }), fc.integer({ min: 1, max: 40_000 })), isUp: fc.boolean() })
/** In thousandths. Above it, fifteen losses in a row (tcp_retries2) would end one connection in some thousand. */
const LOSS_MAX = 150
const weather = fc.record({ delayUs: fc.integer({ min: 1, max: 300_000 }), jitterUs: fc.nat(200_000), loss: fc.nat(LOSS_MAX), duplicate: fc.nat(300) })
const cut = fc.record({ atUs: fc.nat(8_000_000), forUs: fc.integer({ min: 1, max: 20_000_000 }), isUp: fc.boolean() })
const scenario = fc.record({ actions: fc.array(action, { minLength: 1, maxLength: 60 }), weather, cuts: fc.array(cut, { maxLength: 3 }), seed: fc.nat(), tls: fc.boolean() })
type Scenario = typeof scenario extends fc.Arbitrary<infer T> ? T : never

interface Played extends TestConnection { readonly sentUp: number[]; readonly sentDown: number[]; readonly openedUs: number }

/** Opens on a good path, then lets the weather in. */
function play({ actions, weather: profile, cuts, seed, tls }: Scenario): Played {
  const test = testConnection({ profile, seed: String(seed), options: { tls } })
  test.up.fate = test.down.fate = () => false
  test.client.connect()
  test.kernel.run()
  test.up.fate = test.down.fate = () => undefined
  const openedUs = test.kernel.nowUs
  const sentUp: number[] = []
  const sentDown: number[] = []
  actions.toSorted((a, b) => a.atUs - b.atUs).forEach(({ atUs, sizeBytes, isUp }, message) => {
    test.kernel.at(openedUs + atUs, () => {
      if ((isUp ? test.client : test.server).send(message, sizeBytes)) (isUp ? sentUp : sentDown).push(message)
    })
  })
  for (const { atUs, forUs, isUp } of cuts) {
    const path = isUp ? test.up : test.down
    test.kernel.at(openedUs + atUs, () => { path.isCut = true })
    test.kernel.at(openedUs + atUs + forUs, () => { path.isCut = false })
  }
  return { ...test, sentUp, sentDown, openedUs }
}

const isPrefix = (part: readonly number[], whole: readonly number[]): boolean => part.every((one, index) => one === whole[index])
const closings = (heard: Heard): number => eventsOf(heard).filter((event) => event !== 'opened' && event !== 'writable').length

describe('delivery over any path', () => {
  it('R1: on a path that loses, repeats, reorders and breaks, each message arrives exactly once and in order', () => {
    fc.assert(fc.property(scenario, (one) => {
      const played = play(one)
      played.kernel.run()
      expect(messagesOf(played.atServer)).toEqual(played.sentUp)
      expect(messagesOf(played.atClient)).toEqual(played.sentDown)
      expect(played.client.bufferedBytes + played.server.bufferedBytes).toBe(0)
      expect(played.kernel.pending).toBe(0)
    }), { numRuns: 150 })
  })

  it('R1: whichever way it ends, what arrived is a prefix of what was sent, nothing comes after the end, and no timer stays', () => {
    const end = fc.record({ atUs: fc.nat(8_000_000), isClient: fc.boolean(), how: fc.constantFrom('close', 'abort', 'vanish', 'forget') })
    fc.assert(fc.property(scenario, fc.array(end, { minLength: 1, maxLength: 3 }), (one, ends) => {
      const played = play(one)
      const { client, server, kernel, openedUs, atClient, atServer } = played
      const endedAt = new Map<Heard, number>()
      for (const { atUs, isClient, how } of ends) {
        kernel.at(openedUs + atUs, () => {
          (isClient ? client : server)[how as 'close']()
          if (how !== 'close') endedAt.set(isClient ? atClient : atServer, (isClient ? atClient : atServer).messages.length)
        })
      }
      kernel.run()
      expect(isPrefix(messagesOf(atServer), played.sentUp)).toBe(true)
      expect(isPrefix(messagesOf(atClient), played.sentDown)).toBe(true)
      for (const heard of [atClient, atServer]) {
        expect(closings(heard)).toBeLessThanOrEqual(1)
        const closedUs = heard.events.find(({ event }) => ['fin', 'reset', 'timeout'].includes(event))?.atUs ?? Infinity
        expect(heard.messages.every(({ atUs }) => atUs <= closedUs)).toBe(true)
      }
      for (const [heard, count] of endedAt) expect(heard.messages.length).toBeLessThanOrEqual(Math.max(count, 0))
      expect(kernel.pending).toBe(0)
    }), { numRuns: 150 })
  })

  it('R1: a close by one end and nothing else delivers everything sent before it', () => {
    fc.assert(fc.property(scenario, fc.nat(8_000_000), (one, atUs) => {
      // A closed end gives up after tcp_orphan_retries, nine losses in a row: hardly ever at these rates, but at 30 % both ways.
      const played = play({ ...one, weather: { ...one.weather, loss: one.weather.loss % 80 }, cuts: [] })
      played.kernel.at(played.openedUs + atUs, () => played.client.close())
      played.kernel.run()
      expect(messagesOf(played.atServer)).toEqual(played.sentUp)
      expect(eventsOf(played.atServer)).toEqual(['opened', 'fin'])
    }), { numRuns: 80 })
  })

  it('D4: no two packets have the same name, and a retransmission has its original\'s with the attempt', () => {
    const played = play({ actions: Array.from({ length: 60 }, (_, index) => ({ atUs: index * 3_000, sizeBytes: 2_000, isUp: index % 3 > 0 })),
      weather: { delayUs: 20_000, jitterUs: 5_000, loss: 100, duplicate: 0 }, cuts: [], seed: 5, tls: true })
    played.kernel.run()
    const keys = [...played.up.packets, ...played.down.packets].map(({ packet }: { packet: Packet }) => [...packet.key])
    const names = new Set(keys.map(String))
    expect(names.size).toBe(keys.length)
    const resent = keys.filter((key) => Number(key[5]) > 0)
    expect(resent.length).toBe(played.client.retransmissions + played.server.retransmissions)
    expect(resent.length).toBeGreaterThan(5)
    for (const key of resent) expect(names.has(String([...key.slice(0, 5), Number(key[5]) - 1]))).toBe(true)
  })

  it('D4: one message more changes the names of no packet sent first in another 10 ms slot', () => {
    const namesOf = (times: readonly number[]): readonly string[] => {
      const played = play({ actions: times.map((atUs) => ({ atUs, sizeBytes: 100, isUp: true })),
        weather: { delayUs: 20_000, jitterUs: 0, loss: 0, duplicate: 0 }, cuts: [], seed: 5, tls: false })
      played.kernel.run()
      return played.up.packets.filter(({ atUs }) => atUs >= played.openedUs).map(({ packet }) => String(packet.key))
    }
    const without = namesOf([1_000, 31_000, 32_000, 61_000])
    const withOne = namesOf([1_000, 11_000, 31_000, 32_000, 61_000])
    expect(withOne.filter((name) => !without.includes(name))).toHaveLength(1)
    expect(without.filter((name) => !withOne.includes(name))).toEqual([])
  })

  it('D1: the same path and the same sends give the same packets at the same times', () => {
    fc.assert(fc.property(scenario, (one) => {
      const [first, second] = [play(one), play(one)]
      first.kernel.run()
      second.kernel.run()
      expect(second.up.packets).toEqual(first.up.packets)
      expect(second.atServer).toEqual(first.atServer)
    }), { numRuns: 20 })
  })
})
