import { describe, expect, it } from 'vitest'
import { BadInput } from '../bad-input.ts'
import { parseRecordedSession } from './recorded-session.ts'
import { parseRecordedTime } from './recorded-time.ts'

const session = {
  kind: 'concurrent', endContent: 'abx', numAgents: 2,
  txns: [
    { parents: [], agent: 0, time: '2023-11-22T03:57:32+00:00', numChildren: 2, patches: [[0, 0, 'a']] },
    { parents: [0], agent: 0, time: '2023-11-22T03:57:32Z', patches: [[1, 0, 'b']] },
    { parents: [0], agent: 1, time: '2023-11-22T04:57:33.5+01:00', patches: [[1, 0, 'x'], [0, 0, '']] },
    { parents: [1, 2], agent: 1, time: '2023-11-22T03:57:34+00:00', patches: [[0, 0, '']] },
  ],
}

function withTransaction(at: number, change: object): unknown {
  return { ...session, txns: session.txns.map((txn, index) => index === at ? { ...txn, ...change } : txn) }
}

describe('recorded sessions', () => {
  it('are parsed with the ancestors of each transaction', () => {
    const parsed = parseRecordedSession(session, 'session.json')
    expect(parsed).toMatchObject({ agents: 2, endContent: 'abx', source: 'session.json' })
    expect(parsed.transactions.map(({ agent, ordinal, ancestors }) => [agent, ordinal, ancestors])).toEqual([
      [0, 0, [0, 0]], [0, 1, [1, 0]], [1, 0, [1, 0]], [1, 1, [2, 1]],
    ])
    expect(parsed.transactions[2]?.patches).toEqual([{ at: 1, removed: 0, inserted: 'x' }, { at: 0, removed: 0, inserted: '' }])
    const times = parsed.transactions.map((transaction) => transaction.recordedUs - (parsed.transactions[0]?.recordedUs ?? 0))
    expect(times).toEqual([0, 0, 1_500_000, 2_000_000])
  })

  it.each<[string, unknown, string]>([
    ['nothing', undefined, 'session.json: expected an object, got nothing'],
    ['another kind', { ...session, kind: 'sequential' }, 'session.json: kind: expected "concurrent", got "sequential"'],
    ['no transactions', { kind: 'concurrent', endContent: '', numAgents: 1 }, 'session.json: txns: expected an array, got nothing'],
    ['no agents', { ...session, numAgents: 0 }, 'session.json: numAgents: expected a number, at least 1, got 0'],
    ['an agent too many', withTransaction(2, { agent: 2 }), 'session.json: txns[2].agent: expected an agent from 0 to 1 (numAgents is 2), got 2'],
    ['a parent that comes later', withTransaction(1, { parents: [3] }), 'session.json: txns[1].parents[0]: expected an earlier transaction, below 1, got 3'],
    ['a parent that is itself', withTransaction(1, { parents: [1] }), 'session.json: txns[1].parents[0]: expected an earlier transaction, below 1, got 1'],
    ['an agent concurrent with itself', withTransaction(3, { parents: [1] }), 'session.json: txns[3].parents: expected parents that descend from all 1 earlier transactions of agent 1'],
    ['a negative position', withTransaction(0, { patches: [[-1, 0, 'a']] }), 'session.json: txns[0].patches[0][0]: expected a number, at least 0, got -1'],
    ['a patch without text', withTransaction(0, { patches: [[0, 0]] }), 'session.json: txns[0].patches[0]: expected at least 3 entries, got [0,0]'],
    ['a transaction without patches', withTransaction(0, { patches: [] }), 'session.json: txns[0].patches: expected at least 1 entry, got []'],
    ['a time that is none', withTransaction(0, { time: 'yesterday' }), 'session.json: txns[0].time: expected a time such as 2023-11-22T03:57:32+00:00, got "yesterday"'],
    ['a lone surrogate', withTransaction(0, { patches: [[0, 0, '\ud800']] }), 'session.json: txns[0].patches[0][2]: expected a text without lone surrogates'],
  ])('with %s are refused', (_, value, message) => {
    let refused: unknown
    try {
      parseRecordedSession(value, 'session.json')
    } catch (error) {
      refused = error
    }
    expect(refused).toBeInstanceOf(BadInput)
    expect(refused instanceof BadInput ? refused.message : '').toContain(message)
  })

  it.each([
    ['1970-01-01T00:00:00Z', 0],
    ['1970-01-01T00:00:00.000001Z', 1],
    ['2000-03-01T00:00:00Z', 951_868_800_000_000],
    ['2023-11-22T03:57:32+00:00', 1_700_625_452_000_000],
    ['2023-11-22T04:57:32+01:00', 1_700_625_452_000_000],
    ['2023-11-21T22:27:32.25-05:30', 1_700_625_452_250_000],
    ['1969-12-31T23:59:59Z', -1_000_000],
  ])('%s is %d us since 1970', (written, atUs) => {
    expect(parseRecordedTime(written)).toBe(atUs)
  })

  it.each(['', '2023-11-22', '2023-13-22T00:00:00Z', '2023-11-22T24:00:00Z', '2023-11-22T03:57:32', 'x2023-11-22T03:57:32Z'])('%j is no time', (written) => {
    expect(parseRecordedTime(written)).toBeUndefined()
  })
})
