/**
 * Every crash point of a small run (R5, I02, I10, P-DUR): a host loses its process at each moment at which
 * something happens between an edit and its acknowledgement, and at the moment right after it. What had been
 * acknowledged before is there in the end, and no claim is broken, whichever point it was.
 */
import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { installAmbient, runPlan, type Hasher, type Plan, type Run, type StrategyModule } from '../../sim/index.ts'
import type { Fault } from '../../sim/scenario/plan.ts'
import { tinyPlan } from '../../sim/testing/tiny-plan.ts'
import { strategies } from '../../strategies/index.ts'
import { analyse } from '../analysis/analysis.ts'
import { compareRun } from '../campaign/claims.ts'
import { judgeRun } from '../judge.ts'

installAmbient() // before any strategy's library is imported (D3)

const createHasher = (): Hasher => {
  const hash = createHash('sha256')
  return { update: (bytes) => void hash.update(bytes), digestHex: () => hash.digest('hex') }
}

/** Two devices, each with an edit of a register and of a text, close enough to overlap. */
function planWith(module: StrategyModule, faults: readonly Fault[]): Plan {
  const base = tinyPlan({ durationUs: 3_000_000, faults })
  const [document] = base.documents
  const types = document?.fields.filter(({ type }) => module.types[type] !== 'none').map(({ name }) => name) ?? []
  const intention = (id: string, device: string, atUs: number, field: string): Plan['intentions'][number] => ({
    id, device, atUs, document: 'doc', field,
    action: field === 'price' ? { op: 'set', value: id } : { op: 'replace', place: { kind: 'end' }, remove: 0, insert: device === 'A' ? '\u4e00' : '\u4e01' },
  })
  return {
    ...base,
    intentions: types.flatMap((field, index) => [
      intention(`${field}-a`, 'A', 500_000 + index * 20_000, field), intention(`${field}-b`, 'B', 505_000 + index * 20_000, field),
    ]).sort((a, b) => a.atUs - b.atUs),
  }
}

/** The moments from the first edit to the last acknowledgement, and those right after them. */
function crashPoints({ history }: Run): readonly number[] {
  const edits = history.events.flatMap((event) => event.kind === 'edit' ? [event.atUs] : [])
  const settled = history.events.flatMap((event) => event.kind === 'settled' || event.kind === 'rejected' ? [event.atUs] : [])
  const [fromUs, toUs] = [Math.min(...edits), Math.max(...settled)]
  const timesUs = history.events.map(({ atUs }) => atUs).filter((atUs) => atUs >= fromUs && atUs <= toUs)
  return [...new Set(timesUs.flatMap((atUs) => [atUs, atUs + 1]))]
}

const ENDINGS = ['crash', 'kill', 'restart', 'torn-write'] as const
/** A disk that tears stalls first, so that there is something to tear. */
const STALL_US = 3_000
const DOWN_US = 400_000

function endingAt(type: (typeof ENDINGS)[number], host: string, atUs: number): Fault {
  return type === 'torn-write'
    ? { id: 'end', type, atUs: atUs - STALL_US, untilUs: atUs, devices: [host] }
    : { id: 'end', type, atUs, untilUs: atUs + DOWN_US, devices: [host] }
}

describe.each(strategies.map((module) => [module.name, module] as const))('crash points of %s', (_name, module) => {
  it.each(ENDINGS.flatMap((type) => ['A', 'server'].map((host) => [type, host] as const)))(`R5, P-DUR: a %s of %s at every moment breaks no claim and loses nothing acknowledged`, async (type, host) => {
    const strategy = await module.load((library) => import(library))
    const run = (faults: readonly Fault[]): Run => runPlan(planWith(module, faults), module, strategy, { createHasher })
    const pointsUs = crashPoints(run([]))
    expect(pointsUs.length).toBeGreaterThan(10)
    let hits = 0
    for (const atUs of pointsUs) {
      const { history, plan, quiescent } = run([endingAt(type, host, atUs)])
      const broken = compareRun(judgeRun(history), module.claims, plan).filter(({ asClaimed }) => asClaimed === false)
      const lost = analyse(history).ledger.entries.filter(({ settled, outcome }) => settled && outcome === 'lost')
      expect({ atUs, quiescent, broken, lost }).toEqual({ atUs, quiescent: true, broken: [], lost: [] })
      hits += history.events.some((event) => event.kind === 'fault' && event.hit > 0) ? 1 : 0
      expect(history.events.filter((event) => event.kind === 'lifecycle').map((event) => event.state)).toEqual(['stopped', 'started'])
    }
    expect(hits).toBeGreaterThan(0)
  })
})
