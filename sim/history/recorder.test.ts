import { describe, expect, it } from 'vitest'
import { Sha256 } from '../kernel/sha256.ts'
import { TraceDigest } from '../kernel/trace-digest.ts'
import type { FrameEvent, HistoryEvent } from './events.ts'
import { Recorder } from './recorder.ts'

const HOSTS = ['A', 'B', 'server']

function digestOf(...events: readonly HistoryEvent[]): string {
  const digest = new TraceDigest(new Sha256())
  const recorder = new Recorder(digest, HOSTS)
  for (const event of events) recorder.record(event)
  return digest.hex()
}

const about = { atUs: 5, edit: 'e1', device: 'A' }
const field = { document: 'doc', field: 'price', type: 'register' } as const
/** One of every kind, and of every shape of change. */
const SAMPLES: readonly HistoryEvent[] = [
  { kind: 'edit', ...about, ...field, incarnation: 1, change: { op: 'set', value: 'v' } },
  { kind: 'edit', ...about, ...field, incarnation: 1, change: { op: 'splice', at: 1, removed: 'r', inserted: 'i' } },
  { kind: 'skipped', ...about, ...field, reason: 'nothing-there' },
  { kind: 'view', atUs: 5, host: 'A', ...field, change: { op: 'set', value: null } },
  { kind: 'view', atUs: 5, host: 'A', ...field, change: { op: 'splice', at: 0, removed: '', inserted: 'i' } },
  { kind: 'settled', ...about, level: 'server-durable' },
  { kind: 'rejected', ...about, reason: 'conflict' },
  { kind: 'merged', ...about, rule: 'add-wins' },
  { kind: 'notified', ...about, notice: 'rejected' },
  { kind: 'signal', atUs: 5, device: 'A', document: 'doc', version: 3 },
  { kind: 'refetch', atUs: 5, startedAtUs: 2, device: 'A', document: 'doc', initial: false, result: 'fetched', version: 3 },
  { kind: 'refetch', atUs: 5, startedAtUs: 2, device: 'A', document: 'doc', initial: true, result: 'failed', version: null },
  { kind: 'connection', atUs: 5, device: 'A', state: 'open' },
  { kind: 'fault', atUs: 5, fault: 'f1', type: 'break', devices: ['A', 'B'], phase: 'begin', hit: 2 },
  { kind: 'frame', atUs: 5, frame: 1, state: 'sent', from: 'A', to: 'server', bytes: 10, traffic: 'data', cause: 'e1' },
  { kind: 'frame', atUs: 5, frame: 1, state: 'lost', from: 'A', to: 'server', bytes: 10, traffic: 'data', cause: null },
  { kind: 'quiet', atUs: 5, result: 'quiet', pending: ['a', 'b'] },
]

/** Every value that differs from `value` in one leaf. */
function changesOf(value: unknown, path: string): { readonly path: string; readonly changed: unknown }[] {
  if (typeof value === 'number') return [{ path, changed: value + 1 }]
  if (typeof value === 'string') return [{ path, changed: `${value}x` }]
  if (typeof value === 'boolean') return [{ path, changed: !value }]
  if (value === null) return [{ path, changed: path.endsWith('version') ? 0 : '' }]
  if (Array.isArray(value)) {
    const items: readonly unknown[] = value
    return [
      { path, changed: items.slice(1) }, { path, changed: [...items, 'A'] }, { path, changed: items.toReversed() },
      ...items.flatMap((item, index) => changesOf(item, `${path}.${index}`).map((one) => ({ path: one.path, changed: items.with(index, one.changed) }))),
    ]
  }
  return Object.entries(value as object).filter(([key]) => key !== 'kind' && key !== 'op').flatMap(([key, item]) =>
    changesOf(item, `${path}.${key}`).map((one) => ({ path: one.path, changed: { ...(value as object), [key]: one.changed } })))
}

describe('Recorder', () => {
  it('D1: the digest changes when any one field of any event changes', () => {
    let changes = 0
    for (const event of SAMPLES) {
      const digest = digestOf(event)
      for (const { path, changed } of changesOf(event, event.kind)) {
        changes += 1
        expect(digestOf(changed as HistoryEvent), `${path} of ${JSON.stringify(event)}`).not.toBe(digest)
      }
    }
    expect(changes).toBeGreaterThan(100)
  })

  it('D1: samples cover every kind, and no two of them have one digest', () => {
    expect(new Set(SAMPLES.map(({ kind }) => kind)).size).toBe(13)
    expect(new Set(SAMPLES.map((event) => digestOf(event))).size).toBe(SAMPLES.length)
  })

  it('D1: the digest changes when events swap or one is missing, and is the same otherwise', () => {
    const digest = digestOf(...SAMPLES)
    expect(digestOf(...SAMPLES)).toBe(digest)
    for (let index = 1; index < SAMPLES.length; index++) {
      expect(digestOf(...SAMPLES.with(index, SAMPLES[index - 1]).with(index - 1, SAMPLES[index]))).not.toBe(digest)
      expect(digestOf(...SAMPLES.toSpliced(index, 1))).not.toBe(digest)
    }
  })

  it('D1: what was removed is not taken for what was put in, nor a value for a splice or for nothing', () => {
    const view = (change: Extract<HistoryEvent, { kind: 'view' }>['change']): string =>
      digestOf({ kind: 'view', atUs: 0, host: 'A', document: 'doc', field: 'note', type: 'text', change })
    const digests = [
      view({ op: 'splice', at: 1, removed: 'a', inserted: 'b+c' }), view({ op: 'splice', at: 1, removed: 'a+b', inserted: 'c' }),
      view({ op: 'splice', at: 1, removed: 'ab', inserted: '+c' }), view({ op: 'splice', at: 11, removed: '', inserted: '' }),
      view({ op: 'set', value: '1-a+b' }), view({ op: 'set', value: '1 1 ab+c' }), view({ op: 'set', value: '' }), view({ op: 'set', value: null }),
    ]
    expect(new Set(digests).size).toBe(digests.length)
  })

  it('D1, R7: the bytes of a frame count, and frames are numbered from 1', () => {
    const sent: Omit<FrameEvent, 'kind' | 'state' | 'frame'> = { atUs: 0, from: 'A', to: 'server', bytes: 3, traffic: 'data', cause: null }
    const digestWith = (...contents: readonly (readonly number[])[]): string => {
      const digest = new TraceDigest(new Sha256())
      const recorder = new Recorder(digest, HOSTS)
      expect(contents.map((content) => recorder.frameSent(sent, Uint8Array.from(content)))).toEqual(contents.map((_, index) => index + 1))
      return digest.hex()
    }
    expect(digestWith([1, 2, 3])).toBe(digestWith([1, 2, 3]))
    expect(digestWith([1, 2, 4])).not.toBe(digestWith([1, 2, 3]))
    expect(digestWith([1], [2])).not.toBe(digestWith([1, 2], []))
  })

  it('counts lost frames for both of their ends', () => {
    const recorder = new Recorder(new TraceDigest(new Sha256()), HOSTS)
    const frame = { kind: 'frame', atUs: 0, frame: 1, from: 'A', to: 'server', bytes: 1, traffic: 'data', cause: null } as const
    recorder.record({ ...frame, state: 'lost' })
    recorder.record({ ...frame, state: 'delivered' })
    expect(HOSTS.map((host) => recorder.framesLost(host))).toEqual([1, 0, 1])
  })
})
