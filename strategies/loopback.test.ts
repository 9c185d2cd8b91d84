import { describe, expect, it } from 'vitest'
import type {
  Authority, AuthorityContext, DocumentId, DocumentShape, Replica, ReplicaContext, Session, Strategy,
} from '../sim/contract.ts'
import { Loopback, LOOPBACK_SERVER, picksFrom } from './loopback.ts'

const documents: readonly DocumentShape[] = [{ id: 'doc', fields: [{ name: 'note', type: 'register', initial: null }] }]
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const text = (data: Uint8Array): string => new TextDecoder().decode(data)

/** A toy that logs what reaches it: frames are values, `post` edits go through the outbox. */
class Probe {
  readonly log: string[] = []
  readonly booted: string[] = []
  readonly strategy: Strategy = {
    replica: (context) => this.replica(context),
    authority: (context) => this.authority(context),
  }

  private replica(context: ReplicaContext): Replica {
    let session: Session | null = null
    const me = context.identity.device
    this.booted.push(`${me}.${context.identity.incarnation}=${context.replicaNumber} recovered ${context.recovered.length}`)
    return {
      open: () => undefined,
      opened: (opened) => { session = opened; this.log.push(`${me} opened`) },
      received: (_, data) => { this.log.push(`${me} got ${text(data)}`) },
      closed: (_, why) => { session = null; this.log.push(`${me} ${why.kind}`) },
      edit: ({ handle, change, document }) => {
        const value = change.op === 'set' ? change.value : change.inserted
        if (value.startsWith('post')) {
          context.request({ method: 'POST', path: '/', document, body: bytes(value) }, { durable: handle }, (result) => {
            this.log.push(`${me} answered ${'failed' in result ? result.failed : result.status}`)
            context.settle(handle, 'server-durable')
          })
        } else if (value === 'plain') {
          context.request({ method: 'GET', path: '/', document, body: bytes(value) }, {}, (result) => {
            this.log.push(`${me} plain ${'failed' in result ? result.failed : result.status}`)
          })
        } else if (value === 'later') context.timer(50, () => { session?.send(bytes('timer'), 'data') })
        else session?.send(bytes(value), 'data')
      },
      signalled: (document: DocumentId, version) => {
        this.log.push(`${me} signalled ${version}`)
        context.invalidate(document, version)
      },
      refetched: (_, body) => { this.log.push(`${me} refetched ${text(body)}`) },
      answered: ({ handle }, response) => { this.log.push(`${me} recovered ${handle} ${response.status}`) },
      view: () => ({ note: null }),
      pending: () => 0,
      dispose: () => undefined,
    }
  }

  private authority(context: AuthorityContext): Authority {
    const sessions: Session[] = []
    let version = context.disk.boot.size
    return {
      opened: (session) => { sessions.push(session); this.log.push(`server opened ${session.peer}`) },
      received: (from, data) => {
        this.log.push(`server got ${text(data)} from ${from.peer}`)
        for (const one of sessions) if (one !== from) one.send(data, 'data')
      },
      closed: (session, why) => {
        sessions.splice(sessions.indexOf(session), 1)
        this.log.push(`server ${session.peer} ${why.kind}`)
      },
      request: (request, respond) => {
        if (request.method === 'GET') { respond({ status: 200, body: bytes(`v${version}`) }); return }
        version += 1
        this.log.push(`server executes ${text(request.body)}`)
        context.disk.write(new Map([[`write/${version}`, request.body]]), () => {
          context.publish(request.document, version)
          respond({ status: 200, body: new Uint8Array() })
        })
      },
      view: () => ({ note: null }),
      pending: () => 0,
      dispose: () => undefined,
    }
  }
}

function start(devices: readonly string[], ids: 'ascending' | 'descending' = 'ascending'): { net: Loopback; probe: Probe } {
  const probe = new Probe()
  return { probe, net: new Loopback({ strategy: probe.strategy, documents, devices, options: { ids } }) }
}
const say = (net: Loopback, device: string, value: string): ReturnType<Loopback['edit']> =>
  net.edit(device, 'doc', 'note', { op: 'set', value })

describe('the loopback harness', () => {
  it('R1: delivers frames in the order they were sent, whatever is picked', () => {
    const { net, probe } = start(['a', 'b'])
    for (const value of ['1', '2', '3']) say(net, 'a', value)
    net.drain(picksFrom([5, 3, 8, 1, 9, 2]))
    expect(probe.log.filter((line) => line.startsWith('b got'))).toEqual(['b got 1', 'b got 2', 'b got 3'])
    expect(net.sent('a', 'authority')).toBe(3)
  })

  it('R7: copies what is sent', () => {
    const { net, probe } = start(['a'])
    say(net, 'a', '1')
    net.peek('a', 'authority')?.fill(50)
    net.deliver('a', 'authority')
    expect(probe.log).toContain('server got 2 from a')
    expect(net.inFlight('a', 'authority')).toBe(0)
  })

  it('R1: a dropped session loses what is in flight and is closed at both ends', () => {
    const { net, probe } = start(['a', 'b'])
    say(net, 'a', 'gone')
    say(net, 'b', 'kept')
    net.drop('a')
    net.drain()
    expect(probe.log).toEqual(['server opened a', 'a opened', 'server opened b', 'b opened', 'server a lost', 'a lost',
      'server got kept from b'])
    net.reconnect('a')
    expect(net.connected('a')).toBe(true)
  })

  it('durable requests run in order, one in flight, once per intent, across lost connections', () => {
    const { net, probe } = start(['a'])
    const first = say(net, 'a', 'post 1')
    say(net, 'a', 'post 2')
    expect(net.choices()).toHaveLength(1)
    net.step(() => 0)
    net.drop('a') // executed, answer lost (R2)
    net.drain()
    expect(net.settlements.get(first)).toEqual([])
    net.reconnect('a')
    net.drain()
    expect(probe.log.filter((line) => line.startsWith('server executes'))).toEqual(['server executes post 1', 'server executes post 2'])
    expect(net.settlements.get(first)).toEqual(['server-durable'])
    expect([...net.stored(LOOPBACK_SERVER).keys()]).toEqual(['write/1', 'write/2'])
  })

  it('a request without the outbox fails when the connection does', () => {
    const { net, probe } = start(['a'])
    say(net, 'a', 'plain')
    net.drop('a')
    expect(probe.log.at(-1)).toBe('a plain network')
  })

  it('C06: signals lead to a refetch, coalesced while one waits', () => {
    const { net, probe } = start(['a', 'b'])
    say(net, 'a', 'post 1')
    say(net, 'a', 'post 2')
    for (let i = 0; i < 6; i++) net.step(() => 0)
    net.happen({ kind: 'signal', device: 'b', index: 1 })
    net.happen({ kind: 'signal', device: 'b', index: 0 })
    net.drain()
    expect(probe.log.filter((line) => line.startsWith('b signalled'))).toEqual(['b signalled 2', 'b signalled 1'])
    expect(probe.log.filter((line) => line.startsWith('b refetched'))).toEqual(['b refetched v2'])
  })

  it('R5: a restart keeps what was synced, loses the rest, and hands durable requests on', () => {
    const { net, probe } = start(['a'])
    const handle = say(net, 'a', 'post 1')
    net.step(() => 0)
    net.restart(LOOPBACK_SERVER)
    expect(net.stored(LOOPBACK_SERVER).size).toBe(0)
    net.restart('a')
    net.reconnect('a')
    net.drain()
    expect(net.stored(LOOPBACK_SERVER).size).toBe(1)
    expect(probe.booted).toEqual(['a.0=1001 recovered 0', 'a.1=1002 recovered 1'])
    expect(probe.log).toContain(`a recovered ${handle} 200`)
  })

  it('D8: replica numbers follow the hosts, or run against them', () => {
    expect(start(['a', 'b']).probe.booted.map((line) => line.split(' ')[0])).toEqual(['a.0=1001', 'b.0=2001'])
    expect(start(['a', 'b'], 'descending').probe.booted.map((line) => line.split(' ')[0])).toEqual(['a.0=1001', 'b.0=1'])
  })

  it('timers fire by the manual clock only, or in drain once nothing else is left', () => {
    const { net } = start(['a'])
    say(net, 'a', 'later')
    net.advance(49)
    expect(net.inFlight('a', 'authority')).toBe(0)
    net.advance(1)
    expect(net.inFlight('a', 'authority')).toBe(1)
    say(net, 'a', 'later')
    net.drain()
    expect(net.sent('a', 'authority')).toBe(2)
  })
})
