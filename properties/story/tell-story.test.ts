import { describe, expect, it } from 'vitest'
import type { FrameEvent, History } from '../../sim/history/events.ts'
import { goldenHistory, register, text, type HistoryBuilder } from '../golden/history-builder.ts'
import type { Judgement } from '../property.ts'
import { tellStory } from './tell-story.ts'
import { listed, quoted } from './wording.ts'

const judgement = (edit?: string): Judgement => ({
  property: 'no-lost-write', type: 'register', verdict: 'violated', reason: '0 lost and 1 overwritten of 2 acknowledged edits',
  evidence: edit === undefined ? undefined : [{ what: `${edit} was overwritten`, edit }],
})

function withFrames(history: History, frames: readonly Omit<FrameEvent, 'kind' | 'from' | 'to' | 'bytes'>[]): History {
  const events = frames.map((frame): FrameEvent => ({ kind: 'frame', from: 'a', to: 'server', bytes: 40, ...frame }))
  return { ...history, events: [...history.events, ...events].sort((left, right) => left.atUs - right.atUs) }
}

describe('stories (F2)', () => {
  it('F2: tells who did what, what they saw, what was acknowledged, what everybody ends up with, and why', () => {
    const history = goldenHistory({ fields: [register('price', 'p0')] })
      .at(10).set('a', 'a.1', 'price', 'x').at(12).set('b', 'b.1', 'price', 'y')
      .at(40).show('server', 'price', 'x').at(41).show('server', 'price', 'y')
      .at(60).settle('a.1').at(61).settle('b.1').at(70).show('a', 'price', 'y').at(5070).quiet().build()
    expect(tellStory(history, judgement('a.1'))).toEqual([
      'golden, no-lost-write (register): violated: 0 lost and 1 overwritten of 2 acknowledged edits',
      "  10 ms  a sets price to 'x' (saw 'p0') [a.1]",
      "  12 ms  b sets price to 'y' (saw 'p0') [b.1]",
      "  40 ms  server shows price 'x'",
      "  41 ms  server shows price 'y'",
      "  60 ms  a is told that 'x' is safe on the server",
      "  61 ms  b is told that 'y' is safe on the server",
      "  70 ms  a shows price 'y'",
      '5070 ms  all is quiet',
      "In the end server, a and b show price 'y'.",
      'Why: a.1 was overwritten',
    ])
  })

  it('F2: tells texts: typed, deleted, replaced, and the text that others come to show', () => {
    const history = goldenHistory({ fields: [text('note', 'ab')] })
      .at(1).type('a', 'a.1', 'note', 2, '', 'xy').at(2).type('a', 'a.2', 'note', 0, 'a', '').at(3).type('b', 'b.1', 'note', 1, 'b', 'c')
      .at(4).splice('server', 'note', 2, '', 'xy').skip('b', 'b.2', 'note').at(5).merge('a.2', 'same-target-delete').settle('b.1', 'local-durable').build()
    expect(tellStory(history, { ...judgement('b.1'), type: 'text' }).slice(1)).toEqual([
      "1 ms  a types 'xy' at 2 of note (saw 'ab') [a.1]",
      "2 ms  a deletes 'a' at 0 of note (saw 'abxy') [a.2]",
      "3 ms  b replaces 'b' by 'c' at 1 of note (saw 'ab') [b.1]",
      "4 ms  server shows note 'abxy'",
      '4 ms  b finds nothing there to change: b.2 of note is skipped',
      "5 ms  a is told that the removal of 'a' gave way (same-target-delete)",
      "5 ms  b has 'c' safe on its disk",
      "In the end server shows note 'abxy'.",
      "In the end a shows note 'bxy'.",
      "In the end b shows note 'ac'.",
      'Why: b.1 was overwritten',
    ])
  })

  it('F2: tells the faults of paths and middleboxes: which way, what they hit, and of the server as of all devices', () => {
    const history = goldenHistory({ fields: [register('price')] })
      .at(1).fault('p', 'partition', ['a'], 'begin', 0, 'up').at(2).fault('p', 'partition', ['a'], 'end', 2, 'up')
      .at(3).fault('c', 'clog', ['server'], 'begin', 0, 'down').at(4).fault('c', 'clog', ['server'], 'end', 1, 'down')
      .at(5).fault('s', 'switch', ['a', 'b'], 'begin', 1).fault('s', 'switch', ['a', 'b'], 'end', 1)
      .at(6).fault('r', 'reset', ['server'], 'begin', 4).fault('r', 'reset', ['server'], 'end', 4)
      .at(7).fault('n', 'black-hole', ['a'], 'begin', 2).at(8).fault('n', 'black-hole', ['a'], 'end', 3)
      .at(9).fault('f', 'slow-close', ['b'], 'begin', 0).at(10).fault('f', 'slow-close', ['b'], 'end', 1)
      .at(11).fault('d', 'dns-failure', ['b'], 'begin', 0).at(12).fault('d', 'dns-failure', ['b'], 'end', 5).build()
    expect(tellStory(history, judgement()).slice(1)).toEqual([
      ' 1 ms  the network from a to the server is cut',
      ' 2 ms  the network of a works again (2 frames hit)',
      ' 3 ms  packets from the server to all devices are held',
      ' 4 ms  what was held from the server to all devices arrives (1 packet hit)',
      ' 5 ms  a and b change to another network (1 frame hit)',
      ' 6 ms  a middlebox resets the connections of all devices (4 connections hit)',
      ' 7 ms  a middlebox forgets the connections of a, and lets nothing through (2 connections hit)',
      ' 8 ms  a can make connections again; the forgotten ones stay silent (3 connections hit)',
      ' 9 ms  FINs and resets of b are held',
      '10 ms  the held FINs and resets of b arrive (1 packet hit)',
      '11 ms  b finds no address of the server any more',
      "12 ms  b can find the server's address again (5 connections hit)",
    ])
  })

  it('F2: of the network tells what mattered: faults before what they did, connections, lost and late frames', () => {
    const plain = goldenHistory({ fields: [register('price')] })
      .at(5).set('a', 'a.1', 'price', 'x').connection('a', 'open').connection('b', 'open')
      .at(20).connection('a', 'closed').fault('drop', 'offline', ['a'], 'begin').at(2020).fault('drop', 'offline', ['a'], 'end', 3)
      .at(3000).connection('a', 'connecting').connection('a', 'open')
      .at(4000).fault('cut', 'partition', ['a', 'b'], 'begin').at(4500).fault('cut', 'partition', ['a', 'b'], 'end', 0)
      .at(9000).quiet('horizon', ['a: 1 edit unsettled']).build()
    const sent = (frame: number, atMs: number, tookMs: number): readonly Omit<FrameEvent, 'kind' | 'from' | 'to' | 'bytes'>[] => [
      { frame, atUs: atMs * 1000, state: 'sent', traffic: 'data', cause: 'a.1' },
      { frame, atUs: (atMs + tookMs) * 1000, state: 'delivered', traffic: 'data', cause: 'a.1' },
    ]
    const history = withFrames(plain, [
      ...sent(1, 6, 2), ...sent(2, 7, 2), ...sent(3, 3100, 2), ...sent(4, 4000, 700),
      { frame: 5, atUs: 21_000, state: 'lost', traffic: 'data', cause: 'a.1' },
      { frame: 6, atUs: 21_000, state: 'lost', traffic: 'control', cause: null },
      { frame: 7, atUs: 22_000, state: 'lost', traffic: 'control', cause: null },
    ])
    expect(tellStory(history, judgement()).slice(1)).toEqual([
      "   5 ms  a sets price to 'x' (saw nothing) [a.1]",
      '   5 ms  a is connected',
      '  20 ms  a goes offline (1 frame hit)',
      '  20 ms  a has lost its connection',
      "  21 ms  2 frames are lost, among them a frame about 'x' from a to server",
      '  22 ms  a frame from a to server is lost',
      '2020 ms  a can go online again (3 frames hit)',
      '3000 ms  a is connected again',
      '4000 ms  the network between a and b and the server is cut (1 frame hit)',
      '4500 ms  the network of a and b works again',
      "4700 ms  what a sent to server about 'x' arrives late, after 700 ms",
      '9000 ms  it should have become quiet by now, and is not: a: 1 edit unsettled',
      'In the end server and b show price nothing.',
      "In the end a shows price 'x'.",
    ])
  })

  it('F2: tells rejections and notices, signals and refetches', () => {
    const history = goldenHistory({ fields: [register('price')] })
      .at(1).set('a', 'a.1', 'price', 'x').at(2).signal('b', 3).at(9).refetch('b', 3, 5).refetch('b', 1, 5, true)
      .at(10).reject('a.1', 'silently').notify('a.1', 'overwritten').build()
    const story = tellStory(history, judgement('a.1'))
    expect(story).toContain(' 2 ms  b hears that order is at version 3')
    expect(story).toContain(' 9 ms  b asked for order at 4 ms, and has fetched version 3')
    expect(story.filter((line) => line.includes('asked for'))).toHaveLength(1)
    expect(story.some((line) => line.includes("a is told that 'x' is rejected"))).toBe(true)
    expect(story).toContain("10 ms  the user of a is told that 'x' was overwritten")
  })

  it('F2: cuts a long story down to the field in question and the time around it, and says so', () => {
    const builder = goldenHistory({ fields: [register('price'), register('status')] })
    for (let n = 1; n <= 200; n++) builder.at(n).set('a', `a.${n}`, n % 2 === 0 ? 'price' : 'status', `value ${n}`)
    const story = tellStory(builder.build(), judgement('a.100'))
    expect(story.length).toBeLessThanOrEqual(47)
    expect(story.some((line) => line.includes('[a.100]'))).toBe(true)
    expect(story.some((line) => line.includes('status'))).toBe(false)
    expect(story).toContain('(39 lines before this left out)')
    expect(story).toContain('(21 lines after this left out)')
    expect(story).toContain('(100 lines about other things left out)')
  })

  it('F2: keeps lines within 100 columns and long values short, by whole code points', () => {
    const long = 'word '.repeat(80).trim()
    const history = goldenHistory({ fields: [register('price')] }).at(1).set('a', 'a.1', 'price', long).at(1.5).set('b', 'b.1', 'price', '\u{1F600}'.repeat(60)).build()
    const story = tellStory(history, { ...judgement('a.1'), reason: long, evidence: [{ what: long, edit: 'a.1' }] })
    expect(story.filter((line) => Array.from(line).length > 100)).toEqual([])
    expect(story.every((line) => line.isWellFormed())).toBe(true)
    expect(story.join('\n')).toContain('1.500 ms  b sets')
    expect(quoted('\u{1F600}'.repeat(60))).toBe(`'${'\u{1F600}'.repeat(12)}\u2026${'\u{1F600}'.repeat(12)}'`)
  })

  it('F2, A06: lists tabs that are struck together by the first and the last', () => {
    expect([['a'], ['A-1', 'A-2'], ['A-1', 'A-2', 'A-3', 'B'], ['A-9', 'A-10', 'A-11', 'B-1', 'B-2', 'C'], ['A-1', 'A-3', 'A-4'], ['A-01', 'A-02', 'A-03']].map(listed)).toEqual([
      'a', 'A-1 and A-2', 'A-1 to A-3 and B', 'A-9 to A-11, B-1, B-2 and C', 'A-1, A-3 and A-4', 'A-01, A-02 and A-03',
    ])
  })

  it('F2: tells what became of hosts: power, processes, sleep, disks and clocks', () => {
    const fields = [register('price')]
    const told = (type: string, life: (builder: HistoryBuilder) => HistoryBuilder = (builder) => builder): readonly string[] =>
      tellStory(life(goldenHistory({ fields }).at(10).fault('f', type, ['a'], 'begin', 0)).at(20).fault('f', type, ['a'], 'end', 2).build(), judgement())
        .filter((line) => / ms /.test(line)).map((line) => line.replace(/^ *\d+ ms {2}/, ''))
    const again = (builder: HistoryBuilder): HistoryBuilder => builder.life('a', 'stopped').at(20).life('a', 'started', 2)
    expect(told('crash', again)).toEqual(['a loses power', 'a starts again (process 2) from what its disk has kept'])
    expect(told('failover', again)).toEqual(['a is gone', 'a starts again (process 2) from what its disk has kept', 'a standby takes the place of a (2 things hit)'])
    expect(told('rate-limit')).toEqual(['requests of a are limited', 'requests of a are not limited any more (2 requests hit)'])
    expect(told('token-expired')).toEqual(['the access tokens of a expire'])
    expect(told('torn-write')).toEqual(['the disk of a stalls', 'a loses power in the middle of a write (2 things hit)'])
    expect(told('suspend', (builder) => builder.life('a', 'asleep').at(20).life('a', 'awake'))).toEqual(['a falls asleep', 'a is awake again'])
    expect(told('bit-rot', again)).toEqual([
      'a byte stored on a changes', 'a starts again (process 2) from what its disk has kept',
      'a is restarted and reads its disk: what comes behind a wrong checksum is lost (2 records hit)',
    ])
    expect(told('stall', (builder) => builder.life('a', 'stalled').at(20).life('a', 'resumed'))).toEqual(['the page on a is blocked', 'the page on a goes on (2 things hit)'])
    expect(told('stall', (builder) => builder.at(15).life('a', 'out-of-memory', 1, 1_000_001)).at(1)).toBe('the page on a crashes: it has received 1000001 bytes that it did not get to read')
    expect(['kill', 'restart', 'hide', 'step'].map((type) => told(type).length)).toEqual([1, 1, 1, 1])
    expect(['quota', 'disk-error', 'skew', 'drift'].map((type) => told(type).length)).toEqual([2, 2, 2, 2])
    expect(['kill', 'restart', 'hide', 'step', 'quota', 'disk-error', 'skew', 'drift'].flatMap((type) => told(type)).some((line) => /begins for|ends for/.test(line))).toBe(false)
  })
})
