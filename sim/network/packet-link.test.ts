import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Kernel } from '../kernel/kernel.ts'
import { KeyedRandom } from '../kernel/keyed-random.ts'
import { isBinomial, ksDistance, ksLimit, meanOf, runLengths } from '../testing/link-statistics.ts'
import { parseDeliveryTrace } from './delivery-trace.ts'
import type { DrawnFate, Fate } from './impairments/fate.ts'
import type { Retransmission } from './impairments/packet-key.ts'
import { PacketLink, type PacketInfo, type PacketLinkOptions } from './packet-link.ts'

interface Event { readonly what: string; readonly atUs: number; readonly info: PacketInfo }

function makeLink(options: Partial<PacketLinkOptions> = {}, seed = 'seed', link = 7) {
  const kernel = new Kernel()
  const one = new PacketLink(link, { delay: { latencyUs: 20_000 }, ...options }, kernel, new KeyedRandom(seed))
  const events: Event[] = []
  const send = (sizeBytes = 100, key?: Retransmission): void => {
    one.send({ sizeBytes, key }, (info) => { events.push({ what: 'arrived', atUs: kernel.nowUs, info }) },
      (why, info) => { events.push({ what: why, atUs: kernel.nowUs, info }) })
  }
  return { kernel, link: one, events, send, at: (atUs: number, run: () => void) => { kernel.at(atUs, run) } }
}
const seen = (events: readonly Event[]): string[] => events.map(({ what, atUs }) => `${what} ${atUs}`)

/** Everything at once: every impairment that draws. */
const WILD: PacketLinkOptions = {
  delay: { latencyUs: 50_000, jitterUs: 20_000, distribution: 'pareto' },
  loss: { model: 'gilbert-elliott', p: 0.1, r: 0.3, lossInBad: 0.8, lossInGood: 0.02 },
  duplicate: { probability: 0.1, correlation: 0.3 },
  corrupt: { probability: 0.05 },
  reorder: { probability: 0.3, gap: 2 },
}

describe('PacketLink', () => {
  it('delivers a packet after the latency, never inside send', () => {
    const { link, events, send, kernel } = makeLink({ delay: { latencyUs: 0 } })
    send()
    expect(events).toEqual([])
    kernel.run()
    expect(events).toEqual([{ what: 'arrived', atUs: 0, info: { fateId: '7/0.0', sentUs: 0, isCopy: false } }])
    expect(link.counters).toMatchObject({ sent: 1, sentBytes: 100, delivered: 1, deliveredBytes: 100, inFlight: 0 })
  })

  it('R7: packets share the bottleneck, then travel; a full queue drops the newcomer', () => {
    const { link, events, send, kernel } = makeLink({ bottleneck: { rateKbps: 800 }, queue: { maxPackets: 2 } })
    for (let packet = 0; packet < 5; packet++) send(1000)
    kernel.run()
    // One in transmission, two wait, two are dropped; 10 ms each at 100 bytes per ms.
    expect(seen(events)).toEqual(['queue 0', 'queue 0', 'arrived 30000', 'arrived 40000', 'arrived 50000'])
    expect(link.counters.lost.queue).toBe(2)
  })

  it('R7: 100,000 packets on a saturated link pass at its rate, within 2 %', () => {
    const { link, kernel, at } = makeLink({ bottleneck: { rateKbps: 780 }, queue: { maxPackets: 50 } })
    // 15 % more than the link takes.
    for (let packet = 0; packet < 100_000; packet++) at(packet * 1_000, () => { link.send({ sizeBytes: 112 }, () => undefined) })
    kernel.run({ untilUs: 100_000_000 })
    expect(Math.abs(link.counters.deliveredBytes * 8 / 100_000 / 780 - 1)).toBeLessThan(0.02)
    expect(isBinomial(link.counters.lost.queue, 100_000, 1 - 780 / 896)).toBe(true)
  })

  it('R7: a recorded link passes what the recording has room for, within 2 %, and repeats it', () => {
    const times = Array.from({ length: 1_000 }, (_, index) => index * 3 + (index % 7)).sort((a, b) => a - b)
    const recorded = parseDeliveryTrace(times.join('\n'), 'made')
    const { link, kernel, at } = makeLink({ bottleneck: { recorded }, queue: { maxPackets: 20 } })
    for (let packet = 0; packet < 30_000; packet++) at(packet * 1_000, () => { link.send({ sizeBytes: 1500 }, () => undefined) })
    kernel.run({ untilUs: 30_000_000 })
    expect(Math.abs(link.counters.delivered / (30_000 * 1_000 / times[times.length - 1]) - 1)).toBeLessThan(0.02)
  })

  it('loses at the far side of the bottleneck: a lost packet has used its bandwidth', () => {
    const { events, send, kernel } = makeLink({ bottleneck: { rateKbps: 800 }, loss: { model: 'random', probability: 1 } })
    send(1000)
    send(1000)
    kernel.run()
    expect(seen(events)).toEqual(['loss 10000', 'loss 20000'])
  })

  it('a corrupted packet goes all the way and is dropped by the checksum', () => {
    const { link, events, send, kernel } = makeLink({ corrupt: { probability: 1 } })
    send()
    kernel.run()
    expect(seen(events)).toEqual(['corrupt 20000'])
    expect(link.counters.lost.corrupt).toBe(1)
  })

  it('a duplicated packet arrives twice, once as a copy with a delay of its own', () => {
    const { link, events, send, kernel } = makeLink({ duplicate: { probability: 1 }, delay: { latencyUs: 20_000, jitterUs: 10_000 }, keepsOrder: false })
    send()
    kernel.run()
    expect(events.map(({ info }) => info.isCopy).sort()).toEqual([false, true])
    expect(events[0].atUs).not.toBe(events[1].atUs)
    expect(link.counters).toMatchObject({ sent: 1, copied: 1, delivered: 2, inFlight: 0 })
  })

  it('keeps order unless told otherwise or asked to reorder', () => {
    const jitter = { latencyUs: 50_000, jitterUs: 40_000 }
    const arrivals = (options: Partial<PacketLinkOptions>): number[] => {
      const { kernel, events, at, send } = makeLink({ delay: jitter, ...options })
      for (let packet = 0; packet < 500; packet++) at(packet * 1_000, () => send())
      kernel.run()
      return events.map(({ info }) => info.sentUs)
    }
    const inversions = (sentUs: readonly number[]): number => sentUs.filter((value, index) => index > 0 && value < sentUs[index - 1]).length
    expect(inversions(arrivals({}))).toBe(0)
    expect(inversions(arrivals({ keepsOrder: false }))).toBeGreaterThan(100)
    expect(inversions(arrivals({ delay: { latencyUs: 50_000 }, reorder: { probability: 0.1 } }))).toBeGreaterThan(20)
    expect(inversions(arrivals({ delay: { latencyUs: 50_000 }, reorder: { probability: 0.1 }, keepsOrder: true }))).toBe(0)
  })

  it('counts every packet exactly once, whatever happens to it', () => {
    const { link, kernel, events, at, send } = makeLink({ ...WILD, bottleneck: { rateKbps: 500 }, queue: { maxPackets: 10 } })
    for (let packet = 0; packet < 3_000; packet++) at(packet * 1_500, () => send(120))
    at(1_000_000, () => link.cut())
    at(1_200_000, () => link.heal())
    at(2_000_000, () => link.clog())
    at(2_300_000, () => link.release())
    at(3_000_000, () => link.swallow())
    at(3_100_000, () => link.forward())
    const balance = (): void => {
      const { sent, copied, delivered, inFlight, lost } = link.counters
      expect(sent + copied).toBe(delivered + inFlight + lost.cut + lost['black-hole'] + lost.queue + lost.loss + lost.corrupt)
    }
    for (let atUs = 0; atUs < 5_000_000; atUs += 50_000) at(atUs, balance)
    kernel.run()
    balance()
    expect(link.counters.inFlight).toBe(0)
    expect(events).toHaveLength(link.counters.sent + link.counters.copied)
    for (const why of ['cut', 'black-hole', 'queue', 'loss', 'corrupt'] as const) {
      expect(events.filter(({ what }) => what === why).length, why).toBe(link.counters.lost[why])
      expect(link.counters.lost[why], why).toBeGreaterThan(0)
    }
    expect(Math.min(link.counters.copied, link.counters.reordered)).toBeGreaterThan(0)
  })

  it('refuses sizes that are none', () => {
    for (const size of [0, -1, 1.5, NaN]) expect(() => makeLink().send(size), String(size)).toThrow(/sizeBytes/)
  })
})

describe('switches of a link', () => {
  it('cut: nothing enters and nothing arrives, until healed as often as cut', () => {
    const { link, events, at, send, kernel } = makeLink()
    at(0, () => send())
    at(10_000, () => { link.cut(); link.cut(); send() })
    at(25_000, () => { link.heal(); send() })
    at(30_000, () => { link.heal(); send() })
    kernel.run()
    expect(seen(events)).toEqual(['cut 10000', 'cut 20000', 'cut 25000', 'arrived 50000'])
    expect(link.isCut).toBe(false)
    const corrupting = makeLink({ corrupt: { probability: 1 } })
    corrupting.at(0, () => corrupting.send())
    corrupting.at(5_000, () => corrupting.link.cut())
    corrupting.kernel.run()
    expect(seen(corrupting.events)).toEqual(['cut 20000']) // it never reached the checksum
    expect(() => link.heal()).toThrow(/heal/)
  })

  it('black hole: packets are taken, use the bandwidth and vanish; those before it arrive', () => {
    const { link, events, at, send, kernel } = makeLink({ bottleneck: { rateKbps: 800 } })
    at(0, () => send(1000))
    at(1_000, () => { link.swallow(); send(1000) })
    at(2_000, () => { link.forward(); send(1000) })
    kernel.run()
    expect(seen(events)).toEqual(['black-hole 20000', 'arrived 30000', 'arrived 50000'])
    expect(() => link.forward()).toThrow(/forward/)
  })

  it('clog: holds what would arrive and releases it in order, before what comes later', () => {
    const { link, events, at, send, kernel } = makeLink()
    at(0, () => send(1))
    at(5_000, () => link.clog())
    at(6_000, () => send(2))
    at(100_000, () => { expect(link.counters.inFlight).toBe(3); link.release() })
    at(90_000, () => send(3))
    kernel.run()
    expect(events.map(({ atUs, info }) => [atUs, info.sentUs])).toEqual([[100_000, 0], [100_000, 6_000], [110_000, 90_000]])
    expect(() => link.release()).toThrow(/release/)
  })

  it('clog: overlapping clogs hold until the last; a cut on top loses what is held when it is released', () => {
    const { link, events, at, send, kernel } = makeLink()
    at(0, () => { link.clog(); link.clog(); send() })
    at(30_000, () => link.release())
    at(40_000, () => { expect(events).toEqual([]); link.cut(); link.release(); link.heal() })
    kernel.run()
    expect(seen(events)).toEqual(['cut 40000'])
  })

  it('clog: what comes to a path both clogged and cut is lost, not held', () => {
    const { link, events, at, send, kernel } = makeLink()
    at(0, () => { link.clog(); send() })
    at(10_000, () => link.cut())
    at(30_000, () => link.heal())
    at(40_000, () => link.release())
    kernel.run()
    expect(seen(events)).toEqual(['cut 20000'])
  })

  it('clog: an arrival may clog again, and the rest stays held', () => {
    const kernel = new Kernel()
    const link = new PacketLink(1, { delay: { latencyUs: 1_000 } }, kernel, new KeyedRandom('k'))
    const arrivedUs: number[] = []
    const send = (): void => link.send({ sizeBytes: 1 }, () => { arrivedUs.push(kernel.nowUs); if (arrivedUs.length === 1) link.clog() })
    link.clog()
    send()
    send()
    kernel.at(5_000, () => link.release())
    kernel.at(9_000, () => link.release())
    kernel.run()
    expect(arrivedUs).toEqual([5_000, 9_000])
  })
})

describe('fates (D4)', () => {
  const sendings = fc.array(fc.record({ atUs: fc.nat(300_000), key: fc.option(fc.record({ segment: fc.nat(50), attempt: fc.nat(3) }), { nil: undefined }) }), { minLength: 2, maxLength: 60 })

  /** What was drawn for each packet, in order of sending. */
  function fatesOf(sent: readonly { readonly atUs: number; readonly key?: Retransmission | undefined }[], options: PacketLinkOptions, seed = 'seed', link = 7): readonly (readonly [string, DrawnFate])[] {
    const fates: (readonly [string, DrawnFate])[] = []
    const one = makeLink({ ...options, override: (id, drawn) => { fates.push([id, drawn]); return undefined } }, seed, link)
    for (const { atUs, key } of sent) one.at(atUs, () => one.send(100, key))
    one.kernel.run()
    return fates
  }

  const KINDS: readonly (readonly [string, PacketLinkOptions])[] = [
    ['bursts', WILD],
    ['correlation everywhere', {
      delay: { latencyUs: 50_000, jitterUs: 20_000, distribution: 'normal', correlation: 0.5 },
      loss: { model: 'random', probability: 0.2, correlation: 0.6 },
      duplicate: { probability: 0.2, correlation: 0.5 }, corrupt: { probability: 0.1, correlation: 0.2 },
      reorder: { probability: 0.3, gap: 3, correlation: 0.4 },
    }],
    ['four states behind a queue', {
      delay: { latencyUs: 1_000, jitterUs: 500 }, loss: { model: 'four-state', p13: 0.2, p31: 0.3, p32: 0.2, p23: 0.4, p14: 0.1 },
      bottleneck: { rateKbps: 50 },
    }],
  ]

  it.each(KINDS)('%s: one packet less leaves every other fate as it was, but for those after it in its own 10 ms slot', (_, options) => {
    fc.assert(fc.property(sendings, fc.nat(1_000), (sent, which) => {
      const ordered = sent.sort((a, b) => a.atUs - b.atUs)
      const extra = which % ordered.length
      const slotOf = (atUs: number): number => Math.floor(atUs / 10_000)
      const [all, fewer] = [fatesOf(ordered, options), fatesOf(ordered.toSpliced(extra, 1), options)]
      for (const [index, one] of ordered.toSpliced(extra, 1).entries()) {
        const before = all[index < extra ? index : index + 1]
        const shares = ordered[extra].key === undefined && one.key === undefined && index >= extra && slotOf(one.atUs) === slotOf(ordered[extra].atUs)
        if (!shares) expect(fewer[index]).toEqual(before)
      }
    }), { numRuns: 150 })
  })

  it('are the same for one seed, and others for another seed or another link', () => {
    const sent = Array.from({ length: 300 }, (_, index) => ({ atUs: index * 4_000 }))
    const drawn = (seed?: string, link?: number): readonly DrawnFate[] => fatesOf(sent, WILD, seed, link).map(([, fate]) => fate)
    expect(drawn()).toEqual(drawn())
    expect(drawn('other')).not.toEqual(drawn())
    expect(drawn('seed', 8)).not.toEqual(drawn())
  })

  it('of a retransmission follow segment and attempt, not the time or the traffic around it, without burst state', () => {
    const options: PacketLinkOptions = { delay: { latencyUs: 50_000, jitterUs: 20_000 }, loss: { model: 'random', probability: 0.5 } }
    const key = { segment: 9, attempt: 1 }
    const [[id, fate]] = fatesOf([{ atUs: 0, key }], options)
    expect(id).toBe('7/s9.1')
    expect(fatesOf([{ atUs: 77_000 }, { atUs: 77_001 }, { atUs: 77_002, key }], options).at(-1)).toEqual([id, fate])
    const attempts = Array.from({ length: 200 }, (_, attempt) => ({ atUs: 0, key: { segment: 9, attempt } }))
    expect(isBinomial(fatesOf(attempts, options).filter(([, drawn]) => drawn.lostBy === 'loss').length, 200, 0.5)).toBe(true)
  })

  it('can be overridden one by one, by id', () => {
    const fates: Readonly<Record<string, Fate>> = { '7/0.0': { fate: 'lost' }, '7/0.1': { fate: 'delayed', delayUs: 123_000 }, '7/0.2': { fate: 'delivered' } }
    const options = { delay: { latencyUs: 20_000, jitterUs: 15_000 }, duplicate: { probability: 1 }, keepsOrder: false }
    const { events, kernel, send } = makeLink({ ...options, override: (id) => fates[id] })
    for (let packet = 0; packet < 4; packet++) send()
    kernel.run()
    const ofPacket = (id: string): string[] => seen(events.filter(({ info }) => info.fateId === id))
    expect(ofPacket('7/0.0')).toEqual(['loss 0'])
    expect(ofPacket('7/0.1')).toEqual(['arrived 123000'])
    expect(ofPacket('7/0.2')).toEqual(['arrived 20000'])
    expect(ofPacket('7/0.3')).toHaveLength(2)
    // The one not named fares as it would have without an override.
    const plain = makeLink(options)
    for (let packet = 0; packet < 4; packet++) plain.send()
    plain.kernel.run()
    expect(events.filter(({ info }) => info.fateId === '7/0.3')).toEqual(plain.events.filter(({ info }) => info.fateId === '7/0.3'))
    const wrong = makeLink({ override: () => ({ fate: 'delayed', delayUs: -1 }) })
    expect(() => wrong.send()).toThrow(/delayUs/)
  })

  it('rescue from a burst: an override can deliver what the weather lost', () => {
    const { events, kernel, send } = makeLink({ loss: { model: 'random', probability: 1 }, override: (_, drawn) => drawn.lostBy === null ? undefined : { fate: 'delivered' } })
    send()
    kernel.run()
    expect(seen(events)).toEqual(['arrived 20000'])
  })
})

describe('a link over 100,000 packets does what it says', () => {
  it('A13: delay (Kolmogorov-Smirnov), loss, bursts, copies and overtaking together', () => {
    const packets = 100_000
    const kernel = new Kernel()
    const link = new PacketLink(3, {
      delay: { latencyUs: 60_000, jitterUs: 30_000 }, loss: { model: 'gilbert-elliott', p: 0.01, r: 0.2 },
      duplicate: { probability: 0.02 }, reorder: { probability: 0.05 },
    }, kernel, new KeyedRandom('whole'))
    const delaysUs: number[] = []
    const lost: boolean[] = []
    for (let packet = 0; packet < packets; packet++) {
      kernel.at(packet * 10_000, () => {
        lost[packet] = false
        link.send({ sizeBytes: 100 }, ({ sentUs, isCopy }) => { if (!isCopy) delaysUs.push(kernel.nowUs - sentUs) }, () => { lost[packet] = true })
      })
    }
    kernel.run()
    const { counters } = link
    const runs = runLengths(lost)
    expect(Math.abs(meanOf(runs) - 5)).toBeLessThan(3.89 * Math.sqrt(20 / runs.length))
    expect(Math.abs(counters.lost.loss / packets - 0.01 / 0.21)).toBeLessThan(0.009)
    const sent = packets - counters.lost.loss
    expect(isBinomial(counters.copied, sent, 0.02)).toBe(true)
    expect(isBinomial(counters.reordered, sent, 0.05)).toBe(true)
    const delayed = delaysUs.filter((delayUs) => delayUs > 0)
    expect(delaysUs.length - delayed.length).toBe(counters.reordered)
    expect(ksDistance(delayed, (delayUs) => (delayUs - 29_999.5) / 60_001, (delayUs) => (delayUs - 30_000.5) / 60_001)).toBeLessThan(ksLimit(delayed.length))
  })
})
