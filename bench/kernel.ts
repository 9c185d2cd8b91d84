/**
 * The kernel bench: our kernel beside sinon's fake timers and a kernel on a binary heap (tinyqueue), on timer
 * churn, a ping-pong network and a cancel-heavy load; the memory of a million pending events; and what the
 * trace digest costs. Each row runs in a process of its own, so that none inherits another's heap or compiled
 * code; within a row the contestants take turns.
 */
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { TraceDigest } from '../sim/kernel/trace-digest.ts'
import { Kernel } from '../sim/kernel/kernel.ts'
import { openEngine } from './engines.ts'
import type { EngineName } from './engines.ts'
import { medianSpeeds } from './interleaved.ts'
import type { BenchResult } from './result.ts'
import type { Workload } from './workloads.ts'

const ROUNDS = 7
const MILLION = 1_000_000
const SPEED_UNIT = 'million events/s'
const ENGINE_TITLES: Readonly<Record<EngineName, string>> = {
  kernel: 'syncstorm', tinyqueue: 'tinyqueue kernel', sinon: 'sinon fake-timers',
}
/** Events per round; sized so that a round takes some tens of milliseconds. */
const EVENTS_PER_ROUND: Readonly<Record<EngineName, number>> = { kernel: 800_000, tinyqueue: 200_000, sinon: 12_000 }

type WorkloadModule = typeof import('./workloads.ts')

interface Row {
  readonly name: string
  readonly measure: () => Promise<BenchResult>
}

const ROWS: readonly Row[] = [
  speedRow('W1 timer churn, 1e3 pending', (of) => of.timerChurn(1_000), { sinon: 12, tinyqueue: null }),
  speedRow('W1 timer churn, 1e5 pending', (of) => of.timerChurn(100_000), { sinon: 40, tinyqueue: 4 }),
  speedRow('W1 timer churn, 1e6 pending', (of) => of.timerChurn(1_000_000), { tinyqueue: null }),
  speedRow('W2 ping-pong network', (of) => of.pingPong(1_000), { sinon: 12, tinyqueue: null }),
  speedRow('W3 cancel-heavy, 1e3 pending', (of) => of.cancelHeavy(1_000), { sinon: 16, tinyqueue: 2.5 }),
  speedRow('W3 cancel-heavy, 1e5 pending', (of) => of.cancelHeavy(100_000), { sinon: null, tinyqueue: null }),
  { name: 'memory per pending event at 1e6', measure: async () => memoryResult() },
  { name: 'W1 1e3 with the trace digest on', measure: async () => digestResult() },
]

/** Runs every row, one process after another; `onRow` hears the name of each before it starts. */
export async function kernelBench(onRow: (name: string) => void = () => undefined): Promise<BenchResult[]> {
  const results: BenchResult[] = []
  for (const { name } of ROWS) {
    onRow(name)
    const { stdout } = await promisify(execFile)(
      process.execPath, ['--expose-gc', fileURLToPath(import.meta.url), name], { maxBuffer: 1 << 20 })
    results.push(JSON.parse(stdout) as BenchResult)
  }
  return results
}

/** @param goals least ratio per peer; null measures the peer without a goal */
function speedRow(
  name: string, pick: (workloads: WorkloadModule) => Workload,
  goals: Readonly<Partial<Record<EngineName, number | null>>>,
): Row {
  const peers = Object.keys(goals) as EngineName[]
  const measure = async (): Promise<BenchResult> => {
    const contestants = await Promise.all((['kernel', ...peers] as const).map(async (engineName) => {
      const engine = openEngine(engineName)
      pick(await loadWorkloads(engineName))(engine)
      return {
        name: ENGINE_TITLES[engineName], operations: EVENTS_PER_ROUND[engineName],
        round: (events: number) => { engine.run(events) },
      }
    }))
    const [ours, ...theirs] = medianSpeeds(contestants, ROUNDS)
    return {
      name, unit: SPEED_UNIT, median: ours,
      peers: peers.map((peer, at) => {
        const goal = goals[peer]
        return {
          name: ENGINE_TITLES[peer], median: theirs[at], ratio: ours / theirs[at],
          ...(typeof goal === 'number' && { goal: `>= ${goal}` }),
        }
      }),
    }
  }
  return { name, measure }
}

/** A copy of the workloads of its own for each engine. */
async function loadWorkloads(engine: EngineName): Promise<WorkloadModule> {
  const url = new URL(import.meta.url.endsWith('.ts') ? './workloads.ts' : './workloads.js', import.meta.url)
  url.searchParams.set('engine', engine)
  return await import(url.href) as WorkloadModule
}

function memoryResult(): BenchResult {
  const [ours, tinyqueue, sinon] = (['kernel', 'tinyqueue', 'sinon'] as const).map(bytesPerPending)
  return {
    name: 'memory per pending event at 1e6', unit: 'bytes', median: ours,
    peers: [
      { name: 'limit', median: 64, ratio: ours / 64, goal: '<= 1' },
      { name: ENGINE_TITLES.tinyqueue, median: tinyqueue, ratio: ours / tinyqueue },
      { name: ENGINE_TITLES.sinon, median: sinon, ratio: ours / sinon },
    ],
  }
}

/** The engine's own memory: every event has the same callback, and no handle is kept. */
function bytesPerPending(name: EngineName): number {
  const nothing = (): void => undefined
  const before = usedBytes()
  const engine = openEngine(name)
  for (let event = 0; event < MILLION; event++) engine.after(1 + (event * 7_919) % MILLION, nothing)
  const bytes = (usedBytes() - before) / MILLION
  // Keeps the engine alive up to here.
  engine.run(1)
  return bytes
}

function usedBytes(): number {
  for (let turn = 0; turn < 3; turn++) globalThis.gc?.()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

function digestResult(): BenchResult {
  const churn = (digest: TraceDigest | null): Kernel => {
    const kernel = new Kernel()
    let draw = 1
    const fire = (): void => {
      draw = (Math.imul(draw, 1_664_525) + 1_013_904_223) >>> 0
      digest?.record(1, kernel.nowUs, draw & 7, draw, kernel.handled)
      kernel.after(1 + draw % MILLION, fire)
    }
    for (let timer = 0; timer < 1_000; timer++) fire()
    return kernel
  }
  const hash = createHash('sha256')
  const recorded = churn(new TraceDigest({ update: (bytes) => { hash.update(bytes) }, digestHex: () => hash.digest('hex') }))
  const bare = churn(null)
  const [on, off] = medianSpeeds([
    { name: 'on', operations: MILLION, round: (events) => { recorded.run({ maxEvents: events }) } },
    { name: 'off', operations: MILLION, round: (events) => { bare.run({ maxEvents: events }) } },
  ], ROUNDS)
  return {
    name: 'W1 1e3 with the trace digest on', unit: SPEED_UNIT, median: on,
    peers: [{ name: 'digest off', median: off, ratio: on / off, goal: '>= 0.8' }],
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const row = ROWS.find(({ name }) => name === process.argv[2])
  if (row === undefined) throw new Error(`no row of the bench is called ${process.argv[2]}`)
  process.stdout.write(JSON.stringify(await row.measure()))
}
