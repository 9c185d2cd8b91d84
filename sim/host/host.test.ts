import { describe, expect, it } from 'vitest'
import { ambientState } from '../kernel/ambient-state.ts'
import { makeTestWorld } from '../testing/test-world.ts'
import { tinyPlan } from '../testing/tiny-plan.ts'
import { hostContext } from './host-context.ts'
import type { Host } from './host.ts'

const documents = [{ id: 'doc', fields: [{ name: 'price', type: 'register' as const, initial: null }] }]

/** What a handler sees as the edit that caused it. */
const causeOf = (host: Host): string | null => host.world.cause.current

describe('Host', () => {
  it('dispatch: the cause, clock and randomness are the host\'s while the handler runs, and only then', () => {
    const { hosts: [a, b], world } = makeTestWorld()
    const seen: unknown[] = []
    a.dispatch('edit', () => {
      const outer = ambientState.source
      b.dispatch(null, () => seen.push(causeOf(b), ambientState.source !== null && ambientState.source !== outer))
      seen.push(causeOf(a), ambientState.source === outer)
    })
    expect(seen).toEqual([null, true, 'edit', true])
    expect([world.cause.current, ambientState.source]).toEqual([null, null])
  })

  it('dispatch: a handler that throws leaves no cause and no clock behind', () => {
    const { hosts: [a], world } = makeTestWorld()
    expect(() => a.dispatch('edit', () => { throw new Error('broken') })).toThrow(/broken/)
    expect([world.cause.current, ambientState.source]).toEqual([null, null])
  })

  it('dispatch: an error of the code on the host names the host and the virtual time, once, and keeps its cause', () => {
    const { hosts: [a, b], kernel } = makeTestWorld()
    const problem = new Error('broken')
    kernel.at(1_500_000, () => a.dispatch(null, () => b.dispatch(null, () => { throw problem })))
    let caught: unknown
    try {
      kernel.run()
    } catch (error) {
      caught = error
    }
    expect(caught).toMatchObject({ message: 'server at 1.5 s: broken', cause: problem })
  })

  it('R6: the wall clock is off by the host\'s error and the monotonic clock is not; neither is true time', () => {
    const { hosts: [a], until } = makeTestWorld({ clockOffsetUs: -1_200_000 })
    until(2_000_000)
    expect(a.nowMs()).toBe(Date.UTC(2024, 0, 1) + 2_000 - 1_200)
    expect(a.monotonicMs()).toBe(2_000)
    expect(a.dispatch(null, () => ambientState.source?.nowMs())).toBe(a.nowMs())
  })

  it('R8, D4: random numbers come from a stream per host, and library bytes from another', () => {
    const draws = (seed: string): number[] => makeTestWorld({ seed }).hosts.map((host) => host.random.unit())
    expect(new Set([...draws('1'), ...draws('2')]).size).toBe(4)
    expect(draws('1')).toEqual(draws('1'))
    const { hosts: [a] } = makeTestWorld()
    const library = a.dispatch(null, () => ambientState.source?.random())
    expect(library).not.toBe(draws('1')[0])
    expect(a.random.unit()).toBe(draws('1')[0])
  })

  it('views are recorded once the handler is done, only where they differ, and disturb the quiet', () => {
    const { hosts: [a], world, until } = makeTestWorld({ documents })
    let price: string | null = null
    let looks = 0
    a.shows(() => {
      looks += 1
      return { price }
    })
    until(1_000)
    a.dispatch('edit', () => {
      a.changed('doc')
      price = 'first'
      a.changed('doc')
      price = 'second'
      expect(world.recorder.events).toEqual([])
    })
    expect(world.recorder.events).toMatchObject([{ kind: 'view', atUs: 1_000, host: 'A', change: { op: 'set', value: 'second' } }])
    expect([looks, world.quiescence.lastDisturbanceUs]).toEqual([1, 1_000])
    until(2_000)
    a.dispatch(null, () => a.changed('doc'))
    expect([looks, world.recorder.events.length, world.quiescence.lastDisturbanceUs]).toEqual([2, 1, 1_000])
    a.dispatch(null, () => undefined)
    expect(looks).toBe(2)
  })

  it('H3: a foreground timer keeps the host busy until it fires or is cancelled, a background one never does', () => {
    const { hosts: [a], world: { quiescence }, until } = makeTestWorld()
    const fired: string[] = []
    a.timer(1_000, () => fired.push('foreground'))
    a.timer(2_000, () => fired.push('background'), true)
    const cancel = a.timer(3_000, () => fired.push('cancelled'))
    expect(quiescence.pending()).toEqual(['A: 2 x foreground timer armed'])
    cancel()
    cancel()
    expect(quiescence.pending()).toEqual(['A: 1 x foreground timer armed'])
    until(1_000)
    expect(quiescence.isIdle).toBe(true)
    until(10_000)
    expect(fired).toEqual(['foreground', 'background'])
  })

  it('a timer that cancels itself while it runs is counted once', () => {
    const { hosts: [a], world: { quiescence }, until } = makeTestWorld()
    const cancel = a.timer(0, () => cancel())
    until(0)
    expect(quiescence.isIdle).toBe(true)
  })

  it('what caused a timer or a write to be made causes what it does', () => {
    const { hosts: [a], until } = makeTestWorld()
    const disk = a.openDisk()
    const causes: unknown[] = []
    a.dispatch('edit-1', () => {
      a.timer(5_000, () => {
        causes.push(causeOf(a))
        a.timer(5_000, () => causes.push(causeOf(a)))
      })
      disk.write(new Map(), () => causes.push(causeOf(a)))
    })
    a.dispatch('edit-2', () => { a.timer(5_000, () => causes.push(causeOf(a))) })
    until(20_000)
    expect(causes).toEqual(['edit-1', 'edit-1', 'edit-2', 'edit-1'])
  })

  it('H3: a write keeps the host busy until it has synced, in order of writing', () => {
    const { hosts: [a], world: { quiescence }, until } = makeTestWorld()
    const disk = a.openDisk()
    const synced: string[] = []
    disk.write(new Map([['a', Uint8Array.of(1)]]), () => synced.push('a'))
    disk.write(new Map([['b', Uint8Array.of(2)]]), () => synced.push('b'))
    expect(quiescence.pending()).toEqual(['A: 2 x disk write not synced'])
    until(1_000)
    expect([synced, quiescence.isIdle]).toEqual([['a', 'b'], true])
    expect([disk.boot.size, [...a.openDisk().boot.keys()]]).toEqual([0, ['a', 'b']])
  })
})

describe('hostContext', () => {
  it('D8: replica numbers are unique and follow the hosts\' order, up or down', () => {
    for (const ids of ['ascending', 'descending'] as const) {
      const { hosts } = makeTestWorld({ ids: ['A', 'B', 'server'] })
      const plan = tinyPlan({ strategy: { inFlight: 'one', ids } })
      const numbers = hosts.map((host) => hostContext(host, plan, host.openDisk(), { device: host.id, user: host.id }).replicaNumber)
      expect(new Set(numbers).size).toBe(3)
      expect([...numbers].sort((a, b) => (ids === 'ascending' ? a - b : b - a))).toEqual(numbers)
    }
  })

  it('gives times in milliseconds', () => {
    const { hosts: [a], until } = makeTestWorld()
    const context = hostContext(a, tinyPlan(), a.openDisk(), { device: 'A', user: 'ann' })
    const fired: number[] = []
    a.dispatch(null, () => { context.timer(1.5, () => fired.push(context.monotonic())) })
    until(5_000)
    expect(fired).toEqual([1.5])
    expect(context.now() - Date.UTC(2024, 0, 1)).toBe(5)
    expect(context.identity).toEqual({ device: 'A', user: 'ann', incarnation: 1 })
  })
})
