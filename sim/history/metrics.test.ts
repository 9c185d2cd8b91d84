import { describe, expect, it } from 'vitest'
import { tinyPlan } from '../testing/tiny-plan.ts'
import { boundsOf } from './bounds.ts'
import { coverageOf } from './coverage.ts'
import type { History, HistoryEvent } from './events.ts'
import { metricsOf } from './metrics.ts'

const plan = tinyPlan()
const historyOf = (...events: readonly HistoryEvent[]): History => ({
  events,
  header: {
    scenario: 'tiny', strategy: 'echo', devices: ['A', 'B'], servers: ['server'], documents: plan.documents, types: ['register', 'text'], wholeValueTypes: [],
    settles: 'server-durable', invalidation: true, distinctText: true, healedAtUs: 1_000_000, bounds: boundsOf(plan, true),
  },
})
const field = { document: 'doc', field: 'price', type: 'register' } as const
const edit = (id: string, atUs = 0): HistoryEvent => ({ kind: 'edit', atUs, edit: id, device: 'A', incarnation: 1, ...field, change: { op: 'set', value: id } })
const settled = (id: string, level: 'local-durable' | 'server-durable' = 'server-durable'): HistoryEvent => ({ kind: 'settled', atUs: 0, edit: id, device: 'A', level })
const frame = (number: number, state: 'sent' | 'lost' | 'delivered', from: string, bytes: number): HistoryEvent =>
  ({ kind: 'frame', atUs: 0, frame: number, state, from, to: from === 'server' ? 'A' : 'server', bytes, traffic: 'data', cause: null })
const refetch = (device: string, initial: boolean): HistoryEvent =>
  ({ kind: 'refetch', atUs: 0, startedAtUs: 0, device, document: 'doc', initial, result: 'fetched', version: 1 })
const connection = (device: string, state: 'connecting' | 'open' | 'closed'): HistoryEvent => ({ kind: 'connection', atUs: 0, device, state })
const note = (host: string, at: number, removed: string, inserted: string, atUs = 0): HistoryEvent =>
  ({ kind: 'view', atUs, host, document: 'doc', field: 'note', type: 'text', change: { op: 'splice', at, removed, inserted } })

describe('metrics', () => {
  it('counts what was sent, each way, once per frame', () => {
    const history = historyOf(frame(1, 'sent', 'A', 10), frame(1, 'delivered', 'A', 10), frame(2, 'sent', 'server', 7), frame(2, 'lost', 'server', 7), frame(3, 'sent', 'B', 5))
    expect(metricsOf(history, plan)).toMatchObject({ bytesUp: 15, bytesDown: 7, frames: 3 })
  })

  it('counts edits, skipped ones of types the strategy has, and rejected ones', () => {
    const skipped = (reason: 'nothing-there' | 'type-unsupported'): HistoryEvent => ({ kind: 'skipped', atUs: 0, edit: 'x', device: 'A', ...field, reason })
    const history = historyOf(edit('e1'), skipped('nothing-there'), skipped('type-unsupported'), { kind: 'rejected', atUs: 0, edit: 'e1', device: 'A', reason: 'no' })
    expect(metricsOf(history, plan)).toMatchObject({ edits: 1, skipped: 1, rejected: 1 })
  })

  it('the deepest queue counts edits until their own level, a rejection or a merge', () => {
    const history = historyOf(edit('e1'), edit('e2'), settled('e1', 'local-durable'), edit('e3'), settled('e1'), settled('e2'), edit('e4'))
    expect(metricsOf(history, plan)).toMatchObject({ pendingMax: 3 })
  })

  it('the first load is no refetch; refetches are counted per device', () => {
    const history = historyOf(refetch('A', true), refetch('A', false), refetch('A', false), refetch('B', true))
    expect(metricsOf(history, plan)).toMatchObject({ refetches: 2, refetchesPerDevice: { A: 2, B: 0 } })
  })

  it('retries are dials that did not open', () => {
    const history = historyOf(connection('A', 'connecting'), connection('A', 'closed'), connection('A', 'connecting'), connection('A', 'open'))
    expect(metricsOf(history, plan)).toMatchObject({ connections: 1, retries: 1 })
  })

  it('convergence is the time from healing to the last change of a view', () => {
    expect(metricsOf(historyOf(note('A', 0, '', 'x', 1_250_000)), plan)).toMatchObject({ convergenceMs: 250 })
    expect(metricsOf(historyOf(note('A', 0, '', 'x', 500_000)), plan)).toMatchObject({ convergenceMs: 0 })
  })

  it('equalsEndContent wants the recorded text on every host, the server included', () => {
    const recorded = { ...plan, endContent: { document: 'doc', field: 'note', text: 'ac' } }
    const all = ['A', 'B', 'server'].flatMap((host) => [note(host, 0, '', 'abc'), note(host, 1, 'b', '')])
    expect(metricsOf(historyOf(...all), recorded)).toMatchObject({ equalsEndContent: 1 })
    expect(metricsOf(historyOf(...all.slice(0, -1)), recorded)).toMatchObject({ equalsEndContent: 0 })
    expect(metricsOf(historyOf(...all), plan)).not.toHaveProperty('equalsEndContent')
  })
})

describe('coverage (H1)', () => {
  it('counts each situation, faults when they end, and signals that a newer one has overtaken', () => {
    const fault = (phase: 'begin' | 'end', hit: number): HistoryEvent => ({ kind: 'fault', atUs: 0, fault: 'f', type: 'break', devices: ['A'], phase, hit })
    const signal = (device: string, version: number): HistoryEvent => ({ kind: 'signal', atUs: 0, device, document: 'doc', version })
    expect(coverageOf(historyOf(
      edit('e1'), settled('e1', 'local-durable'), settled('e1'), settled('e1'), fault('begin', 3), fault('end', 3), fault('begin', 0), fault('end', 0),
      frame(1, 'lost', 'A', 1), connection('A', 'open'), connection('B', 'open'), connection('A', 'open'),
      ...(['resumed', 'reset'] as const).map((state): HistoryEvent => ({ kind: 'stream', atUs: 0, device: 'A', state })),
      signal('A', 2), signal('B', 1), signal('A', 1), signal('A', 2), signal('B', 3), refetch('A', true), refetch('A', false),
    ))).toEqual({
      edits: 1, settledEdits: 1, rejectedEdits: 0, faults: 2, faultsThatHit: 1, framesLost: 1, reconnections: 1, fallbacks: 0, streamsResumed: 1, resetsTaken: 1, signalsReordered: 1, refetches: 1,
    })
  })
})
