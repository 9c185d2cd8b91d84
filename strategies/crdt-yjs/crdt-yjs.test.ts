import { fc, test } from '@fast-check/vitest'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import * as Y from 'yjs'
import type { DocumentShape, EditHandle, Strategy } from '../../sim/contract.ts'
import { playInterleaving, problemsOf } from '../interleaving.ts'
import { Loopback, LOOPBACK_SERVER, picksFrom, type LoopbackOptions } from '../loopback.ts'
import module from './index.ts'

let strategy: Strategy
beforeAll(async () => { strategy = await module.load((name) => import(name)) })

const DEVICES = ['a', 'b', 'c', 'd']
const script = fc.array(fc.nat(5000), { minLength: 20, maxLength: 220, size: 'max' })
/** Where a failure takes long to shrink. */
const shorter = fc.array(fc.nat(5000), { minLength: 20, maxLength: 120, size: 'max' })
const shape = (note: string): readonly DocumentShape[] => [{
  id: 'doc', fields: [{ name: 'note', type: 'text', initial: note }, { name: 'price', type: 'register', initial: '9' }],
}]
function connect(devices: readonly string[], note = 'abc', extra: Partial<LoopbackOptions> = {}): Loopback {
  const net = new Loopback({ strategy, documents: shape(note), devices, ...extra })
  net.drain()
  return net
}
const splice = (net: Loopback, device: string, at: number, removed: string, inserted: string): EditHandle =>
  net.edit(device, 'doc', 'note', { op: 'splice', at, removed, inserted })
const set = (net: Loopback, device: string, value: string): EditHandle => net.edit(device, 'doc', 'price', { op: 'set', value })
const shown = (net: Loopback, field: string, ...hosts: readonly string[]): readonly unknown[] =>
  hosts.map((host) => net.view(host, 'doc')[field])

describe('crdt-yjs over random sessions', () => {
  test.prop([script, fc.integer({ min: 2, max: 4 }), fc.boolean()], { numRuns: 250 })(
    'P-CONV P-NLW P-OUTCOME: every interleaving of edits, deliveries and lost connections merges', (numbers, count, drops) => {
      const devices = DEVICES.slice(0, count)
      const played = playInterleaving({ strategy, devices, script: numbers, drops, registers: true })
      expect(problemsOf(played, devices, 'local-durable')).toEqual([])
    })

  test.prop([script], { numRuns: 100 })('E10: frames that arrive twice change nothing', (numbers) => {
    const devices = DEVICES.slice(0, 3)
    const repeat = (net: Loopback, pick: (bound: number) => number): void => {
      const device = devices[pick(3)] ?? ''
      for (const to of ['authority', 'replica'] as const) {
        const frame = net.peek(device, to)
        if (frame !== undefined && pick(2) === 0) net.inject(device, to, frame)
      }
    }
    const played = playInterleaving({ strategy, devices, script: numbers, drops: true, registers: true, disturb: repeat })
    expect(problemsOf(played, devices, 'local-durable')).toEqual([])
  })

  test.prop([shorter], { numRuns: 100 })('R5 D8 P-DUR: what settled survives crashes of devices and server', (numbers) => {
    const devices = DEVICES.slice(0, 3)
    const crash = (net: Loopback, pick: (bound: number) => number): void => {
      if (pick(25) !== 0) return
      net.restart([LOOPBACK_SERVER, ...devices][pick(4)] ?? '')
      for (const device of devices) net.reconnect(device)
    }
    const { net, deleted, splices } = playInterleaving({ strategy, devices, script: numbers, drops: true, disturb: crash })
    const text = String(net.view(LOOPBACK_SERVER, 'doc').note)
    for (const device of devices) expect(net.view(device, 'doc').note).toBe(text)
    expect(new Set(Array.from(text)).size).toBe(Array.from(text).length)
    for (const [handle, { removed, inserted }] of splices) {
      if (net.settlements.get(handle)?.length !== 1) continue
      for (const one of inserted) expect(text.includes(one) || deleted.has(one), `${handle} put in '${one}'`).toBe(true)
      for (const one of removed) expect(text, `${handle} took out '${one}'`).not.toContain(one)
    }
  })

  it('H1: the random sessions do contain concurrent edits', () => {
    const [first] = fc.sample(fc.array(fc.nat(5000), { minLength: 220, maxLength: 220 }), { numRuns: 1, seed: 7 })
    const played = playInterleaving({ strategy, devices: DEVICES, script: first ?? [], drops: false })
    expect(played.concurrent).toBeGreaterThan(5)
    expect(played.deleted.size).toBeGreaterThan(3)
  })
})

describe('crdt-yjs', () => {
  it('everybody starts from one initial content, which does not multiply', () => {
    const net = connect(['a', 'b'], 'a😀b')
    expect(shown(net, 'note', LOOPBACK_SERVER, 'a', 'b')).toEqual(Array(3).fill('a😀b'))
    expect(shown(net, 'price', LOOPBACK_SERVER, 'a', 'b')).toEqual(['9', '9', '9'])
  })

  it('positions count code points, whatever stands before them', () => {
    const net = connect(['a', 'b'], '😀😀x')
    splice(net, 'a', 1, '😀', '𠀀y')
    splice(net, 'b', 2, 'x', '')
    net.drain()
    expect(shown(net, 'note', LOOPBACK_SERVER, 'a', 'b')).toEqual(Array(3).fill('😀𠀀y'))
  })

  it('an edit of text that does not stand there is an error, not a guess', () => {
    const net = connect(['a'])
    expect(() => splice(net, 'a', 1, 'x', '')).toThrow("'x' does not stand at code point 1 of doc/note")
    expect(() => net.edit('a', 'doc', 'note', { op: 'set', value: 'x' })).toThrow("cannot 'set' doc/note of type text")
  })

  it('P-DUR: settles an edit when its update is on disk, not before, also an empty one', () => {
    const net = connect(['a'])
    const handles = [splice(net, 'a', 0, '', 'x'), splice(net, 'a', 0, '', ''), set(net, 'a', '1')]
    expect(net.pending('a')).toBe(3)
    for (const handle of handles) expect(net.settlements.get(handle)).toEqual([])
    while (net.choices().some((choice) => choice.kind === 'sync' && choice.host === 'a')) net.sync('a')
    expect(net.pending('a')).toBe(0)
    for (const handle of handles) expect(net.settlements.get(handle)).toEqual(['local-durable'])
  })

  it('resume: edits made offline reach the server by step 2 at reconnection, and what was missed comes back', () => {
    const net = connect(['a', 'b'])
    net.drop('a')
    splice(net, 'a', 0, '', '1')
    set(net, 'a', '10')
    splice(net, 'b', 3, '', 'B')
    net.drain()
    expect(shown(net, 'note', LOOPBACK_SERVER, 'a', 'b')).toEqual(['abcB', '1abc', 'abcB'])
    net.reconnect('a')
    net.drain()
    expect(shown(net, 'note', LOOPBACK_SERVER, 'a', 'b')).toEqual(Array(3).fill('1abcB'))
    expect(shown(net, 'price', LOOPBACK_SERVER, 'a', 'b')).toEqual(['10', '10', '10'])
  })

  it('registers: of two concurrent sets the higher client id wins, everywhere', () => {
    for (const [ids, winner] of [['ascending', 'from b'], ['descending', 'from a']] as const) {
      const net = connect(['a', 'b'], 'abc', { options: { ids } })
      set(net, 'a', 'from a')
      set(net, 'b', 'from b')
      net.drain(picksFrom([2, 1, 3]))
      expect(shown(net, 'price', LOOPBACK_SERVER, 'a', 'b')).toEqual([winner, winner, winner])
    }
  })

  it('D8: a restarted device writes under a new id, and its lost tail comes back from the server', () => {
    const net = connect(['a', 'b'])
    splice(net, 'a', 0, '', 'kept')
    net.drain()
    splice(net, 'a', 0, '', 'tail')
    net.deliver('a', 'authority') // sent, but not yet synced here
    net.restart('a')
    expect(shown(net, 'note', 'a')).toEqual(['keptabc'])
    splice(net, 'a', 0, '', 'new')
    net.reconnect('a')
    net.drain()
    const [text, ...others] = shown(net, 'note', LOOPBACK_SERVER, 'a', 'b')
    expect(others).toEqual([text, text])
    for (const part of ['new', 'tail', 'keptabc']) expect(text).toContain(part)
    const clients = clientsIn(net.stored('a'))
    expect(clients).toContain(1002)
    expect(clients).toContain(1003)
  })

  it('R5: a server that lost everything it had not synced gets it again', () => {
    const net = connect(['a', 'b'])
    splice(net, 'a', 0, '', 'x')
    net.deliver('a', 'authority')
    net.restart(LOOPBACK_SERVER)
    expect(shown(net, 'note', LOOPBACK_SERVER)).toEqual(['abc'])
    for (const device of ['a', 'b']) net.reconnect(device)
    net.drain()
    expect(shown(net, 'note', LOOPBACK_SERVER, 'a', 'b')).toEqual(['xabc', 'xabc', 'xabc'])
    const before = new Map(net.stored(LOOPBACK_SERVER))
    net.restart(LOOPBACK_SERVER)
    expect(shown(net, 'note', LOOPBACK_SERVER)).toEqual(['xabc'])
    expect(net.stored(LOOPBACK_SERVER)).toEqual(before)
  })

  it('the log on disk is compacted, and boots to the same text', () => {
    const net = connect(['a'])
    for (let i = 0; i < 1_100; i++) {
      splice(net, 'a', i % 50, '', 'x')
      net.drain()
    }
    expect(net.stored('a').size).toBeLessThan(200)
    const before = shown(net, 'note', 'a')
    net.restart('a')
    net.restart(LOOPBACK_SERVER)
    expect(shown(net, 'note', 'a', LOOPBACK_SERVER)).toEqual([...before, ...before])
  })

  it('broken frames close the session with 1002 and change nothing', () => {
    const errors = vi.spyOn(console, 'error').mockImplementation(() => undefined)
    const bad = [[], [9, 0, 0], [0, 7, 0], [0, 2], [0, 2, 3, 1, 2], [0, 2, 2, 255, 255], [0, 0, 1, 200], [0, 1, 2, 0, 0, 7]]
    for (const bytes of bad) {
      for (const to of ['authority', 'replica'] as const) {
        const net = connect(['a', 'b'])
        net.inject('a', to, Uint8Array.from(bytes))
        net.drain()
        expect(net.connected('a'), `after ${bytes} to the ${to}`).toBe(false)
        expect(net.connected('b')).toBe(true)
        net.reconnect('a')
        splice(net, 'a', 0, '', 'x')
        net.drain()
        expect(shown(net, 'note', LOOPBACK_SERVER, 'a', 'b')).toEqual(['xabc', 'xabc', 'xabc'])
      }
    }
    expect(errors).not.toHaveBeenCalled()
    errors.mockRestore()
  })
})

describe('the module', () => {
  it('claims every property once per type', () => {
    const names = module.claims.map(({ property, type }) => `${property}/${type}`)
    expect(new Set(names).size).toBe(names.length)
    for (const claim of module.claims) expect(claim.claim === 'violated').toBe(claim.witness !== undefined)
  })

  it('a missing library is named, with the command that installs it', async () => {
    const withoutSync = (name: string): Promise<unknown> => name === 'y-protocols/sync' ? Promise.reject(new Error('none')) : import(name)
    await expect(module.load(withoutSync))
      .rejects.toThrow("needs the library 'y-protocols/sync', which is not installed: npm install yjs@13.6.33 y-protocols@1.0.7")
  })
})

/** Client ids that have operations in a stored log. */
function clientsIn(stored: ReadonlyMap<string, Uint8Array>): readonly number[] {
  return [...stored.values()].flatMap((update) => Y.decodeUpdate(update).structs.map(({ id }) => id.client))
}
