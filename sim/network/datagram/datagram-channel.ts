/**
 * An unreliable, unordered message channel between a device and the server, after a WebRTC data channel with
 * `ordered: false, maxRetransmits: 0` (RFC 8831; QUIC's datagrams behave alike, but for the parts).
 *
 * A message is cut into packets and arrives when all of them have, once: what the link drops is not sent again,
 * what it copies is recognised (SCTP's numbers, DTLS's replay window), and messages arrive in whatever order
 * their last packets do. Nothing holds a sender back. In the history each message is one frame, delivered or lost.
 *
 * The handshake is five round trips, each repeated until answered. Nothing tells an end that the other is gone
 * but an ABORT, which is one packet and may be lost, and consent (RFC 7675): each end asks for it every 5 s, and
 * one that has heard no answer for 30 s ends its side. An end that has closed answers what still comes with the
 * ABORT again (RFC 9260, 8.4); a process that is killed says nothing, unlike TCP's, whose kernel does.
 *
 * Left out: signalling (the server is known and ICE-lite), relays and several candidates, ICE restarts, SCTP's
 * congestion control and acknowledgements, reliable channels beside it, the limit of a message's size, the
 * randomness of the consent interval. A message one of whose packets is dropped counts as lost, also in the rare
 * case that a copy of the packet would have come later.
 */
import type { CloseReason } from '../../contract.ts'
import type { Host } from '../../host/host.ts'
import type { AccessLink } from '../access-link.ts'
import { type Frame, FrameLog, type FrameTraffic } from '../frame-log.ts'
import type { PacketLink } from '../packet-link.ts'
import { RestartableTimer } from '../tcp/restartable-timer.ts'
import type { Dialer, Listener, StreamEnd, StreamEvents } from '../transport.ts'
import { ABORT_BYTES, ABORT_PACKET_BYTES, HANDSHAKE, messageBytes, partPacketBytes, partsOf, STUN_BYTES } from './datagram-packets.ts'
import { CONSENT_CHECK_US, CONSENT_EXPIRY_US, DIAL_TIMEOUT_US, HANDSHAKE_REPEAT_US } from './datagram-times.ts'

const EMPTY = new Uint8Array(0)

type Side = 'client' | 'server'
const other = (side: Side): Side => side === 'client' ? 'server' : 'client'

/** What each side has of its own. */
interface SideState {
  /** What it sends. */
  readonly log: FrameLog
  readonly link: PacketLink
  readonly check: RestartableTimer
  readonly expiry: RestartableTimer
  state: 'waiting' | 'open' | 'closed'
  events: StreamEvents | null
  why: CloseReason | null
  /** What it answers to packets once it has closed; null while it is open, or where nobody is left to answer. */
  farewell: CloseReason | null
}

export interface ChannelRoute {
  readonly device: Host
  readonly server: Host
  readonly link: AccessLink
}

export class DatagramChannel {
  readonly #route: ChannelRoute
  readonly #dialer: Dialer
  readonly #listener: Pick<Listener, 'accepted'>
  readonly #sides: Readonly<Record<Side, SideState>>
  readonly #repeat: RestartableTimer
  readonly #patience: RestartableTimer
  /** Flights that the device has an answer to. */
  #step = 0
  /** The process of the server that answered the first flight; another one knows nothing of it. */
  #metBy: number | null = null
  /** A middlebox on the path has forgotten the flow. */
  #isPathDead = false
  /** The device believes in a channel that the server has not. */
  #isHalfOpen = false

  constructor(route: ChannelRoute, dialer: Dialer, listener: Pick<Listener, 'accepted'>) {
    const { device, server, link } = route
    const { world } = device
    this.#route = route
    this.#dialer = dialer
    this.#listener = listener
    const side = (name: Side, log: FrameLog, direction: PacketLink): SideState => ({
      log, link: direction, state: 'waiting', events: null, why: null, farewell: null,
      check: new RestartableTimer(world.kernel, () => this.#askConsent(name)),
      expiry: new RestartableTimer(world.kernel, () => this.#close(name, { kind: 'lost' })),
    })
    this.#sides = {
      client: side('client', new FrameLog(world, device, server.id), link.up),
      server: side('server', new FrameLog(world, server, device.id), link.down),
    }
    this.#repeat = new RestartableTimer(world.kernel, () => this.#knock())
    this.#patience = new RestartableTimer(world.kernel, () => this.#close('client', { kind: 'lost' }))
    this.#patience.set(DIAL_TIMEOUT_US)
    this.#knock()
  }

  get isOver(): boolean { return this.#sides.client.state === 'closed' && this.#sides.server.state !== 'open' }

  /** Sends the device's next flight, and again until it is answered. */
  #knock(): void {
    const step = this.#step
    this.#repeat.set(HANDSHAKE_REPEAT_US)
    this.#packet('client', HANDSHAKE[step].request, () => {
      if (!this.#isKnownToServer(step)) return
      if (step === HANDSHAKE.length - 1) this.#open('server', (end) => this.#listener.accepted(this.#route.device.id, end))
      this.#packet('server', HANDSHAKE[step].response, () => this.#answered(step))
    })
  }

  /** Whether the server that runs now can answer this flight; the first one it always can. */
  #isKnownToServer(step: number): boolean {
    const { server } = this.#route
    if (!server.isUp || this.#sides.server.state === 'closed') return false
    if (step === 0) this.#metBy ??= server.incarnation
    return this.#metBy === server.incarnation
  }

  #answered(step: number): void {
    if (step !== this.#step || this.#sides.client.state !== 'waiting') return
    this.#step += 1
    if (this.#step < HANDSHAKE.length) return this.#knock()
    this.#repeat.clear()
    this.#patience.clear()
    this.#open('client', (end) => this.#dialer.opened(end))
    this.#lookHalfOpen()
  }

  #open(side: Side, begin: (end: StreamEnd) => StreamEvents): void {
    const own = this.#sides[side]
    if (own.state !== 'waiting') return // a flight that came twice
    own.state = 'open'
    own.expiry.set(CONSENT_EXPIRY_US)
    own.check.set(CONSENT_CHECK_US)
    own.events = begin(this.#end(side))
    if (own.why !== null) own.events.closed(own.why) // whoever was handed the end has closed it at once
  }

  #end(side: Side): StreamEnd {
    const own = this.#sides[side]
    return {
      bufferedBytes: 0,
      send: (bytes, traffic) => { if (own.state !== 'closed') this.#send(side, bytes.slice(), traffic) },
      close: (code) => {
        if (own.state === 'closed') return
        own.farewell = { kind: 'closed', code }
        this.#abort(side, own.log.send(EMPTY, ABORT_BYTES, 'control'), own.farewell)
        this.#close(side, own.farewell)
      },
    }
  }

  #send(side: Side, content: Uint8Array, traffic: FrameTraffic): void {
    const { log } = this.#sides[side]
    const parts = partsOf(content.length)
    const frame = log.send(content, messageBytes(content.length), traffic)
    const missing = new Set(parts.keys())
    parts.forEach((bytes, part) => this.#packet(side, partPacketBytes(bytes), () => {
      if (!missing.delete(part) || missing.size > 0) return
      this.#arrived(other(side), frame)
    }, () => log.lose(frame)))
  }

  /** A message is whole. Before the handshake has ended nobody takes it. */
  #arrived(side: Side, frame: Frame): void {
    const own = this.#sides[side]
    if (own.state === 'waiting') return this.#sides[other(side)].log.lose(frame)
    if (own.state === 'closed') return this.#sayFarewell(side)
    if (this.#sides[other(side)].log.deliver(frame)) own.events?.frame(frame.content, frame.cause)
  }

  #abort(side: Side, frame: Frame | null, why: CloseReason): void {
    const { log } = this.#sides[side]
    this.#packet(side, ABORT_PACKET_BYTES, () => {
      if (frame !== null) log.deliver(frame)
      const peer = this.#sides[other(side)]
      if (peer.state !== 'closed') this.#close(other(side), why)
    }, () => { if (frame !== null) log.lose(frame) })
  }

  #sayFarewell(side: Side): void {
    const { farewell } = this.#sides[side]
    if (farewell !== null) this.#abort(side, null, farewell)
  }

  #askConsent(side: Side): void {
    const own = this.#sides[side]
    const peer = this.#sides[other(side)]
    own.check.set(CONSENT_CHECK_US)
    this.#packet(side, STUN_BYTES.request, () => {
      if (peer.state === 'closed') return this.#sayFarewell(other(side))
      this.#packet(other(side), STUN_BYTES.response, () => { if (own.state === 'open') own.expiry.set(CONSENT_EXPIRY_US) })
    })
  }

  /** `arrived` or `lost` runs, later; `arrived` once more for a copy. */
  #packet(side: Side, sizeBytes: number, arrived: () => void, lost: () => void = () => undefined): void {
    const { link } = this.#sides[side]
    link.send({ sizeBytes }, () => {
      if (this.#isPathDead) lost()
      else arrived()
    }, (_why, { isCopy }) => { if (!isCopy) lost() })
  }

  #close(side: Side, why: CloseReason): void {
    const own = this.#sides[side]
    const before = own.state
    if (before === 'closed') return
    this.#leave(side)
    own.why = why
    if (side === 'client' && before === 'waiting') this.#dialer.failed()
    else own.events?.closed(why)
  }

  /** The side is closed, what is on its way to it is lost, and its process hears nothing of it here. */
  #leave(side: Side): void {
    const own = this.#sides[side]
    own.state = 'closed'
    own.check.clear()
    own.expiry.clear()
    this.#sides[other(side)].log.end()
    if (side === 'client') {
      this.#repeat.clear()
      this.#patience.clear()
    }
    this.#lookHalfOpen()
  }

  /** A device counts as not connected while only it believes in the channel (H3). */
  #lookHalfOpen(): void {
    const { world, index } = this.#route.device
    const { client, server } = this.#sides
    const isHalfOpen = client.state === 'open' && (server.state === 'closed' || this.#isPathDead)
    if (isHalfOpen === this.#isHalfOpen) return
    this.#isHalfOpen = isHalfOpen
    if (isHalfOpen) world.quiescence.begin(index, 'offline')
    else world.quiescence.end(index, 'offline')
  }

  /**
   * The device's end is gone: in flight is lost. With `serverIsTold` an ABORT is sent; without, the device's radio
   * is off.
   */
  reset(serverIsTold: boolean): void {
    const { client, server } = this.#sides
    if (client.state === 'closed') return
    client.log.end()
    server.log.end()
    if (serverIsTold && client.state === 'open') this.#abort('client', null, { kind: 'lost' })
    this.#close('client', { kind: 'lost' })
  }

  /** The device's process is gone. Only one that ends in order says so: no kernel speaks for a UDP socket. */
  deviceGone(heard: CloseReason | null): boolean { return this.#endProcess('client', heard) }

  /** The server's process is gone, in the same two ways. */
  serverGone(heard: CloseReason | null): boolean { return this.#endProcess('server', heard) }

  #endProcess(side: Side, heard: CloseReason | null): boolean {
    const own = this.#sides[side]
    own.farewell = null
    if (own.state === 'closed' || (own.state === 'waiting' && side === 'server')) return false
    if (own.state === 'open' && heard?.kind === 'closed') this.#abort(side, own.log.send(EMPTY, ABORT_BYTES, 'control'), heard)
    this.#leave(side)
    return true
  }

  /** A middlebox has forgotten the flow: both ends send into the void, until their consent expires. */
  forget(): void {
    this.#isPathDead = true
    this.#sides.client.log.end()
    this.#sides.server.log.end()
    this.#lookHalfOpen()
  }

  /** The server ends a channel whose device has dialled anew. */
  supersede(): void {
    this.#sides.server.farewell = { kind: 'lost' }
    this.#close('server', { kind: 'lost' })
  }
}
