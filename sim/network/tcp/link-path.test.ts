import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Kernel } from '../../kernel/kernel.ts'
import { KeyedRandom } from '../../kernel/keyed-random.ts'
import { PacketLink } from '../packet-link.ts'
import type { PacketLinkOptions } from '../packet-link.ts'
import { LinkPath, segmentNumber } from './link-path.ts'
import { TcpConnection } from './tcp-connection.ts'

interface Played { readonly arrived: readonly { readonly message: number; readonly atUs: number }[]; readonly sentUs: readonly number[]; readonly up: PacketLink; readonly kernel: Kernel; readonly retransmissions: number }

/** One message of 300 bytes at each time, over a link of these properties. */
function play(times: readonly number[], options: Partial<PacketLinkOptions>, seed = 'seed'): Played {
  const kernel = new Kernel()
  const random = new KeyedRandom(seed)
  const [up, down] = [1, 2].map((direction) => new PacketLink(direction, { delay: { latencyUs: 25_000 }, ...options }, kernel, random))
  const arrived: { message: number; atUs: number }[] = []
  const silent = { opened: () => {}, message: () => {}, writable: () => {}, closed: () => {} }
  const connection = new TcpConnection<number>(kernel, {
    id: 3, up: new LinkPath(up), down: new LinkPath(down), client: silent,
    server: { ...silent, message: (message) => arrived.push({ message, atUs: kernel.nowUs }) },
  })
  connection.client.connect()
  kernel.run({ untilUs: 30_000_000 })
  const sentUs = times.map((atUs) => 30_000_000 + atUs)
  sentUs.forEach((atUs, message) => kernel.at(atUs, () => { connection.client.send(message, 300) }))
  kernel.run()
  return { arrived, sentUs, up, kernel, retransmissions: connection.client.retransmissions }
}

const WILD: Partial<PacketLinkOptions> = {
  delay: { latencyUs: 20_000, jitterUs: 10_000, distribution: 'normal' },
  loss: { model: 'gilbert-elliott', p: 0.02, r: 0.3, lossInBad: 0.8, lossInGood: 0.005 },
  duplicate: { probability: 0.05 }, corrupt: { probability: 0.01 }, reorder: { probability: 0.1, gap: 2 },
  bottleneck: { rateKbps: 2_000 },
}

describe('LinkPath', () => {
  it('R1: over a link with everything wrong with it, each message arrives once and in order', () => {
    for (const seed of ['1', '2', '3']) {
      const { arrived, retransmissions, up, kernel } = play(Array.from({ length: 500 }, (_, index) => index * 7_000), WILD, seed)
      expect(arrived.map(({ message }) => message)).toEqual(Array.from({ length: 500 }, (_, index) => index))
      expect(retransmissions).toBeGreaterThan(5)
      expect([up.counters.copied > 0, up.counters.lost.corrupt > 0, up.counters.reordered > 0]).toEqual([true, true, true])
      expect(kernel.pending).toBe(0)
    }
  })

  it('R1: a partition delays and does not lose', () => {
    const world = play([0], {})
    expect(world.arrived).toEqual([{ message: 0, atUs: world.sentUs[0] + 25_000 }])
    const kernel = new Kernel()
    const links = [1, 2].map((direction) => new PacketLink(direction, { delay: { latencyUs: 25_000 } }, kernel, new KeyedRandom('1')))
    const got: number[] = []
    const silent = { opened: () => {}, message: () => {}, writable: () => {}, closed: () => {} }
    const { client } = new TcpConnection<number>(kernel, { id: 1, up: new LinkPath(links[0]), down: new LinkPath(links[1]), client: silent, server: { ...silent, message: (message) => got.push(message) } })
    client.connect()
    kernel.run()
    for (const link of links) link.cut()
    client.send(7, 100)
    kernel.run({ untilUs: 5_000_000 })
    expect(got).toEqual([])
    for (const link of links) link.heal()
    kernel.run()
    expect(got).toEqual([7])
  })

  it('D4: one message more moves no message sent long before or after, retransmitted or not', () => {
    const times = Array.from({ length: 200 }, (_, index) => index * 1_000_000)
    const loss = { loss: { model: 'random', probability: 0.1 } } as const
    const delays = ({ arrived, sentUs }: Played): Map<number, number> => new Map(arrived.map(({ message, atUs }) => [sentUs[message], atUs - sentUs[message]]))
    const without = delays(play(times, loss))
    const withOne = delays(play([...times.slice(0, 100), 99_500_000, ...times.slice(100)], loss))
    expect(withOne.size).toBe(without.size + 1)
    const moved = [...without].filter(([atUs, delayUs]) => withOne.get(atUs) !== delayUs)
    expect(moved.every(([atUs]) => Math.abs(atUs - 30_000_000 - 99_500_000) < 3_000_000)).toBe(true)
    expect([...without.values()].filter((delayUs) => delayUs > 200_000).length).toBeGreaterThan(5)
  })

  it('D4: segments have numbers of their own, below what a link takes', () => {
    const key = fc.tuple(fc.nat(1_023), fc.constant(0), fc.constantFrom(1, 2), fc.nat(2 ** 25 - 1), fc.nat(511), fc.constant(1))
    fc.assert(fc.property(key, key, (one, other) => {
      expect(segmentNumber(one) === segmentNumber(other)).toBe(String(one) === String(other))
      expect(segmentNumber(one)).toBeLessThan(2 ** 45)
    }))
    expect(segmentNumber([1_023, 0, 2, 2 ** 25 - 1, 511, 9])).toBe(2 ** 45 - 1)
  })
})
