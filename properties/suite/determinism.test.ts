/**
 * The same plan under the same strategy gives the same digest, here and everywhere (D1, D7), and the digests
 * of a few plans are written down. Whoever changes one on purpose says why in the commit:
 * `UPDATE_GOLDEN=1 npx vitest run properties/suite/determinism.test.ts` rewrites the file.
 */
import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { describe, expect, it } from 'vitest'
import { findScenario, installAmbient, makePlan, runPlan, validatePlan, validateScenario } from '../../sim/index.ts'
import type { Hasher, Plan, StrategyModule } from '../../sim/index.ts'
import { strategies } from '../../strategies/index.ts'

installAmbient() // before any strategy's library is imported (D3)

const createHasher = (): Hasher => {
  const hash = createHash('sha256')
  return { update: (bytes) => void hash.update(bytes), digestHex: () => hash.digest('hex') }
}

const planOf = (scenario: string, seed: number | string): Plan => makePlan(validateScenario(findScenario(scenario), scenario), seed)

/** Loads the strategy anew: nothing that one run leaves behind may reach the next. */
async function digestOf(plan: Plan, module: StrategyModule): Promise<string> {
  return runPlan(plan, module, await module.load((library) => import(library)), { createHasher }).digest
}

const GOLDEN_FILE = join(import.meta.dirname, 'golden-digests.json')
const GOLDEN_SCENARIOS = ['order-desk', 'same-caret', 'long-offline'] as const
const GOLDEN_SEED = 42
const GOLDEN_TRANSPORTS = ['sse', 'long-poll', 'http'] as const
const GOLDEN_TRANSPORT_STRATEGY = 'version-reject'
const transportKey = (transport: string): string => `${GOLDEN_TRANSPORT_STRATEGY} order-desk over ${transport} ${GOLDEN_SEED}`

describe.each(strategies.map((module) => [module.name, module] as const))('determinism of %s (D1, D7)', (name, module) => {
  it('D1: one plan, one digest: run again, loaded again, made again from its seed, read from JSON', async () => {
    for (const scenario of GOLDEN_SCENARIOS) {
      const plan = planOf(scenario, 7)
      const strategy = await module.load((library) => import(library))
      const first = runPlan(plan, module, strategy, { createHasher }).digest
      expect(first).toMatch(/^[0-9a-f]{64}$/)
      expect(runPlan(plan, module, strategy, { createHasher }).digest).toBe(first)
      expect(await digestOf(planOf(scenario, '7'), module)).toBe(first)
      expect(await digestOf(validatePlan(JSON.parse(JSON.stringify(plan)), 'a plan from JSON'), module)).toBe(first)
    }
  })

  it('D1: another seed, another digest', async () => {
    const digests = new Set<string>()
    for (let seed = 1; seed <= 6; seed++) digests.add(await digestOf(planOf('same-caret', seed), module))
    expect(digests.size).toBe(6)
  })

  it('D1: runs in between change nothing', async () => {
    const plan = planOf('same-caret', 3)
    const alone = await digestOf(plan, module)
    for (const other of strategies) await digestOf(planOf('same-caret', 4), other)
    expect(await digestOf(plan, module)).toBe(alone)
  })

  it.each(GOLDEN_SCENARIOS)(`D1: the digest of ${name} on %s, seed ${GOLDEN_SEED}, is the one written down`, async (scenario) => {
    const key = `${name} ${scenario} ${GOLDEN_SEED}`
    const digest = await digestOf(planOf(scenario, GOLDEN_SEED), module)
    if (process.env.UPDATE_GOLDEN === '1') writeGolden({ ...readGolden(), [key]: digest })
    expect(readGolden()[key]).toBe(digest)
  })
})

describe.each(GOLDEN_TRANSPORTS)('determinism over %s (D1, D7)', (transport) => {
  it(`D1: the digest of ${GOLDEN_TRANSPORT_STRATEGY} on order-desk, seed ${GOLDEN_SEED}, is the one written down`, async () => {
    const module = strategies.find(({ name }) => name === GOLDEN_TRANSPORT_STRATEGY)
    if (module === undefined) throw new Error(`no strategy is called ${GOLDEN_TRANSPORT_STRATEGY}`)
    const plan = { ...planOf('order-desk', GOLDEN_SEED), transport }
    const digest = await digestOf(plan, module)
    expect(await digestOf(plan, module)).toBe(digest)
    const key = transportKey(transport)
    if (process.env.UPDATE_GOLDEN === '1') writeGolden({ ...readGolden(), [key]: digest })
    expect(readGolden()[key]).toBe(digest)
  })
})

it('D5: the plan is the same for every strategy, and differs between scenarios and seeds', () => {
  const plans = [planOf('order-desk', 1), planOf('order-desk', 2), planOf('same-caret', 1)].map((plan) => JSON.stringify(plan))
  expect(JSON.stringify(planOf('order-desk', 1))).toBe(plans[0])
  expect(new Set(plans).size).toBe(3)
})

it('D1: the digests written down are those of the strategies and scenarios that there are', () => {
  expect(Object.keys(readGolden()).sort()).toEqual([...goldenKeys()].sort())
  expect(new Set(Object.values(readGolden())).size).toBe(goldenKeys().length)
})

function goldenKeys(): readonly string[] {
  return [
    ...strategies.flatMap(({ name }) => GOLDEN_SCENARIOS.map((scenario) => `${name} ${scenario} ${GOLDEN_SEED}`)),
    ...GOLDEN_TRANSPORTS.map(transportKey),
  ]
}

function readGolden(): Readonly<Record<string, string>> {
  return (JSON.parse(readFileSync(GOLDEN_FILE, 'utf8')) as { readonly digests: Readonly<Record<string, string>> }).digests
}

function writeGolden(digests: Readonly<Record<string, string>>): void {
  const known = goldenKeys()
  const sorted = Object.fromEntries(Object.entries(digests).filter(([key]) => known.includes(key)).sort(([left], [right]) => (left < right ? -1 : 1)))
  const about = 'Digests by strategy, scenario and seed. A commit that changes one says why. Rewritten by UPDATE_GOLDEN=1 npx vitest run properties/suite/determinism.test.ts'
  writeFileSync(GOLDEN_FILE, `${JSON.stringify({ about, digests: sorted }, null, 2)}\n`)
}
