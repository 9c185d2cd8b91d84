import { describe, expect, it } from 'vitest'
import { Kernel } from '../../sim/kernel/kernel.ts'
import { KeyedRandom } from '../../sim/kernel/keyed-random.ts'
import { PacketLink } from '../../sim/network/packet-link.ts'
import { LinkPath } from '../../sim/network/tcp/link-path.ts'
import { ACK, Segment } from '../../sim/network/tcp/segment.ts'
import { fate, FatedPath, lossThreshold } from './fate.ts'
import { ModelCases } from './model.ts'
import type { Delivery, Opened } from './peer-messages.ts'

const opened = (connection: number): Opened => ({ connection, dialledUs: connection * 1_000, openedUs: 0, requestBytes: 224, responseBytes: 129 })
const SETUP = { delayUs: 25_000, seed: 1, synLinearTimeouts: 4 }

describe('fates shared with the relay', () => {
  it('is the hash that relay.py has: the value it prints when it starts', () => {
    expect(fate(7, [1, 0, 2, 4_096, 2])).toBe(1_253_999_673)
  })

  it('loses as many as the probability says', () => {
    let lost = 0
    for (let position = 0; position < 100_000; position++) if (fate(1, [3, 0, 2, position * 208, 0]) < lossThreshold(0.05)) lost++
    expect(lost).toBeGreaterThan(4_800)
    expect(lost).toBeLessThan(5_200)
  })

  it('gives each repetition of a segment a fate of its own, and each packet the same one again', () => {
    const drops = (seed: number): boolean[] => {
      const kernel = new Kernel()
      const path = new FatedPath(new LinkPath(new PacketLink(0, { delay: { latencyUs: 0 } }, kernel, new KeyedRandom('1'))), seed, 1, 0)
      path.lossProbability = 0.5
      return Array.from({ length: 64 }, (_, attempt) => {
        const before = path.dropped
        path.send(new Segment([1, 0, 2, 0, 0, attempt], ACK, 0, 208, 0, 0, null, 0, -1), () => undefined)
        return path.dropped > before
      })
    }
    expect(drops(1)).toEqual(drops(1))
    expect(drops(1)).not.toEqual(drops(2))
    expect(drops(1).filter((isDropped) => isDropped).length).toBeGreaterThan(20)
  })
})

describe('the cases in the model', () => {
  it('opens in two round trips without TLS, and later where packets are lost', () => {
    const dialled = Array.from({ length: 200 }, (_, connection) => opened(connection))
    expect(new Set(new ModelCases(SETUP).connect(dialled, 0))).toEqual(new Set([100_000]))
    const lossy = new ModelCases(SETUP).connect(dialled, 0.05)
    expect(Math.min(...lossy)).toBe(100_000)
    expect(Math.max(...lossy)).toBeGreaterThan(1_000_000)
  })

  it('delivers every message that the real ends exchanged, after a black hole too', () => {
    const sent = Array.from({ length: 100 }, (_, index): Delivery => [index % 2, 5_000_000 + index * 50_000, 0])
    const cases = new ModelCases(SETUP)
    const delays = cases.stream([opened(0), opened(1)], sent, 0).map(([, sentUs, receivedUs]) => receivedUs - sentUs)
    expect(delays).toEqual(sent.map(() => 25_000))
    const late = new ModelCases(SETUP).stream([opened(0), opened(1)], sent, 0, 5_000_000)
    expect(late.length).toBe(100)
    expect(Math.min(...late.map(([, , receivedUs]) => receivedUs)) - Math.min(...late.map(([, sentUs]) => sentUs))).toBeGreaterThan(5_000_000)
  })

  it('hears of a reset one way later', () => {
    expect(new ModelCases(SETUP).reset(3)).toEqual([25_000, 25_000, 25_000])
  })
})
