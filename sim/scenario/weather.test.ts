import { describe, expect, it } from 'vitest'
import type { Fault } from './plan.ts'
import { validateScenario } from './scenario-schema.ts'
import { expandWeather } from './weather.ts'

const DEVICES = ['A', 'B', 'C']
const DURATION_US = 60_000_000

function faultsOf(entry: object, seed = '1', durationUs = DURATION_US): readonly Fault[] {
  const scenario = validateScenario({
    schema: 'syncstorm.scenario/1', name: 'w', simulatedMs: 60_000, devices: DEVICES.map((id) => ({ id })),
    documents: [{ id: 'd', fields: [{ name: 'x', type: 'register' }] }], weather: [entry],
  }, 'w')
  return expandWeather(scenario, seed, DEVICES, durationUs)
}

describe('weather', () => {
  it('makes the given number of faults, in time order, of the given length, each on one device', () => {
    const faults = faultsOf({ type: 'offline', name: 'drop', count: 40, durationMs: { min: 100, max: 200 }, fromMs: 1000, untilMs: 50_000 })
    expect(faults.map((fault) => fault.id)).toEqual(Array.from({ length: 40 }, (_, index) => `drop.${index + 1}`))
    faults.forEach((fault, index) => {
      expect(fault.type).toBe('offline')
      expect(fault.atUs).toBeGreaterThanOrEqual(index === 0 ? 1_000_000 : faults[index - 1]?.atUs ?? 0)
      expect(fault.atUs).toBeLessThan(50_000_000)
      expect(fault.untilUs - fault.atUs).toBeGreaterThanOrEqual(100_000)
      expect(fault.untilUs - fault.atUs).toBeLessThanOrEqual(200_000)
      expect(fault.devices).toHaveLength(1)
    })
    expect(new Set(faults.flatMap((fault) => fault.devices))).toEqual(new Set(DEVICES))
  })

  it('keeps to the devices it may hit, one or all', () => {
    const entry = { type: 'partition', name: 'p', devices: ['A', 'C'], count: 20, durationMs: { min: 1, max: 1 } }
    expect(new Set(faultsOf(entry).flatMap((fault) => fault.devices))).toEqual(new Set(['A', 'C']))
    for (const fault of faultsOf({ ...entry, hits: 'all' })) expect(fault.devices).toEqual(['A', 'C'])
    for (const fault of faultsOf({ ...entry, devices: undefined, hits: 'all' })) expect(fault.devices).toEqual(DEVICES)
  })

  it('makes a Poisson process of a rate', () => {
    const faults = faultsOf({ type: 'break', name: 'b', perMinute: 400 })
    expect(Math.abs(faults.length - 400)).toBeLessThan(80)
    for (const fault of faults) expect(fault.untilUs).toBe(fault.atUs)
    expect(faultsOf({ type: 'break', name: 'b', perMinute: 0 })).toEqual([])
  })

  it('ends every fault with the simulated time, and makes none after it', () => {
    const faults = faultsOf({ type: 'partition', name: 'p', count: 30, durationMs: { min: 50_000, max: 60_000 } })
    for (const fault of faults) expect(fault.untilUs).toBeLessThanOrEqual(DURATION_US)
    expect(faultsOf({ type: 'break', name: 'b', count: 3, fromMs: 30_000 }, '1', 20_000_000)).toEqual([])
  })

  it('D4: entries of different names draw independently', () => {
    const entry = { type: 'break', count: 5 }
    const times = (name: string): readonly number[] => faultsOf({ ...entry, name }).map((fault) => fault.atUs)
    expect(times('one').filter((atUs) => times('two').includes(atUs))).toEqual([])
  })

  it('differs from seed to seed', () => {
    const entry = { type: 'break', name: 'b', count: 3 }
    expect(faultsOf(entry, '1')).toEqual(faultsOf(entry, '1'))
    expect(faultsOf(entry, '1')).not.toEqual(faultsOf(entry, '2'))
  })

  it('R5, R6: faults on hosts may hit the server where it can have them; clocks are set and drift within their ranges', () => {
    const length = { durationMs: { min: 100, max: 200 } }
    for (const type of ['crash', 'kill', 'restart', 'torn-write', 'quota', 'disk-error']) {
      for (const fault of faultsOf({ type, name: 'w', count: 5, devices: ['server'], ...length })) expect(fault).toMatchObject({ type, devices: ['server'] })
    }
    for (const type of ['suspend', 'hide', 'stall', 'dns-failure', 'offline', 'bit-rot']) {
      expect(() => faultsOf({ type, name: 'w', count: 5, devices: ['server'], ...length })).toThrow(/weather\[0\].devices\[0\]: expected one of A, B, C/)
    }
    const steps = faultsOf({ type: 'step', name: 's', count: 50, byMs: { min: -2000, max: 3000 } }).flatMap((fault) => 'byUs' in fault ? [fault] : [])
    expect(steps.every(({ atUs, untilUs, byUs }) => untilUs === atUs && byUs >= -2_000_000 && byUs <= 3_000_000)).toBe(true)
    expect([steps.length, steps.some(({ byUs }) => byUs < 0), steps.some(({ byUs }) => byUs > 0)]).toEqual([50, true, true])
    expect(faultsOf({ type: 'skew', name: 's', count: 1, byMs: { min: 7, max: 7 }, ...length })).toMatchObject([{ type: 'skew', byUs: 7000 }])
    expect(faultsOf({ type: 'drift', name: 'd', count: 1, ppm: { min: -40, max: -40 }, ...length })).toMatchObject([{ type: 'drift', ppm: -40 }])
    expect(() => faultsOf({ type: 'step', name: 's', count: 1, byMs: { min: 1, max: -1 } })).toThrow(/byMs/)
  })

  const LENGTH = { durationMs: { min: 4000, max: 8000 } }

  it('K01, B07: faults of paths and middleboxes may be of the server, and have a direction where they can', () => {
    for (const type of ['partition', 'clog']) {
      expect(faultsOf({ type, name: 'w', count: 1, devices: ['server'], direction: 'up', ...LENGTH })).toMatchObject([{ type, devices: ['server'], direction: 'up' }])
      expect(faultsOf({ type, name: 'w', count: 1, ...LENGTH })[0]).not.toHaveProperty('direction')
    }
    for (const type of ['black-hole', 'slow-close']) expect(faultsOf({ type, name: 'w', count: 1, devices: ['server'], ...LENGTH })).toMatchObject([{ type, devices: ['server'] }])
    expect(faultsOf({ type: 'reset', name: 'w', count: 1, devices: ['server'] })).toMatchObject([{ type: 'reset', devices: ['server'] }])
    for (const type of ['swizzle', 'flap', 'offline', 'dns-failure']) {
      const entry = { type, name: 'w', count: 1, devices: ['A', 'server'], ...LENGTH, ...(type === 'flap' ? { by: 'offline', upMs: 9, blockedMs: 9 } : {}) }
      expect(() => faultsOf(entry)).toThrow(/weather\[0\].devices\[1\]: expected one of A, B, C/)
    }
  })

  it('C01: a swizzle is a clog of each device, apart', () => {
    const faults = faultsOf({ type: 'swizzle', name: 's', count: 2, direction: 'down', ...LENGTH })
    expect(faults.map(({ id }) => id).sort()).toEqual(['s.1.A', 's.1.B', 's.1.C', 's.2.A', 's.2.B', 's.2.C'])
    for (const { id, type, devices, ...fault } of faults) expect([type, devices, fault]).toEqual(['clog', [id.at(-1)], { atUs: fault.atUs, untilUs: fault.untilUs, direction: 'down' }])
    const first = faults.filter(({ id }) => id.startsWith('s.1'))
    const byEnd = first.toSorted((a, b) => a.untilUs - b.untilUs)
    expect(byEnd).not.toEqual(first)
    expect(Math.max(...first.map(({ atUs }) => atUs))).toBeLessThan(byEnd[0].untilUs)
    expect(() => faultsOf({ type: 'swizzle', name: 's', count: 1, devices: ['A'], ...LENGTH })).toThrow(/weather\[0\].devices: expected at least 2 devices/)
  })

  it('B13: a flap is a row of faults, apart in time, of the kind that is asked for', () => {
    for (const by of [undefined, 'clog', 'offline'] as const) {
      const faults = faultsOf({ type: 'flap', name: 'f', by, count: 1, hits: 'all', upMs: 100, blockedMs: 50, stableMs: 20, ...LENGTH })
      expect(faults.length).toBeGreaterThan(10)
      expect(faults.map(({ id }) => id)).toEqual(faults.map((_, index) => `f.1.${index + 1}`))
      for (const [index, { type, devices, atUs, untilUs }] of faults.entries()) {
        expect([type, devices]).toEqual([by ?? 'partition', DEVICES])
        if (index < faults.length - 1) expect(untilUs - atUs).toBeGreaterThanOrEqual(20_000)
        if (index > 0) expect(atUs - faults[index - 1].untilUs).toBeGreaterThanOrEqual(20_000)
      }
    }
    expect(() => faultsOf({ type: 'flap', name: 'f', count: 1, upMs: 0, blockedMs: 5, ...LENGTH })).toThrow(/weather\[0\].stableMs: expected at least 1 ms/)
    expect(() => faultsOf({ type: 'flap', name: 'f', count: 40, upMs: 0.5, blockedMs: 0.5, stableMs: 0.5, ...LENGTH })).toThrow(/expected at most 100000 faults, got more from f/)
  })

  it('B14: a switch goes to the link it names, for good, or back to the device\'s own after a while', () => {
    const [latencyUs, jitterUs] = [75_000, 5_000]
    const link = { latencyMs: 70, jitterMs: 10 }
    expect(faultsOf({ type: 'switch', name: 's', count: 1, devices: ['B'], link })).toMatchObject([{ id: 's.1', type: 'switch', devices: ['B'], link: { up: { delay: { latencyUs, jitterUs } } } }])
    const [away, ...back] = faultsOf({ type: 'switch', name: 's', count: 1, hits: 'all', link: { profile: 'wpt-4g' }, ...LENGTH })
    expect(away).toMatchObject({ devices: DEVICES, link: { up: { bottleneck: { rateKbps: 9000 } } } })
    expect(back.map(({ id }) => id)).toEqual(['s.1.back.A', 's.1.back.B', 's.1.back.C'])
    for (const fault of back) {
      expect(fault).toMatchObject({ type: 'switch', link: { down: { delay: { latencyUs: 50_000, jitterUs: 10_000 } } } })
      expect([fault.untilUs - fault.atUs, fault.atUs - away.untilUs >= 4_000_000, away.untilUs]).toEqual([0, true, away.atUs])
    }
    expect(() => faultsOf({ type: 'switch', name: 's', count: 1, link: { profile: 'wpt-5g' } })).toThrow(/weather\[0\].link.profile: expected one of .*did you mean/)
  })

  it('B03, C07, F08: faults on requests take their numbers from the scenario, failovers hit the servers', () => {
    const length = { durationMs: { min: 100, max: 200 }, count: 3 }
    expect(faultsOf({ type: 'server-error', name: 'w', ...length, status: 502, executes: true, retryAfterMs: 3000, share: 0.5 }))
      .toMatchObject(Array.from({ length: 3 }, () => ({ type: 'server-error', status: 502, executes: true, retryAfterUs: 3_000_000, share: 0.5 })))
    expect(Object.keys(faultsOf({ type: 'lost-answer', name: 'w', ...length })[0]).sort()).toEqual(['atUs', 'devices', 'id', 'type', 'untilUs'])
    for (const fault of faultsOf({ type: 'lag', name: 'w', ...length, lagMs: { min: 5, max: 6 } })) expect('lagUs' in fault && fault.lagUs >= 5_000 && fault.lagUs <= 6_000).toBe(true)
    expect(faultsOf({ type: 'overload', name: 'w', ...length })[0]).toMatchObject({ slowdown: 10, workers: 2, queue: 10 })
    for (const fault of faultsOf({ type: 'failover', name: 'w', ...length })) {
      expect(fault.devices).toEqual(['server'])
      expect('byUs' in fault && Math.abs(fault.byUs) <= 50_000).toBe(true)
    }
    expect(faultsOf({ type: 'token-expired', name: 'w', count: 1 })).toMatchObject([{ type: 'token-expired' }])
    expect(() => faultsOf({ type: 'failover', name: 'w', ...length, devices: ['A'] })).toThrow(/weather\[0\].devices\[0\]: expected one of server/)
    expect(() => faultsOf({ type: 'rate-limit', name: 'w', ...length, devices: ['server'], perSecond: 1 })).toThrow(/expected one of A, B, C/)
    expect(() => faultsOf({ type: 'rate-limit', name: 'w', ...length, perSecond: 1, retryAfterMs: 1500 })).toThrow(/retryAfterMs/)
    expect(() => faultsOf({ type: 'server-error', name: 'w', ...length, status: 404 })).toThrow(/status/)
    expect(() => faultsOf({ type: 'lag', name: 'w', ...length, lagMs: { min: 6, max: 5 } })).toThrow(/lagMs.max/)
  })

  it('D5: an occurrence waits for its moment on the host that is hit, or where such a moment can come', () => {
    const waiting = (entry: object): unknown => faultsOf({ name: 'w', count: 1, ...entry }).map(({ when }) => when)
    const length = { durationMs: { min: 100, max: 200 } }
    expect(waiting({ type: 'crash', devices: ['B'], ...length, when: { event: 'write-unsynced', nth: 4 } })).toEqual([{ event: 'write-unsynced', host: 'B', nth: 4 }])
    expect(waiting({ type: 'break', devices: ['B'], when: { event: 'request-executed' } })).toEqual([{ event: 'request-executed', host: 'server', nth: 1 }])
    expect(waiting({ type: 'crash', devices: ['server'], ...length, when: { event: 'handshake' } })).toEqual([{ event: 'handshake', host: 'A', nth: 1 }])
    expect(waiting({ type: 'break', devices: ['B'], when: { event: 'edit', host: 'C' } })).toEqual([{ event: 'edit', host: 'C', nth: 1 }])
    expect(() => waiting({ type: 'break', when: { event: 'answer-sent', host: 'A' } })).toThrow(/weather\[0\].when.host: expected one of server/)
    expect(() => waiting({ type: 'break', when: { event: 'lunch' } })).toThrow(/weather\[0\].when.event: expected one of edit, write-unsynced/)
    for (const type of ['swizzle', 'flap', 'switch']) {
      const entry = { type, ...length, when: { event: 'edit' }, ...(type === 'flap' ? { upMs: 9, blockedMs: 9 } : type === 'switch' ? { link: { latencyMs: 1 } } : {}) }
      expect(() => waiting(entry)).toThrow(/weather\[0\].when: expected none \(a (swizzle|flap|switch and the way back) is several faults, each at a time of its own\), got edit/)
    }
    expect(waiting({ type: 'switch', link: { latencyMs: 1 }, devices: ['B'], when: { event: 'edit' } })).toEqual([{ event: 'edit', host: 'B', nth: 1 }])
    const without = faultsOf({ type: 'break', name: 'w', count: 5 })
    expect(faultsOf({ type: 'break', name: 'w', count: 5, when: { event: 'edit' } }).map((fault) => ({ ...fault, when: undefined }))).toEqual(without)
  })
})
