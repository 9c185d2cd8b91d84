import { describe, expect, it } from 'vitest'
import type { Fault, Plan } from '../scenario/plan.ts'
import { jitteredLink } from '../scenario/link-plan.ts'
import { tinyPlan } from '../testing/tiny-plan.ts'
import { settleWindowUs } from '../scenario/transport-times.ts'
import { boundsOf, healedAtUs } from './bounds.ts'

const cut = (atUs: number, untilUs: number, device = 'A', type: 'partition' | 'break' = 'partition'): Fault => ({ id: `${type}-${atUs}`, type, atUs, untilUs, devices: [device] })
const horizonUs = (...faults: readonly Fault[]): number => boundsOf(tinyPlan({ faults }), false).horizonUs

describe('bounds', () => {
  it('the world is healed when the last fault has ended and the last intention and delivery were due', () => {
    expect(healedAtUs(tinyPlan())).toBe(2_000_000)
    expect(healedAtUs(tinyPlan({ durationUs: 1, intentions: [] }))).toBe(1)
    expect(healedAtUs(tinyPlan({ durationUs: 1 }))).toBe(900_000)
    expect(healedAtUs(tinyPlan({ faults: [cut(0, 7_000_000), cut(1, 3_000_000)] }))).toBe(7_000_000)
    expect(healedAtUs(tinyPlan({ transport: 'scripted', deliveries: [{ atUs: 9_000_000, from: 'A', to: 'server', through: 'set-a' }] }))).toBe(9_000_000)
  })

  it('R1: the horizon covers TCP\'s timer after a cut as long as it lasted, up to two minutes', () => {
    const grown = (...faults: readonly Fault[]): number => horizonUs(...faults) - horizonUs()
    expect(grown(cut(0, 4_000_000))).toBeGreaterThanOrEqual(4_000_000)
    expect(grown(cut(0, 4_000_000))).toBeLessThan(5_500_000)
    expect(grown(cut(0, 900_000_000))).toBeLessThan(120_500_000)
    expect(grown(cut(0, 4_000_000, 'A', 'break'))).toBe(0)
  })

  it('R1: cuts of one device close behind one another count as one, far apart or of two devices they do not', () => {
    const one = horizonUs(cut(0, 4_000_000))
    expect(horizonUs(cut(0, 4_000_000), cut(6_000_000, 10_000_000)) - one).toBeGreaterThanOrEqual(6_000_000)
    expect(horizonUs(cut(0, 4_000_000), cut(20_000_000, 24_000_000))).toBe(one)
    expect(horizonUs(cut(0, 4_000_000), cut(6_000_000, 10_000_000, 'B'))).toBe(one)
  })

  it('a recorded link: room for its longest gap on every way, and for the slowest stretch of a full queue', () => {
    const gaps = (ms: readonly number[], maxPackets = 3): Plan => {
      const direction = { delay: { latencyUs: 20_000 }, bottleneck: { recording: 'r' }, queue: { maxPackets } }
      return tinyPlan({ recordings: [{ source: 'r', opportunities: ms.join(' ') }], devices: [{ ...tinyPlan().devices[0], link: { up: direction, down: direction } }] })
    }
    const steady = boundsOf(gaps([10, 10, 10, 10]), false)
    const gap = boundsOf(gaps([10, 10, 4010, 10]), false)
    // Five round trips and two queues meet the gap, and the timeouts of three losses are as much longer.
    expect(gap.stalenessUs - steady.stalenessUs).toBeGreaterThanOrEqual((5 * 2 + 2) * 4_000_000)
    expect(gap.horizonUs).toBeGreaterThan(steady.horizonUs)
    // Three packets take 4,030 ms at worst; five take a round of four, 4,040 ms, and the gap once more.
    expect(boundsOf(gaps([10, 10, 4010, 10], 5), false).stalenessUs - gap.stalenessUs).toBe(2 * (4_040_000 + 4_010_000 - 4_030_000))
  })

  it('B07: a black hole silences connections until TCP gives up, and costs a request per idle connection; an answer ends other silences', () => {
    const base = tinyPlan()
    const withFault = (type: 'black-hole' | 'reset' | 'dns-failure' | 'clog' | 'slow-close', changes: Partial<Plan> = {}): ReturnType<typeof boundsOf> =>
      boundsOf(tinyPlan({ ...changes, faults: [{ id: 'f', type, atUs: 0, untilUs: type === 'reset' ? 0 : 1_000_000, devices: ['A'] }] }), true)
    const { stalenessUs, horizonUs: quietUs } = boundsOf(base, true)
    const hole = withFault('black-hole')
    expect(hole.stalenessUs - stalenessUs).toBeGreaterThan(1_044_000_000)
    expect(hole.stalenessUs - stalenessUs).toBeLessThan(1_080_000_000)
    expect(hole.horizonUs - quietUs).toBeGreaterThan(1_044_000_000)
    // Probes take longer where they are rarer.
    expect(withFault('black-hole', { wire: { ...base.wire, tcpKeepAliveUs: 7_200_000_000 } }).horizonUs - quietUs).toBeGreaterThan(72_000_000_000)
    // A reset reaches the device unless its link loses packets: then the next probe is answered.
    expect(withFault('reset').stalenessUs).toBe(stalenessUs)
    expect(withFault('reset').horizonUs - quietUs).toBe(45_000_000)
    const lossy = base.devices.map((device) => ({ ...device, link: { ...device.link, down: { ...device.link.down, loss: { model: 'random' as const, probability: 0.01 } } } }))
    expect(withFault('reset', { devices: lossy }).stalenessUs - boundsOf({ ...base, devices: lossy }, true).stalenessUs).toBe(45_000_000)
    // Two look-ups, and the request that ran out of patience meanwhile.
    expect(withFault('dns-failure').stalenessUs - stalenessUs).toBe(10_000_000 + 1_000_000 + 2_200_000)
    expect(withFault('slow-close').horizonUs).toBe(quietUs)
    expect(withFault('clog').horizonUs - quietUs).toBeLessThan(2_500_000)
  })

  it('B14: the slowest of a device\'s networks counts', () => {
    const to = (latencyUs: number): number => horizonUs({ id: 'f', type: 'switch', atUs: 0, untilUs: 0, devices: ['A'], link: jitteredLink(latencyUs, 0) })
    expect(to(1_000)).toBe(horizonUs())
    expect(to(500_000) - to(100_000)).toBeGreaterThan(5 * 800_000)
  })

  it('H3: quiet lasts twice the longest background period of the transport, and 5 s', () => {
    const windowUs = (transport: Plan['transport'], wire: Partial<Plan['wire']> = {}): number => settleWindowUs({ ...tinyPlan(), transport, wire: { ...tinyPlan().wire, ...wire } })
    expect([windowUs('websocket'), windowUs('sse'), windowUs('long-poll'), windowUs('http')]).toEqual([5_000_000, 30_000_000, 60_000_000, 6_000_000])
    expect([windowUs('http', { pollUs: 1_000_000 }), windowUs('long-poll', { holdUs: 90_000_000 }), windowUs('sse', { keepAliveUs: 20_000_000 })]).toEqual([5_000_000, 180_000_000, 40_000_000])
  })

  it('A08, A10: staleness and horizon follow the transport: poll interval, reconnection time, liveness timeout', () => {
    const bounds = (transport: Plan['transport'], wire: Partial<Plan['wire']> = {}): ReturnType<typeof boundsOf> => boundsOf({ ...tinyPlan(), transport, wire: { ...tinyPlan().wire, ...wire } }, true)
    expect(bounds('websocket', { pollUs: 60_000_000, retryUs: 60_000_000, livenessUs: 90_000_000 })).toEqual(bounds('websocket'))
    expect(bounds('http', { pollUs: 5_000_000 }).stalenessUs - bounds('http').stalenessUs).toBe(2_000_000)
    expect(bounds('sse', { retryUs: 5_000_000 }).stalenessUs - bounds('sse').stalenessUs).toBe(2_000_000)
    expect(bounds('sse').stalenessUs).toBeLessThan(bounds('http').stalenessUs)
    expect(bounds('sse', { livenessUs: 50_000_000 }).horizonUs - bounds('sse').horizonUs).toBe(10_000_000)
    for (const transport of ['sse', 'long-poll', 'http'] as const) expect(bounds(transport).horizonUs).toBeGreaterThan(bounds('websocket').horizonUs)
  })

  it('every patience of the configuration makes room in the bounds', () => {
    const base = tinyPlan()
    const before = boundsOf(base, true)
    const longer = (change: Partial<Plan>): typeof before => boundsOf({ ...base, ...change }, true)
    const { client, server, devices } = base
    expect(longer({ client: { ...client, requestTimeoutUs: 3_000_000 } }).horizonUs - before.horizonUs).toBe(4_000_000)
    expect(longer({ client: { ...client, reconnect: { ...client.reconnect, capUs: 10_000_000 } } }).horizonUs).toBeGreaterThan(before.horizonUs)
    expect(longer({ client: { ...client, flushUs: 2_000_000 } }).stalenessUs - before.stalenessUs).toBe(5 * 2_000_000)
    expect(longer({ client: { ...client, flushUs: 2_000_000 } }).horizonUs - before.horizonUs).toBe(5 * 2_000_000)
    expect(longer({ client: { ...client, maxWaitUs: 5_500_000 } }).stalenessUs - before.stalenessUs).toBe(5_000_000)
    expect(longer({ server: { ...server, fanOutUs: [0, 1_020_000] } }).stalenessUs - before.stalenessUs).toBe(1_000_000)
    const slow = devices.map((device, index) => (index === 1 ? { ...device, link: jitteredLink(900_000, 0) } : device))
    expect(longer({ devices: slow }).stalenessUs).toBeGreaterThan(before.stalenessUs)
    expect(boundsOf(base, false).stalenessUs).toBeLessThan(before.stalenessUs)
  })

  it('B03, B04: what a server refuses is made again after a backoff and the pause it asked for', () => {
    const at = { id: 'f', atUs: 0, untilUs: 1, devices: ['A'] }
    const grown = (...faults: readonly Fault[]): number => horizonUs(...faults) - horizonUs()
    const backoffUs = 2_200_000
    expect(grown({ ...at, type: 'lost-answer' })).toBe(backoffUs)
    expect(grown({ ...at, type: 'rate-limit', perSecond: 1 })).toBeCloseTo(backoffUs + 33_000_000, -2)
    expect(grown({ ...at, type: 'server-error', status: 503, executes: false, retryAfterUs: 60_000_000 })).toBeCloseTo(backoffUs + 66_000_000, -2)
    expect(grown({ ...at, type: 'duplicate-request', withinUs: 5 })).toBe(0)
    expect(boundsOf(tinyPlan({ server: { ...tinyPlan().server, tokenLifeUs: 60_000_000 } }), false).horizonUs - horizonUs()).toBeGreaterThan(60_000_000)
  })

  it('D5: a cut that waits for its moment counts as if it could last to the end', () => {
    const waiting: Fault = { ...cut(1_000_000, 1_000_100), when: { event: 'edit', host: 'A', nth: 1 } }
    expect(horizonUs(waiting)).toBe(horizonUs(cut(1_000_000, 2_000_000)))
    expect(healedAtUs(tinyPlan({ faults: [waiting] }))).toBe(2_000_000)
  })
})
