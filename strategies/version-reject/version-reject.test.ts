import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type {
  AuthorityContext, DocumentShape, EditHandle, Request, Response, Version, Writes,
} from '../../sim/contract.ts'
import { Loopback, LOOPBACK_SERVER, picksFrom, type Choice } from '../loopback.ts'
import { decodeDocument, encodeWrite, type Write } from './codec.ts'
import module from './index.ts'

const documents: readonly DocumentShape[] = [{ id: 'doc', fields: [
  { name: 'price', type: 'register', initial: null },
  { name: 'note', type: 'text', initial: 'a😀' },
  { name: 'stock', type: 'counter', initial: null },
] }]
const strategy = await module.load(() => Promise.reject(new Error('needs no library')))
const start = (...devices: string[]): Loopback => {
  const net = new Loopback({ strategy, documents, devices })
  net.drain()
  return net
}
const set = (net: Loopback, device: string, value: string): EditHandle => net.edit(device, 'doc', 'price', { op: 'set', value })
const type = (net: Loopback, device: string, inserted: string): EditHandle =>
  net.edit(device, 'doc', 'note', { op: 'splice', at: 0, removed: '', inserted })
const price = (net: Loopback, host: string): string | null | undefined => net.view(host, 'doc').price
const REJECTED = [{ rejected: 'version conflict' }]

/** Lets the first thing of a kind on a device happen. */
function happen(net: Loopback, kind: Choice['kind'], device: string): void {
  const choice = net.choices().find((one) => one.kind === kind && ('device' in one ? one.device : one.host) === device)
  if (choice === undefined) throw new Error(`no ${kind} on ${device}`)
  net.happen(choice)
}

/** A write of `device` reaches the server and is journaled; the answer is still under way. */
function execute(net: Loopback, device: string): void {
  happen(net, 'request', device)
  happen(net, 'sync', LOOPBACK_SERVER)
}

describe('version-reject, on the device', () => {
  it('D01: an edit shows at once, over registers and texts', () => {
    const net = start('a')
    set(net, 'a', '1')
    net.edit('a', 'doc', 'note', { op: 'splice', at: 1, removed: '😀', inserted: 'bc' })
    expect(Object.entries(net.view('a', 'doc'))).toEqual([['price', '1'], ['note', 'abc']])
    expect([net.pending('a'), price(net, LOOPBACK_SERVER)]).toEqual([2, null])
  })

  it('accepted edits settle as server-durable, in a chain, and reach the other device by refetch (C06)', () => {
    const net = start('a', 'b')
    const handles = [set(net, 'a', '1'), type(net, 'a', 'x'), set(net, 'a', '2')]
    net.drain()
    for (const handle of handles) expect([net.settlements.get(handle), net.notices.get(handle)]).toEqual([['server-durable'], []])
    for (const host of ['a', 'b', LOOPBACK_SERVER]) expect(net.view(host, 'doc')).toEqual({ price: '2', note: 'xa😀' })
    expect([net.sent('b', 'replica'), net.pending('a')]).toEqual([0, 0])
  })

  it('E14: of two concurrent edits the later is refused, told once, rolled back, and the truth fetched', () => {
    const net = start('a', 'b')
    const [kept, refused] = [set(net, 'a', 'from a'), set(net, 'b', 'from b')]
    execute(net, 'a')
    happen(net, 'request', 'b')
    expect(price(net, 'b')).toBe('from b')
    happen(net, 'answer', 'b')
    expect([price(net, 'b'), net.settlements.get(refused), net.pending('b')]).toEqual([null, REJECTED, 0])
    net.drain()
    expect(net.notices.get(refused)?.map(({ kind }) => kind)).toEqual(['rejected'])
    expect([net.settlements.get(kept), net.notices.get(kept)]).toEqual([['server-durable'], []])
    for (const host of ['a', 'b', LOOPBACK_SERVER]) expect(price(net, host)).toBe('from a')
  })

  it('E14: a different field does not help: the version is the document\'s', () => {
    const net = start('a', 'b')
    set(net, 'a', '1')
    execute(net, 'a')
    const refused = type(net, 'b', 'x')
    net.drain()
    expect(net.settlements.get(refused)).toEqual(REJECTED)
    expect(net.view('b', 'doc')).toEqual({ price: '1', note: 'a😀' })
  })

  it('D02, T35: with several in flight a refusal takes out its own edit only, and what was built on it goes too', () => {
    const net = start('a', 'b')
    set(net, 'b', 'foreign')
    execute(net, 'b')
    const first = set(net, 'a', 'mine')
    const second = type(net, 'a', 'x')
    happen(net, 'request', 'a')
    happen(net, 'answer', 'a')
    expect(net.view('a', 'doc')).toEqual({ price: null, note: 'xa😀' })
    expect([net.settlements.get(first), net.settlements.get(second), net.pending('a')]).toEqual([REJECTED, [], 1])
    net.drain()
    expect(net.settlements.get(second)).toEqual(REJECTED)
    for (const host of ['a', 'b', LOOPBACK_SERVER]) expect(net.view(host, 'doc')).toEqual({ price: 'foreign', note: 'a😀' })
  })

  it('D10: a refetch in the middle of an edit replaces the base and leaves the pending edit on top', () => {
    const net = start('a', 'b')
    type(net, 'b', 'x')
    execute(net, 'b')
    set(net, 'a', 'mine')
    happen(net, 'signal', 'a')
    const refetch = net.choices().filter(({ kind }) => kind === 'request').at(-1)
    if (refetch !== undefined) net.happen(refetch)
    const answer = net.choices().filter(({ kind }) => kind === 'answer').find((one) => 'device' in one && one.device === 'a')
    if (answer !== undefined) net.happen(answer)
    expect(net.view('a', 'doc')).toEqual({ price: 'mine', note: 'xa😀' })
    expect(net.pending('a')).toBe(1)
  })

  it('R2: an accepted edit whose answer is lost settles once, and takes effect once', () => {
    const net = start('a', 'b')
    const handle = set(net, 'a', 'mine')
    execute(net, 'a')
    net.drop('a')
    net.drain()
    const later = set(net, 'b', 'later')
    net.drain()
    net.reconnect('a')
    net.drain()
    expect([net.settlements.get(handle), net.settlements.get(later)]).toEqual([['server-durable'], ['server-durable']])
    for (const host of ['a', 'b', LOOPBACK_SERVER]) expect(price(net, host)).toBe('later')
  })

  it('R2: a 409 that is lost on its way is told once, when it comes at last', () => {
    const net = start('a', 'b')
    set(net, 'b', 'first')
    execute(net, 'b')
    const refused = set(net, 'a', 'late')
    happen(net, 'request', 'a')
    net.drop('a')
    net.drain()
    expect(net.settlements.get(refused)).toEqual([])
    net.reconnect('a')
    net.drain()
    expect([net.settlements.get(refused), net.notices.get(refused)?.length]).toEqual([REJECTED, 1])
  })

  it('T61: when the last signal was lost, the new session fetches', () => {
    const net = start('a', 'b')
    net.drop('b')
    set(net, 'a', '1')
    net.drain()
    const late = net.choices().filter(({ kind }) => kind === 'signal')
    expect(late).toEqual([])
    net.reconnect('b')
    net.drain()
    expect(price(net, 'b')).toBe('1')
  })

  it('I01: after a restart pending edits are shown, answered through the outbox, and told once', () => {
    const net = start('a', 'b')
    set(net, 'b', 'first')
    execute(net, 'b')
    const refused = set(net, 'a', 'late')
    net.restart('a')
    expect([price(net, 'a'), net.pending('a')]).toEqual(['late', 1])
    const built = type(net, 'a', 'x')
    net.reconnect('a')
    net.drain()
    for (const handle of [refused, built]) expect([net.settlements.get(handle), net.notices.get(handle)?.length]).toEqual([REJECTED, 1])
    expect(net.view('a', 'doc')).toEqual({ price: 'first', note: 'a😀' })
  })

  it('refuses a field that the server does not keep, and the user is told', () => {
    const net = start('a')
    const handle = net.edit('a', 'doc', 'stock', { op: 'set', value: '5' })
    net.drain()
    expect([net.settlements.get(handle), net.notices.get(handle)?.length]).toEqual([[{ rejected: 'status 404' }], 1])
  })
})

/** A replica alone, with what it asks of the stack written down. */
function replicaAlone(recovered: readonly { readonly write: Write; readonly handle: string }[] = []) {
  const asked: string[] = []
  const sent: { request: Request; done: (response: Response) => void }[] = []
  const replica = strategy.replica({
    documents, identity: { device: 'a', incarnation: 1, user: 'u' }, changed: () => undefined,
    recovered: recovered.map(({ write, handle }) => ({ handle: handle as EditHandle,
      request: { method: 'POST', path: '/documents/doc', document: 'doc', body: encodeWrite(write) } as const })),
    request: (request: Request, _: unknown, done: (response: Response) => void) => { sent.push({ request, done }); return () => undefined },
    settle: (handle: EditHandle, outcome: unknown) => { asked.push(`settle ${handle} ${typeof outcome === 'string' ? outcome : 'rejected'}`) },
    notify: (handle: EditHandle) => { asked.push(`notify ${handle}`) },
    invalidate: (_: string, version: Version, options?: { initial: true }) => { asked.push(`invalidate ${version}${options?.initial ? ' initial' : ''}`) },
  } as never)
  const fetched = (version: Version, value: string): void => {
    const state = new Map<string, string>([['price', value]])
    replica.refetched?.('doc', documentBytes(version, state))
  }
  const edit = (handle: string, value: string): void =>
    replica.edit({ handle: handle as EditHandle, document: 'doc', field: 'price', type: 'register', change: { op: 'set', value } })
  return { replica, asked, sent, fetched, edit, price: () => replica.view('doc').price }
}

function documentBytes(version: Version, fields: ReadonlyMap<string, string>): Uint8Array {
  const server = serverAlone()
  for (let made = 0; made < version; made++) {
    for (const [field, value] of fields) server.write({ mutation: `m${made}`, base: made, predecessor: null, field, value })
  }
  server.sync()
  return server.get().body
}

/** An authority alone; its disk syncs when told. */
function serverAlone(boot: ReadonlyMap<string, Uint8Array> = new Map()) {
  const stored = new Map(boot)
  const writes: { batch: Writes; synced: () => void }[] = []
  const published: Version[] = []
  const authority = strategy.authority?.({
    documents, changed: () => undefined, publish: (_: string, version: Version) => { published.push(version) },
    disk: { boot, write: (batch: Writes, synced: () => void) => { writes.push({ batch, synced }) } },
  } as unknown as AuthorityContext)
  const ask = (method: 'GET' | 'POST', body: Uint8Array, document = 'doc'): { answer?: Response } => {
    const result: { answer?: Response } = {}
    authority?.request({ method, path: '/', document, body }, (response) => { result.answer = response })
    return result
  }
  return {
    stored, published, ask,
    write: (write: Write) => ask('POST', encodeWrite(write)),
    get: (): Response => {
      const { answer } = ask('GET', new Uint8Array())
      if (answer === undefined) throw new Error('GET is answered at once')
      return answer
    },
    sync: (): void => {
      for (let write = writes.shift(); write !== undefined; write = writes.shift()) {
        for (const [key, bytes] of write.batch) if (bytes !== null) stored.set(key, bytes)
        write.synced()
      }
    },
  }
}

describe('version-reject, what the replica asks of the stack', () => {
  it('loads a document once its session is open, and revalidates it when another session opens', () => {
    const { replica, asked } = replicaAlone()
    replica.open('doc')
    expect(asked).toEqual([])
    replica.opened({} as never)
    replica.closed({} as never, { kind: 'lost' })
    replica.opened({} as never)
    expect(asked).toEqual(['invalidate 0 initial', 'invalidate 0'])
  })

  it('C05: passes on a signal only if it is newer than the base', () => {
    const { replica, asked, fetched } = replicaAlone()
    replica.open('doc')
    fetched(3, 'x')
    for (const version of [2, 3, 4]) replica.signalled?.('doc', version)
    expect(asked).toEqual(['invalidate 4'])
  })

  it('T62: an own edit raises the version when it is accepted and not before', () => {
    const { replica, asked, fetched, edit, sent } = replicaAlone()
    replica.open('doc')
    fetched(3, 'x')
    edit('e1', 'mine')
    replica.signalled?.('doc', 4)
    expect(asked).toEqual(['invalidate 4'])
    sent[0]?.done({ status: 200, body: new Uint8Array(), version: 4 })
    replica.signalled?.('doc', 4)
    expect(asked).toEqual(['invalidate 4', 'settle e1 server-durable'])
  })

  it('T41: a fetched document older than the base is thrown away', () => {
    const { replica, fetched, price } = replicaAlone()
    replica.open('doc')
    fetched(3, 'new')
    fetched(2, 'old')
    expect(price()).toBe('new')
  })

  it('T41: so is one that is older than an own accepted edit', () => {
    const { replica, fetched, price, edit, sent } = replicaAlone()
    replica.open('doc')
    fetched(1, 'x')
    edit('e1', 'mine')
    sent[0]?.done({ status: 200, body: new Uint8Array(), version: 2 })
    fetched(1, 'x')
    expect(price()).toBe('mine')
  })

  it('a 409 asks for its version, unless the base has it already', () => {
    const { replica, asked, fetched, edit, sent } = replicaAlone()
    replica.open('doc')
    fetched(1, 'x')
    edit('e1', 'mine')
    edit('e2', 'mine too')
    sent[0]?.done({ status: 409, body: new Uint8Array(), version: 2 })
    fetched(2, 'theirs')
    sent[1]?.done({ status: 409, body: new Uint8Array(), version: 2 })
    expect(asked).toEqual(['settle e1 rejected', 'notify e1', 'invalidate 2', 'settle e2 rejected', 'notify e2'])
  })

  it('an edit accepted before its base is known again stays on screen until the base has it', () => {
    const write = { mutation: 'a/0/1', base: 3, predecessor: null, field: 'price', value: 'mine' }
    const { replica, asked, fetched, price } = replicaAlone([{ write, handle: 'e1' }])
    replica.open('doc')
    replica.answered?.({ handle: 'e1' as EditHandle, request: { method: 'POST', path: '/', document: 'doc', body: new Uint8Array() } },
      { status: 200, body: new Uint8Array(), version: 4 })
    expect([asked, replica.pending(), price()]).toEqual([['invalidate 4', 'settle e1 server-durable'], 0, 'mine'])
    fetched(3, 'before')
    expect(price()).toBe('mine')
    fetched(5, 'after')
    expect(price()).toBe('after')
  })

  it('has no frames: one that arrives is a mistake', () => {
    expect(() => replicaAlone().replica.received({} as never, new Uint8Array())).toThrow(/C06/)
  })
})

describe('version-reject, on the server', () => {
  const write = (mutation: string, base: Version, predecessor: string | null = null): Write =>
    ({ mutation, base, predecessor, field: 'price', value: mutation })

  it('ABA: an edit built on a refused one is refused, though a foreign write made the version it expects', () => {
    const server = serverAlone()
    for (const base of [0, 1, 2]) server.write(write(`m${base}`, base))
    const foreign = server.write(write('foreign', 3))
    const first = server.write(write('a/1/1', 3))
    const second = server.write(write('a/1/2', 4, 'a/1/1'))
    server.sync()
    expect([foreign, first, second].map(({ answer }) => [answer?.status, answer?.version])).toEqual([[200, 4], [409, 4], [409, 4]])
    expect(decodeDocument(server.get().body)).toEqual({ version: 4, fields: new Map([['price', 'foreign']]) })
  })

  it('an edit built on an accepted one is accepted, durable or not', () => {
    const server = serverAlone()
    const [first, second] = [server.write(write('a/1/1', 0)), server.write(write('a/1/2', 1, 'a/1/1'))]
    expect([first, second]).toEqual([{}, {}])
    server.sync()
    expect([first.answer?.version, second.answer?.version]).toEqual([1, 2])
  })

  it('T100: nothing is answered, shown or signalled before it is durable, refusals by it included', () => {
    const server = serverAlone()
    const [accepted, refused] = [server.write(write('m1', 0)), server.write(write('m2', 0))]
    expect([accepted, refused, server.published, server.get().version]).toEqual([{}, {}, [], 0])
    server.sync()
    expect([accepted.answer?.status, refused.answer?.status, server.published, server.get().version]).toEqual([200, 409, [1], 1])
    expect(server.write(write('m3', 0)).answer).toMatchObject({ status: 409, version: 1 })
  })

  it('R5: boots from its log with versions and the last writer of each document', () => {
    const before = serverAlone()
    before.write(write('a/1/1', 0))
    before.write({ ...write('a/1/2', 1), field: 'note' })
    before.sync()
    const after = serverAlone(before.stored)
    expect(after.get()).toEqual(before.get())
    expect(after.write(write('b/1/2', 2, 'b/1/1')).answer?.status).toBe(409)
    const next = after.write(write('a/1/3', 2, 'a/1/2'))
    after.sync()
    expect([next.answer?.version, after.stored.size]).toEqual([3, 3])
  })

  it('refuses to boot from a log with a hole', () => {
    const before = serverAlone()
    for (const base of [0, 1, 2]) before.write(write(`m${base}`, base))
    before.sync()
    const torn = new Map([...before.stored].filter((_, index) => index !== 1))
    expect(() => serverAlone(torn)).toThrow(/from version 1 to 3/)
  })

  it('refuses broken requests at the door', () => {
    const server = serverAlone()
    const statuses = [
      server.ask('POST', Uint8Array.of(200)), server.ask('POST', encodeWrite({ ...write('m', 0), field: 'stock' })),
      server.ask('GET', new Uint8Array(), 'other'),
    ].map(({ answer }) => answer?.status)
    expect(statuses).toEqual([400, 404, 404])
  })
})

describe('version-reject, whatever happens', () => {
  it('E14: all views converge, every edit has one outcome, and no accepted edit replaces what its author had not seen', () => {
    let [accepted, rejected, restarts] = [0, 0, 0]
    fc.assert(fc.property(fc.array(fc.nat({ max: 999 }), { maxLength: 240, size: 'max' }), (script) => {
      const devices = ['a', 'b', 'c']
      const net = start(...devices)
      const pick = picksFrom(script)
      /** Each text says which edits its author saw: the whole value is the seen text with one more mark. */
      const edits: { handle: EditHandle; mark: string }[] = []
      for (let step = 0; step < script.length / 3; step++) {
        const device = devices[pick(3)] ?? 'a'
        const action = pick(8)
        if (action < 2) {
          const mark = String.fromCodePoint(0x4e00 + edits.length)
          edits.push({ handle: type(net, device, mark), mark })
          expect(net.view(device, 'doc').note).toContain(mark)
        } else if (action === 2 && pick(3) === 0) {
          if (net.connected(device)) net.drop(device)
          else net.reconnect(device)
        } else if (action === 3 && pick(5) === 0) {
          net.restart(pick(3) === 0 ? LOOPBACK_SERVER : device)
          restarts += 1
        } else net.step(pick)
      }
      for (const device of devices) net.reconnect(device)
      net.drain(pick)
      const truth = net.view(LOOPBACK_SERVER, 'doc')
      for (const device of devices) expect([net.view(device, 'doc'), net.pending(device)]).toEqual([truth, 0])
      for (const { handle, mark } of edits) {
        const [outcome, ...more] = net.settlements.get(handle) ?? []
        expect([more, outcome === undefined]).toEqual([[], false])
        const isAccepted = outcome === 'server-durable'
        // Nobody deletes: an accepted mark that is missing was overwritten by somebody who had not seen it.
        expect([mark, truth.note?.includes(mark)]).toEqual([mark, isAccepted])
        expect(net.notices.get(handle)?.length).toBe(isAccepted ? 0 : 1)
        if (isAccepted) accepted += 1
        else rejected += 1
      }
    }), { numRuns: 200 })
    // H1: both outcomes were reached, and processes died on the way.
    expect(Math.min(accepted, rejected, restarts)).toBeGreaterThan(100)
  })
})
