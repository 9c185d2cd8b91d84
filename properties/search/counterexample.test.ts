import { createHash } from 'node:crypto'
import { beforeAll, describe, expect, it } from 'vitest'
import { BadInput, findScenario, validateScenario } from '../../sim/index.ts'
import type { Hasher, Strategy, StrategyModule } from '../../sim/index.ts'
import { findStrategy } from '../../strategies/index.ts'
import { counterexampleFileName, makeCounterexample, replayCounterexample, validateCounterexample, type Counterexample } from './counterexample.ts'
import { fuzz } from './fuzz.ts'
import { propertyNamed } from '../registry.ts'

const createHasher = (): Hasher => {
  const hash = createHash('sha256')
  return { update: (bytes) => void hash.update(bytes), digestHex: () => hash.digest('hex') }
}
const VERSIONS = { syncstorm: '0.1.0' }

let module: StrategyModule
let strategy: Strategy
let file: Counterexample

beforeAll(async () => {
  const [lww, noLostWrite] = [findStrategy('lww-server'), propertyNamed('no-lost-write')]
  if (lww === undefined || noLostWrite === undefined) throw new Error('lww-server or no-lost-write is missing')
  module = lww
  strategy = await module.load((name) => import(name))
  const { finds } = fuzz({
    scenario: validateScenario(findScenario('order-desk'), 'order-desk'), module, strategy, run: { createHasher }, seed: 1, runs: 200, properties: [noLostWrite],
  })
  const [find] = finds
  if (find === undefined) throw new Error('the search found nothing')
  file = makeCounterexample(find, VERSIONS)
})

/** The file as it comes back from a disk, with something changed at a path. */
function changed(path: readonly (string | number)[], value: unknown): unknown {
  const copy: unknown = JSON.parse(JSON.stringify(file))
  let target = copy as Record<string | number, unknown>
  for (const segment of path.slice(0, -1)) target = target[segment] as Record<string | number, unknown>
  const last = path[path.length - 1]
  if (value === undefined) delete target[last]
  else target[last] = value
  return copy
}

function problemOf(value: unknown): BadInput {
  try {
    validateCounterexample(value, 'found.json')
  } catch (problem) {
    if (problem instanceof BadInput) return problem
    throw problem
  }
  throw new Error('accepted')
}

describe('counterexample files (F2, F3)', () => {
  it('F1, E05: order-desk under lww-server loses a write on two devices with at most three edits', () => {
    expect(file.plan.devices).toHaveLength(2)
    expect(file.plan.intentions.length).toBeLessThanOrEqual(3)
    expect(file.verdict).toMatchObject({ verdict: 'violated', type: 'register' })
    expect(file.verdict.evidence?.[0]?.edit).toBeDefined()
    expect(file.story.length).toBeLessThanOrEqual(25)
    expect(file.story.every((line) => line.length <= 100)).toBe(true)
  })

  it('F2: survives being written and read, and is named by property, strategy and digest', () => {
    const read = validateCounterexample(JSON.parse(JSON.stringify(file)), 'found.json')
    expect(JSON.parse(JSON.stringify(read))).toEqual(JSON.parse(JSON.stringify(file)))
    expect(counterexampleFileName(read)).toBe(`no-lost-write-lww-server-${file.digest.slice(0, 8)}.json`)
    expect(counterexampleFileName({ ...read, strategy: '../my strategy' })).not.toMatch(/[/ ]/)
  })

  it('F2: replays to the same digest, verdict and story', () => {
    const read = validateCounterexample(JSON.parse(JSON.stringify(file)), 'found.json')
    const replay = replayCounterexample(read, module, strategy, { createHasher, versions: VERSIONS })
    expect(replay).toMatchObject({ reproduced: true, digestMatches: true, verdictMatches: true, versionNotes: [], story: file.story })
  })

  it('F2: says what no longer holds when the plan, the digest or the versions are others', () => {
    const replay = (copy: Counterexample, versions = VERSIONS): ReturnType<typeof replayCounterexample> =>
      replayCounterexample(copy, module, strategy, { createHasher, versions })
    expect(replay({ ...file, plan: { ...file.plan, intentions: file.plan.intentions.slice(0, 1) } })).toMatchObject({ reproduced: false, digestMatches: false, verdictMatches: false })
    expect(replay({ ...file, digest: '0'.repeat(64) })).toMatchObject({ reproduced: true, digestMatches: false, verdictMatches: true })
    expect(replay(file, { syncstorm: '0.2.0' }).versionNotes).toEqual(['syncstorm: 0.1.0 when it was found, 0.2.0 now'])
    expect(replay({ ...file, verdict: { ...file.verdict, type: 'list' } })).toMatchObject({ reproduced: false, judgement: { verdict: 'not-applicable' } })
    expect(() => replay({ ...file, strategy: 'ot-text' })).toThrow(/of ot-text, not of lww-server/)
  })

  it.each([
    ['nothing at all', [], undefined, ''],
    ['another schema', ['schema'], 'syncstorm.plan/1', 'schema'],
    ['an unknown key', ['storey'], [], ''],
    ['an unknown property', ['property'], 'no-lost-writes', 'property'],
    ['a strategy that is no name', ['strategy'], 7, 'strategy'],
    ['no versions', ['versions'], undefined, 'versions'],
    ['a version that is a number', ['versions', 'syncstorm'], 1, 'versions.syncstorm'],
    ['no plan', ['plan'], undefined, 'plan'],
    ['a negative latency in the plan', ['plan', 'devices', 0, 'link', 'latencyUs'], -1, 'plan.devices[0].link.latencyUs'],
    ['an unknown device in the plan', ['plan', 'intentions', 0, 'device'], 'Z', 'plan.intentions[0].device'],
    ['options that are not the plan\'s', ['options', 'inFlight'], 'many', 'options'],
    ['a digest that is none', ['digest'], 'xyz', 'digest'],
    ['decisions of the weather', ['decisions'], [{}], 'decisions'],
    ['a verdict that is no violation', ['verdict', 'verdict'], 'holds', 'verdict.verdict'],
    ['a verdict about no type', ['verdict', 'type'], 'tree', 'verdict.type'],
    ['evidence without words', ['verdict', 'evidence', 0, 'what'], undefined, 'verdict.evidence[0].what'],
    ['evidence at no time', ['verdict', 'evidence', 0, 'atUs'], 'soon', 'verdict.evidence[0].atUs'],
    ['a story that is one text', ['story'], 'once', 'story'],
  ])('bad input: %s is refused with file, path and expectation', (_what, path, value, where) => {
    const problem = problemOf(path.length === 0 ? value : changed(path, value))
    expect(problem.message.startsWith('found.json: ')).toBe(true)
    expect(problem.path).toBe(where)
    expect(problem.expected).not.toBe('')
    expect(problem.message).not.toContain('undefined')
  })

  it('bad input: suggests the property that was meant', () => {
    expect(problemOf(changed(['property'], 'no-lost-writes')).message).toContain('did you mean no-lost-write?')
  })
})
