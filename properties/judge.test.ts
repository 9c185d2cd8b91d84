import { describe, expect, it } from 'vitest'
import type { History, HistoryEvent } from '../sim/history/events.ts'
import { analyse } from './analysis/analysis.ts'
import { goldenHistory, register } from './golden/history-builder.ts'
import { judgeRun } from './judge.ts'
import { properties, propertyNamed } from './registry.ts'

describe('judging a run', () => {
  const history = goldenHistory().set('a', 'a1', 'price', '1').settle('a1').showAll(['server', 'b'], 'price', '1').quiet().build()

  it('gives one judgement per property and type, or per property under any, in the registry’s order', () => {
    const expected = properties.flatMap(({ name, scope }) => (scope === 'run' ? [[name, 'any']] : [[name, 'register'], [name, 'text']]))
    expect(judgeRun(history).map(({ property, type }) => [property, type])).toEqual(expected)
  })

  it('has every property under a name and an id of its own page', () => {
    expect(properties.map(({ name }) => name)).toEqual([
      'convergence', 'no-lost-write', 'no-unexplained-loss', 'outcome-conservation', 'liveness-after-heal', 'bounded-staleness', 'bounded-refetches',
      'stale-screen', 'duplicate-update', 'race-override', 'broken-audit-trail', 'inconsistent-devices',
    ])
    expect(propertyNamed('convergence')?.id).toBe('P-CONV')
    expect(propertyNamed('converge')).toBeUndefined()
  })

  it('keeps what it worked out with the history, and never shares it between histories', () => {
    expect(analyse(history)).toBe(analyse(history))
    const forged: History = { header: history.header, events: history.events.filter((event) => event.kind !== 'view' || event.host !== 'b') }
    expect(judgeRun(forged)[0]?.verdict).toBe('violated')
    expect(judgeRun(history)[0]?.verdict).toBe('holds')
  })

  it('judges the same whether values are short or the field is one of many', () => {
    const wide = goldenHistory({ fields: [register('x'), register('price'), register('y')] })
      .set('a', 'a1', 'price', '1').settle('a1').showAll(['server', 'b'], 'price', '1').quiet().build()
    expect(judgeRun(wide)[0]).toMatchObject({ verdict: 'holds' })
  })
})

describe('judging a long session', () => {
  /** Two people type in turns into one text, each before the other's last character has arrived; every view is one splice. */
  function session(edits: number): History {
    const builder = goldenHistory()
    const events: HistoryEvent[] = []
    const text = { document: 'order', field: 'note', type: 'text' as const }
    const shown: Record<string, number> = { a: 0, b: 0, server: 0 }
    const show = (host: string, atUs: number, inserted: string, before = 0): void => {
      events.push({ kind: 'view', atUs, host, ...text, change: { op: 'splice', at: (shown[host] ?? 0) - before, removed: '', inserted } })
      shown[host] = (shown[host] ?? 0) + inserted.length
    }
    for (let index = 0; index < edits; index += 1) {
      const atUs = index * 1000
      const device = index % 2 === 0 ? 'a' : 'b'
      const other = index % 2 === 0 ? 'b' : 'a'
      const inserted = String.fromCodePoint(0x20000 + index)
      events.push({
        kind: 'edit', atUs, edit: `e${index}`, device, incarnation: 0, ...text,
        change: { op: 'splice', at: (shown[device] ?? 0) / 2, removed: '', inserted },
      })
      show(device, atUs, inserted)
      if (index > 0) {
        const late = String.fromCodePoint(0x20000 + index - 1)
        show('server', atUs, late)
        show(device, atUs, late, inserted.length)
        events.push({ kind: 'settled', atUs, edit: `e${index - 1}`, device: other, level: 'server-durable' })
      }
    }
    const last = edits - 1
    const inserted = String.fromCodePoint(0x20000 + last)
    show('server', last * 1000, inserted)
    show(last % 2 === 0 ? 'b' : 'a', last * 1000, inserted)
    events.push({ kind: 'settled', atUs: last * 1000, edit: `e${last}`, device: last % 2 === 0 ? 'a' : 'b', level: 'server-durable' })
    events.push({ kind: 'quiet', atUs: last * 1000 + 10_000_000, result: 'quiet', pending: [] })
    return { header: builder.build().header, events }
  }

  it('P-NLW: counts every concurrent pair of 8,000 edits', () => {
    const history = session(8000)
    const verdicts = new Map(judgeRun(history).filter(({ type }) => type === 'text').map(({ property, verdict }) => [property, verdict]))
    expect(analyse(history).concurrentPairs('text')).toBe(7999)
    expect(verdicts.get('no-lost-write')).toBe('holds')
    expect(verdicts.get('convergence')).toBe('holds')
    expect(verdicts.get('bounded-staleness')).toBe('holds')
    expect(verdicts.get('broken-audit-trail')).toBe('holds')
  })
})
