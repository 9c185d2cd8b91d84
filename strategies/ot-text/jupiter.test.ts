import { type } from 'ot-text-unicode'
import { describe, expect, it } from 'vitest'
import { ProtocolError, type Frame } from './codec.ts'
import { JupiterEnd } from './jupiter.ts'
import { JupiterHub } from './jupiter-hub.ts'
import type { OtType } from './operation.ts'
import type { Peer } from './server-channel.ts'

const ot = type as unknown as OtType

function peer(device: string): { peer: Peer; got: Frame[] } {
  const got: Frame[] = []
  return { got, peer: { device, send: (frame) => { got.push(frame) } } }
}
function hub(initial: string): { hub: JupiterHub; journal: number[] } {
  const journal: number[] = []
  const port = { channel: 0, journal: (client: number) => { journal.push(client) }, changed: () => undefined }
  return { journal, hub: new JupiterHub(ot, initial, port) }
}

describe('a Jupiter end', () => {
  it('keeps its queue on what was received, so that it can be sent again', () => {
    const end = new JupiterEnd<string>(ot, 'left')
    end.generate([2, 'x'], 'first')
    end.generate([3, 'y'], 'second')
    expect(end.receive({ number: 0, received: 0, op: ['Z'] })).toEqual(['Z'])
    expect(end.resend()).toEqual([{ number: 0, received: 1, op: [3, 'x'] }, { number: 1, received: 1, op: [4, 'y'] }])
    expect(end.acknowledge(1)).toEqual(['first'])
    expect(end.acknowledge(1)).toEqual([])
    expect(end.resend().map(({ number }) => number)).toEqual([1])
    expect([end.sent, end.unacknowledged]).toEqual([2, 1])
  })

  it('ignores repetitions, and refuses gaps and counts that cannot be', () => {
    const end = new JupiterEnd<null>(ot, 'left')
    end.generate(['x'], null)
    end.receive({ number: 0, received: 0, op: ['Z'] })
    expect(end.receive({ number: 0, received: 0, op: ['Z'] })).toBeNull()
    expect(() => end.receive({ number: 2, received: 0, op: ['Z'] })).toThrow(ProtocolError)
    expect(() => end.receive({ number: 1, received: 1, op: ['Z'] })).toThrow('0 are acknowledged')
    expect(() => end.acknowledge(2)).toThrow('2 operations of 1 sent')
  })

  it('changes nothing when the check refuses', () => {
    const end = new JupiterEnd<null>(ot, 'right')
    end.generate([5, 'x'], null)
    const refuse = (): void => { throw new ProtocolError('no') }
    expect(() => end.receive({ number: 0, received: 0, op: ['Z'] }, refuse)).toThrow('no')
    expect(end.received).toBe(0)
    expect(end.resend()[0]?.op).toEqual([5, 'x'])
  })
})

describe('the Jupiter hub', () => {
  it('R4: a half-open session that its client has replaced is not listened to', () => {
    const { hub: server, journal } = hub('abc')
    const [old, fresh, other] = [peer('a'), peer('a'), peer('b')]
    server.join(old.peer, 1, 0)
    server.join(other.peer, 2, 0)
    server.operation(other.peer, 2, { kind: 'op', channel: 0, number: 0, received: 0, op: ['Y'] })
    // The client heard that, broke off, and sends its own operation again on top of it.
    server.join(fresh.peer, 1, 1)
    server.operation(old.peer, 1, { kind: 'op', channel: 0, number: 0, received: 0, op: [3, 'X'] })
    server.acknowledge(old.peer, 1, 0)
    expect(server.text).toBe('Yabc')
    server.operation(fresh.peer, 1, { kind: 'op', channel: 0, number: 0, received: 1, op: [4, 'X'] })
    expect(server.text).toBe('YabcX')
    expect(journal).toEqual([2, 1])
    server.leave(old.peer)
    server.operation(other.peer, 2, { kind: 'op', channel: 0, number: 1, received: 1, op: ['Z'] })
    expect(fresh.got.at(-1)).toMatchObject({ kind: 'op', op: ['Z'] })
  })

  it('P-BOUND: forgets the link of a device\'s earlier incarnation, and gives the new one the whole text', () => {
    const { hub: server } = hub('')
    const [before, after] = [peer('a'), peer('a')]
    server.join(before.peer, 1, 0)
    server.operation(before.peer, 1, { kind: 'op', channel: 0, number: 0, received: 0, op: ['X'] })
    server.join(after.peer, 2, 0)
    expect(after.got.at(-1)).toMatchObject({ kind: 'op', number: 0, op: ['X'] })
    const heard = before.got.length
    server.operation(after.peer, 2, { kind: 'op', channel: 0, number: 0, received: 1, op: ['Y'] })
    expect(before.got).toHaveLength(heard)
  })
})
