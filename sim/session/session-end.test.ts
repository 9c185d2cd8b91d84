import { describe, expect, it } from 'vitest'
import type { CloseReason, Node, Session } from '../contract.ts'
import { decodeStackFrame, encodeStrategyFrame } from './stack-frames.ts'
import type { StreamEnd } from '../network/transport.ts'
import { bytesOf } from '../testing/stream-harness.ts'
import { SessionEnd } from './session-end.ts'

const decoder = new TextDecoder()

/** A node that notes what it hears, and does what a test tells it to when it hears it. */
class Listening implements Node {
  readonly heard: string[] = []
  readonly sessions: Session[] = []
  onReceived: (session: Session, text: string) => void = () => undefined
  opened(session: Session): void {
    this.sessions.push(session)
    this.heard.push(`opened ${session.id}`)
  }
  received(session: Session, bytes: Uint8Array): void {
    const text = decoder.decode(bytes)
    this.heard.push(`received ${text}`)
    this.onReceived(session, text)
  }
  closed(session: Session, why: CloseReason): void { this.heard.push(`closed ${session.id} ${why.kind === 'closed' ? why.code : 'lost'}`) }
  view(): Record<string, never> { return {} }
  pending(): number { return 0 }
  dispose(): void { /* nothing to let go of */ }
}

interface Side { readonly node: Listening; readonly end: SessionEnd; readonly pending: (() => void)[] }

/** Two ends of a session over streams that the test makes, breaks and lets flow. */
class Pair {
  readonly a: Side
  readonly b: Side
  readonly #isResumed: boolean
  /** Breaks the current stream; both ends hear of it. */
  breakStream: () => void = () => undefined

  constructor(isResumed: boolean, retainedFrames = 100) {
    this.#isResumed = isResumed
    const side = (name: string, peer: string): Side => {
      const node = new Listening()
      const end = new SessionEnd({ node, name, peer, transport: 'websocket', isResumed: this.#isResumed, retainedFrames, timer: () => () => undefined })
      return { node, end, pending: [] }
    }
    this.a = side('A/1', 'server')
    this.b = side('server/1', 'A')
  }

  connect(): void {
    const closedEvents: { closed(why: CloseReason): void }[] = []
    const open = [true, true]
    const close = (index: number, why: CloseReason): void => {
      if (!open[index]) return
      open[index] = false
      closedEvents[index]?.closed(why)
    }
    const ends = [this.a, this.b].map((_, index): StreamEnd => ({
      bufferedBytes: index + 1,
      send: (bytes) => {
        const frame = decodeStackFrame(bytes.slice())
        if (!open[index] || frame.type !== 'strategy') return
        const peer = 1 - index
        this.#side(index).pending.push(() => { if (open[peer]) this.#side(peer).end.received(ends[peer], frame.payload) })
      },
      close: (code) => {
        if (!open[index]) return
        this.#side(index).pending.push(() => close(1 - index, { kind: 'closed', code }))
        close(index, { kind: 'closed', code })
      },
    }))
    this.a.pending.length = 0
    this.b.pending.length = 0
    ends.forEach((end, index) => { closedEvents[index] = this.#side(index).end.connected(end) })
    this.isOpen = () => open[0] && open[1]
    this.breakStream = () => { close(0, { kind: 'lost' }); close(1, { kind: 'lost' }) }
    this.flow()
  }

  isOpen: () => boolean = () => false

  #side(index: number): Side { return index === 0 ? this.a : this.b }

  /** Delivers everything in flight, and what that causes. */
  flow(): void {
    for (let next = this.a.pending.shift() ?? this.b.pending.shift(); next !== undefined; next = this.a.pending.shift() ?? this.b.pending.shift()) next()
  }
}

describe('SessionEnd without the resume part', () => {
  it('every stream is a session: opened and closed follow the connections, and in flight is lost', () => {
    const { a, b, ...pair } = connected(false)
    a.node.sessions[0].send(bytesOf('hi'), 'data')
    pair.flow()
    b.node.sessions[0].send(bytesOf('lost'), 'data')
    pair.breakStream()
    pair.connect()
    expect(b.node.heard).toEqual(['opened server/1-1', 'received hi', 'closed server/1-1 lost', 'opened server/1-2'])
    expect(a.node.heard).toEqual(['opened A/1-1', 'closed A/1-1 lost', 'opened A/1-2'])
    expect(a.node.sessions[1]).toMatchObject({ peer: 'server', transport: 'websocket', bufferedBytes: 1 })
  })

  it('a close reaches both ends with its code', () => {
    const { a, b, ...pair } = connected(false)
    a.node.sessions[0].close(4001)
    expect(a.node.heard).toEqual(['opened A/1-1', 'closed A/1-1 4001'])
    pair.flow()
    expect(b.node.heard).toEqual(['opened server/1-1', 'closed server/1-1 4001'])
  })

  it('a stream that opens before the older one is known to be gone ends the older session first', () => {
    const { a, b, ...pair } = connected(false)
    pair.connect()
    expect(a.node.heard).toEqual(['opened A/1-1', 'closed A/1-1 lost', 'opened A/1-2'])
    a.node.sessions[1].send(bytesOf('on'), 'data')
    pair.flow()
    expect(b.node.heard.slice(-1)).toEqual(['received on'])
  })

  it('an old session object sends nothing into a newer stream', () => {
    const { a, b, ...pair } = connected(false)
    pair.breakStream()
    pair.connect()
    a.node.sessions[0].send(bytesOf('stale'), 'data')
    pair.flow()
    expect(b.node.heard.some((one) => one.startsWith('received'))).toBe(false)
  })
})

describe('SessionEnd with the resume part', () => {
  it('B08: a session outlives its connections, and what was in flight is sent again', () => {
    const { a, b, ...pair } = connected(true)
    a.node.sessions[0].send(bytesOf('1'), 'data')
    pair.breakStream()
    a.node.sessions[0].send(bytesOf('2'), 'data')
    pair.connect()
    expect(b.node.heard).toEqual(['opened server/1-1', 'received 1', 'received 2'])
    expect(a.node.heard).toEqual(['opened A/1-1'])
  })

  it('B10: when the gap cannot be bridged the node hears closed, then opened', () => {
    const { a, b, ...pair } = connected(true, 2)
    pair.breakStream()
    for (const text of ['1', '2', '3']) a.node.sessions[0].send(bytesOf(text), 'data')
    pair.connect()
    expect(b.node.heard).toEqual(['opened server/1-1', 'closed server/1-1 lost', 'opened server/1-2'])
    expect(a.node.heard).toEqual(['opened A/1-1', 'closed A/1-1 lost', 'opened A/1-2'])
  })

  it('a node that closes its session ends the stream below, so that the device dials again and a new session begins', () => {
    for (const closing of ['a', 'b'] as const) {
      const pair = connected(true)
      const codeOf = (side: Side): string | undefined => side.node.heard.at(-1)
      pair[closing].node.sessions[0].close(4001)
      pair.flow()
      expect([codeOf(pair.a), codeOf(pair.b)], closing).toEqual(['closed A/1-1 4001', 'closed server/1-1 4001'])
      expect(pair.isOpen(), closing).toBe(false)
      pair.connect()
      expect([codeOf(pair.a), codeOf(pair.b)], closing).toEqual(['opened A/1-2', 'opened server/1-2'])
    }
  })

  it('an old session object sends nothing into a newer session', () => {
    const { a, b, ...pair } = connected(true)
    a.node.sessions[0].close(4001)
    pair.flow()
    pair.connect()
    a.node.sessions[0].send(bytesOf('stale'), 'data')
    a.node.sessions[0].close(4002)
    pair.flow()
    expect(b.node.heard.at(-1)).toBe('opened server/1-2')
  })

  it('a frame of a forgotten stream belongs to nobody', () => {
    const { a } = connected(true)
    const forgotten: StreamEnd = { bufferedBytes: 0, send: () => undefined, close: () => undefined }
    expect(() => a.end.received(forgotten, bytesOf('not even an envelope'))).not.toThrow()
    expect(decodeStackFrame(encodeStrategyFrame(bytesOf('x'))).type).toBe('strategy')
  })

  it('after stop nothing is sent and nothing is heard', () => {
    const { a, b, ...pair } = connected(true)
    a.end.stop()
    a.node.sessions[0].send(bytesOf('late'), 'data')
    b.node.sessions[0].send(bytesOf('late'), 'data')
    pair.flow()
    expect([a.node.heard, b.node.heard]).toEqual([['opened A/1-1'], ['opened server/1-1']])
  })
})

function connected(isResumed: boolean, retainedFrames?: number): {
  readonly a: Side; readonly b: Side; flow(): void; connect(): void; breakStream(): void; isOpen(): boolean
} {
  const pair = new Pair(isResumed, retainedFrames)
  pair.connect()
  return {
    a: pair.a, b: pair.b, flow: () => pair.flow(), connect: () => pair.connect(), breakStream: () => pair.breakStream(), isOpen: () => pair.isOpen(),
  }
}
