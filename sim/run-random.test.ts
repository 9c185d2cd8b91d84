import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { StrategyModule } from './contract.ts'
import type { Run } from './history/run-record.ts'
import { Sha256 } from './kernel/sha256.ts'
import { runPlan } from './run.ts'
import type { Plan } from './scenario/plan.ts'
import { validatePlan } from './scenario/plan-schema.ts'
import { echoModule, echoStrategy } from './testing/echo-strategy.ts'
import { postModule } from './testing/post-strategy.ts'
import { jitteredLink } from './scenario/link-plan.ts'
import { DEFAULT_WIRE } from './scenario/wire-config.ts'
import { randomPlan } from './testing/random-plan.ts'

/** What must be true of the end of any run, whatever the weather was. */
async function expectSound(plan: Plan, module: StrategyModule): Promise<Run> {
  validatePlan(JSON.parse(JSON.stringify(plan)), 'generated')
  const strategy = await module.load(() => Promise.reject(new Error('needs no library')))
  const run = runPlan(plan, module, strategy, { createHasher: () => new Sha256(), maxEvents: 200_000 })
  const { events } = run.history
  expect(events.at(-1)).toMatchObject({ kind: 'quiet', result: 'quiet', pending: [] })
  const ends = new Map<number, number>()
  for (const event of events) if (event.kind === 'frame' && event.state !== 'sent') ends.set(event.frame, (ends.get(event.frame) ?? 0) + 1)
  for (const event of events) {
    if (event.kind !== 'frame' || event.state !== 'sent') continue
    const count = ends.get(event.frame) ?? 0
    // Only control frames may be on their way when a world is quiet.
    if (event.traffic === 'control') expect(count).toBeLessThanOrEqual(1)
    else expect(count, `ends of frame ${event.frame}`).toBe(1)
  }
  const edits = events.filter(({ kind }) => kind === 'edit').length
  expect(edits).toBe(plan.intentions.length)
  expect(events.filter(({ kind }) => kind === 'settled').length).toBe(edits)
  expect(events.filter(({ kind }) => kind === 'fault').length).toBe(2 * plan.faults.length)
  return run
}

describe('H3: any small plan with overlapping partitions, breaks and times offline ends quiet, every frame delivered or lost once', () => {
  const total = { framesLost: 0, reconnections: 0, faultsThatHit: 0 }
  const count = ({ coverage }: Run): void => {
    total.framesLost += coverage.framesLost
    total.reconnections += coverage.reconnections
    total.faultsThatHit += coverage.faultsThatHit
  }
  const property = (module: StrategyModule) => fc.asyncProperty(randomPlan, async (plan) => { count(await expectSound(plan, module)) })

  it('for a strategy that does everything itself over one stream', async () => {
    await fc.assert(property(echoModule()), { numRuns: 250 })
  })

  it('B08-B10: for one that leaves its sessions to the resume part', async () => {
    await fc.assert(property(echoModule(echoStrategy, [])), { numRuns: 250 })
  })

  it('R2, I01: for one that works by requests, outbox and refetches', async () => {
    await fc.assert(property(postModule), { numRuns: 250 })
  })

  it('H1: these runs lost frames, reconnected, and had faults that hit something', () => {
    expect(total.framesLost).toBeGreaterThan(500)
    expect(total.reconnections).toBeGreaterThan(500)
    expect(total.faultsThatHit).toBeGreaterThan(500)
  })
})

describe.each(['sse', 'long-poll', 'http'] as const)('H3, A16: the same over %s, where breaks are bridged or end in a reset', (transport) => {
  const total = { framesLost: 0, streamsResumed: 0, faultsThatHit: 0 }
  /** A window of a few events, and servers and devices that lose patience soon, so that streams are reset too. */
  const over = fc.record({ plan: randomPlan, replayEvents: fc.constantFrom(1, 3, 1000), isPatient: fc.nat(3).map((draw) => draw === 0), retryUs: fc.constantFrom(300_000, 3_000_000) })
    .map(({ plan, replayEvents, isPatient, retryUs }): Plan => {
      const exchangeTimeoutUs = plan.client.requestTimeoutUs + 100_000
      const sessionUs = isPatient ? 60_000_000 : exchangeTimeoutUs + (transport === 'http' ? 500_000 : 1_000)
      const times = { keepAliveUs: 500_000, livenessUs: 1_200_000, holdUs: 800_000, pollUs: 400_000, exchangeTimeoutUs, sessionUs, retryUs }
      return { ...plan, transport, wire: { ...DEFAULT_WIRE, ...times, replayEvents } }
    })
  const property = (module: StrategyModule) => fc.asyncProperty(over, async (plan) => {
    const { coverage } = await expectSound(plan, module)
    for (const name of ['framesLost', 'streamsResumed', 'faultsThatHit'] as const) total[name] += coverage[name] ?? 0
  })

  it('B08-B10: for a strategy that leaves its sessions to the resume part', async () => {
    await fc.assert(property(echoModule(echoStrategy, [])), { numRuns: 100 })
  })

  it('R2, I01: for one that works by requests, outbox and refetches', async () => {
    await fc.assert(property(postModule), { numRuns: 100 })
  })

  it('H1, A08: these runs lost frames, resumed streams, and had faults that hit something', () => {
    expect(total.framesLost).toBeGreaterThan(100)
    expect(total.streamsResumed).toBeGreaterThan(40)
    expect(total.faultsThatHit).toBeGreaterThan(100)
  })
})

describe('bounds: the horizon is long enough', () => {
  it('R1, P-LIVE: a chain of short partitions backs TCP\'s timer off further than any one of them lasts', async () => {
    const faults = Array.from({ length: 60 }, (_, index) => ({
      id: `f${index}`, type: 'partition' as const, atUs: 100_000 + index * 3_000_000, untilUs: 100_000 + index * 3_000_000 + 2_999_000, devices: ['A'],
    }))
    const [plan] = fc.sample(randomPlan, { numRuns: 1, seed: 1 })
    await expectSound({
      ...plan, durationUs: 181_000_000, faults, devices: [{ id: 'A', user: 'A', link: jitteredLink(1_000, 0), clockOffsetUs: 0 }],
      client: { ...plan.client, requestTimeoutUs: 1_000_000, reconnect: { ...plan.client.reconnect, capUs: 200_000 } },
      intentions: [{ id: 'e0', atUs: 200_000, device: 'A', document: 'doc', field: 'price', action: { op: 'set', value: 'v' } }],
    }, echoModule())
  })
})
