/** The suite against strategies that break one rule each (H5): every check must catch somebody. */
import { Script } from 'node:vm'
import { describe, expect, it } from 'vitest'
import { installAmbient } from '../../sim/kernel/ambient.ts'
import type { AuthorityContext, Authority, EditHandle, LocalEdit, Replica, ReplicaContext, Session, Strategy, StrategyModule } from '../../sim/contract.ts'
import lwwServer from '../lww-server/index.ts'
import { LwwAuthority } from '../lww-server/authority.ts'
import { decodeWrite, encodeWrite } from '../lww-server/codec.ts'
import { LwwReplica } from '../lww-server/replica.ts'
import { ContractViolation, contractChecks } from './index.ts'
import { mustBeOneOutcome } from './outcomes.ts'

installAmbient()

const sound: Strategy = { replica: (context) => new LwwReplica(context), authority: (context) => new LwwAuthority(context) }
const withReplica = (make: (context: ReplicaContext) => Replica): Strategy => ({ ...sound, replica: make })
const withAuthority = (make: (context: AuthorityContext) => Authority): Strategy => ({ ...sound, authority: make })

/** The checks that a strategy fails, with what they say, of those whose names hold one of the texts. */
function failures(strategy: Strategy, names: readonly string[] = ['']): readonly { readonly name: string; readonly says: string }[] {
  return contractChecks(lwwServer).filter(({ name }) => names.some((one) => name.includes(one))).flatMap(({ name, run }) => {
    try {
      run(strategy)
      return []
    } catch (error) {
      return [{ name, says: String(error) }]
    }
  })
}
const failing = (strategy: Strategy, names?: readonly string[]): readonly string[] => failures(strategy, names).map(({ name }) => name)

interface Defect { readonly defect: string; readonly caught: string; readonly says: RegExp; readonly strategy: Strategy }

const defects: readonly Defect[] = [
  {
    defect: 'shows an edit only when it is answered', caught: 'D01', says: /right after an edit/,
    strategy: withReplica((context) => new (class extends LwwReplica {
      #waits = false
      override edit(edit: LocalEdit): void {
        this.#waits = true
        super.edit(edit)
      }
      override view(document: string) {
        const view = super.view(document)
        return this.#waits ? { ...view, zeta: 'stale', note: 'stale' } : view
      }
    })(context)),
  },
  {
    defect: 'leaves out fields that nobody has written', caught: 'every field', says: /first view of a/,
    strategy: withReplica((context) => new (class extends LwwReplica {
      override view(document: string) { return Object.fromEntries(Object.entries(super.view(document)).filter(([, value]) => value !== null)) }
    })(context)),
  },
  {
    defect: 'gives the fields in an order of its own', caught: 'every field', says: /fields in the view of first on server/,
    strategy: withAuthority((context) => new (class extends LwwAuthority {
      override view(document: string) { return Object.fromEntries(Object.entries(super.view(document)).toSorted(([a], [b]) => (a < b ? -1 : 1))) }
    })(context)),
  },
  {
    defect: 'settles every edit twice', caught: 'P-OUTCOME: pending()', says: /needs one outcome .* got server-durable, server-durable/,
    strategy: withReplica((context) => new LwwReplica({
      ...context,
      settle: (handle, outcome) => {
        context.settle(handle, outcome)
        context.settle(handle, outcome)
      },
    })),
  },
  {
    defect: 'never settles', caught: 'P-OUTCOME: pending()', says: /needs one outcome .* got none/,
    strategy: withReplica((context) => new LwwReplica({ ...context, settle: () => undefined })),
  },
  {
    defect: 'still counts an edit that is done', caught: 'P-OUTCOME: pending()', says: /still has \d+ edits pending/,
    strategy: withReplica((context) => new (class extends LwwReplica {
      #edits = 0
      override edit(edit: LocalEdit): void {
        this.#edits += 1
        super.edit(edit)
      }
      override pending(): number { return this.#edits }
    })(context)),
  },
  {
    defect: 'sends its handles along', caught: 'R8: handles stay', says: /under other handles/,
    strategy: withReplica((context) => new LwwReplica({
      ...context,
      request: (request, options, done) => context.request({ ...request, body: withHandle(request.body, options.durable) }, options, done),
    })),
  },
  {
    defect: 'sends what a library drew from Math.random', caught: 'D3', says: /another ambient clock/,
    strategy: withReplica((context) => new LwwReplica({
      ...context,
      request: (request, options, done) => {
        const write = decodeWrite(request.body)
        return context.request({ ...request, body: encodeWrite({ ...write, value: write.value + libraryRandom() }) }, options, done)
      },
    })),
  },
  {
    defect: 'looks at the clock itself', caught: 'D3', says: /Date.now was called during a run by edit/,
    strategy: withReplica((context) => new (class extends LwwReplica {
      override edit(edit: LocalEdit): void {
        Date.now()
        super.edit(edit)
      }
    })(context)),
  },
  {
    defect: 'goes on ticking and writing after dispose', caught: 'dispose is the end', says: /armed a timer/,
    strategy: withReplica((context) => {
      const tick = (): void => { context.timer(50, tick, { background: true }) }
      tick()
      return new LwwReplica(context)
    }),
  },
  {
    defect: 'tells everybody that it goes', caught: 'dispose is the end', says: /sent a frame/,
    strategy: withReplica((context) => new (class extends LwwReplica {
      #session: Session | null = null
      override opened(session: Session): void {
        this.#session = session
        super.opened(session)
      }
      override dispose(): void {
        super.dispose()
        this.#session?.send(new Uint8Array(1), 'control')
      }
    })(context)),
  },
  {
    defect: 'keeps one set of fields for all documents', caught: 'documents are apart', says: /nobody edited/,
    strategy: withReplica((context) => new (class extends LwwReplica {
      override view() { return super.view('second') }
    })(context)),
  },
  {
    defect: 'throws on bytes it cannot read', caught: 'bytes that no peer', says: /Error: empty/,
    strategy: withAuthority((context) => new (class extends LwwAuthority {
      override received(session: Session, bytes: Uint8Array): void {
        if (bytes.length === 0) throw new Error('empty')
        super.received(session, bytes)
      }
    })(context)),
  },
  {
    defect: 'answers before its journal is durable', caught: 'R5', says: /after a restart/,
    strategy: withAuthority((context) => new LwwAuthority({
      ...context, disk: { boot: new Map(), write: (_batch, synced) => context.disk.write(new Map(), synced) },
    })),
  },
]

/** Lies outside of the tree, as a library does. */
const libraryRandom = new Script('() => String(Math.random())', { filename: '/elsewhere/library.js' }).runInThisContext() as () => string

function withHandle(body: Uint8Array, handle: EditHandle | undefined): Uint8Array {
  return Uint8Array.from([...body, ...Array.from(handle ?? '', (character) => character.charCodeAt(0) & 0x7f)])
}

describe('H5: the contract suite catches', () => {
  for (const { defect, caught, says, strategy } of defects) {
    it(`a strategy that ${defect}`, () => {
      expect(failures(strategy, [caught])).toMatchObject([{ says: expect.stringMatching(says) as string }])
    })
  }

  it('H4: and nothing in a strategy that keeps to the contract', () => {
    expect(failing(sound)).toEqual([])
  })

  it('R3: a strategy that says it bears datagrams and does not', () => {
    const caught = (owns: StrategyModule['owns']): readonly string[] => contractChecks({ ...lwwServer, owns, delivery: 'datagrams' })
      .filter(({ name }) => name.includes('datagrams')).flatMap(({ name, run }) => {
        try {
          run(sound)
          return []
        } catch { return [name.slice(0, 15)] }
      })
    expect(caught(new Set())).toContain('R3: one that be')
    expect(caught(new Set(['resume', 'order']))).toEqual(['P-LIVE, P-OUTCO'])
  })

  it('every check of the loopback catches somebody', () => {
    const checks = contractChecks(lwwServer).map(({ name }) => name).filter((name) => !name.includes('a run with') && !name.startsWith('D1') && !name.includes('in the world'))
    expect(checks.filter((name) => !defects.some(({ caught }) => name.includes(caught)))).toEqual([])
  })
})

describe('H5: over the world, the suite catches', () => {
  const world = ['a run with', 'D1:', 'in the world']

  it('a strategy that draws from its library\'s randomness without end: other sessions, other digests', () => {
    let runs = 0
    const strategy = withReplica((context) => new (class extends LwwReplica {
      override edit(edit: LocalEdit): void {
        runs += 1
        super.edit(edit.change.op === 'set' ? { ...edit, change: { op: 'set', value: `${edit.change.value} ${runs}` } } : edit)
      }
    })(context))
    expect(failing(strategy, ['D1:'])).toEqual(['D1: one plan gives one digest'])
  })

  it('a strategy that forgets what a lost connection took', () => {
    const strategy = withReplica((context) => {
      let isFirst = true
      return new (class extends LwwReplica {
        override opened(session: Session): void {
          if (isFirst) super.opened(session)
          isFirst = false
        }
      })(context)
    })
    const caught = failing(strategy, world)
    expect(caught.filter((name) => name.includes('without the stack\'s resume part'))).toHaveLength(1)
    expect(caught.filter((name) => name.includes('as declared'))).toEqual([])
  })

  it('a strategy that sends its handles along', () => {
    const strategy = defects.find(({ defect }) => defect.startsWith('sends its handles'))?.strategy ?? sound
    expect(failing(strategy, ['in the world'])).toHaveLength(1)
  })
})

describe('mustBeOneOutcome', () => {
  const judge = (...said: Parameters<typeof mustBeOneOutcome>[1]) => () => mustBeOneOutcome('e1', said, lwwServer)

  it('takes one settlement at the strategy\'s level, with a lower one before it, or a rejection, or a merge', () => {
    for (const good of [judge('server-durable'), judge('local-durable', 'server-durable'), judge('local-durable', { rejected: 'no' }), judge({ merged: 'add-wins' })]) {
      expect(good).not.toThrow()
    }
  })

  it('refuses none, two, a level twice, and anything after the end', () => {
    const bad = [
      judge(), judge('local-durable'), judge('server-durable', 'server-durable'), judge('server-durable', { rejected: 'no' }),
      judge('local-durable', 'local-durable', 'server-durable'), judge({ rejected: 'no' }, 'local-durable'), judge({ rejected: 'no' }, { rejected: 'no' }),
    ]
    for (const one of bad) expect(one).toThrow(ContractViolation)
  })
})
