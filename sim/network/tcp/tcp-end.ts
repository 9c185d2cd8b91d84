/**
 * One end of a TCP connection: its states, and what its program hears (R1, R4).
 *
 * Messages go out whole or are refused while the send buffer is full; they come in whole, once and in order,
 * until the end is closed. A program that closes sends its FIN after what it has written, and the other end
 * follows with its own (as Node's `allowHalfOpen: false`). A reset is one packet, which may be lost; an end
 * that is closed or knows nothing answers what still arrives with a reset; one that vanished with silence.
 *
 * Left out: half-closed programs, simultaneous open, sequence checks on resets, the length of TIME_WAIT (an end
 * that is done acknowledges repetitions for ever).
 */
import type { Kernel } from '../../kernel/kernel.ts'
import { INITIAL_WINDOW } from './congestion.ts'
import { Handshake } from './handshake.ts'
import { KeepAlive } from './keep-alive.ts'
import { MessageStream } from './message-stream.ts'
import type { PacketPath } from './packet-path.ts'
import { TcpReceiver } from './receiver.ts'
import { RestartableTimer } from './restartable-timer.ts'
import { ACK, MSS_BYTES, PROBE, RST, SYN, Segment } from './segment.ts'
import { PACKET_KIND, SegmentKeys } from './segment-keys.ts'
import { TcpSender } from './sender.ts'
import type { TcpCloseReason, TcpEvents } from './tcp-events.ts'
import type { TcpOptions } from './tcp-options.ts'
import { answerTo, clientHello, TlsFlight, tlsBytes } from './tls.ts'

/** Linux tcp_fin_timeout: how long a closed end waits for the other's FIN. */
const FIN_WAIT_US = 60_000_000

export interface TcpEndSetup<M> {
  readonly role: 'client' | 'server'
  /** First word of its packets' keys. */
  readonly connection: number
  readonly path: PacketPath
  readonly options: TcpOptions
  readonly events: TcpEvents<M>
  /** Finds the peer's address before the first packet. */
  readonly lookUp?: (found: () => void, failed: () => void) => void
  /** Called once: the program has closed the end, or was told that it is closed. */
  readonly released?: () => void
}

type State = 'idle' | 'connecting' | 'accepting' | 'open' | 'closed' | 'silent'

export class TcpEnd<M> {
  readonly #kernel: Kernel
  readonly #setup: TcpEndSetup<M>
  readonly #keys: SegmentKeys
  readonly #stream = new MessageStream<M | TlsFlight>()
  readonly #handshake: Handshake
  readonly #sender: TcpSender
  readonly #receiver: TcpReceiver
  readonly #deadline: RestartableTimer
  readonly #finWait: RestartableTimer
  readonly #keepAlive: KeepAlive
  #peer: TcpEnd<M> | null = null
  #state: State = 'idle'
  #isOpened = false
  #isClosing = false
  #isReported = false
  #isDelivering = false
  #wasRefused = false
  #isReleased = false

  constructor(kernel: Kernel, setup: TcpEndSetup<M>) {
    const { options, connection, role } = setup
    this.#kernel = kernel
    this.#setup = setup
    this.#keys = new SegmentKeys(kernel, connection, role === 'client' ? 0 : 1)
    const gaveUp = (): void => this.#end('timeout')
    this.#sender = new TcpSender(kernel, this.#keys, options.userTimeoutUs, {
      transmit: (key, flags, start, end) => this.#transmit(key, flags, start, end), gaveUp,
    })
    const sender = this.#sender
    this.#receiver = new TcpReceiver(kernel, options.receiveBufferBytes, {
      get rtoUs() { return sender.rtoUs },
      get smoothedUs() { return sender.smoothedUs },
      acknowledge: () => this.#acknowledge(),
    })
    this.#handshake = new Handshake(kernel, this.#keys, options.synLinearTimeouts, {
      transmit: (key, flags) => this.#transmit(key, flags, 0, 0), gaveUp,
    })
    this.#deadline = new RestartableTimer(kernel, () => {
      if (this.#state === 'open') this.#reset()
      this.#end('timeout')
    })
    this.#finWait = new RestartableTimer(kernel, () => this.#end('timeout'))
    this.#keepAlive = new KeepAlive(kernel, {
      get isIdle() { return sender.bufferedBytes === 0 },
      probe: () => this.#transmit(this.#keys.next(PACKET_KIND.acknowledgement), ACK | PROBE, this.#sender.next, this.#sender.next),
      gaveUp: () => {
        this.#reset()
        this.#end('timeout')
      },
    })
  }

  /** Names the other end. Only a `TcpConnection` calls it. */
  join(peer: TcpEnd<M>): void {
    this.#peer = peer
  }

  /** Opened and not closed from here. A vanished peer does not change it (R4). */
  get isOpen(): boolean { return this.#isOpened && this.#state === 'open' && !this.#isClosing && !this.#isReported }
  /** Bytes sent by the program and not acknowledged by the peer, in their form on the wire. */
  get bufferedBytes(): number { return this.#sender.bufferedBytes }
  /** Segments with data sent, repetitions included, and the repetitions. */
  get segmentsSent(): number { return this.#sender.segmentsSent }
  get retransmissions(): number { return this.#sender.retransmissions }
  get congestionWindow(): number { return this.#sender.congestionWindow }

  get #sendBufferBytes(): number {
    const { sendBufferBytes, tunesSendBuffer } = this.#setup.options
    return tunesSendBuffer ? Math.min(sendBufferBytes, 2 * Math.max(INITIAL_WINDOW, this.congestionWindow) * MSS_BYTES) : sendBufferBytes
  }

  /** Sends SYN. Only for the client's end, once. */
  connect(): void {
    if (this.#state !== 'idle' || this.#setup.role !== 'client') return
    this.#state = 'connecting'
    this.#deadline.set(this.#setup.options.connectTimeoutUs)
    const { lookUp = (found: () => void) => found() } = this.#setup
    const isWaiting = (): boolean => this.#state === 'connecting'
    lookUp(() => { if (isWaiting()) this.#handshake.begin(SYN, false) }, () => { if (isWaiting()) this.#end('timeout') })
  }

  /**
   * Sends a message. A message larger than what is left of the buffer is taken as long as something is left.
   * @throws RangeError unless its size is a whole number from 1 on
   * @returns false if it was refused: the buffer is full (`writable` follows), or the end is not open
   */
  send(message: M, sizeBytes: number): boolean {
    if (!Number.isSafeInteger(sizeBytes) || sizeBytes < 1) throw new RangeError(`a message has a whole number of bytes, at least 1, got ${sizeBytes}`)
    if (!this.isOpen) return false
    if (this.bufferedBytes >= this.#sendBufferBytes) {
      this.#wasRefused = true
      return false
    }
    this.#write(message, sizeBytes)
    return true
  }

  /** Sends a FIN after what was sent so far. Messages still come in until the peer's FIN. */
  close(): void {
    if (this.#state === 'connecting' || this.#state === 'accepting' || !this.#isOpened) return this.abort()
    if (this.#state !== 'open' || this.#isClosing) return
    this.#isClosing = true
    this.#release()
    this.#finish()
    this.#settle()
  }

  /** Ends the connection at once and tells the peer with a reset, once. */
  abort(): void {
    if (this.#state === 'silent') return
    if (this.#state === 'open' || this.#state === 'accepting') this.#reset()
    this.#isReported = true
    this.#leave('closed')
  }

  /** The host is gone: nothing is sent, and nothing that arrives is answered (R4). */
  vanish(): void {
    this.#isReported = true
    this.#leave('silent')
  }

  /** The host is there and knows nothing of the connection, or nobody listens: whatever arrives is answered with a reset. */
  forget(): void {
    this.#isReported = true
    this.#leave('closed')
  }

  /** Stops reading: what arrives stays in the receive buffer, and the peer's sending stalls when that is full (A04). */
  pause(): void {
    this.#receiver.pause()
  }

  resume(): void {
    if (!this.#receiver.isPaused) return
    if (this.#state === 'open') this.#receiver.resume()
    this.#deliver()
    this.#settle()
  }

  /** Probes the peer after every `idleUs` in which nothing is under way (`keep-alive.ts`); null: no more. */
  keepAlive(idleUs: number | null): void {
    if (idleUs === null || this.#state !== 'open') this.#keepAlive.stop()
    else this.#keepAlive.start(idleUs)
  }

  /** A segment has come through the path. */
  arrive(segment: Segment): void {
    if (this.#state === 'silent') return
    if ((segment.flags & RST) !== 0) {
      if (this.#state !== 'idle' && this.#state !== 'closed') this.#end('reset')
    } else if ((segment.flags & SYN) !== 0) {
      this.#arriveSyn(segment)
    } else {
      if (this.#state === 'closed') return this.#reset()
      if (this.#state === 'accepting') this.#establish(segment)
      if (this.#state === 'open') this.#arriveData(segment)
    }
  }

  #arriveSyn(segment: Segment): void {
    const { role } = this.#setup
    if (this.#state === 'closed') {
      this.#reset()
    } else if (this.#state === 'open') {
      this.#acknowledge() // the last step of the handshake was lost
    } else if (this.#state === 'accepting') {
      this.#handshake.repeat()
    } else if (this.#state === 'connecting' && (segment.flags & ACK) !== 0) {
      this.#receiver.open(segment.sentAtUs)
      this.#establish(segment)
    } else if (this.#state === 'idle' && role === 'server') {
      this.#state = 'accepting'
      this.#receiver.open(segment.sentAtUs)
      this.#handshake.begin(SYN | ACK, true)
    }
  }

  #establish(segment: Segment): void {
    const { role, options } = this.#setup
    this.#state = 'open'
    this.#handshake.stop()
    const roundTripUs = segment.echoUs < 0 ? -1 : this.#kernel.nowUs - segment.echoUs
    this.#sender.open(segment.windowEnd, roundTripUs, this.#handshake.wasLost)
    if (role === 'client') this.#acknowledge()
    if (!options.tls) this.#open()
    else if (role === 'client') {
      const hello = clientHello()
      this.#write(hello, hello.sizeBytes)
    }
  }

  #open(): void {
    this.#deadline.clear()
    this.#isOpened = true
    this.#setup.events.opened()
  }

  #arriveData(segment: Segment): void {
    this.#keepAlive.heard()
    this.#sender.receive(segment)
    this.#receiver.receive(segment)
    this.#sender.push()
    this.#receiver.acknowledgeIfDue()
    this.#deliver()
    this.#settle()
  }

  /** Hands over what is whole, then the end. A handler may pause, send, close or abort. */
  #deliver(): void {
    if (this.#isDelivering || this.#peer === null) return
    this.#isDelivering = true
    while (this.#state === 'open' && !this.#receiver.isPaused) {
      const written = this.#peer.#stream.take(this.#receiver.readUpTo)
      if (written === undefined) break
      if (written.message instanceof TlsFlight) this.#arriveFlight(written.message)
      else this.#setup.events.message(written.message, written.sizeBytes)
    }
    this.#isDelivering = false
    if (this.#state !== 'open' || this.#isReported || !this.#receiver.isAtEnd) return
    this.#isReported = true
    this.#finWait.clear()
    if (!this.#sender.isFinished) this.#finish()
    this.#release()
    this.#setup.events.closed('fin')
  }

  #arriveFlight(flight: TlsFlight): void {
    const answer = answerTo(flight)
    if (answer !== null) this.#write(answer, answer.sizeBytes)
    if (flight.name !== 'client-hello') this.#open()
  }

  /** What follows from an acknowledgement: room for a refused message, or half a farewell. */
  #settle(): void {
    if (this.#state !== 'open') return
    // Linux `sk_stream_is_writeable`: at least half as much free as used.
    if (this.#wasRefused && this.isOpen && this.bufferedBytes <= (this.#sendBufferBytes * 2) / 3) {
      this.#wasRefused = false
      this.#setup.events.writable()
    }
    if (this.#isClosing && this.#sender.isFinAcknowledged && !this.#isReported && !this.#finWait.isSet) this.#finWait.set(FIN_WAIT_US)
  }

  #write(message: M | TlsFlight, sizeBytes: number): void {
    const isEncrypted = this.#setup.options.tls && !(message instanceof TlsFlight)
    this.#stream.write(message, sizeBytes, isEncrypted ? tlsBytes(sizeBytes) : sizeBytes)
    this.#sender.write(this.#stream.end)
    this.#sender.push()
  }

  #finish(): void {
    this.#sender.finish()
    this.#sender.push()
  }

  #acknowledge(): void {
    this.#transmit(this.#keys.next(PACKET_KIND.acknowledgement), ACK, this.#sender.next, this.#sender.next)
  }

  #reset(): void {
    this.#transmit(this.#keys.next(PACKET_KIND.reset), RST, this.#sender.next, this.#sender.next)
  }

  #transmit(key: readonly number[], flags: number, start: number, end: number): void {
    const peer = this.#peer
    if (peer === null) return
    const receiver = this.#receiver
    const segment = new Segment(key, flags | receiver.flags, start, end, receiver.next, receiver.windowEnd,
      receiver.sacks(), this.#kernel.nowUs, receiver.echoUs)
    receiver.sent(end > start)
    this.#setup.path.send(segment, () => peer.arrive(segment))
  }

  #end(why: TcpCloseReason): void {
    this.#leave('closed')
    if (this.#isReported) return
    this.#isReported = true
    this.#setup.events.closed(why)
  }

  #leave(state: 'closed' | 'silent'): void {
    this.#state = state
    this.#handshake.stop()
    this.#sender.stop()
    this.#receiver.stop()
    this.#deadline.clear()
    this.#finWait.clear()
    this.#keepAlive.stop()
    this.#release()
  }

  #release(): void {
    if (this.#isReleased) return
    this.#isReleased = true
    this.#setup.released?.()
  }
}
