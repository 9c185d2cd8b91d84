import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { openStream, type RandomStream } from '../../kernel/random-streams.ts'
import { block, flap, type LinkSwitch, type Path, pathsBetween, swizzleClog, type Targets } from './partitions.ts'

const DEVICES = ['A', 'B', 'C', 'D']
const ALL: Targets = { devices: DEVICES, servers: ['s1', 's2'], direction: 'both' }
const WINDOW = { fromUs: 1_000_000, untilUs: 9_000_000 }
const streamOf = (name: string | number): RandomStream => openStream('partitions', String(name))
const nameOf = ({ device, server, direction }: Path): string => `${device} ${server} ${direction}`

/** Per path, the times at which it flips; fails unless on and off alternate and end off. */
function flipsOf(switches: readonly LinkSwitch[], on: string, off: string): Map<string, number[]> {
  const flips = new Map<string, number[]>()
  let lastUs = 0
  for (const { atUs, path, action } of switches) {
    const times = flips.get(nameOf(path)) ?? []
    if (atUs < lastUs || action !== (times.length % 2 === 0 ? on : off)) expect.fail(`${action} of ${nameOf(path)} at ${atUs}, after ${lastUs}`)
    lastUs = atUs
    times.push(atUs)
    flips.set(nameOf(path), times)
  }
  for (const times of flips.values()) expect(times.length % 2).toBe(0)
  return flips
}

describe('partitions', () => {
  it('symmetric: every path of every device, both ways; one-way: one', () => {
    expect(pathsBetween(ALL)).toHaveLength(16)
    const both = flipsOf(block('cut', ALL, WINDOW), 'cut', 'heal')
    expect([...both.values()]).toEqual(Array.from({ length: 16 }, () => [1_000_000, 9_000_000]))
    const up = flipsOf(block('cut', { ...ALL, direction: 'up' }, WINDOW), 'cut', 'heal')
    expect([...up.keys()].every((path) => path.endsWith(' up'))).toBe(true)
    expect(up.size).toBe(8)
  })

  it('one device, one server', () => {
    expect([...flipsOf(block('cut', { ...ALL, devices: ['B'] }, WINDOW), 'cut', 'heal').keys()]).toEqual(['B s1 up', 'B s1 down', 'B s2 up', 'B s2 down'])
    const server = flipsOf(block('cut', { ...ALL, servers: ['s2'] }, WINDOW), 'cut', 'heal')
    expect([...server.keys()].every((path) => path.includes(' s2 '))).toBe(true)
    expect(server.size).toBe(8)
  })

  it('a clog is released and a black hole forwards again', () => {
    const one: Targets = { devices: ['A'], servers: ['s1'], direction: 'down' }
    expect(block('clog', one, WINDOW).map(({ action }) => action)).toEqual(['clog', 'release'])
    expect(block('swallow', one, WINDOW).map(({ action }) => action)).toEqual(['swallow', 'forward'])
  })
})

describe('swizzle-clog', () => {
  it('holds one host after another and releases them in another order, all of a host\'s paths together', () => {
    for (let seed = 0; seed < 200; seed++) {
      const devices = DEVICES.slice(0, 2 + seed % 3)
      const switches = swizzleClog({ ...ALL, devices }, WINDOW, streamOf(seed))
      const flips = flipsOf(switches, 'clog', 'release')
      expect(flips.size).toBe(devices.length * 4)
      const order = (action: string): string[] => [...new Set(switches.filter((one) => one.action === action).map(({ path }) => path.device))]
      expect(order('clog').toSorted()).toEqual(devices)
      expect(order('release')).not.toEqual(order('clog'))
      for (const device of devices) {
        const times = [...flips].filter(([path]) => path.startsWith(`${device} `)).map(([, pair]) => pair)
        for (const time of times) expect(time).toEqual(times[0])
        expect(times[0][0]).toBeGreaterThanOrEqual(1_000_000)
        expect(times[0][0]).toBeLessThanOrEqual(3_000_000)
        expect(times[0][1]).toBeGreaterThanOrEqual(7_000_000)
        expect(times[0][1]).toBeLessThanOrEqual(9_000_000)
      }
    }
  })

  it('takes all orders, staggers, repeats for one stream, and needs two', () => {
    const released = (seed: number): string => [...new Set(swizzleClog({ ...ALL, devices: ['A', 'B', 'C'] }, WINDOW, streamOf(seed))
      .filter(({ action }) => action === 'release').map(({ path }) => path.device))].join('')
    expect(new Set(Array.from({ length: 100 }, (_, seed) => released(seed))).size).toBe(6)
    const once = swizzleClog(ALL, WINDOW, streamOf(1))
    expect(swizzleClog(ALL, WINDOW, streamOf(1))).toEqual(once)
    expect(new Set(once.map(({ atUs }) => atUs)).size).toBeGreaterThan(2)
    expect(() => swizzleClog({ ...ALL, devices: ['A'] }, WINDOW, streamOf(1))).toThrow(/two devices/)
  })
})

describe('flapping', () => {
  const targets: Targets = { devices: ['A', 'B'], servers: ['s1'], direction: 'both' }

  it('stability windows: no path flips again before its time, but at the end of the fault', () => {
    fc.assert(fc.property(fc.nat(), fc.integer({ min: 80_000, max: 2_000_000 }), fc.nat(500_000), fc.nat(500_000), (seed, stableUs, upMeanUs, blockedMeanUs) => {
      const flips = flipsOf(flap('cut', targets, WINDOW, { upMeanUs, blockedMeanUs, stableUs }, streamOf(seed)), 'cut', 'heal')
      for (const times of flips.values()) {
        expect(times[0] - WINDOW.fromUs).toBeGreaterThanOrEqual(stableUs)
        times.slice(1).forEach((atUs, index) => {
          if (atUs !== WINDOW.untilUs) expect(atUs - times[index]).toBeGreaterThanOrEqual(stableUs)
          expect(atUs).toBeLessThanOrEqual(WINDOW.untilUs)
        })
      }
      const [first, ...others] = flips.values()
      for (const other of others) expect(other).toEqual(first)
    }), { numRuns: 100 })
  })

  it('has the stated mean times', () => {
    const window = { fromUs: 0, untilUs: 10_000_000_000 }
    const [times] = flipsOf(flap('cut', { ...targets, devices: ['A'] }, window, { upMeanUs: 300_000, blockedMeanUs: 100_000, stableUs: 50_000 }, streamOf('mean')), 'cut', 'heal').values()
    const cycles = times.length / 2
    expect(Math.abs(window.untilUs / cycles / 500_000 - 1)).toBeLessThan(0.03)
    const blockedUs = times.reduce((sum, atUs, index) => sum + (index % 2 === 0 ? -atUs : atUs), 0)
    expect(Math.abs(blockedUs / cycles / 150_000 - 1)).toBeLessThan(0.03)
  })

  it('refuses impossible times', () => {
    const flapping = { upMeanUs: 1_000, blockedMeanUs: 1_000, stableUs: 0 }
    expect(() => flap('cut', targets, WINDOW, { ...flapping, upMeanUs: 0 }, streamOf(1))).toThrow(/1000 us/)
    expect(() => flap('cut', targets, WINDOW, { ...flapping, stableUs: -1 }, streamOf(1))).toThrow(/stableUs/)
    expect(() => flap('cut', targets, { fromUs: 5, untilUs: 4 }, flapping, streamOf(1))).toThrow(/window/)
    expect(() => block('cut', targets, { fromUs: 0.5, untilUs: 4 })).toThrow(/window/)
  })
})
