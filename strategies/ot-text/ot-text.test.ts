import { fc, test } from '@fast-check/vitest'
import { beforeAll, describe, expect, it } from 'vitest'
import type { EditHandle, Strategy } from '../../sim/contract.ts'
import { INTERLEAVING_DOCUMENTS, playInterleaving, problemsOf } from '../interleaving.ts'
import { Loopback, LOOPBACK_SERVER, type LoopbackOptions } from '../loopback.ts'
import module from './index.ts'

let strategy: Strategy
beforeAll(async () => { strategy = await module.load((name) => import(name)) })

const script = fc.array(fc.nat(5000), { minLength: 20, maxLength: 220, size: 'max' })
const DEVICES = ['a', 'b', 'c', 'd']
const modes = ['one', 'many'] as const

function connect(inFlight: 'one' | 'many', devices: readonly string[], initial: string, extra: Partial<LoopbackOptions> = {}): Loopback {
  const documents = [{ id: 'doc', fields: [{ name: 'note', type: 'text' as const, initial }] }]
  const net = new Loopback({ strategy, documents, devices, options: { inFlight }, ...extra })
  net.drain()
  return net
}
const splice = (net: Loopback, device: string, at: number, removed: string, inserted: string): EditHandle =>
  net.edit(device, 'doc', 'note', { op: 'splice', at, removed, inserted })
const notes = (net: Loopback, ...hosts: readonly string[]): readonly unknown[] => hosts.map((host) => net.view(host, 'doc').note)

describe.each(modes)('ot-text, %s in flight', (inFlight) => {
  test.prop([script, fc.integer({ min: 2, max: 4 }), fc.boolean()], { numRuns: 250 })(
    'P-CONV P-NLW P-OUTCOME E07: every interleaving of edits, deliveries and lost connections merges',
    (numbers, count, drops) => {
      const devices = DEVICES.slice(0, count)
      const played = playInterleaving({ strategy, devices, options: { inFlight }, script: numbers, drops })
      expect(problemsOf(played, devices, 'server-durable')).toEqual([])
    })

  it('H1: the random sessions do contain concurrent edits', () => {
    const [first] = fc.sample(fc.array(fc.nat(5000), { minLength: 220, maxLength: 220 }), { numRuns: 1, seed: 7 })
    const played = playInterleaving({ strategy, devices: DEVICES, options: { inFlight }, script: first ?? [], drops: false })
    expect(played.concurrent).toBeGreaterThan(5)
    expect(played.deleted.size).toBeGreaterThan(3)
  })

  it('T01: two clients typing at one caret agree, the incoming one first', () => {
    const net = connect(inFlight, ['a', 'b'], '..')
    splice(net, 'a', 1, '', 'A')
    splice(net, 'b', 1, '', 'B')
    net.deliver('a', 'authority')
    net.drain()
    expect(notes(net, LOOPBACK_SERVER, 'a', 'b')).toEqual(['.BA.', '.BA.', '.BA.'])
  })

  it('T02: two delete the same character while a third edits to the right', () => {
    const net = connect(inFlight, ['a', 'b', 'c'], 'abcdef')
    splice(net, 'a', 1, 'b', '')
    splice(net, 'b', 1, 'b', '')
    splice(net, 'c', 4, 'e', 'X')
    net.drain()
    expect(notes(net, LOOPBACK_SERVER, 'a', 'b', 'c')).toEqual(Array(4).fill('acdXf'))
  })

  it('T03: a remote insert right of a pending one is shifted past it before it is applied', () => {
    const net = connect(inFlight, ['a', 'b'], 'abcd')
    splice(net, 'b', 2, '', 'Z')
    net.deliver('b', 'authority')
    splice(net, 'a', 0, '', 'x')
    while (net.choices().some((choice) => choice.kind === 'sync')) net.sync(LOOPBACK_SERVER)
    net.deliver('a', 'replica')
    expect(notes(net, 'a', LOOPBACK_SERVER)).toEqual(['xabZcd', 'abZcd'])
    net.drain()
    expect(notes(net, LOOPBACK_SERVER, 'a', 'b')).toEqual(Array(3).fill('xabZcd'))
  })

  it('T05: two quick deletes at the start, the second made on the first, both count', () => {
    const net = connect(inFlight, ['a', 'b'], 'abc')
    splice(net, 'a', 0, 'a', '')
    splice(net, 'a', 0, 'b', '')
    expect(notes(net, 'a')).toEqual(['c'])
    net.drain()
    expect(notes(net, LOOPBACK_SERVER, 'a', 'b')).toEqual(['c', 'c', 'c'])
  })

  it('T06: an edit shows at once', () => {
    const net = connect(inFlight, ['a'], 'abc', { connected: false })
    splice(net, 'a', 1, 'b', '😀')
    expect(notes(net, 'a')).toEqual(['a😀c'])
    expect(net.changes.get('a/doc')).toBe(1)
  })

  it('E08: edits made offline reach the server at reconnection, and what was missed comes back', () => {
    const net = connect(inFlight, ['a', 'b'], 'abc')
    net.drop('a')
    const handles = [splice(net, 'a', 0, '', '1'), splice(net, 'a', 4, '', '2'), splice(net, 'a', 2, 'b', '')]
    splice(net, 'b', 3, '', 'B')
    net.drain()
    expect(net.pending('a')).toBe(3)
    net.reconnect('a')
    net.drain()
    expect(notes(net, LOOPBACK_SERVER, 'a', 'b')).toEqual(Array(3).fill('1ac2B'))
    for (const handle of handles) expect(net.settlements.get(handle)).toEqual(['server-durable'])
    expect(net.pending('a')).toBe(0)
  })

  it('T13 T22: a connection lost after any step between edit and acknowledgement loses and doubles nothing', () => {
    let cuts = 0
    for (let steps = 0; ; steps++) {
      const net = connect(inFlight, ['a', 'b'], 'abc')
      const handles = [splice(net, 'a', 3, '', 'X'), splice(net, 'b', 0, 'a', 'Y'), splice(net, 'a', 0, '', 'W')]
      let taken = 0
      while (taken < steps && net.step(() => 0)) taken += 1
      if (taken < steps) break
      cuts += 1
      net.drop('a')
      net.drain()
      net.reconnect('a')
      net.drain()
      const [text, ...others] = notes(net, LOOPBACK_SERVER, 'a', 'b')
      expect([text, ...others]).toEqual([text, text, text])
      expect(Array.from(String(text)).sort()).toEqual(['W', 'X', 'Y', 'b', 'c'])
      for (const handle of handles) expect(net.settlements.get(handle)).toEqual(['server-durable'])
    }
    expect(cuts).toBeGreaterThan(5)
  })

  it('R5: the authority boots from its journal, and a new device gets the whole text', () => {
    const net = connect(inFlight, ['a', 'b'], 'abc')
    splice(net, 'a', 1, '', '😀')
    splice(net, 'b', 2, 'c', 'C')
    net.drain()
    const before = notes(net, LOOPBACK_SERVER)
    net.restart(LOOPBACK_SERVER)
    expect(notes(net, LOOPBACK_SERVER)).toEqual(before)
    net.restart('b')
    expect(notes(net, 'b')).toEqual(['abc'])
    for (const device of ['a', 'b']) net.reconnect(device)
    splice(net, 'a', 0, 'a', '')
    net.drain()
    expect(notes(net, LOOPBACK_SERVER, 'a', 'b')).toEqual(Array(3).fill('😀bC'))
  })

  it('bad frames close the session with 1002 and change nothing', () => {
    const net = connect(inFlight, ['a'], 'abc')
    const due = inFlight === 'one' ? 1 : 0
    const bad = [
      [], [9, 0, 0, 0], [1, 7, due, 0, 0], [1, 0, due, 0, 1, 4 * 9 + 1], [1, 0, due, 0, 2, 4 * 4, 2, 1, 65], [1, 0, 9, 0, 0], [1, 0, due, 9, 0], [2, 0, 0, 5, 1],
      [1, 0, due, 0, 1, 2, 1, 0xff], [1, 0, due, 0, 1, 2, 0], [1, 0, due, 0, 1, 3], [0, 0, 1, 99],
    ]
    for (const bytes of bad) {
      net.inject('a', 'authority', Uint8Array.from(bytes))
      net.drain()
      expect(net.connected('a'), `after ${bytes}`).toBe(false)
      net.reconnect('a')
      net.drain()
      net.inject('a', 'replica', Uint8Array.from([1, 0, 7, 0, 0]))
      net.drain()
      expect(net.connected('a')).toBe(false)
      net.reconnect('a')
      net.drain()
    }
    expect(notes(net, LOOPBACK_SERVER, 'a')).toEqual(['abc', 'abc'])
  })
})

describe('ot-text, one in flight', () => {
  it('E07: what is typed while waiting is composed, and all of it settles on one acknowledgement', () => {
    const net = connect('one', ['a', 'b'], '')
    const first = splice(net, 'a', 0, '', '1')
    const rest = ['2', '3', '4'].map((text, index) => splice(net, 'a', index + 1, '', text))
    const sent = net.sent('a', 'authority')
    expect(net.pending('a')).toBe(4)
    net.deliver('a', 'authority')
    net.sync(LOOPBACK_SERVER)
    net.deliver('a', 'replica')
    expect(net.settlements.get(first)).toEqual(['server-durable'])
    expect(net.pending('a')).toBe(3)
    net.drain()
    expect(net.sent('a', 'authority')).toBe(sent + 1)
    for (const handle of rest) expect(net.settlements.get(handle)).toEqual(['server-durable'])
  })

  it('T100 P-DUR: nothing is acknowledged or sent to others before the journal is synced', () => {
    const net = connect('one', ['a', 'b'], '')
    const handle = splice(net, 'a', 0, '', 'x')
    net.deliver('a', 'authority')
    expect([net.inFlight('a', 'replica'), net.inFlight('b', 'replica')]).toEqual([0, 0])
    expect(notes(net, LOOPBACK_SERVER)).toEqual([''])
    expect(net.pending(LOOPBACK_SERVER)).toBe(1)
    net.restart(LOOPBACK_SERVER) // loses it, as it may
    for (const device of ['a', 'b']) net.reconnect(device)
    net.drain()
    expect(net.settlements.get(handle)).toEqual(['server-durable'])
    expect(notes(net, LOOPBACK_SERVER, 'a', 'b')).toEqual(['x', 'x', 'x'])
  })
})

describe('ot-text, many in flight', () => {
  it('acknowledges and broadcasts while it handles the operation, not when the disk has synced', () => {
    const net = connect('many', ['a', 'b'], '')
    splice(net, 'a', 0, '', 'x')
    splice(net, 'a', 1, '', 'y')
    expect(net.inFlight('a', 'authority')).toBe(2)
    net.deliver('a', 'authority')
    expect([net.inFlight('a', 'replica'), net.inFlight('b', 'replica')]).toEqual([1, 1])
  })

  it('P-BOUND: a silent reader lets the server forget what it has received', () => {
    const net = connect('many', ['a', 'b'], '')
    const before = net.sent('b', 'authority')
    for (let i = 0; i < 64; i++) splice(net, 'a', 0, '', 'x')
    net.drain()
    expect(net.sent('b', 'authority') - before).toBe(2)
  })

  it('a server that lost what it acknowledged refuses the client instead of diverging', () => {
    const net = connect('many', ['a', 'b'], '')
    splice(net, 'a', 0, '', 'x')
    net.deliver('a', 'authority')
    net.deliver('a', 'replica')
    net.restart(LOOPBACK_SERVER)
    net.reconnect('a')
    splice(net, 'a', 1, '', 'y')
    net.drain()
    expect(net.connected('a')).toBe(false)
    expect(notes(net, LOOPBACK_SERVER)).toEqual([''])
  })
})

describe('the module', () => {
  it('claims every property once, on text or the whole run', () => {
    const names = module.claims.map((claim) => claim.property)
    expect(new Set(names).size).toBe(names.length)
    for (const claim of module.claims) expect(['text', 'any']).toContain(claim.type)
  })

  it('works on texts only, and says so', () => {
    const net = new Loopback({ strategy, documents: INTERLEAVING_DOCUMENTS, devices: ['a'] })
    expect(() => net.edit('a', 'doc', 'price', { op: 'set', value: '1' })).toThrow('ot-text works on texts')
    expect(net.view('a', 'doc')).toEqual({ note: 'a😀b', price: 'free' })
  })

  it('a missing library is named, with the command that installs it', async () => {
    await expect(module.load(() => Promise.reject(new Error('none')))).rejects.toThrow('npm install ot-text-unicode@4.0.0')
  })
})
