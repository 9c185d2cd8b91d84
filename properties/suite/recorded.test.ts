/**
 * Recorded sessions under the merging text strategies: replayed causally everybody ends with the recorded
 * text, typed live everybody converges and nothing is lost.
 *
 * A small session by hand runs always. The published ones (concurrent editing traces) run where
 * SYNCSTORM_RECORDED names the folder that has them: one of them with every test run, all of them and the
 * live ones nightly.
 */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { findScenario, installAmbient, makePlan, parseRecordedSession, runPlan, setPaths, validateScenario } from '../../sim/index.ts'
import type { Hasher, RecordedSession, Run } from '../../sim/index.ts'
import { findStrategy } from '../../strategies/index.ts'
import { judgeRun, ledgerFigures } from '../index.ts'

installAmbient() // before any strategy's library is imported (D3)

const createHasher = (): Hasher => {
  const hash = createHash('sha256')
  return { update: (bytes) => void hash.update(bytes), digestHex: () => hash.digest('hex') }
}

async function play(recorded: RecordedSession, strategyName: string, settings: readonly string[]): Promise<Run> {
  const module = findStrategy(strategyName)
  if (module === undefined) throw new Error(`no strategy ${strategyName}`)
  const scenario = validateScenario(setPaths(findScenario('recorded'), ['workload.recorded=session', ...settings]), 'recorded')
  return runPlan(makePlan(scenario, 1, { recorded }), module, await module.load((library) => import(library)), { createHasher })
}

const verdictsOf = ({ history }: Run): Record<string, string> =>
  Object.fromEntries(judgeRun(history).map(({ property, verdict }) => [property, verdict]))

/** Two people write "ab", then type before and behind it at the same time; the first takes the end of it out again. */
const SMALL = parseRecordedSession({
  kind: 'concurrent', numAgents: 2, endContent: '<a>!',
  txns: [
    { agent: 0, parents: [], patches: [[0, 0, 'a']] },
    { agent: 0, parents: [0], patches: [[1, 0, 'b']] },
    { agent: 0, parents: [1], patches: [[0, 0, '<']] },
    { agent: 1, parents: [1], patches: [[2, 0, '>']] },
    { agent: 1, parents: [3], patches: [[3, 0, '!']] },
    { agent: 0, parents: [2], patches: [[2, 1, '']] },
  ],
}, 'small session')

const MERGING = ['crdt-yjs', 'ot-text']
const folder = process.env['SYNCSTORM_RECORDED']
const isNightly = process.env['SYNCSTORM_NIGHTLY'] !== undefined
/** friendsforever has one tie, which agent 0 wins: ids ascending. */
const PUBLISHED = [
  { name: 'clownschool', ids: 'ascending' }, { name: 'clownschool', ids: 'descending' }, { name: 'friendsforever', ids: 'ascending' },
] as const

function published(name: string): RecordedSession {
  if (folder === undefined) throw new Error('SYNCSTORM_RECORDED is not set')
  const file = join(folder, `${name}.json.gz`)
  return parseRecordedSession(JSON.parse(gunzipSync(readFileSync(file)).toString('utf8')), file)
}

describe.each(MERGING)('recorded sessions under %s', (strategy) => {
  it.each(['ascending', 'descending'])('E07: a small session replayed causally ends in its own text, ids %s', async (ids) => {
    const run = await play(SMALL, strategy, ['transport=scripted', `workload.ids=${ids}`])
    expect(run.metrics).toMatchObject({ equalsEndContent: 1, skipped: 0, edits: SMALL.transactions.length })
    expect(run.quiescent).toBe(true)
  })

  it('P-CONV: an end content that is not what the session says is seen', async () => {
    const run = await play({ ...SMALL, endContent: '<ab>!' }, strategy, ['transport=scripted'])
    expect(run.metrics).toMatchObject({ equalsEndContent: 0 })
  })

  it('P-NLW: typed live, everybody converges and no write is lost', async () => {
    const run = await play(SMALL, strategy, ['transport=websocket'])
    expect(verdictsOf(run)).toMatchObject({ convergence: 'holds', 'outcome-conservation': 'holds', 'no-unexplained-loss': 'holds' })
  })

  it.skipIf(folder === undefined).each(isNightly ? PUBLISHED : PUBLISHED.slice(0, 1))('E07: $name replayed causally ends in its own text, ids $ids (skipped without SYNCSTORM_RECORDED)', async ({ name, ids }) => {
    const run = await play(published(name), strategy, ['transport=scripted', `workload.ids=${ids}`])
    console.info(`${strategy}: ${name}, ids ${ids}: ${run.coverage['edits']} edits, ${run.events} events`)
    expect(run.metrics).toMatchObject({ equalsEndContent: 1, skipped: 0 })
  })

  const live = isNightly && folder !== undefined ? ['clownschool', 'friendsforever'] : []
  it.each(live)('P-NLW: %s typed live converges without a lost write', async (name) => {
    const run = await play(published(name), strategy, ['transport=websocket'])
    const { concurrentPairs } = ledgerFigures(run.history)
    console.info(`${strategy}: ${name} live: ${run.coverage['edits']} edits, ${concurrentPairs} concurrent pairs`)
    expect(concurrentPairs).toBeGreaterThanOrEqual(1000)
    expect(verdictsOf(run)).toMatchObject({ convergence: 'holds', 'no-lost-write': 'holds', 'outcome-conservation': 'holds' })
  })
})
