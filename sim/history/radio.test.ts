import { describe, expect, it } from 'vitest'
import type { History, HistoryEvent } from './events.ts'
import { radioFigures, radioTimes, type Radio } from './radio.ts'

const MS = 1000
const frame = (atMs: number, state: 'sent' | 'delivered' | 'lost', from: string, to: string): HistoryEvent =>
  ({ kind: 'frame', atUs: atMs * MS, frame: atMs, state, from, to, bytes: 1, traffic: 'data', cause: null })
const up = (atMs: number): HistoryEvent => frame(atMs, 'sent', 'A', 'server')
const down = (atMs: number): HistoryEvent => frame(atMs, 'delivered', 'server', 'A')
const end = (atMs: number): HistoryEvent => ({ kind: 'quiet', atUs: atMs * MS, result: 'quiet', pending: [] })
// Of a history, only its events are read.
const historyOf = (...events: readonly HistoryEvent[]): History => ({ events } as unknown as History)
const radio = (device: string, tailMs: number): Radio => ({ device, tailUs: tailMs * MS })
const timeOf = (...events: readonly HistoryEvent[]) => {
  const time = radioTimes(historyOf(...events), new Map([['A', radio('A', 100)]])).get('A')
  return [(time?.onUs ?? NaN) / MS, time?.wakeUps]
}

describe('radio-on time (A14)', () => {
  it.each<[string, readonly HistoryEvent[], readonly number[]]>([
    ['nothing sent', [end(900)], [0, 0]],
    ['one frame', [up(10), end(900)], [100, 1]],
    ['two frames in one tail', [up(10), up(60), end(900)], [150, 1]],
    ['two frames apart', [up(10), up(300), end(900)], [200, 2]],
    ['a frame at the end of a tail', [up(10), up(110), end(900)], [200, 1]],
    ['what arrives', [down(10), end(900)], [100, 1]],
    ['a tail that the run does not see the end of', [up(850), end(900)], [50, 1]],
    ['dials and connections', [{ kind: 'connection', atUs: 0, device: 'A', state: 'connecting' }, { kind: 'connection', atUs: 50 * MS, device: 'A', state: 'open' }, { kind: 'connection', atUs: 500 * MS, device: 'A', state: 'closed' }, end(900)], [150, 1]],
    ['what does not reach it: the other end of its frames, other devices, losses', [frame(10, 'delivered', 'A', 'server'), frame(20, 'sent', 'server', 'A'), frame(30, 'lost', 'server', 'A'), frame(40, 'sent', 'B', 'server'), end(900)], [0, 0]],
  ])('A14: %s', (_, events, expected) => {
    expect(timeOf(...events)).toEqual(expected)
  })

  it('A14: figures are over all devices that have a radio, and left out without one', () => {
    const history = historyOf(up(10), frame(20, 'sent', 'B', 'server'), end(900))
    expect(radioFigures(history, new Map([['A', radio('A', 100)], ['B', radio('B', 30)]]))).toEqual({ radioOnMs: 130, radioOnMsPerDevice: { A: 100, B: 30 }, radioWakeUps: 2 })
    expect(radioFigures(history, new Map())).toEqual({})
    expect(radioFigures(history, new Map([['A', radio('A', 0)]]))).toEqual({})
  })

  it('A14: the tabs of a device share its radio', () => {
    const history = historyOf(up(10), frame(60, 'sent', 'B', 'server'), end(900))
    const tabs = new Map([['A', radio('phone', 100)], ['B', radio('phone', 100)]])
    expect(radioFigures(history, tabs)).toEqual({ radioOnMs: 150, radioOnMsPerDevice: { phone: 150 }, radioWakeUps: 1 })
  })

  it('A14, B14: in another network a device has that one\'s radio, from then on', () => {
    const moved = (atMs: number, fault: string): HistoryEvent => ({ kind: 'fault', atUs: atMs * MS, fault, type: 'switch', devices: ['A'], phase: 'begin', hit: 0 })
    const history = historyOf(up(10), moved(200, 'wifi'), up(300), moved(400, 'wire'), up(500), end(900))
    const networks = new Map([['wifi', 20 * MS], ['wire', 0]])
    expect(radioFigures(history, new Map([['A', radio('A', 100)]]), networks)).toEqual({ radioOnMs: 120, radioOnMsPerDevice: { A: 120 }, radioWakeUps: 2 })
    expect(radioFigures(history, new Map([['A', radio('A', 0)]]), networks)).toMatchObject({ radioOnMs: 20 })
  })
})
