/**
 * Recorded links under people who type (issue of step 2): everybody converges, nothing is lost, and the silence of
 * the link is there to see in the stale views, when it happened and nowhere else.
 *
 * A small recording with a gap runs always. Two minutes of a published session over a published LTE link run where
 * SYNCSTORM_RECORDED names the folder that has both.
 */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { findScenario, installAmbient, makePlan, parseDeliveryTrace, parseRecordedSession, runPlan, setPaths, validatePlan, validateScenario } from '../../sim/index.ts'
import type { DeliveryTrace, Hasher, Run } from '../../sim/index.ts'
import type { PlanInputs } from '../../sim/scenario/generate.ts'
import { findStrategy } from '../../strategies/index.ts'
import { analyse } from '../analysis/analysis.ts'
import { judgeRun, ledgerFigures } from '../index.ts'
import { staleSpells, type StaleSpell } from '../metrics/stale-views.ts'
import { syncTimesOf } from '../metrics/sync-times.ts'

installAmbient() // before any strategy's library is imported (D3)

const createHasher = (): Hasher => {
  const hash = createHash('sha256')
  return { update: (bytes) => void hash.update(bytes), digestHex: () => hash.digest('hex') }
}

const RECORDED = ['workload.recorded=session', 'transport=websocket', 'link.recorded.up=up', 'link.recorded.down=down', 'link.latencyMs=20', 'link.jitterMs=0']

async function play(strategyName: string, settings: readonly string[], inputs: PlanInputs): Promise<Run> {
  const module = findStrategy(strategyName)
  if (module === undefined) throw new Error(`no strategy ${strategyName}`)
  const scenario = validateScenario(setPaths(findScenario('recorded'), [...RECORDED, ...settings]), 'recorded')
  // Through JSON, as a counterexample's plan goes: nothing outside it is needed (F2).
  const plan = validatePlan(JSON.parse(JSON.stringify(makePlan(scenario, 1, inputs))), 'plan')
  return runPlan(plan, module, await module.load((library) => import(library)), { createHasher })
}

/** What was missing somewhere, and how long. */
function spellsOf({ history }: Run): readonly StaleSpell[] {
  const analysis = analyse(history)
  return staleSpells(syncTimesOf(analysis, new Map()).edits, analysis.end?.atUs ?? 0)
}

function expectWhole({ history }: Run): void {
  const verdicts = Object.fromEntries(judgeRun(history).map(({ property, verdict }) => [property, verdict]))
  expect(verdicts).toMatchObject({ convergence: 'holds', 'no-lost-write': 'holds', 'outcome-conservation': 'holds', 'bounded-staleness': 'holds' })
  expect(ledgerFigures(history).lost).toBe(0)
}

/** Two people who type one character after the other for ten seconds, five a second. */
const TYPING = parseRecordedSession({
  kind: 'concurrent', numAgents: 2, endContent: '',
  txns: Array.from({ length: 100 }, (_, index) => ({ agent: index % 2, parents: index < 2 ? [] : [index - 2], patches: [[index >> 1, 0, 'x']] })),
}, 'typing')

/** 4 s of opportunities every 5 ms, then none for as long, over and over; the way down has no gap. */
const GAP_MS = 4000
const steady = (ms: number, fromMs = 0): number[] => Array.from({ length: ms / 5 }, (_, index) => fromMs + 5 * (index + 1))
const SMALL = new Map([
  ['up', parseDeliveryTrace([...steady(4000), ...steady(4000, 4000 + GAP_MS)].join('\n'), 'up')],
  ['down', parseDeliveryTrace(steady(1000).join('\n'), 'down')],
])

const folder = process.env['SYNCSTORM_RECORDED']
const skipped = folder === undefined ? ' (skipped: SYNCSTORM_RECORDED names no folder with it)' : ''
const unpacked = (name: string): string => gunzipSync(readFileSync(join(folder ?? '', name))).toString('utf8')
const published = (name: string): DeliveryTrace => parseDeliveryTrace(unpacked(name), name)

describe.each(['crdt-yjs', 'ot-text'])('recorded links under %s', (strategy) => {
  it('M11, R1: while the way up is silent everything typed is missing elsewhere, and then it comes at once', async () => {
    const run = await play(strategy, [], { recorded: TYPING, traces: SMALL })
    expectWhole(run)
    const spells = spellsOf(run)
    const long = spells.filter(({ longestUs }) => longestUs > 1_000_000)
    expect(long).toHaveLength(1)
    // One is typed every 200 ms; there and on, each way takes 20 ms.
    expect(long[0].longestUs).toBeGreaterThan(GAP_MS * 1000 - 200_000)
    expect(long[0].longestUs).toBeLessThan(GAP_MS * 1000 + 200_000)
    expect(long[0].fromUs).toBeGreaterThan(3_800_000)
    expect(long[0].untilUs).toBeGreaterThan((4000 + GAP_MS) * 1000)
    expect(long[0].untilUs).toBeLessThan((4000 + GAP_MS) * 1000 + 500_000)
  })

  it('F2: where in the recording a run begins moves the silence', async () => {
    const run = await play(strategy, ['link.recorded.fromMs=2000', 'simulatedMs=8000'], { recorded: TYPING, traces: SMALL })
    expect(run.metrics).toMatchObject({ edits: 80 })
    const [long] = spellsOf(run).filter(({ longestUs }) => longestUs > 1_000_000)
    expect(long.untilUs).toBeGreaterThan((2000 + GAP_MS) * 1000)
    expect(long.untilUs).toBeLessThan((2000 + GAP_MS) * 1000 + 500_000)
  })

  it.skipIf(folder === undefined)(`120 s of clownschool over the LTE link: its 4 s of silence, and no other as long${skipped}`, async () => {
    const traces = new Map([['up', published('ATT-LTE-driving-2016.up.gz')], ['down', published('ATT-LTE-driving-2016.down.gz')]])
    const recorded = parseRecordedSession(JSON.parse(unpacked('clownschool.json.gz')), 'clownschool.json.gz')
    // The uplink is silent from 20.836 to 24.897 s of the recording. In those seconds of the session nobody types, so
    // the run begins where the silence comes at 100 s.
    const settings = ['simulatedMs=120000', 'link.recorded.fromMs=40838']
    const run = await play(strategy, settings, { recorded, traces })
    expectWhole(run)
    expect(run.metrics).toMatchObject({ edits: 536, skipped: 0 })
    const gap = { fromUs: 100_000_000, untilUs: 104_061_000 }
    const spells = spellsOf(run)
    const [longest, second] = [...spells].sort((a, b) => b.longestUs - a.longestUs)
    console.info(`${strategy}: longest ${longest.longestUs / 1000} ms from ${longest.fromUs / 1000} ms on, next ${second.longestUs / 1000} ms at ${second.fromUs / 1000} ms`)
    expect(longest.longestUs).toBeGreaterThan(3_900_000)
    expect(longest.longestUs).toBeLessThan(4_400_000)
    expect(longest.untilUs).toBeGreaterThan(gap.untilUs)
    expect(longest.untilUs).toBeLessThan(gap.untilUs + 500_000)
    // The recording's second longest gap is 2.2 s.
    expect(second.longestUs).toBeLessThan(2_700_000)
  })
})
