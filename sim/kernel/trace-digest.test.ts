import { createHash } from 'node:crypto'
import { fc, test } from '@fast-check/vitest'
import { describe, expect } from 'vitest'
import { Sha256 } from './sha256.ts'
import { firstTraceDifference, TraceDigest } from './trace-digest.ts'
import type { Hasher, TraceEntry } from './trace-digest.ts'

function nodeHasher(): Hasher {
  const hash = createHash('sha256')
  return { update: (bytes) => { hash.update(bytes) }, digestHex: () => hash.digest('hex') }
}

function apply(entries: readonly TraceEntry[], hasher: Hasher = nodeHasher()): string {
  const digest = new TraceDigest(hasher)
  for (const entry of entries) {
    switch (entry.entry) {
      case 'record': digest.record(entry.kind, entry.atUs, entry.host, entry.a, entry.b); break
      case 'bytes': digest.bytes(entry.content); break
      case 'text': digest.text(entry.text); break
    }
  }
  return digest.hex()
}

const record = fc.record({
  entry: fc.constant('record' as const), kind: fc.integer({ min: 0, max: 40 }), atUs: fc.maxSafeNat(),
  host: fc.integer({ min: 0, max: 2 ** 32 - 1 }), a: fc.maxSafeInteger(), b: fc.maxSafeInteger(),
})
const bytes = fc.record({ entry: fc.constant('bytes' as const), content: fc.uint8Array({ maxLength: 300 }) })
const text = fc.record({ entry: fc.constant('text' as const), id: fc.constant(0), text: fc.string({ unit: 'binary' }) })
const traces = fc.array(fc.oneof(record, bytes, text), { minLength: 1, maxLength: 40 })

describe('TraceDigest', () => {
  test.prop([traces])('D1: the same entries give the same digest', (entries) => {
    expect(apply(entries)).toBe(apply(structuredClone(entries)))
  })

  test.prop([fc.array(record, { minLength: 1, maxLength: 20 }), fc.nat(), fc.constantFrom('kind', 'atUs', 'host', 'a', 'b')])(
    'D1: any one number of any record changed by one changes the digest', (entries, at, field) => {
      const changed = entries.map((entry, index) => index !== at % entries.length ? entry
        : { ...entry, [field]: entry[field] + (entry[field] > 0 ? -1 : 1) })
      expect(apply(changed)).not.toBe(apply(entries))
    })

  test.prop([fc.array(bytes, { minLength: 1, maxLength: 8 }), fc.nat(), fc.nat(), fc.integer({ min: 1, max: 255 })])(
    'D1: one changed byte changes the digest', (entries, at, position, flip) => {
      const { content } = entries[at % entries.length]
      fc.pre(content.length > 0)
      const before = apply(entries)
      content[position % content.length] ^= flip
      expect(apply(entries)).not.toBe(before)
    })

  test.prop([traces, fc.nat(), fc.nat()])('D1: a swapped pair of different entries changes the digest', (entries, i, j) => {
    const [first, second] = [i % entries.length, j % entries.length]
    fc.pre(firstTraceDifference([entries[first]], [entries[second]]) !== null)
    const swapped = entries.with(first, entries[second]).with(second, entries[first])
    // A text met before adds nothing, so swapping it with its own repetition's neighbours may change nothing.
    fc.pre(new Set(entries.map((entry) => entry.entry === 'text' ? entry.text : entry)).size === entries.length)
    expect(apply(swapped)).not.toBe(apply(entries))
  })

  test.prop([fc.uint8Array({ minLength: 1, maxLength: 200 }), fc.nat(), fc.nat()])(
    'D1: a moved boundary between two contents changes the digest', (content, i, j) => {
      const [first, second] = [i % (content.length + 1), j % (content.length + 1)]
      fc.pre(first !== second)
      const cut = (at: number): TraceEntry[] => [content.slice(0, at), content.slice(at)].map((part) => ({ entry: 'bytes', content: part }))
      expect(apply(cut(first))).not.toBe(apply(cut(second)))
    })

  test('D1: contents cannot pass for records, texts or the absence of anything', () => {
    const one: TraceEntry = { entry: 'record', kind: 1, atUs: 2, host: 3, a: 4, b: 5 }
    const hashed: Uint8Array[] = []
    const keeping: Hasher = { update: (part) => { hashed.push(part.slice()) }, digestHex: () => '' }
    apply([one], keeping)
    const asBytes: TraceEntry = { entry: 'bytes', content: hashed[0] }
    const empty: TraceEntry = { entry: 'bytes', content: new Uint8Array() }
    const asText: TraceEntry = { entry: 'text', id: 1, text: '' }
    const digests = [[one], [asBytes], [one, one], [one, empty], [empty, one], [empty], [asText], []].map((entries) => apply(entries))
    expect(new Set(digests).size).toBe(digests.length)
  })

  test('D1: a text counts once and its id names it; the order of first use counts', () => {
    const digest = new TraceDigest(nodeHasher())
    expect([digest.text('a'), digest.text('b'), digest.text('a'), digest.text('')]).toEqual([1, 2, 1, 3])
    const of = (...texts: string[]): string => apply(texts.map((one) => ({ entry: 'text', id: 0, text: one })))
    expect(of('a', 'b', 'a')).toBe(of('a', 'b'))
    expect(of('b', 'a')).not.toBe(of('a', 'b'))
    expect(of('ab')).not.toBe(of('a', 'b'))
    expect(of('\ud800')).not.toBe(of('\ufffd'))
  })

  test('D1: contents larger than the buffer and records across its end are hashed in order', () => {
    const large = Uint8Array.from({ length: 200_001 }, (_, at) => at * 7)
    const records = Array.from({ length: 5_000 }, (_, a): TraceEntry => ({ entry: 'record', kind: 1, atUs: a, host: 0, a, b: 0 }))
    const entries: TraceEntry[] = [...records, { entry: 'bytes', content: large }, ...records]
    let streamed: number[] = []
    apply(entries, { update: (part) => { streamed = streamed.concat([...part]) }, digestHex: () => '' })
    expect(streamed.length).toBe(10_000 * 32 + 32 + large.length)
    expect(streamed.slice(5_001 * 32, 5_001 * 32 + large.length)).toEqual([...large])
    expect(apply(entries)).toBe(createHash('sha256').update(Uint8Array.from(streamed)).digest('hex'))
  })

  test('D1: -0 equals 0; what is not a number, and kinds and hosts out of range, are refused', () => {
    const of = (a: number): string => apply([{ entry: 'record', kind: 0, atUs: 0, host: 0, a, b: 0 }])
    expect(of(-0)).toBe(of(0))
    expect(of(Number.MAX_SAFE_INTEGER)).not.toBe(of(Number.MAX_SAFE_INTEGER - 1))
    const digest = new TraceDigest(nodeHasher())
    for (const [kind, at, host, a, b] of [[-1, 0, 0, 0, 0], [2 ** 32 - 16, 0, 0, 0, 0], [1.5, 0, 0, 0, 0], [0, NaN, 0, 0, 0],
      [0, 0, -1, 0, 0], [0, 0, 2 ** 32, 0, 0], [0, 0, 0, NaN, 0], [0, 0, 0, 0, NaN]]) {
      expect(() => digest.record(kind, at, host, a, b)).toThrow(RangeError)
    }
  })

  test('D1: reading twice gives the same; adding after reading is refused', () => {
    const digest = new TraceDigest(nodeHasher())
    digest.record(1, 2, 3, 4, 5)
    expect(digest.hex()).toBe(digest.hex())
    expect(() => digest.record(1, 2, 3, 4, 5)).toThrow(/already/)
    expect(() => digest.bytes(new Uint8Array(1))).toThrow(/already/)
    expect(() => digest.text('new')).toThrow(/already/)
  })

  test.prop([traces, fc.nat()])('D7: listened to, two traces are compared entry by entry and the first difference named', (entries, at) => {
    const heard: TraceEntry[] = []
    const digest = new TraceDigest(nodeHasher(), (entry) => heard.push(entry))
    for (let index = 0; index < 3; index++) digest.record(1, index, 0, 0, 0)
    digest.bytes(new Uint8Array([1]))
    digest.text('t')
    digest.text('t')
    expect(heard.map((entry) => entry.entry)).toEqual(['record', 'record', 'record', 'bytes', 'text'])
    expect(firstTraceDifference(entries, structuredClone(entries))).toBeNull()
    const index = at % entries.length
    expect(firstTraceDifference(entries, entries.slice(0, index))).toEqual({ index, left: entries[index], right: undefined })
    const marked: TraceEntry = { entry: 'record', kind: 99, atUs: 0, host: 0, a: 0, b: 0 }
    expect(firstTraceDifference(entries, entries.with(index, marked))).toEqual({ index, left: entries[index], right: marked })
  })

  test('D7: listened contents are copies, and listening changes no digest', () => {
    const heard: TraceEntry[] = []
    const listened = new TraceDigest(nodeHasher(), (entry) => heard.push(entry))
    const content = new Uint8Array([1, 2, 3])
    listened.bytes(content)
    content[0] = 9
    expect(heard).toEqual([{ entry: 'bytes', content: new Uint8Array([1, 2, 3]) }])
    expect(listened.hex()).toBe(apply(heard))
  })
})

describe('Sha256', () => {
  test.prop([fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 12 })])('D1: agrees with node:crypto, however the input is cut', (parts) => {
    const [plain, native] = [new Sha256(), nodeHasher()]
    for (const part of parts) { plain.update(part); native.update(part) }
    expect(plain.digestHex()).toBe(native.digestHex())
  })

  test('D1: agrees around the block and padding boundaries', () => {
    for (let length = 0; length <= 130; length++) {
      const content = new Uint8Array(length).fill(0xa5)
      const plain = new Sha256()
      plain.update(content)
      expect(plain.digestHex()).toBe(createHash('sha256').update(content).digest('hex'))
    }
  })

  test.prop([traces])('D1: a trace has one digest with either hasher', (entries) => {
    expect(apply(entries, new Sha256())).toBe(apply(entries))
  })

  test('D1: reading twice gives the same; adding after reading is refused', () => {
    const hash = new Sha256()
    hash.update(new Uint8Array([1]))
    expect(hash.digestHex()).toBe(hash.digestHex())
    expect(() => { hash.update(new Uint8Array([1])) }).toThrow(/already/)
  })
})
