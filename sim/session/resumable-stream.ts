/**
 * A session that outlives its connections: the stack's `resume` part (requirements B08-B10).
 *
 * Both ends run the same code. Each numbers its frames, keeps those that the peer has not acknowledged, and
 * acknowledges cumulatively: with every frame it sends, after `ackEvery` frames, or when a short background
 * timer fires. On a new connection each end first says which stream it knows and the last number it received;
 * both compute the same decision from the two greetings. Either the stream goes on, and each end resends what
 * the other has missed before anything new (T13, T15), dropping by number what it has already; or it cannot,
 * because a missing frame is no longer retained (B10) or an end has lost its memory, and a stream with a new
 * id begins: the node above sees `closed` and `opened`, and what was in flight is lost without notice.
 *
 * A greeting carries a candidate half of the next stream id. An end whose peer began a stream with that half
 * while the greeting back was lost joins the stream later, so a connection that dies in the handshake costs
 * nothing.
 *
 * The connection below must deliver in order or not at all; a gap inside one is a bug and throws. Left out:
 * heartbeats (B06), a bound in bytes, and back pressure (the oldest frame beyond the window is let go).
 */
import type { Cancel, CloseReason } from '../contract.ts'
import type { StackTimer } from './stack-timer.ts'
import { decodeEnvelope, encodeEnvelope, type Envelope, type Greeting } from './stream-envelope.ts'

export interface ResumableStreamConfig {
  /** Unique to this end and process incarnation, such as `phone/2`; without line breaks. */
  readonly name: string
  /** Frames kept until the peer has acknowledged them. */
  readonly retainedFrames: number
  /** Received frames after which an acknowledgement is sent at once. Keep it below the peer's window. */
  readonly ackEvery: number
  readonly ackDelayUs: number
}

export interface ResumableStreamPorts {
  readonly timer: StackTimer
  /** A stream begins: nothing sent before belongs to it. */
  opened(): void
  received(payload: Uint8Array): void
  /**
   * The stream is over, and what was not received is lost. After `kind: 'closed'` the connection carries
   * nothing more and is the owner's to close; after `lost`, `opened` follows at once.
   */
  closed(why: CloseReason): void
}

/** A live connection, seen from one end. */
export interface Connection {
  send(bytes: Uint8Array, traffic: 'data' | 'control'): void
}

interface Retained {
  readonly number: number
  readonly payload: Uint8Array
  readonly traffic: 'data' | 'control'
}

/**
 * @example
 * const stream = new ResumableStream(config, { timer, opened, received, closed })
 * stream.connected({ send }) // greets; once the peer has greeted: opened(), or resends
 * stream.frame(bytes)        // for each frame of the current connection
 * stream.disconnected()      // what is sent now is retained
 */
export class ResumableStream {
  readonly #config: ResumableStreamConfig
  readonly #ports: ResumableStreamPorts
  #connection: Connection | null = null
  /** What this end said on the current connection; the decision rests on it, however the state moved since. */
  #promised: Greeting | null = null
  /** The peer has greeted on this connection, and the two agree. */
  #isLive = false
  /** Empty when there is no stream. */
  #id = ''
  #candidates = 0
  #sent = 0
  #received = 0
  #retained: Retained[] = []
  #unacknowledged = 0
  #cancelAck: Cancel | null = null

  constructor(config: ResumableStreamConfig, ports: ResumableStreamPorts) {
    if (config.name.includes('\n')) throw new RangeError('the name of an end is one line')
    if (config.retainedFrames < 1 || config.ackEvery < 1) throw new RangeError('retainedFrames and ackEvery are at least 1')
    this.#config = config
    this.#ports = ports
  }

  /** The id of the stream, the same at both ends; empty when there is none. */
  get id(): string { return this.#id }
  get isLive(): boolean { return this.#isLive }
  get retainedFrames(): number { return this.#retained.length }

  /** A new connection to the same peer; an older one is forgotten, and none of its frames may follow. */
  connected(connection: Connection): void {
    this.disconnected()
    this.#connection = connection
    this.#trim()
    this.#promised = this.#greeting()
    connection.send(encodeEnvelope({ type: 'greeting', ...this.#promised }), 'control')
  }

  disconnected(): void {
    this.#connection = null
    this.#promised = null
    this.#isLive = false
    this.#clearAck()
  }

  /** Numbers, keeps and, when connected, sends a frame. Ignored without a stream, as on a closed WebSocket. */
  send(payload: Uint8Array, traffic: 'data' | 'control'): void {
    if (this.#id === '') return
    const retained = { number: ++this.#sent, payload: payload.slice(), traffic }
    this.#retained.push(retained)
    // Not during a handshake: what the greeting has promised to resend must still be there.
    if (this.#promised === null) this.#trim()
    if (this.#isLive) this.#transmit(retained)
  }

  /** Ends the stream at both ends (at the peer's when it hears of it); the next connection begins another. */
  close(code: number): void {
    if (this.#id === '') return
    if (this.#isLive) this.#connection?.send(encodeEnvelope({ type: 'close', code }), 'control')
    this.disconnected()
    this.#end({ kind: 'closed', code })
  }

  /** The process ends: nothing is sent or called back any more. */
  stop(): void {
    this.disconnected()
    this.#forget()
  }

  /** A frame of the current connection arrived. */
  frame(bytes: Uint8Array): void {
    if (this.#connection === null) return
    const envelope = decodeEnvelope(bytes)
    if (envelope.type === 'greeting') {
      this.#greeted(envelope)
      return
    }
    if (!this.#isLive) throw new Error(`${this.#config.name} received a frame before a greeting`)
    switch (envelope.type) {
      case 'close':
        this.disconnected()
        this.#end({ kind: 'closed', code: envelope.code })
        return
      case 'ack':
        this.#peerReceived(envelope.received)
        return
      case 'data':
        this.#data(envelope)
    }
  }

  #greeting(): Greeting {
    return {
      id: this.#id, candidate: `${this.#config.name}#${this.#candidates}`, received: this.#received,
      sent: this.#sent, firstRetained: this.#retained[0]?.number ?? this.#sent + 1,
    }
  }

  #greeted(theirs: Greeting): void {
    const mine = this.#promised
    if (mine === null) throw new Error(`a second greeting on one connection of ${this.#config.name}`)
    this.#promised = null
    const agreed = agree(mine, theirs)
    if (agreed.id === this.#id) {
      this.#isLive = true
      this.#peerReceived(agreed.theirs.received)
      for (const retained of this.#retained) this.#transmit(retained)
      this.#trim()
      return
    }
    if (this.#id !== '') this.#end({ kind: 'lost' })
    this.#candidates += 1
    this.#id = agreed.id
    this.#isLive = true
    this.#ports.opened()
  }

  #data(envelope: Envelope & { readonly type: 'data' }): void {
    this.#peerReceived(envelope.received)
    if (envelope.number > this.#received + 1) {
      throw new Error(`${this.#config.name} received frame ${envelope.number} after ${this.#received} on an ordered connection`)
    }
    if (envelope.number <= this.#received) return
    this.#received = envelope.number
    this.#unacknowledged += 1
    if (this.#unacknowledged >= this.#config.ackEvery) this.#acknowledge()
    else this.#cancelAck ??= this.#ports.timer(this.#config.ackDelayUs, () => this.#acknowledge(), { background: true })
    this.#ports.received(envelope.payload)
  }

  #peerReceived(number: number): void {
    if (number > this.#sent) throw new Error(`${this.#config.name} has sent ${this.#sent} frames, and frame ${number} is acknowledged`)
    // An acknowledgement only ever lets frames go. It never sets a number back: an overtaken one would make
    // `send` use numbers twice (T11).
    const keepFrom = this.#retained.findIndex((one) => one.number > number)
    if (keepFrom !== 0) this.#retained = keepFrom === -1 ? [] : this.#retained.slice(keepFrom)
  }

  #trim(): void {
    const excess = this.#retained.length - this.#config.retainedFrames
    if (excess > 0) this.#retained.splice(0, excess)
  }

  #transmit({ number, payload, traffic }: Retained): void {
    this.#clearAck()
    this.#connection?.send(encodeEnvelope({ type: 'data', number, received: this.#received, payload }), traffic)
  }

  #acknowledge(): void {
    this.#clearAck()
    this.#connection?.send(encodeEnvelope({ type: 'ack', received: this.#received }), 'control')
  }

  #clearAck(): void {
    this.#cancelAck?.()
    this.#cancelAck = null
    this.#unacknowledged = 0
  }

  #end(why: CloseReason): void {
    this.#forget()
    this.#ports.closed(why)
  }

  #forget(): void {
    this.#clearAck()
    this.#isLive = false
    this.#id = ''
    this.#sent = 0
    this.#received = 0
    this.#retained = []
  }
}

const NOTHING_YET = { received: 0, sent: 0, firstRetained: 1 } as const

/** What two greetings come to: the same at both ends, with the counters that then hold. */
function agree(mine: Greeting, theirs: Greeting): { readonly id: string; readonly theirs: Greeting } {
  let [a, b] = [mine, theirs]
  // An end that never heard how the last handshake went on joins the stream that was made with its candidate.
  if (a.id !== b.id) {
    if (halves(a.id).includes(b.candidate)) b = { ...b, ...NOTHING_YET, id: a.id }
    else if (halves(b.id).includes(a.candidate)) a = { ...a, ...NOTHING_YET, id: b.id }
  }
  const canGoOn = a.id !== '' && a.id === b.id
    && a.received + 1 >= b.firstRetained && a.received <= b.sent
    && b.received + 1 >= a.firstRetained && b.received <= a.sent
  return { id: canGoOn ? a.id : [mine.candidate, theirs.candidate].sort().join('\n'), theirs: b }
}

function halves(id: string): readonly string[] { return id === '' ? [] : id.split('\n') }
