/** Random plans whose requests go over either version of HTTP, with servers that close what is idle, and pages that are blocked. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { StrategyModule } from './contract.ts'
import type { Plan } from './scenario/plan.ts'
import { DEFAULT_WIRE } from './scenario/wire-config.ts'
import { echoModule } from './testing/echo-strategy.ts'
import { postModule } from './testing/post-strategy.ts'
import { randomPlan } from './testing/random-plan.ts'
import { expectSound } from './testing/sound-run.ts'

const httpVersion = fc.constantFrom('1.1' as const, '2' as const)

describe('H3, A06: any small plan over HTTP/1.1 or HTTP/2, idle connections that are closed, and pages that are blocked, ends quiet', () => {
  const total = { framesLost: 0, faultsThatHit: 0 }
  const stalls = fc.array(fc.record({ atMs: fc.nat(4_000), lengthMs: fc.nat(1_500), device: fc.constantFrom('A', 'B', 'C') }), { maxLength: 4 })
  const over = fc.record({ plan: randomPlan, stalls, backpressure: fc.boolean(), httpVersion, httpKeepAliveUs: fc.constantFrom(600_000, 75_000_000) }).map(({ plan, stalls: drawn, backpressure, ...wire }): Plan => ({
    ...plan, wire: { ...DEFAULT_WIRE, ...wire, backpressure },
    faults: [...plan.faults, ...drawn.filter(({ device }) => plan.devices.some(({ id }) => id === device)).map(({ atMs, lengthMs, device }, index) => ({
      id: `s${index}`, type: 'stall' as const, atUs: atMs * 1_000, untilUs: Math.min(4_000, atMs + lengthMs) * 1_000, devices: [device],
    }))].sort((a, b) => a.atUs - b.atUs),
  }))
  const property = (module: StrategyModule) => fc.asyncProperty(over, async (plan) => {
    const { coverage } = await expectSound(plan, module)
    for (const name of ['framesLost', 'faultsThatHit'] as const) total[name] += coverage[name] ?? 0
  })

  it('for a strategy that does everything itself over one stream', async () => {
    await fc.assert(property(echoModule()), { numRuns: 150 })
  })

  it('R2, I01: for one that works by requests, outbox and refetches', async () => {
    await fc.assert(property(postModule), { numRuns: 250 })
    expect(total.framesLost).toBeGreaterThan(100)
    expect(total.faultsThatHit).toBeGreaterThan(100)
  })
})
