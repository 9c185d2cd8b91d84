import { describe, expect, it } from 'vitest'
import type { AuthorityContext, DocumentShape, Response, Version, Writes } from '../../sim/contract.ts'
import { VersionRejectAuthority } from './authority.ts'
import { decodeDocument, encodeWrite, type Write } from './codec.ts'

const documents: readonly DocumentShape[] = [{ id: 'doc', fields: [
  { name: 'price', type: 'register', initial: null },
  { name: 'note', type: 'text', initial: 'a😀' },
  { name: 'stock', type: 'counter', initial: null },
] }]

/** An authority alone; its disk syncs when told. */
function serverAlone(boot: ReadonlyMap<string, Uint8Array> = new Map()) {
  const stored = new Map(boot)
  const writes: { batch: Writes; synced: () => void }[] = []
  const published: Version[] = []
  const authority = new VersionRejectAuthority({
    documents, changed: () => undefined, publish: (_: string, version: Version) => { published.push(version) },
    disk: { boot, write: (batch: Writes, synced: () => void) => { writes.push({ batch, synced }) } },
  } as unknown as AuthorityContext)
  const ask = (method: 'GET' | 'POST', body: Uint8Array, document = 'doc'): { answer?: Response } => {
    const result: { answer?: Response } = {}
    authority.request({ method, path: '/', document, body }, (response) => { result.answer = response })
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
