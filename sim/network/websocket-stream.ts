/**
 * A WebSocket connection between a device and the server: three round trips to open (TCP, TLS 1.3,
 * upgrade; requirements A01), then ordered frames both ways with RFC 6455's framing bytes (A02).
 *
 * A reset loses what is in flight at both ends. The server may not hear of it (the device's radio is off,
 * R4): it then holds a half-open stream until the device dials again. A device whose stream the server has
 * forgotten learns of it when something it sends is answered by a reset, at the latest from TCP's keep-alive
 * probe. A process that its kernel survives leaves no half-open streams: the kernel closes them, and refuses
 * new ones. Left out until streams are modelled in full: buffers and back-pressure, loss recovery by fast
 * retransmit, the closing handshake's own hang.
 */
import type { CloseReason } from '../contract.ts'
import type { Dialer, Listener, StreamEnd, StreamEvents } from './transport.ts'
import { StreamChannel, type ChannelRoute } from './stream-channel.ts'

const MASK_BYTES = 4 // client frames are masked, RFC 6455 section 5.1
const HANDSHAKE_BYTES = { syn: 40, tls: 517, upgrade: 220, switching: 160 }
/** A TCP segment without data, IPv4: FIN or RST. */
const SEGMENT_BYTES = 40
/** Chromium's sockets probe after this long (`kTCPKeepAliveSeconds`); counted from the loss, not the last frame. */
export const KEEP_ALIVE_US = 45_000_000
const EMPTY = new Uint8Array(0)

/** RFC 6455 section 5.2: 2 bytes, 4 from 126 bytes of payload, 10 from 64 KiB. */
export function framingBytes(payloadBytes: number, masked: boolean): number {
  const header = payloadBytes < 126 ? 2 : payloadBytes < 65_536 ? 4 : 10
  return header + (masked ? MASK_BYTES : 0)
}

type Side = 'client' | 'server'
type SideState = 'waiting' | 'open' | 'closed'

export class WebSocketStream {
  readonly #up: StreamChannel
  readonly #down: StreamChannel
  readonly #route: ChannelRoute
  readonly #dialer: Dialer
  readonly #state: Record<Side, SideState> = { client: 'waiting', server: 'waiting' }
  readonly #events: Record<Side, StreamEvents | null> = { client: null, server: null }
  readonly #why: Record<Side, CloseReason | null> = { client: null, server: null }
  /** The device's end is half-open: `silent` until something is sent that a reset can answer. */
  #forgotten: 'no' | 'silent' | 'asked' = 'no'

  /** @param up the route from the device to the server; @param serverHost the other end */
  constructor(up: ChannelRoute, serverHost: { id: string; index: number; isUp?: boolean }, dialer: Dialer, listener: Listener) {
    this.#route = up
    this.#dialer = dialer
    this.#up = new StreamChannel(up)
    this.#down = new StreamChannel({ ...up, direction: 'down', from: serverHost, to: up.from.id })
    const roundTrip = (request: number, response: number, then: () => void): void => {
      this.#up.send(EMPTY, request, 'control', () => this.#down.send(EMPTY, response, 'control', then))
    }
    const isRefused = (): boolean => {
      if (serverHost.isUp !== false) return false
      this.#state.server = 'closed'
      this.#down.send(EMPTY, SEGMENT_BYTES, 'control', () => this.#closeSide('client', { kind: 'lost' }))
      return true
    }
    const syn = (then: () => void): void => this.#up.send(EMPTY, HANDSHAKE_BYTES.syn, 'control', () => {
      if (!isRefused()) this.#down.send(EMPTY, HANDSHAKE_BYTES.syn, 'control', then)
    })
    syn(() => roundTrip(HANDSHAKE_BYTES.tls, HANDSHAKE_BYTES.tls, () => {
      this.#up.send(EMPTY, HANDSHAKE_BYTES.upgrade, 'control', () => {
        this.#down.send(EMPTY, HANDSHAKE_BYTES.switching, 'control', () => this.#open('client', (end) => dialer.opened(end)))
        this.#open('server', (end) => listener.accepted(up.from.id, end))
      })
    }))
  }

  get isOver(): boolean { return this.#state.client === 'closed' && this.#state.server === 'closed' }

  #open(side: Side, begin: (end: StreamEnd) => StreamEvents): void {
    if (this.#state[side] === 'closed') return // given up while its last packet was on the way
    this.#state[side] = 'open'
    const events = begin(this.#end(side))
    this.#events[side] = events
    const why = this.#why[side]
    if (why !== null) events.closed(why) // whoever was handed the end has closed it at once
  }

  #end(side: Side): StreamEnd {
    const channel = side === 'client' ? this.#up : this.#down
    const peer: Side = side === 'client' ? 'server' : 'client'
    return {
      get bufferedBytes() { return channel.bufferedBytes },
      send: (bytes, traffic) => {
        if (this.#state[side] === 'closed') return
        if (side === 'client') this.#probe()
        const content = bytes.slice()
        const sizeBytes = content.length + framingBytes(content.length, side === 'client')
        channel.send(content, sizeBytes, traffic, (cause) => {
          if (this.#state[peer] === 'open') this.#events[peer]?.frame(content, cause)
        })
      },
      close: (code) => {
        if (this.#state[side] === 'closed') return
        channel.send(EMPTY, framingBytes(2, side === 'client') + 2, 'control', () => this.#closeSide(peer, { kind: 'closed', code }))
        this.#closeSide(side, { kind: 'closed', code })
      },
    }
  }

  #closeSide(side: Side, why: CloseReason): void {
    const before = this.#state[side]
    if (before === 'closed') return
    this.#leave(side)
    this.#why[side] = why
    if (side === 'client' && before === 'waiting') this.#dialer.failed()
    else this.#events[side]?.closed(why)
  }

  #leave(side: Side): void {
    this.#state[side] = 'closed'
    if (side !== 'client' || this.#forgotten === 'no') return
    this.#forgotten = 'no'
    this.#route.world.quiescence.end(this.#route.from.index, 'offline')
  }

  /** The device's process is gone. What it has sent arrives, then what its kernel says; or nothing more, ever. */
  deviceGone(heard: CloseReason | null): boolean {
    if (this.#state.client === 'closed') return false
    const wasOpening = this.#state.server === 'waiting'
    this.#leave('client')
    this.#down.drop()
    if (wasOpening) this.#leave('server')
    if (wasOpening || (heard === null && this.#route.link.isCut)) this.#up.drop()
    else if (heard !== null) this.#up.send(EMPTY, SEGMENT_BYTES, 'control', () => this.#closeSide('server', heard))
    return true
  }

  /** The server's process is gone, in the same two ways. */
  serverGone(heard: CloseReason | null): boolean {
    if (this.isOver) return false
    const hadEnd = this.#state.server === 'open'
    this.#leave('server')
    this.#up.drop()
    if (heard === null) {
      if (this.#route.link.isCut) this.#down.drop()
      this.#halfOpen()
    } else if (this.#state.client !== 'closed') {
      this.#down.send(EMPTY, SEGMENT_BYTES, 'control', () => this.#closeSide('client', heard))
    }
    return hadEnd
  }

  /** A middlebox has forgotten the stream: both ends send into the void. */
  forget(): void {
    if (this.isOver) return
    this.#up.drop()
    this.#down.drop()
    this.#halfOpen()
  }

  #halfOpen(): void {
    const { world, from } = this.#route
    if (this.#state.client === 'closed' || this.#forgotten !== 'no') return
    this.#forgotten = 'silent'
    world.quiescence.begin(from.index, 'offline')
    if (this.#state.client === 'waiting') this.#probe()
    else world.kernel.after(KEEP_ALIVE_US, () => this.#probe())
  }

  /** Something is sent on a forgotten stream: whoever gets it does not know the stream and resets it. */
  #probe(): void {
    if (this.#forgotten !== 'silent') return
    this.#forgotten = 'asked'
    const { link } = this.#route
    link.carry('up', () => { link.carry('down', () => this.#closeSide('client', { kind: 'lost' })) })
  }

  /** The connection is gone: in flight is lost. Without `serverIsTold` the server keeps a half-open stream. */
  reset(serverIsTold: boolean): void {
    this.#up.drop()
    this.#down.drop()
    this.#closeSide('client', { kind: 'lost' })
    if (serverIsTold && this.#state.server !== 'closed') this.#route.link.carry('up', () => this.#closeSide('server', { kind: 'lost' }))
  }

  /** The server ends a stream whose device has dialled anew. */
  supersede(): void {
    this.#up.drop()
    this.#down.drop()
    this.#closeSide('server', { kind: 'lost' })
    this.#closeSide('client', { kind: 'lost' })
  }
}
