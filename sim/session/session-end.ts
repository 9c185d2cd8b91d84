/**
 * One end of the session between a device and the server, as the strategy's node sees it.
 *
 * For a strategy that resumes by itself, every stream is a session of its own: `opened` and `closed` follow
 * the connections. Otherwise the resume part stands between: the session outlives its connections, and the
 * node hears `closed` only when a gap could not be bridged (B10). Both ends use this class.
 */
import type { CloseReason, Node, Session, TransportName } from '../contract.ts'
import { encodeStrategyFrame } from './stack-frames.ts'
import type { StreamEnd } from '../network/transport.ts'
import { deliveryOf } from '../network/delivery.ts'
import { ResumableStream } from './resumable-stream.ts'
import type { StackTimer } from './stack-timer.ts'

/** Frames after which a receiver acknowledges at once; far below any sensible retained window. */
const ACK_EVERY = 16
/** Delayed acknowledgement, as TCP's on Linux (40 ms). */
const ACK_DELAY_US = 40_000

export interface SessionEndOptions {
  readonly node: Node
  /** Names this end and process in stream ids, such as `A/1`. */
  readonly name: string
  readonly peer: string
  readonly transport: TransportName
  /** Whether the stack's resume part is between stream and node. */
  readonly isResumed: boolean
  readonly retainedFrames: number
  readonly timer: StackTimer
}

export class SessionEnd {
  #stream: StreamEnd | null = null
  #session: Session | null = null
  #sessions = 0
  readonly #options: SessionEndOptions
  readonly #resume: ResumableStream | null

  constructor(options: SessionEndOptions) {
    this.#options = options
    const { name, retainedFrames, timer, node } = options
    this.#resume = !options.isResumed ? null : new ResumableStream(
      { name, retainedFrames, ackEvery: Math.min(ACK_EVERY, retainedFrames), ackDelayUs: ACK_DELAY_US },
      {
        timer,
        opened: () => this.#open((bytes, traffic) => this.#resume?.send(bytes, traffic), (code) => this.#resume?.close(code)),
        received: (payload) => { if (this.#session !== null) node.received(this.#session, payload) },
        closed: (why) => {
          this.#close(why)
          // A session that was closed on purpose takes its connection with it; the next one starts afresh.
          if (why.kind === 'closed') this.#stream?.close(why.code)
        },
      },
    )
  }

  /** A stream is open; an older one is forgotten. Returns what to call when it ends. */
  connected(stream: StreamEnd): { writable(): void; closed(why: CloseReason): void } {
    if (this.#resume === null && this.#session !== null) this.#close({ kind: 'lost' })
    this.#stream = stream
    const send = (bytes: Uint8Array, traffic: 'data' | 'control'): void => stream.send(encodeStrategyFrame(bytes), traffic)
    if (this.#resume === null) this.#open(send, (code) => stream.close(code))
    else this.#resume.connected({ send })
    return {
      writable: () => {
        if (this.#stream === stream && this.#session !== null) this.#options.node.writable?.(this.#session)
      },
      closed: (why) => {
        if (this.#stream !== stream) return
        this.#stream = null
        if (this.#resume === null) this.#close(why)
        else this.#resume.disconnected()
      },
    }
  }

  /** A strategy frame arrived on `stream`; one of a forgotten stream belongs to nobody. */
  received(stream: StreamEnd, payload: Uint8Array): void {
    if (stream !== this.#stream) return
    if (this.#resume !== null) this.#resume.frame(payload)
    else if (this.#session !== null) this.#options.node.received(this.#session, payload)
  }

  #open(send: Session['send'], close: Session['close']): void {
    const { node, peer, transport } = this.#options
    const bufferedBytes = (): number => this.#stream?.bufferedBytes ?? 0
    // A session that has ended is as deaf as a closed WebSocket, also when another one has begun below it.
    const isCurrent = (): boolean => this.#session === session
    const session: Session = {
      id: `${this.#options.name}-${++this.#sessions}`, peer, transport, delivery: deliveryOf(transport),
      send: (bytes, traffic) => { if (isCurrent()) send(bytes, traffic) },
      close: (code) => { if (isCurrent()) close(code) },
      get bufferedBytes() { return bufferedBytes() },
    }
    this.#session = session
    node.opened(session)
  }

  #close(why: CloseReason): void {
    const session = this.#session
    this.#session = null
    if (session !== null) this.#options.node.closed(session, why)
  }

  stop(): void { this.#resume?.stop() }
}
