import { describe, expect, it } from 'vitest'
import type { DocumentShape, EditHandle, Request, Response, Version } from '../../sim/contract.ts'
import { decodeWrite, encodeDocument, encodeWrite, type Write } from './codec.ts'
import { VersionRejectReplica } from './replica.ts'

const documents: readonly DocumentShape[] = [{ id: 'doc', fields: [
  { name: 'price', type: 'register', initial: null },
  { name: 'note', type: 'text', initial: 'a😀' },
  { name: 'stock', type: 'counter', initial: null },
] }]

/** A replica alone, with what it asks of the stack written down. */
function replicaAlone(recovered: readonly { readonly write: Write; readonly handle: string }[] = []) {
  const asked: string[] = []
  const sent: { request: Request; done: (response: Response) => void }[] = []
  const replica = new VersionRejectReplica({
    documents, identity: { device: 'a', incarnation: 1, user: 'u' }, changed: () => undefined,
    recovered: recovered.map(({ write, handle }) => ({ handle: handle as EditHandle,
      request: { method: 'POST', path: '/documents/doc', document: 'doc', body: encodeWrite(write) } as const })),
    request: (request: Request, _: unknown, done: (response: Response) => void) => { sent.push({ request, done }); return () => undefined },
    settle: (handle: EditHandle, outcome: unknown) => { asked.push(`settle ${handle} ${typeof outcome === 'string' ? outcome : 'rejected'}`) },
    notify: (handle: EditHandle) => { asked.push(`notify ${handle}`) },
    invalidate: (_: string, version: Version, options?: { initial: true }) => { asked.push(`invalidate ${version}${options?.initial ? ' initial' : ''}`) },
  } as never)
  const fetched = (version: Version, value: string): void => {
    replica.refetched('doc', encodeDocument({ version, fields: new Map([['price', value]]) }))
  }
  const edit = (handle: string, value: string): void =>
    replica.edit({ handle: handle as EditHandle, document: 'doc', field: 'price', type: 'register', change: { op: 'set', value } })
  return { replica, asked, sent, fetched, edit, price: () => replica.view('doc').price }
}

describe('version-reject, what the replica asks of the stack', () => {
  it('loads a document once its session is open, and revalidates it when another session opens', () => {
    const { replica, asked } = replicaAlone()
    replica.open('doc')
    expect(asked).toEqual([])
    replica.opened()
    replica.closed()
    replica.opened()
    expect(asked).toEqual(['invalidate 0 initial', 'invalidate 0'])
  })

  it('C05: passes on a signal only if it is newer than the base', () => {
    const { replica, asked, fetched } = replicaAlone()
    replica.open('doc')
    fetched(3, 'x')
    for (const version of [2, 3, 4]) replica.signalled('doc', version)
    expect(asked).toEqual(['invalidate 4'])
  })

  it('T62: an own edit raises the version when it is accepted and not before', () => {
    const { replica, asked, fetched, edit, sent } = replicaAlone()
    replica.open('doc')
    fetched(3, 'x')
    edit('e1', 'mine')
    replica.signalled('doc', 4)
    expect(asked).toEqual(['invalidate 4'])
    sent[0]?.done({ status: 200, body: new Uint8Array(), version: 4 })
    replica.signalled('doc', 4)
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
    replica.opened()
    replica.answered({ handle: 'e1' as EditHandle, request: { method: 'POST', path: '/', document: 'doc', body: new Uint8Array() } },
      { status: 200, body: new Uint8Array(), version: 4 })
    expect([asked, replica.pending(), price()]).toEqual([['invalidate 0 initial', 'invalidate 4', 'settle e1 server-durable'], 0, 'mine'])
    fetched(3, 'before')
    expect(price()).toBe('mine')
    fetched(5, 'after')
    expect(price()).toBe('after')
  })

  it('F01, R5: an answer to an earlier process asks for nothing before the session is open: the load will show it', () => {
    const write = { mutation: 'a/0/1', base: 3, predecessor: null, field: 'price', value: 'mine' }
    const { replica, asked } = replicaAlone([{ write, handle: 'e1' }])
    replica.open('doc')
    replica.answered({ handle: 'e1' as EditHandle, request: { method: 'POST', path: '/', document: 'doc', body: new Uint8Array() } },
      { status: 200, body: new Uint8Array(), version: 4 })
    replica.opened()
    expect(asked).toEqual(['settle e1 server-durable', 'invalidate 0 initial'])
  })

  it('R5, E14: before a new process has loaded the document, its edits do not build on what an earlier one left', () => {
    const write = { mutation: 'a/0/1', base: 3, predecessor: null, field: 'price', value: 'mine' }
    const { replica, sent, fetched, edit } = replicaAlone([{ write, handle: 'e1' }])
    replica.open('doc')
    edit('e2', 'blind')
    fetched(3, 'x')
    edit('e3', 'seeing')
    expect(sent.map(({ request }) => decodeWrite(request.body))).toMatchObject([
      { base: 0, predecessor: null, value: 'blind' }, { base: 1, predecessor: 'a/1/1', value: 'seeing' },
    ])
  })

  it('C06: takes no frames: one that arrives ends the session and changes nothing', () => {
    const { replica, asked, price } = replicaAlone()
    const before = price()
    const codes: number[] = []
    replica.received({ close: (code: number) => { codes.push(code) } } as never)
    expect([codes, asked, price()]).toEqual([[1002], [], before])
  })
})
