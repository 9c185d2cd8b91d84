import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { DocumentShape, EditHandle } from '../../sim/contract.ts'
import { Loopback, LOOPBACK_SERVER, picksFrom, type Choice } from '../loopback.ts'
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
