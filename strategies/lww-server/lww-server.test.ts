import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { DocumentShape, EditHandle } from '../../sim/contract.ts'
import { Loopback, LOOPBACK_SERVER, picksFrom, type Choice } from '../loopback.ts'
import { decodeFields, encodeFields, encodeSubscription, encodeWrite } from './codec.ts'
import module from './index.ts'

const documents: readonly DocumentShape[] = [{ id: 'doc', fields: [
  { name: 'price', type: 'register', initial: null },
  { name: 'stock', type: 'counter', initial: null },
  { name: 'note', type: 'text', initial: 'a😀' },
  { name: 'name', type: 'register', initial: 'pen' },
] }]
const strategy = await module.load(() => Promise.reject(new Error('needs no library')))
const start = (...devices: string[]): Loopback => {
  const net = new Loopback({ strategy, documents, devices })
  net.drain()
  return net
}
const set = (net: Loopback, device: string, field: string, value: string): EditHandle => net.edit(device, 'doc', field, { op: 'set', value })
const price = (net: Loopback, host: string): string | null | undefined => net.view(host, 'doc').price

/** Lets the first thing of a kind on a device happen. */
function happen(net: Loopback, kind: Choice['kind'], device: string): void {
  const choice = net.choices().find((one) => one.kind === kind && ('device' in one ? one.device : one.host) === device)
  if (choice === undefined) throw new Error(`no ${kind} on ${device}`)
  net.happen(choice)
}

describe('lww-server', () => {
  it('D01: an edit shows at once, with every field of a known type in declared order', () => {
    const net = start('a')
    expect(Object.entries(net.view('a', 'doc'))).toEqual([['price', null], ['note', 'a😀'], ['name', 'pen']])
    set(net, 'a', 'price', '1')
    net.edit('a', 'doc', 'note', { op: 'splice', at: 1, removed: '😀', inserted: 'bc' })
    expect(net.view('a', 'doc')).toEqual({ price: '1', note: 'abc', name: 'pen' })
    expect([net.pending('a'), net.view(LOOPBACK_SERVER, 'doc')]).toEqual([2, { price: null, note: 'a😀', name: 'pen' }])
  })

  it('settles as server-durable on the answer, which waits for the journal (T100)', () => {
    const net = start('a', 'b')
    const handle = set(net, 'a', 'price', '1')
    happen(net, 'request', 'a')
    expect([net.choices().map(({ kind }) => kind), price(net, LOOPBACK_SERVER)]).toEqual([['sync'], null])
    net.drain()
    expect(net.settlements.get(handle)).toEqual(['server-durable'])
    expect([price(net, 'b'), price(net, LOOPBACK_SERVER), net.pending('a'), net.pending(LOOPBACK_SERVER)]).toEqual(['1', '1', 0, 0])
  })

  it('J02, E05: the last write to arrive wins, and the other is lost without a word', () => {
    const net = start('a', 'b')
    const [first, second] = [set(net, 'b', 'price', 'from b'), set(net, 'a', 'price', 'from a')]
    happen(net, 'request', 'a')
    happen(net, 'request', 'b')
    net.drain()
    for (const host of ['a', 'b', LOOPBACK_SERVER]) expect(price(net, host)).toBe('from b')
    for (const handle of [first, second]) expect([net.settlements.get(handle), net.notices.get(handle)]).toEqual([['server-durable'], []])
  })

  it('R5, I02: a device that starts again without a connection shows what it knew, and its own unanswered writes over it', () => {
    const net = start('a', 'b')
    set(net, 'b', 'price', '1')
    net.drain()
    net.restart('a')
    expect([net.connected('a'), net.view('a', 'doc').price]).toEqual([false, '1'])
    // What was learnt and not yet on disk is gone, and comes again with the next session.
    net.reconnect('a')
    set(net, 'b', 'price', '2')
    while (price(net, 'a') !== '2') net.step(picksFrom([net.choices().findIndex(({ kind }) => kind !== 'sync')].map((index) => Math.max(0, index))))
    net.restart('a')
    expect(price(net, 'a')).toBe('1')
    net.reconnect('a')
    net.drain()
    expect(price(net, 'a')).toBe('2')
  })

  it('E02: concurrent writes of different fields both survive', () => {
    const net = start('a', 'b')
    set(net, 'a', 'price', '1')
    set(net, 'b', 'name', 'ink')
    net.drain()
    for (const host of ['a', 'b', LOOPBACK_SERVER]) expect(net.view(host, 'doc')).toMatchObject({ price: '1', name: 'ink' })
  })

  it('J02: an own pending write does not flicker while older writes and its own echo come in', () => {
    const net = start('a', 'b')
    set(net, 'b', 'price', 'older')
    happen(net, 'request', 'b')
    set(net, 'a', 'price', 'mine')
    happen(net, 'request', 'a')
    happen(net, 'sync', LOOPBACK_SERVER)
    net.deliver('a', 'replica')
    expect(price(net, 'a')).toBe('mine')
    happen(net, 'sync', LOOPBACK_SERVER)
    net.deliver('a', 'replica')
    expect([price(net, 'a'), net.pending('a')]).toEqual(['mine', 1])
    happen(net, 'answer', 'a')
    expect([price(net, 'a'), net.pending('a')]).toEqual(['mine', 0])
  })

  it('A07: an answer that comes after a newer write of somebody else does not bring the old value back', () => {
    const net = start('a', 'b')
    set(net, 'a', 'price', 'mine')
    happen(net, 'request', 'a')
    happen(net, 'sync', LOOPBACK_SERVER)
    set(net, 'b', 'price', 'newer')
    happen(net, 'request', 'b')
    happen(net, 'sync', LOOPBACK_SERVER)
    net.deliver('a', 'replica')
    net.deliver('a', 'replica')
    expect(price(net, 'a')).toBe('mine')
    happen(net, 'answer', 'a')
    expect(price(net, 'a')).toBe('newer')
  })

  it('T41: an older or repeated frame changes nothing', () => {
    const net = start('a')
    const frame = (version: number, value: string): Uint8Array => encodeFields({ document: 'doc', fields: [{ field: 'price', version, value }] })
    net.inject('a', 'replica', frame(2, 'new'))
    net.inject('a', 'replica', frame(1, 'old'))
    net.inject('a', 'replica', frame(2, 'again'))
    expect(price(net, 'a')).toBe('new')
  })

  it('T34: of several pending writes of a field the last shows, and each answer settles its own', () => {
    const net = start('a')
    const handles = ['1', '2', '3'].map((value) => set(net, 'a', 'price', value))
    for (const [index, handle] of handles.entries()) {
      happen(net, 'request', 'a')
      happen(net, 'sync', LOOPBACK_SERVER)
      happen(net, 'answer', 'a')
      expect([price(net, 'a'), net.pending('a'), net.settlements.get(handle)]).toEqual(['3', 2 - index, ['server-durable']])
    }
  })

  it('R2: a write whose answer is lost takes effect once, and does not override what came after it', () => {
    const net = start('a', 'b')
    const handle = set(net, 'a', 'price', 'mine')
    happen(net, 'request', 'a')
    happen(net, 'sync', LOOPBACK_SERVER)
    net.drop('a')
    set(net, 'b', 'price', 'later')
    net.drain()
    net.reconnect('a')
    net.drain()
    expect(net.settlements.get(handle)).toEqual(['server-durable'])
    for (const host of ['a', 'b', LOOPBACK_SERVER]) expect(price(net, host)).toBe('later')
  })

  it('B10: after a lost session a snapshot brings what was missed', () => {
    const net = start('a', 'b')
    net.drop('b')
    set(net, 'a', 'price', '1')
    net.drain()
    expect(price(net, 'b')).toBe(null)
    net.reconnect('b')
    net.drain()
    expect(price(net, 'b')).toBe('1')
  })

  it('I01: after a restart the pending writes are shown again, and settled when they are answered', () => {
    const net = start('a')
    const handles = [set(net, 'a', 'price', '1'), set(net, 'a', 'price', '2')]
    net.restart('a')
    expect([price(net, 'a'), net.pending('a')]).toEqual(['2', 2])
    net.reconnect('a')
    net.drain()
    expect(handles.map((handle) => net.settlements.get(handle))).toEqual([['server-durable'], ['server-durable']])
    expect([price(net, 'a'), price(net, LOOPBACK_SERVER)]).toEqual(['2', '2'])
  })

  it('R5: the server boots from its journal, and goes on with higher versions', () => {
    const net = start('a', 'b')
    for (const value of ['1', '2', '3']) set(net, 'a', 'price', value)
    net.drain()
    net.restart(LOOPBACK_SERVER)
    expect(price(net, LOOPBACK_SERVER)).toBe('3')
    for (const device of ['a', 'b']) net.reconnect(device)
    set(net, 'b', 'price', '4')
    net.drain()
    for (const host of ['a', 'b', LOOPBACK_SERVER]) expect(price(net, host)).toBe('4')
  })

  it('refuses a write of a field that it does not keep, and the user is told once', () => {
    const net = start('a')
    const handle = set(net, 'a', 'stock', '5')
    net.drain()
    expect(net.settlements.get(handle)).toEqual([{ rejected: 'status 404' }])
    expect(net.notices.get(handle)).toHaveLength(1)
    expect(net.pending('a')).toBe(0)
  })

  it('sends to open sessions only, and to those only what they subscribed to', () => {
    const authority = strategy.authority?.({
      documents: [...documents, { id: 'other', fields: documents[0]?.fields ?? [] }], changed: () => undefined,
      disk: { boot: new Map(), write: (_: unknown, synced: () => void) => { synced() } },
    } as never)
    const sent: string[] = []
    const sessions = ['a', 'b', 'gone'].map((id) => ({ id, send: (bytes: Uint8Array) => { sent.push(`${id} ${decodeFields(bytes).document}`) } }) as never)
    sessions.forEach((session, index) => {
      authority?.opened(session)
      authority?.received(session, encodeSubscription(index === 1 ? 'other' : 'doc'))
    })
    if (sessions[2] !== undefined) authority?.closed(sessions[2], { kind: 'lost' })
    sent.length = 0
    authority?.request({ method: 'POST', path: '/', document: 'doc', body: encodeWrite({ field: 'price', value: '1' }) }, () => undefined)
    expect(sent).toEqual(['a doc'])
  })

  it('refuses broken requests and frames at the door', () => {
    const context = { documents, disk: { boot: new Map(), write: () => undefined } }
    const authority = strategy.authority?.(context as never)
    const statuses: number[] = []
    const ask = (method: 'GET' | 'POST', document: string, body: Uint8Array): void =>
      authority?.request({ method, path: '/', document, body }, ({ status }) => { statuses.push(status) })
    ask('POST', 'doc', Uint8Array.of(200))
    ask('POST', 'doc', encodeWrite({ field: 'nowhere', value: 'x' }))
    ask('POST', 'other', encodeWrite({ field: 'price', value: 'x' }))
    ask('GET', 'doc', new Uint8Array())
    expect(statuses).toEqual([400, 404, 404, 405])
    expect(() => decodeFields(Uint8Array.of(1))).toThrow(RangeError)
  })

  it('convergence and outcomes: whatever the network does, all show the server\'s order and every edit settles once', () => {
    let busyRuns = 0
    fc.assert(fc.property(fc.array(fc.nat({ max: 999 }), { maxLength: 200, size: 'max' }), (script) => {
      const devices = ['a', 'b', 'c']
      const net = start(...devices)
      const pick = picksFrom(script)
      const handles: EditHandle[] = []
      for (let step = 0; step < script.length / 3; step++) {
        const device = devices[pick(3)] ?? 'a'
        const action = pick(8)
        if (action < 2) handles.push(set(net, device, action === 0 ? 'price' : 'name', `${device}${step}`))
        else if (action === 2) {
          const at = pick(Array.from(net.view(device, 'doc').note ?? '').length + 1)
          handles.push(net.edit(device, 'doc', 'note', { op: 'splice', at, removed: '', inserted: `${step};` }))
        } else if (action === 3 && pick(3) === 0) {
          if (net.connected(device)) net.drop(device)
          else net.reconnect(device)
        } else if (action === 4 && pick(6) === 0) net.restart(pick(3) === 0 ? LOOPBACK_SERVER : device)
        else net.step(pick)
      }
      for (const device of devices) net.reconnect(device)
      net.drain(pick)
      const truth = net.view(LOOPBACK_SERVER, 'doc')
      for (const device of devices) expect([net.view(device, 'doc'), net.pending(device)]).toEqual([truth, 0])
      for (const handle of handles) expect(net.settlements.get(handle)).toEqual(['server-durable'])
      busyRuns += handles.length > 5 && truth.price !== null && truth.note !== 'a😀' ? 1 : 0
    }), { numRuns: 150 })
    // H1: most runs wrote several times and left something behind.
    expect(busyRuns).toBeGreaterThan(75)
  })
})
