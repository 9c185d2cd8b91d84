/** crdt-yjs where frames are lost, repeated and shuffled: over a loopback whose sessions are datagrams. */
import { fc, test } from '@fast-check/vitest'
import { beforeAll, describe, expect, it } from 'vitest'
import type { DocumentShape, Strategy } from '../../sim/contract.ts'
import { playInterleaving, problemsOf } from '../interleaving.ts'
import { Loopback, LOOPBACK_SERVER } from '../loopback.ts'
import module from './index.ts'

let strategy: Strategy
beforeAll(async () => { strategy = await module.load((name) => import(name)) })

const script = fc.array(fc.nat(5000), { minLength: 20, maxLength: 160, size: 'max' })
const DOCUMENTS: readonly DocumentShape[] = [{
  id: 'doc', fields: [{ name: 'note', type: 'text', initial: 'abc' }, { name: 'price', type: 'register', initial: '9' }],
}]
const ENDS = ['authority', 'replica'] as const

function connect(devices: readonly string[] = ['a', 'b']): Loopback {
  const net = new Loopback({ strategy, documents: DOCUMENTS, devices, transport: 'datagram' })
  net.drain()
  return net
}
const type = (net: Loopback, device: string, at: number, removed: string, inserted: string): void => {
  net.edit(device, 'doc', 'note', { op: 'splice', at, removed, inserted })
}
const notes = (net: Loopback, ...hosts: readonly string[]): readonly unknown[] => hosts.map((host) => net.view(host, 'doc').note)
/** Loses everything that is in flight. */
const loseAll = (net: Loopback, device: string): number =>
  ENDS.reduce((sum, to) => { let lost = 0; while (net.lose(device, to) !== undefined) lost++; return sum + lost }, 0)

describe('crdt-yjs over datagrams (R3, L10)', () => {
  test.prop([script, fc.integer({ min: 2, max: 3 })], { numRuns: 250 })(
    'P-CONV P-NLW P-OUTCOME: every interleaving of edits, losses, repetitions, overtaking and lost channels merges', (numbers, count) => {
      const devices = ['a', 'b', 'c'].slice(0, count)
      const played = playInterleaving({
        strategy, devices, script: numbers, drops: true, registers: true, transport: 'datagram',
        disturb: (net, pick) => {
          const device = devices[pick(count)] ?? ''
          const to = ENDS[pick(2)]
          const frame = net.peek(device, to)
          if (frame === undefined) return
          switch (pick(4)) {
            case 0: net.inject(device, to, frame); return
            case 1: net.lose(device, to); return
            case 2: {
              // The second overtakes the first, which comes later or never.
              net.lose(device, to)
              const second = net.lose(device, to)
              if (second !== undefined) net.inject(device, to, second)
              if (pick(2) === 0) net.inject(device, to, frame)
            }
          }
        },
      })
      expect(problemsOf(played, devices, 'local-durable')).toEqual([])
    })

  it('what is lost is said again a second later, and then there is silence', () => {
    const net = connect()
    type(net, 'a', 0, '', 'x')
    expect(loseAll(net, 'a')).toBe(1)
    net.drain()
    expect(notes(net, LOOPBACK_SERVER, 'a', 'b')).toEqual(['xabc', 'xabc', 'xabc'])
    net.advance(600_000)
    expect(['a', 'b'].map((device) => ENDS.map((to) => net.peek(device, to)))).toEqual([[undefined, undefined], [undefined, undefined]])
  })

  it('a lost deletion is noticed, though it moves no clock', () => {
    const net = connect()
    type(net, 'a', 1, 'b', '')
    expect(loseAll(net, 'a')).toBe(1)
    net.drain()
    expect(notes(net, LOOPBACK_SERVER, 'a', 'b')).toEqual(['ac', 'ac', 'ac'])
  })

  it('an update that comes before what it depends on waits for it', () => {
    const net = connect()
    type(net, 'a', 3, '', '1')
    type(net, 'a', 4, '', '2')
    const [first, second] = [net.lose('a', 'authority'), net.lose('a', 'authority')]
    net.inject('a', 'authority', second ?? new Uint8Array(0))
    expect(notes(net, LOOPBACK_SERVER)).toEqual(['abc'])
    net.inject('a', 'authority', first ?? new Uint8Array(0))
    expect(notes(net, LOOPBACK_SERVER)).toEqual(['abc12'])
  })

  it('whatever is missing is asked for until it comes, however often that fails', () => {
    const net = connect()
    net.drop('a')
    type(net, 'a', 0, '', 'x')
    net.reconnect('a')
    for (let round = 0; round < 20; round++) {
      net.advance(1_000)
      expect(loseAll(net, 'a')).toBeGreaterThan(0)
    }
    net.drain()
    expect(notes(net, LOOPBACK_SERVER, 'b')).toEqual(['xabc', 'xabc'])
  })

  it('a large difference goes in pieces of one packet; those that come add up over the rounds, also while both ends edit', () => {
    const net = connect()
    net.drop('a')
    // Five thousand characters in single keystrokes at both ends of the text, so that they do not run together.
    for (let key = 0; key < 2_500; key++) {
      type(net, 'a', 0, '', 'x')
      type(net, 'a', key + 4 + key, '', 'y')
    }
    net.reconnect('a')
    let pieces = 0
    let largest = 0
    for (let round = 0; round < 6; round++) {
      type(net, 'a', 0, '', 'z')
      type(net, 'b', 0, '', 'b')
      // Everything else gets through, and every third of the pieces, each time another third.
      for (let at = 0; ENDS.some((to) => net.peek('a', to) !== undefined); at++) {
        for (const to of ENDS) {
          const frame = net.lose('a', to)
          if (frame === undefined) continue
          largest = Math.max(largest, frame.length)
          const isPiece = frame[1] === 4
          pieces += isPiece ? 1 : 0
          if (!isPiece || (at + round) % 3 === 0) net.inject('a', to, frame)
        }
      }
      while (net.peek('b', 'authority') !== undefined) net.deliver('b', 'authority')
      net.advance(1_000)
    }
    expect(net.view(LOOPBACK_SERVER, 'doc').note?.length).toBeGreaterThan(5_000)
    net.drain()
    expect(notes(net, LOOPBACK_SERVER, 'b')).toEqual(Array(2).fill(notes(net, 'a')[0]))
    expect(pieces).toBeGreaterThan(10)
    expect(largest).toBeLessThan(1_160)
  })

  it('broken messages close the session with 1002 and change nothing', () => {
    for (const bytes of [[0, 3], [0, 3, 1, 200, 0, 0], [0, 4, 1, 2, 2, 0], [0, 4, 1, 0, 1, 1, 255], [0, 5, 0]]) {
      for (const to of ENDS) {
        const net = connect()
        net.inject('a', to, Uint8Array.from(bytes))
        net.drain()
        expect(net.connected('a'), `after ${bytes} to the ${to}`).toBe(false)
        net.reconnect('a')
        type(net, 'a', 0, '', 'x')
        net.drain()
        expect(notes(net, LOOPBACK_SERVER, 'a', 'b')).toEqual(['xabc', 'xabc', 'xabc'])
      }
    }
  })
})
