import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import { findScenario, makePlan, runPlan, validatePlan, validateScenario } from '../../sim/index.ts'
import type { Claim, EditHandle, Hasher, Node, Replica, Session, Strategy, StrategyModule, View } from '../../sim/index.ts'
import { shrinkCandidates } from '../shrink/shrink-candidates.ts'
import { fuzz, type FuzzOptions, type FuzzProgress } from './fuzz.ts'
import { judgeRun } from '../judge.ts'
import type { Property } from '../property.ts'
import { propertyNamed } from '../registry.ts'

const createHasher = (): Hasher => {
  const hash = createHash('sha256')
  return { update: (bytes) => void hash.update(bytes), digestHex: () => hash.digest('hex') }
}

interface Write { readonly document: string; readonly field: string; readonly value: string; readonly by: string; readonly number: number }
const encode = (write: Write): Uint8Array => new TextEncoder().encode(JSON.stringify(write))
const decode = (bytes: Uint8Array): Write => JSON.parse(new TextDecoder().decode(bytes)) as Write

type Bug = 'none' | 'sticky' | 'throws'

/** Relays registers through the server. Planted bug `sticky`: whoever has written a field never shows another's write of it. */
function relay(bug: Bug): Strategy {
  const base = (values: Map<string, string>, documents: readonly { readonly id: string; readonly fields: readonly { readonly name: string; readonly initial: string | null }[] }[]): Pick<Node, 'view' | 'closed' | 'dispose'> => ({
    view: (document): View => Object.fromEntries((documents.find(({ id }) => id === document)?.fields ?? [])
      .map(({ name, initial }) => [name, values.get(`${document}/${name}`) ?? initial])),
    closed: () => undefined,
    dispose: () => undefined,
  })
  return {
    replica(context): Replica {
      const values = new Map<string, string>()
      const waiting = new Map<number, { readonly handle: EditHandle; readonly write: Write }>()
      const written = new Set<string>()
      let session: Session | undefined
      let next = 0
      return {
        ...base(values, context.documents),
        open: () => undefined,
        opened(opened) {
          session = opened
          for (const { write } of waiting.values()) session.send(encode(write), 'data')
        },
        edit({ handle, document, field, change }) {
          if (change.op !== 'set') return
          const write = { document, field, value: change.value, by: context.identity.device, number: next++ }
          values.set(`${document}/${field}`, write.value)
          written.add(`${document}/${field}`)
          waiting.set(write.number, { handle, write })
          context.changed(document)
          session?.send(encode(write), 'data')
        },
        received(_session, bytes) {
          const { document, field, value, by, number } = decode(bytes)
          if (bug === 'throws') throw new Error('a frame too many')
          const own = by === context.identity.device ? waiting.get(number) : undefined
          if (own !== undefined) {
            waiting.delete(number)
            context.settle(own.handle, 'server-durable')
          }
          if (bug === 'sticky' && written.has(`${document}/${field}`)) return
          values.set(`${document}/${field}`, value)
          context.changed(document)
        },
        pending: () => waiting.size,
      }
    },
    authority(context) {
      const values = new Map<string, string>()
      const last = new Map<string, Uint8Array>()
      const sessions = new Set<Session>()
      return {
        ...base(values, context.documents),
        opened(session) {
          sessions.add(session)
          for (const bytes of last.values()) session.send(bytes, 'data')
        },
        closed: (session) => void sessions.delete(session),
        received(_session, bytes) {
          const { document, field, value } = decode(bytes)
          values.set(`${document}/${field}`, value)
          last.set(`${document}/${field}`, bytes)
          context.changed(document)
          for (const session of sessions) session.send(bytes, 'data')
        },
        request: (_request, respond) => respond({ status: 404, body: new Uint8Array() }),
        pending: () => 0,
      }
    },
  }
}

const claims: readonly Claim[] = [
  { property: 'convergence', type: 'register', claim: 'holds', because: 'a test' },
  { property: 'inconsistent-devices', type: 'register', claim: 'holds', because: 'a test' },
  { property: 'no-lost-write', type: 'register', claim: 'violated', because: 'the last one wins', witness: { scenario: 'order-desk', seeds: 20 } },
]
const module: StrategyModule = {
  name: 'relay', summary: 'for tests', claims,
  types: { register: 'native', counter: 'none', set: 'none', list: 'none', text: 'none' },
  topology: ['server'], settles: 'server-durable', owns: new Set(), libraries: [], load: () => Promise.resolve(relay('none')),
}

function named(name: string): Property {
  const property = propertyNamed(name)
  if (property === undefined) throw new Error(`no property ${name}`)
  return property
}

const search = (bug: Bug, options: Partial<FuzzOptions> = {}): FuzzOptions => ({
  scenario: validateScenario(findScenario('order-desk'), 'order-desk'), module, strategy: relay(bug), run: { createHasher }, seed: 1, runs: 12, ...options,
})

describe('the search for violations (F1, H7)', () => {
  afterEach(() => fc.resetConfigureGlobal())

  it('F1: finds a planted bug for each property it breaks, and shrinks it to two edits on two devices', () => {
    const result = fuzz(search('sticky'))
    expect(result.finds.map(({ judgement }) => judgement.property)).toEqual(['convergence', 'inconsistent-devices'])
    for (const find of result.finds) {
      const { plan } = find.run
      expect(plan.devices).toHaveLength(2)
      expect(plan.intentions).toHaveLength(2)
      expect(plan.faults).toEqual([])
      expect(find).toMatchObject({ minimal: 'proven', judgement: { verdict: 'violated', type: 'register' } })
      expect(find.shrinks).toBeGreaterThan(3)
      expect(find.shrinkRuns).toBeLessThan(500)
      expect(validatePlan(JSON.parse(JSON.stringify(plan)), 'a counterexample')).toEqual(JSON.parse(JSON.stringify(plan)))
      expect(makePlan(search('none').scenario, find.planSeed).intentions.length).toBeGreaterThan(100)
    }
  })

  it('F1: `proven` means that no smaller plan fails', () => {
    const [{ run, judgement, minimal }] = fuzz(search('sticky')).finds
    expect(minimal).toBe('proven')
    const stillFails = [...shrinkCandidates(run.plan)].filter((candidate) => judgeRun(
      runPlan(candidate, module, relay('sticky'), { createHasher }).history, [named(judgement.property)],
    ).some(({ verdict, type }) => verdict === 'violated' && type === judgement.type))
    expect(stillFails).toEqual([])
  })

  it('H5, H7: without the bug the same search finds nothing, and says what it did', () => {
    const result = fuzz(search('none'))
    expect(result.finds).toEqual([])
    expect(result).toMatchObject({ runs: 12, stopped: false, seed: '1' })
    expect(result.planSeeds).toHaveLength(12)
    expect(result.coverage.edits).toBeGreaterThan(1000)
    expect(result.coverage.concurrentPairs).toBeGreaterThan(100)
    expect(result.coverage.faultsThatHit).toBeGreaterThan(0)
    expect(result.floors.filter(({ met }) => !met)).toEqual([])
  })

  it('D1: is a function of its options, whatever fast-check is configured to globally', () => {
    const first = fuzz(search('sticky'))
    fc.configureGlobal({ numRuns: 1, interruptAfterTimeLimit: 0, endOnFailure: true, seed: 99 })
    const second = fuzz(search('sticky'))
    expect(second).toEqual(first)
    expect(fuzz(search('none', { seed: 2 })).planSeeds).not.toEqual(fuzz(search('none')).planSeeds)
  })

  it('H4: watches only what is claimed to hold, unless told otherwise', () => {
    expect(fuzz(search('none')).finds).toEqual([])
    const [find, ...others] = fuzz(search('none', { properties: [named('no-lost-write')] })).finds
    expect(others).toEqual([])
    expect(find.judgement).toMatchObject({ property: 'no-lost-write', verdict: 'violated' })
    expect(find.run.plan.intentions).toHaveLength(2)
  })

  it('stops when it is told to, and keeps what it has found', () => {
    let asked = 0
    expect(fuzz(search('none', { shouldStop: () => asked++ === 4 }))).toMatchObject({ runs: 4, stopped: true, finds: [] })
    let shrinks = 0
    const result = fuzz(search('sticky', { shouldStop: (phase) => phase === 'shrink' && shrinks++ === 3 }))
    expect(result.stopped).toBe(true)
    expect(result.finds).toHaveLength(1)
    expect(result.finds[0]).toMatchObject({ minimal: 'budget', shrinkRuns: 3 })
  })

  it('F1: says when the budget of runs cut the shrinking short, and goes on for the other properties', () => {
    const { finds, stopped } = fuzz(search('sticky', { maxShrinkRuns: 6 }))
    expect(stopped).toBe(false)
    expect(finds.map(({ minimal, shrinkRuns }) => [minimal, shrinkRuns])).toEqual([['budget', 6], ['budget', 6]])
    for (const { run, judgement } of finds) {
      expect(judgeRun(run.history, [named(judgement.property)])).toContainEqual(judgement)
    }
  })

  it('tells of every run as it goes', () => {
    const heard: FuzzProgress[] = []
    const result = fuzz(search('sticky', { onProgress: (progress) => heard.push(progress) }))
    expect(heard.filter(({ phase }) => phase === 'search').map(({ planSeed }) => planSeed)).toEqual(result.planSeeds)
    expect(heard.filter(({ phase }) => phase === 'shrink')).toHaveLength(result.finds.reduce((sum, { shrinkRuns }) => sum + shrinkRuns, 0))
  })

  it('names the plan seed when a strategy throws', () => {
    expect(() => fuzz(search('throws'))).toThrow(/^the run of plan seed \d+ broke: .*a frame too many$/)
  })
})
