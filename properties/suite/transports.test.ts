/**
 * A strategy does not notice which transport it runs on (A16): what it claims holds over each of them, under the
 * weather of the named scenarios and over every network profile.
 */
import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { findScenario, installAmbient, makePlan, runPlan, validateScenario, type Hasher, type Run, type StrategyModule } from '../../sim/index.ts'
import { PROFILES } from '../../sim/network/profiles/index.ts'
import { setPaths } from '../../sim/scenario/set-path.ts'
import { strategies } from '../../strategies/index.ts'
import { compareRun } from '../campaign/claims.ts'
import { judgeRun } from '../judge.ts'
import { tellStory } from '../story/tell-story.ts'

installAmbient() // before any strategy's library is imported (D3)

const createHasher = (): Hasher => {
  const hash = createHash('sha256')
  return { update: (bytes) => void hash.update(bytes), digestHex: () => hash.digest('hex') }
}

const TRANSPORTS = ['websocket', 'sse', 'long-poll', 'http'] as const
const SEEDS: Readonly<Record<string, readonly number[]>> = { 'order-desk': [1, 2], 'long-offline': [1, 2], 'crash-recovery': [1, 2] }

/** Runs, and tells what broke a claim. */
async function judged(module: StrategyModule, scenario: string, seeds: readonly number[], settings: readonly string[]): Promise<readonly Run[]> {
  const strategy = await module.load((library) => import(library))
  return seeds.map((seed) => {
    const run = runPlan(makePlan(validateScenario(setPaths(findScenario(scenario), settings), scenario), seed), module, strategy, { createHasher })
    const broken = compareRun(judgeRun(run.history), module.claims, run.plan).filter(({ asClaimed }) => asClaimed === false)
    expect(broken.flatMap((judgement) => [`seed ${seed}`, ...tellStory(run.history, judgement)])).toEqual([])
    expect(run.quiescent).toBe(true)
    return run
  })
}

const total = (runs: readonly Run[], mark: string): number => runs.reduce((sum, { coverage }) => sum + (coverage[mark] ?? 0), 0)

describe.each(strategies.map((module) => [module.name, module] as const))('claims of %s over every transport (A16)', (_name, module) => {
  describe.each(TRANSPORTS)('over %s', (transport) => {
    it.each(Object.entries(SEEDS))('%s breaks no claim', async (scenario, seeds) => {
      const runs = await judged(module, scenario, seeds, [`transport=${transport}`])
      expect(total(runs, 'settledEdits')).toBeGreaterThan(0)
      // Faults reach every transport: dialled anew, or resumed below the stack. Polls that are due while the device is
      // offline fail without a packet, so that nothing else need be lost.
      expect(total(runs, 'reconnections') + total(runs, 'streamsResumed')).toBeGreaterThan(0)
    })
  })
})

describe.each(strategies.map((module) => [module.name, module] as const))('%s after a time away that a stream does not outlive (A09)', (_name, module) => {
  it.each([
    ['sse', ['wire.replayEvents=1']], // more was written into a connection that was dead than the window has
    ['long-poll', ['wire.sessionMs=16000']],
    ['http', ['wire.sessionMs=19000']],
  ])('over %s it starts afresh, and breaks no claim', async (transport, settings) => {
    const runs = await judged(module, 'long-offline', [1, 2, 3], [`transport=${transport}`, ...settings])
    // The server says so, or the device has given up before, since what it had to say did not get through.
    expect(total(runs, 'resetsTaken') + (transport === 'sse' ? 0 : total(runs, 'reconnections'))).toBeGreaterThan(0)
  })
})

/** Two strategies a cell, so that each profile meets every strategy over two transports. */
describe.each(TRANSPORTS.map((transport, row) => [transport, row] as const))('order-desk over %s and every profile (R1, A13)', (transport, row) => {
  it.each(PROFILES.map(({ name }, column) => [name, strategies.filter((_, index) => (index + row + column) % 2 === 0)] as const))('%s', async (profile, modules) => {
    for (const module of modules) {
      const runs = await judged(module, 'order-desk', [1], [`transport=${transport}`, `link.profile=${profile}`, ...[0, 1, 2].map((index) => `devices[${index}].link={}`)])
      expect(total(runs, 'settledEdits')).toBeGreaterThan(0)
    }
  })
})

describe('order-desk over datagrams and every profile (R1, R3, A13)', () => {
  it.each(PROFILES.map(({ name }) => name))('%s', async (profile) => {
    for (const module of strategies.filter(({ delivery }) => delivery === 'datagrams')) {
      const runs = await judged(module, 'order-desk', [1], ['transport=datagram', `link.profile=${profile}`, ...[0, 1, 2].map((index) => `devices[${index}].link={}`)])
      expect(total(runs, 'settledEdits')).toBeGreaterThan(0)
    }
  })

  it('R3: some strategy bears them', () => {
    expect(strategies.filter(({ delivery }) => delivery === 'datagrams').map(({ name }) => name)).toContain('crdt-yjs')
  })
})
