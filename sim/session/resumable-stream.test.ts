import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ResumableStream } from './resumable-stream.ts'
import { decodeEnvelope, encodeEnvelope, type Envelope } from './stream-envelope.ts'

interface Frame { readonly bytes: Uint8Array; readonly traffic: 'data' | 'control' }
type Side = 'device' | 'server'
const other = (side: Side): Side => (side === 'device' ? 'server' : 'device')

/** One end with a log of what its node saw, per stream id. */
class End {
  readonly stream: ResumableStream
  readonly log: string[] = []
  readonly sentIn = new Map<string, string[]>()
  readonly receivedIn = new Map<string, string[]>()
  readonly outgoing: Frame[] = []
  timers: { delayUs: number; run: () => void; background: boolean }[] = []

  constructor(name: string, retainedFrames: number, ackEvery: number) {
    this.stream = new ResumableStream({ name, retainedFrames, ackEvery, ackDelayUs: 50 }, {
      timer: (delayUs, run, options) => {
        const timer = { delayUs, run, background: options?.background === true }
        this.timers.push(timer)
        return () => { this.timers = this.timers.filter((one) => one !== timer) }
      },
      opened: () => {
        this.log.push('opened')
        expect(this.sentIn.has(this.stream.id), 'a stream id is never used twice').toBe(false)
        this.sentIn.set(this.stream.id, [])
        this.receivedIn.set(this.stream.id, [])
      },
      received: (payload) => {
        const text = new TextDecoder().decode(payload)
        this.log.push(text)
        this.receivedIn.get(this.stream.id)?.push(text)
      },
      closed: (why) => { this.log.push(why.kind === 'closed' ? `closed ${why.code}` : 'lost') },
    })
  }

  send(text: string): void {
    this.sentIn.get(this.stream.id)?.push(text)
    this.stream.send(new TextEncoder().encode(text), 'data')
  }

  fire(): void {
    const timer = this.timers.shift()
    timer?.run()
  }

  get envelopes(): Envelope[] { return this.outgoing.map(({ bytes }) => decodeEnvelope(bytes)) }
}

/** Two ends and the connection between them, which delivers a frame when told and loses the rest when cut. */
class Pair {
  readonly device: End
  readonly server: End
  isUp = false

  constructor({ retained = 1_000, ackEvery = 4 } = {}) {
    this.device = new End('phone/1', retained, ackEvery)
    this.server = new End('server/1', retained, ackEvery)
  }

  connect(): void {
    this.cut()
    this.isUp = true
    for (const end of [this.device, this.server]) {
      end.stream.connected({ send: (bytes, traffic) => { if (this.isUp) end.outgoing.push({ bytes, traffic }) } })
    }
  }

  cut(): void {
    this.isUp = false
    for (const end of [this.device, this.server]) {
      end.outgoing.length = 0
      end.stream.disconnected()
    }
  }

  deliver(to: Side): boolean {
    const frame = this[other(to)].outgoing.shift()
    if (frame !== undefined) this[to].stream.frame(frame.bytes)
    return frame !== undefined
  }

  drain(): void { while (this.deliver('server') || this.deliver('device')) { /* until nothing is in flight */ } }

  open(): this {
    this.connect()
    this.drain()
    return this
  }
}

describe('resumable stream', () => {
  it('opens at both ends under one id, once both have greeted, and carries frames both ways', () => {
    const pair = new Pair()
    pair.connect()
    expect(pair.deliver('server')).toBe(true)
    expect([pair.device.log, pair.server.log]).toEqual([[], ['opened']])
    pair.server.send('early')
    pair.drain()
    pair.device.send('up')
    pair.drain()
    expect([pair.device.log, pair.server.log]).toEqual([['opened', 'early'], ['opened', 'up']])
    expect(pair.device.stream.id).toBe(pair.server.stream.id)
  })

  it('B08, T13: what was in flight or sent while disconnected is resent on the next connection', () => {
    const pair = new Pair().open()
    pair.device.send('1')
    pair.drain()
    pair.device.send('2')
    pair.server.send('a')
    pair.cut()
    pair.device.send('3')
    pair.server.send('b')
    pair.open()
    expect([pair.server.log, pair.device.log]).toEqual([['opened', '1', '2', '3'], ['opened', 'a', 'b']])
  })

  it('B09: what arrived without its acknowledgement arriving is not delivered again', () => {
    const pair = new Pair({ ackEvery: 1 }).open()
    pair.device.send('1')
    pair.deliver('server')
    pair.cut()
    expect(pair.device.stream.retainedFrames).toBe(1)
    pair.open()
    expect(pair.server.log).toEqual(['opened', '1'])
    expect(pair.device.stream.retainedFrames).toBe(0)
  })

  it('drops a repeated frame by its number', () => {
    const pair = new Pair().open()
    pair.device.send('1')
    const frame = pair.device.outgoing[0]
    pair.drain()
    if (frame !== undefined) pair.server.stream.frame(frame.bytes)
    expect(pair.server.log).toEqual(['opened', '1'])
  })

  it('T15: what is sent live while resuming comes after what is resent', () => {
    const pair = new Pair().open()
    pair.server.send('1')
    pair.cut()
    pair.server.send('2')
    pair.connect()
    pair.server.send('3')
    pair.deliver('server')
    pair.server.send('4')
    pair.drain()
    expect(pair.device.log).toEqual(['opened', '1', '2', '3', '4'])
  })

  it('acknowledges after `ackEvery` frames, or when a background timer fires, or with a frame of its own', () => {
    const pair = new Pair({ ackEvery: 3 }).open()
    for (const text of ['1', '2', '3', '4']) pair.device.send(text)
    while (pair.deliver('server')) { /* all four */ }
    expect(pair.server.envelopes).toEqual([{ type: 'ack', received: 3 }])
    expect(pair.server.timers.map(({ delayUs, background }) => [delayUs, background])).toEqual([[50, true]])
    pair.server.fire()
    expect(pair.server.envelopes.at(-1)).toEqual({ type: 'ack', received: 4 })
    expect(pair.server.outgoing.every(({ traffic }) => traffic === 'control')).toBe(true)
    pair.drain()
    expect(pair.device.stream.retainedFrames).toBe(0)
    pair.device.send('5')
    pair.deliver('server')
    pair.server.send('a')
    expect([pair.server.envelopes.map((one) => one.type === 'data' && one.received), pair.server.timers]).toEqual([[5], []])
  })

  it('T11: an acknowledgement that was overtaken sets nothing back', () => {
    const pair = new Pair({ ackEvery: 1 }).open()
    for (const text of ['1', '2']) pair.device.send(text)
    pair.drain()
    pair.device.stream.frame(encodeEnvelope({ type: 'ack', received: 1 }))
    pair.device.send('3')
    expect(pair.device.envelopes).toMatchObject([{ number: 3 }])
    pair.drain()
    expect(pair.server.log).toEqual(['opened', '1', '2', '3'])
  })

  it('B10: beyond the retained window both ends start afresh, and their nodes are told', () => {
    const pair = new Pair({ retained: 3 }).open()
    const before = pair.device.stream.id
    pair.cut()
    for (const text of ['1', '2', '3', '4']) pair.device.send(text)
    expect(pair.device.stream.retainedFrames).toBe(3)
    pair.open()
    expect([pair.device.log, pair.server.log]).toEqual([['opened', 'lost', 'opened'], ['opened', 'lost', 'opened']])
    expect(pair.device.stream.id).toBe(pair.server.stream.id)
    expect(pair.device.stream.id).not.toBe(before)
    pair.device.send('5')
    pair.drain()
    expect(pair.server.log.at(-1)).toBe('5')
  })

  it('B10: a full window that the peer did receive is no overflow', () => {
    const pair = new Pair({ retained: 3, ackEvery: 100 }).open()
    for (const text of ['1', '2', '3', '4', '5']) pair.device.send(text)
    pair.drain()
    pair.open()
    expect(pair.server.log).toEqual(['opened', '1', '2', '3', '4', '5'])
  })

  it('B10: the window does not move between a greeting and its answer, or the two ends would disagree', () => {
    const pair = new Pair({ retained: 1 }).open()
    pair.connect()
    for (const text of ['1', '2', '3']) pair.device.send(text)
    pair.drain()
    expect([pair.server.log, pair.device.log]).toEqual([['opened', '1', '2', '3'], ['opened']])
    pair.connect()
    for (const text of ['4', '5']) pair.device.send(text)
    pair.open()
    expect(pair.server.log.slice(-2)).toEqual(['lost', 'opened'])
  })

  it('a stream closed in the middle of a handshake stays closed', () => {
    const pair = new Pair().open()
    pair.connect()
    pair.device.stream.close(4_000)
    pair.drain()
    expect(pair.device.log).toEqual(['opened', 'closed 4000'])
    pair.open()
    expect([pair.device.log, pair.server.log]).toEqual([['opened', 'closed 4000', 'opened'], ['opened', 'lost', 'opened']])
  })

  it('an end that lost its memory brings a new stream at both ends', () => {
    const pair = new Pair().open()
    pair.device.send('1')
    pair.cut()
    const reborn = new End('server/2', 1_000, 4)
    const after = Object.assign(Object.create(Pair.prototype) as Pair, { device: pair.device, server: reborn, isUp: false })
    after.open()
    expect([pair.device.log, reborn.log]).toEqual([['opened', 'lost', 'opened'], ['opened']])
  })

  it('a connection that dies in the handshake loses nothing of what was sent meanwhile', () => {
    const pair = new Pair()
    pair.connect()
    pair.deliver('server')
    pair.server.send('1')
    pair.open()
    expect([pair.server.log, pair.device.log]).toEqual([['opened'], ['opened', '1']])
  })

  it('close ends the stream at both ends; the next connection begins another', () => {
    const pair = new Pair().open()
    pair.device.send('1')
    pair.device.stream.close(4_001)
    pair.device.send('ignored')
    pair.drain()
    expect([pair.device.log, pair.server.log]).toEqual([['opened', 'closed 4001'], ['opened', '1', 'closed 4001']])
    pair.open()
    expect([pair.device.log.at(-1), pair.server.log.at(-1)]).toEqual(['opened', 'opened'])
  })

  it('R7: copies what it retains', () => {
    const pair = new Pair().open()
    pair.cut()
    const payload = new TextEncoder().encode('1')
    pair.device.stream.send(payload, 'data')
    payload.fill(0)
    pair.open()
    expect(pair.server.log).toEqual(['opened', '1'])
  })

  it('refuses what cannot happen on an ordered connection', () => {
    const gap = new Pair().open()
    expect(() => gap.server.stream.frame(encodeEnvelope({ type: 'data', number: 2, received: 0, payload: new Uint8Array() }))).toThrow(/after 0/)
    expect(() => gap.server.stream.frame(encodeEnvelope({ type: 'ack', received: 1 }))).toThrow(/acknowledged/)
    expect(() => gap.server.stream.frame(Uint8Array.of(9))).toThrow(RangeError)
  })

  it('a stopped end arms and calls nothing any more', () => {
    const pair = new Pair().open()
    pair.device.send('1')
    pair.deliver('server')
    pair.server.stream.stop()
    expect(pair.server.timers).toEqual([])
    pair.device.send('2')
    pair.drain()
    expect(pair.server.log).toEqual(['opened', '1'])
  })
})

describe('resumable stream, whatever the connections do', () => {
  const step = fc.oneof(
    { weight: 4, arbitrary: fc.record({ do: fc.constant('send' as const), side: fc.constantFrom<Side>('device', 'server') }) },
    { weight: 6, arbitrary: fc.record({ do: fc.constant('deliver' as const), side: fc.constantFrom<Side>('device', 'server') }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('connect' as const, 'cut' as const, 'drain' as const), side: fc.constant<Side>('device') }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('fire' as const), side: fc.constantFrom<Side>('device', 'server') }) },
  )
  type Step = typeof step extends fc.Arbitrary<infer One> ? One : never

  function play(pair: Pair, steps: readonly Step[], check: () => void): void {
    let count = 0
    for (const one of steps) {
      if (one.do === 'send') pair[one.side].send(String(++count))
      else if (one.do === 'deliver') pair.deliver(one.side)
      else if (one.do === 'fire') pair[one.side].fire()
      else pair[one.do]()
      check()
    }
    pair.open()
    check()
  }

  /** What an end received in a stream is a prefix of what the other sent in it. */
  function expectPrefixes(pair: Pair): void {
    for (const side of ['device', 'server'] as const) {
      for (const [id, received] of pair[side].receivedIn) {
        expect((pair[other(side)].sentIn.get(id) ?? []).slice(0, received.length)).toEqual(received)
      }
    }
  }

  function expectAllDelivered(pair: Pair): void {
    const id = pair.device.stream.id
    expect(pair.server.stream.id).toBe(id)
    for (const side of ['device', 'server'] as const) {
      expect(pair[side].receivedIn.get(id)).toEqual(pair[other(side)].sentIn.get(id))
    }
  }

  it('B08, B09: without overflow every frame arrives exactly once, in order, in one stream', () => {
    fc.assert(fc.property(fc.array(step, { maxLength: 150, size: 'max' }), fc.integer({ min: 1, max: 5 }), (steps, ackEvery) => {
      const pair = new Pair({ ackEvery })
      play(pair, steps, () => expectPrefixes(pair))
      expectAllDelivered(pair)
      for (const end of [pair.device, pair.server]) expect([end.sentIn.size, end.log.includes('lost')]).toEqual([1, false])
    }), { numRuns: 500 })
  })

  it('B10: with a small window streams break, never silently: each ends at both ends, the last is whole', () => {
    let overflows = 0
    fc.assert(fc.property(fc.array(step, { maxLength: 150, size: 'max' }), fc.integer({ min: 1, max: 3 }), (steps, retained) => {
      const pair = new Pair({ retained, ackEvery: 1 })
      play(pair, steps, () => expectPrefixes(pair))
      expectAllDelivered(pair)
      for (const end of [pair.device, pair.server]) {
        const marks = end.log.filter((line) => line === 'opened' || line === 'lost')
        expect(marks).toEqual(marks.map((_, index) => (index % 2 === 0 ? 'opened' : 'lost')))
        expect(marks.length % 2).toBe(1)
      }
      overflows += pair.device.log.includes('lost') ? 1 : 0
    }), { numRuns: 500 })
    expect(overflows).toBeGreaterThan(50)
  })
})
