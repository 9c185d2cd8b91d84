/** Faults that wait for a moment of the protocol (D5), each moment under every strategy: they strike then, hit, and break no claim. */
import { describe, expect, it } from 'vitest'
import { installAmbient } from '../../sim/index.ts'
import { MOMENTS, type Moment } from '../../sim/scenario/plan.ts'
import { strategies } from '../../strategies/index.ts'
import { brokenClaims, marksOf, runsUnder } from './weather-runs.ts'

installAmbient() // before any strategy's library is imported (D3)

const SEEDS = [1, 2, 3, 4]
const COUNT = 3
const AT = { count: COUNT, fromMs: 2000, untilMs: 40_000, durationMs: { min: 300, max: 2500 } }
/** Streams that are opened again. */
const RESETS = { type: 'break', name: 'reset', hits: 'all', count: 12, fromMs: 2000, untilMs: 55_000 }
/** Where each moment is waited for, and whose power fails at it. */
const WHERE: Readonly<Record<Moment, string>> = {
  edit: 'B', 'write-unsynced': 'server', 'request-executed': 'server', 'answer-sent': 'server', 'frame-sent': 'server', handshake: 'C', 'stream-opened': 'A',
}
const OF_REQUESTS: readonly Moment[] = ['request-executed', 'answer-sent']
const MAKES_REQUESTS: readonly string[] = ['lww-server', 'version-reject']
/**
 * A CRDT's server shows and relays an update before it has it on disk, since every replica could bring it again.
 * Power that fails in that millisecond takes it from the server's own screen, and the next sync puts it back.
 */
const SHOWN_BEFORE_DURABLE = { strategy: 'crdt-yjs', moments: ['frame-sent', 'write-unsynced'], properties: ['duplicate-update', 'broken-audit-trail'] }

describe.each(strategies.map((module) => [module.name, module] as const))('faults that wait under %s', (name, module) => {
  it.each(MOMENTS)('D5: for %s: they strike at it, hit, and break no claim', async (event) => {
    const host = WHERE[event]
    const weather = [
      { type: 'partition', name: 'cut', ...AT, devices: ['A'], when: { event, nth: 2 } },
      { type: 'crash', name: 'power', ...AT, devices: [host], when: { event, host, nth: 3 } },
      { type: 'kill', name: 'killed', ...AT, devices: ['B'], when: { event, host } },
    ]
    const runs = runsUnder(module, await module.load((library) => import(library)), 'crash-recovery', [...weather, RESETS], SEEDS)
    const isExcused = (property: string): boolean => name === SHOWN_BEFORE_DURABLE.strategy
      && SHOWN_BEFORE_DURABLE.moments.includes(event) && SHOWN_BEFORE_DURABLE.properties.includes(property)
    expect(brokenClaims(runs, module).filter(({ broken }) => !isExcused(broken.property))).toEqual([])
    const { struck, hits, missed } = marksOf(runs, 'crash')
    const comes = !OF_REQUESTS.includes(event) || MAKES_REQUESTS.includes(name)
    expect(struck + missed).toBe(COUNT * SEEDS.length)
    expect(missed).toBeLessThanOrEqual(comes ? COUNT : Infinity)
    if (comes) expect(hits).toBeGreaterThan(0)
    else expect(missed).toBe(COUNT * SEEDS.length)
  })
})
