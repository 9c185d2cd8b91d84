import { describe, expect, it } from 'vitest'
import { BadInput } from '../../bad-input.ts'
import { Kernel } from '../../kernel/kernel.ts'
import { KeyedRandom } from '../../kernel/keyed-random.ts'
import { openStream } from '../../kernel/random-streams.ts'
import { isBinomial, ksDistance, ksLimit } from '../../testing/link-statistics.ts'
import { packetLinkOptions } from '../../scenario/link-plan.ts'
import { PacketLink, type PacketLinkOptions } from '../packet-link.ts'
import { DEVICE_CLASSES, deviceClassNamed, drawLinks, linksOf, oneWayUs, PROFILES, profileNamed } from './index.ts'

const DIRECTIONS = ['down', 'up'] as const

/** kbit/s down, up; milliseconds one way down, up; jitter down, up; loss. Worked out by hand from the sources' figures. */
const EXPECTED: Readonly<Record<string, readonly number[]>> = {
  'wpt-cable': [5000, 1000, 14, 14, 0, 0, 0],
  'wpt-dsl': [1500, 384, 25, 25, 0, 0, 0],
  'wpt-3g-slow': [400, 400, 200, 200, 0, 0, 0],
  'wpt-3g': [1600, 768, 150, 150, 0, 0, 0],
  'wpt-3g-fast': [1600, 768, 75, 75, 0, 0, 0],
  'wpt-4g': [9000, 9000, 85, 85, 0, 0, 0],
  'wpt-lte': [12_000, 12_000, 35, 35, 0, 0, 0],
  'wpt-edge': [240, 200, 420, 420, 0, 0, 0],
  'wpt-2g': [280, 256, 400, 400, 0, 0, 0],
  'wpt-fios': [20_000, 5000, 2, 2, 0, 0, 0],
  'chrome-3g': [400, 400, 200, 200, 0, 0, 0],
  'chrome-slow-4g': [1440, 675, 75, 75, 0, 0, 0],
  'chrome-fast-4g': [8100, 1350, 30, 30, 0, 0, 0],
  'atc-2g-rural': [20, 18, 650, 650, 0, 0, 0.02],
  'atc-edge-avg': [240, 200, 400, 440, 0, 0, 0],
  'atc-edge-lossy': [240, 200, 400, 440, 0, 0, 0.01],
  'atc-3g-avg': [780, 330, 100, 100, 0, 0, 0],
  'atc-cable': [6000, 1000, 2, 2, 0, 0, 0],
  'nlc-3g-lossy': [780, 330, 100, 100, 0, 0, 0.01],
  'nlc-wifi-avg': [40_000, 33_000, 1, 1, 0, 0, 0],
  'webrtc-generic-bad': [95, 95, 250, 250, 0, 0, 0.02],
  'loadero-3g': [1200, 1200, 250, 250, 50, 50, 0.005],
  'loadero-4g': [100_000, 50_000, 45, 45, 5, 15, 0.002],
  satellite: [1000, 256, 300, 300, 0, 0, 0],
  'burst-loss': [12_000, 12_000, 35, 35, 0, 0, 0.004 / 0.204],
}

function makeLink(options: PacketLinkOptions, seed: string, link: number): { readonly kernel: Kernel; readonly link: PacketLink } {
  const kernel = new Kernel()
  return { kernel, link: new PacketLink(link, options, kernel, new KeyedRandom(seed)) }
}

/** One after another, `spacingUs` apart. */
function sendAll(kernel: Kernel, packets: number, spacingUs: number, send: () => void): void {
  let sent = 0
  const next = (): void => {
    send()
    if (++sent < packets) kernel.after(spacingUs, next)
  }
  kernel.at(0, next)
}

const MESSAGES = 50_000 // each way
const MESSAGE_BYTES = 100
/** Longer than a message's transmission on the slowest link and than any jitter: no message meets another. */
const SPACING_US = 130_000

describe('network profiles (A13)', () => {
  it('are those listed, each with a source and a line of its own', () => {
    expect(PROFILES.map(({ name }) => name)).toEqual(Object.keys(EXPECTED))
    for (const { summary, source, name } of PROFILES) {
      expect(summary.length, name).toBeGreaterThan(10)
      expect(summary, name).not.toContain('\n')
      expect(source, name).not.toBe('')
    }
    expect(new Set(PROFILES.map(({ summary }) => summary)).size).toBe(PROFILES.length)
    expect(PROFILES.filter(({ loss }) => loss?.model === 'gilbert-elliott').every(({ summary }) => summary.startsWith('our own'))).toBe(true)
  })

  it.each(Object.entries(EXPECTED))('%s over 100,000 messages: delay (Kolmogorov-Smirnov) and loss as stated', (name, figures) => {
    const profile = profileNamed(name, 'test')
    const [kbpsDown, kbpsUp, downMs, upMs, jitterDownMs, jitterUpMs, loss] = figures
    const stated = { down: [kbpsDown, downMs, jitterDownMs], up: [kbpsUp, upMs, jitterUpMs] }
    DIRECTIONS.forEach((direction, index) => {
      const [kbps, latencyMs, jitterMs] = stated[direction]
      const { kernel, link } = makeLink(packetLinkOptions(linksOf(profile)[direction]), `profile ${name}`, index)
      const delaysUs: number[] = []
      sendAll(kernel, MESSAGES, SPACING_US, () => {
        link.send({ sizeBytes: MESSAGE_BYTES }, ({ sentUs }) => { delaysUs.push(kernel.nowUs - sentUs) })
      })
      kernel.run()
      const transmissionUs = Math.ceil(MESSAGE_BYTES * 8_000 / kbps)
      const travelsUs = delaysUs.map((delayUs) => delayUs - transmissionUs)
      if (jitterMs === 0) {
        expect(travelsUs.every((travelUs) => travelUs === latencyMs * 1000)).toBe(true)
      } else {
        const share = (us: number): number => (us - (latencyMs - jitterMs) * 1000) / (2 * jitterMs * 1000 + 1)
        expect(ksDistance(travelsUs, (us) => share(us + 1), share)).toBeLessThan(ksLimit(travelsUs.length))
      }
      expect(link.counters.delivered + link.counters.lost.loss).toBe(MESSAGES)
      if (profile.loss?.model === 'gilbert-elliott') {
        // 13 steps between two messages leave 5 % of a burst's memory, which widens the interval by 6 %.
        expect(Math.abs(link.counters.lost.loss / MESSAGES - loss)).toBeLessThan(1.06 * 3.89 * Math.sqrt(loss * (1 - loss) / MESSAGES))
      } else {
        expect(isBinomial(link.counters.lost.loss, MESSAGES, loss)).toBe(true)
      }
    })
  })

  it.each(Object.entries(EXPECTED))('R7: %s saturated: throughput within 2 %% of the stated rate', (name, figures) => {
    const [down, up] = figures
    const kbps = { down, up }
    DIRECTIONS.forEach((direction, index) => {
      const { kernel, link } = makeLink(packetLinkOptions(linksOf(profileNamed(name, 'test'))[direction]), `rate ${name}`, index)
      const packets = 10_000
      let [first, last] = [0, 0]
      sendAll(kernel, packets, Math.floor(1500 * 8_000 / kbps[direction] / 1.25), () => {
        link.send({ sizeBytes: 1500 }, () => { last = kernel.nowUs; first ||= last })
      })
      kernel.run()
      const bitsPerMs = (link.counters.deliveredBytes - 1500) * 8_000 / (last - first)
      // What is lost has passed the bottleneck; how much that is, the test above checks.
      const lossShare = link.counters.lost.loss / (link.counters.lost.loss + link.counters.delivered)
      expect(Math.abs(bitsPerMs / (kbps[direction] * (1 - lossShare)) - 1)).toBeLessThan(0.02)
      expect(link.counters.lost.queue).toBeGreaterThan(packets / 10)
    })
  })

  it('latency: what is stated becomes one way per direction', () => {
    expect(oneWayUs({ latency: { is: 'round-trip', ms: 25 } })).toEqual({ down: 12_500, up: 12_500 })
    expect(oneWayUs({ latency: { is: 'one-way', ms: { down: 400, up: 440 } } })).toEqual({ down: 400_000, up: 440_000 })
    expect(oneWayUs({ latency: { is: 'request', ms: 562.5, targetRoundTripMs: 150 } })).toEqual({ down: 75_000, up: 75_000 })
    for (const { latency } of PROFILES) if (latency.is === 'request') expect([5, 3.75, 2.75]).toContain(latency.ms / latency.targetRoundTripMs)
  })

  it('an unknown name is bad input with the nearest one', () => {
    expect(() => profileNamed('wpt-3g-fsat', 'shop.json', 'devices[0].profile')).toThrow(BadInput)
    expect(() => profileNamed('wpt-3g-fsat', 'shop.json', 'devices[0].profile')).toThrow(/^shop\.json: devices\[0\]\.profile: expected one of wpt-cable, .*did you mean wpt-3g-fast\?.*got "wpt-3g-fsat"/)
    expect(() => deviceClassNamed('5g', 'shop.json')).toThrow(/one of fiber, lte, 3g, offline/)
  })
})

describe('device classes (A13)', () => {
  it.each([['fiber', 10, 50], ['lte', 50, 200], ['3g', 200, 500]])('%s: round trips from %i to %i ms, ends included, evenly', (name, min, max) => {
    const random = openStream('classes', name)
    const deviceClass = deviceClassNamed(name, 'test')
    const roundTripsMs = Array.from({ length: 20_000 }, () => {
      const links = drawLinks(deviceClass, random)
      return ((links?.down.delay.latencyUs ?? 0) + (links?.up.delay.latencyUs ?? 0)) / 1000
    })
    expect([Math.min(...roundTripsMs), Math.max(...roundTripsMs)]).toEqual([min, max])
    const share = (ms: number): number => (ms - min) / (max - min + 1)
    expect(ksDistance(roundTripsMs, (ms) => share(ms + 1), share)).toBeLessThan(ksLimit(roundTripsMs.length))
  })

  it('offline has no link', () => {
    expect(drawLinks(deviceClassNamed('offline', 'test'), openStream('classes', 'off'))).toBeNull()
    expect(DEVICE_CLASSES).toHaveLength(4)
  })
})
