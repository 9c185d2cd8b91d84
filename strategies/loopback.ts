/**
 * A tiny in-memory harness for unit tests of strategies, and the first thing to point a new strategy at.
 *
 * It builds one replica per device and one authority, and hands them contexts in which nothing happens by
 * itself: frames, requests, answers, change signals and disk syncs wait until the test lets one of them
 * happen, by name (`deliver`, `sync`, ...) or by a random interleaving driven by a number source (`step`,
 * `drain`). Sessions are FIFO and lose what is in flight when they are dropped, at both ends.
 *
 * Not modelled: time on the network, the stack's resume part (a dropped session is `lost`, which a strategy
 * must bear whoever owns resume), debounce (an invalidation becomes one GET at once, coalesced with one not
 * yet handled), request timeouts, full disks, devices with several tabs. The simulated world has those; this has no seed to search.
 *
 * @example
 * const net = new Loopback({ strategy, documents, devices: ['a', 'b'] })
 * net.edit('a', 'doc', 'note', { op: 'splice', at: 0, removed: '', inserted: 'x' })
 * net.drain(picksFrom([3, 1, 4]))
 * net.view('b', 'doc') // { note: 'x' }
 */
import type {
  Authority, AuthorityContext, CloseReason, Context, DocumentId, DocumentShape, EditChange, EditHandle, FieldName,
  HostId, Node, Notice, Replica, ReplicaContext, Session, Settlement, Strategy, StrategyOptions, TransportName, Version, View,
} from '../sim/contract.ts'
import { deliveryOf } from '../sim/network/delivery.ts'
import { LoopbackHost, soleTab, type LoopbackClock } from './loopback-host.ts'
import { LoopbackCalls, LoopbackGateway } from './loopback-requests.ts'

/** Chooses an integer from 0 to `bound - 1`. */
export type Pick = (bound: number) => number

/** Picks from a list of naturals (what fast-check shrinks well), then always the first choice. */
export function picksFrom(numbers: readonly number[]): Pick {
  let next = 0
  return (bound) => (next < numbers.length ? (numbers[next++] ?? 0) % bound : 0)
}

export interface LoopbackOptions {
  readonly strategy: Strategy
  readonly documents: readonly DocumentShape[]
  readonly devices: readonly HostId[]
  readonly options?: Partial<StrategyOptions>
  readonly transport?: TransportName
  /** Whether replicas are connected at the start (true unless given). */
  readonly connected?: boolean
}

/** Something that can happen next. */
export type Choice =
  | { readonly kind: 'frame'; readonly device: HostId; readonly to: End }
  | { readonly kind: 'sync'; readonly host: HostId }
  | { readonly kind: 'request' | 'answer' | 'signal'; readonly device: HostId; readonly index: number }

/** An end of a device's session. */
export type End = 'replica' | 'authority'

/** The authority's host name. */
export const LOOPBACK_SERVER: HostId = 'server'

class Device extends LoopbackHost<Replica> {
  link: Link | null = null
  readonly calls: LoopbackCalls
  readonly signals: { readonly document: DocumentId; readonly version: Version }[] = []
  readonly opened = new Set<DocumentId>()

  constructor(id: HostId, clock: LoopbackClock) {
    super(id, clock)
    this.calls = new LoopbackCalls(id)
  }
}

type InFlight = Uint8Array | { readonly closeCode: number }
interface Link {
  readonly frames: Record<End, InFlight[]>
  readonly sessions: Record<End, Session>
}

export class Loopback {
  /** Every settlement of an edit, in order; an edit must end with exactly one. */
  readonly settlements = new Map<EditHandle, Settlement[]>()
  readonly notices = new Map<EditHandle, Notice[]>()
  /** How often each `host/document` was said to have changed. */
  readonly changes = new Map<string, number>()
  private readonly setup: LoopbackOptions
  private readonly strategyOptions: StrategyOptions
  private readonly devices: Device[] = []
  private readonly server: LoopbackHost<Authority>
  private readonly clock: LoopbackClock = { nowMs: 0 }
  private readonly gateway = new LoopbackGateway(() => this.server.node)
  private readonly counts = new Map<string, number>()
  private serial = 0

  constructor(setup: LoopbackOptions) {
    this.setup = setup
    this.strategyOptions = { inFlight: 'one', ids: 'ascending', ...setup.options }
    this.server = new LoopbackHost(LOOPBACK_SERVER, this.clock)
    this.bootAuthority()
    for (const id of setup.devices) {
      const device = new Device(id, this.clock)
      this.devices.push(device)
      this.bootReplica(device)
    }
    if (setup.connected !== false) for (const id of setup.devices) this.reconnect(id)
  }

  /** The user of `device` changes a field. */
  edit(id: HostId, document: DocumentId, field: FieldName, change: EditChange): EditHandle {
    const shape = this.setup.documents.find((one) => one.id === document)?.fields.find((one) => one.name === field)
    if (shape === undefined) throw new Error(`no field ${document}/${field}`)
    const handle = `${id}#${++this.serial}` as EditHandle
    this.settlements.set(handle, [])
    this.notices.set(handle, [])
    this.device(id).node.edit({ handle, document, field, type: shape.type, change })
    return handle
  }

  view(host: HostId, document: DocumentId): View { return this.host(host).node.view(document) }
  pending(host: HostId): number | 'unknown' { return this.host(host).node.pending() }
  /** What has been made durable on `host`. */
  stored(host: HostId): ReadonlyMap<string, Uint8Array> { return this.host(host).stored() }
  connected(id: HostId): boolean { return this.device(id).link !== null }

  /** Frames ever sent towards `to` on the sessions of `device`. */
  sent(id: HostId, to: End): number { return this.counts.get(`${id}>${to}`) ?? 0 }
  /** Frames now in flight towards `to`. */
  inFlight(id: HostId, to: End): number { return this.device(id).link?.frames[to].length ?? 0 }

  /** Delivers the oldest frame in flight between `device` and the authority towards `to`. */
  deliver(id: HostId, to: End): void {
    const device = this.device(id)
    const link = device.link
    const frame = link?.frames[to].shift()
    if (link === null || frame === undefined) throw new Error(`nothing in flight to the ${to} of ${id}`)
    if (frame instanceof Uint8Array) this.end(device, to).received(link.sessions[to], frame)
    else this.disconnect(device, { kind: 'closed', code: frame.closeCode })
  }

  /** Delivers `bytes` as the next frame towards `to`, past what is in flight: for broken and repeated frames. */
  inject(id: HostId, to: End, bytes: Uint8Array): void {
    const device = this.device(id)
    if (device.link !== null) this.end(device, to).received(device.link.sessions[to], bytes)
  }

  /** The oldest frame in flight towards `to`, undelivered. */
  peek(id: HostId, to: End): Uint8Array | undefined {
    const frame = this.device(id).link?.frames[to][0]
    return frame instanceof Uint8Array ? frame : undefined
  }

  /** Takes the oldest frame in flight towards `to` off the network, as a path for datagrams may at any time. */
  lose(id: HostId, to: End): Uint8Array | undefined {
    const frames = this.device(id).link?.frames[to]
    const [first] = frames ?? []
    if (!(first instanceof Uint8Array)) return undefined
    frames?.shift()
    return first
  }

  /** Breaks the connection: what is in flight is lost, at both ends, and requests on the way fail. */
  drop(id: HostId): void {
    const device = this.device(id)
    this.disconnect(device, { kind: 'lost' })
    device.calls.lost()
  }

  /** Opens a new session for `device`; the authority sees it first. */
  reconnect(id: HostId): void {
    const device = this.device(id)
    if (device.link !== null) return
    const frames: Record<End, InFlight[]> = { replica: [], authority: [] }
    const name = `${id}/${++this.serial}`
    const session = (self: End, other: End, peer: HostId): Session => ({
      id: name, peer, transport: this.setup.transport ?? 'websocket', delivery: deliveryOf(this.setup.transport ?? 'websocket'),
      get bufferedBytes() { return frames[other].reduce((sum, one) => sum + (one instanceof Uint8Array ? one.length : 0), 0) },
      send: (bytes) => {
        if (device.link?.sessions[self] !== link.sessions[self]) return
        this.count(`${id}>${other}`)
        frames[other].push(bytes.slice())
      },
      close: (code) => { frames[other].push({ closeCode: code }) },
    })
    const link: Link = { frames, sessions: {
      replica: session('replica', 'authority', LOOPBACK_SERVER), authority: session('authority', 'replica', id),
    } }
    device.link = link
    this.server.node.opened(link.sessions.authority)
    device.node.opened(link.sessions.replica)
  }

  /** Makes the oldest unsynced batch of `host` durable. */
  sync(id: HostId): void { this.host(id).sync() }

  /** Crashes `host` and boots it from what was synced, unconnected (all devices, when it is the server). */
  restart(id: HostId): void {
    this.host(id).crash()
    if (id !== LOOPBACK_SERVER) {
      const device = this.device(id)
      const link = device.link
      device.link = null
      // The crashed end hears nothing: a crash runs no code (R5).
      if (link !== null) this.server.node.closed(link.sessions.authority, { kind: 'lost' })
      this.bootReplica(device)
      return
    }
    this.gateway.crash()
    const links = this.devices.map((device) => device.link)
    this.bootAuthority()
    this.devices.forEach((device, index) => {
      device.link = null
      const link = links[index]
      if (link !== null && link !== undefined) device.node.closed(link.sessions.replica, { kind: 'lost' })
      device.calls.lost()
    })
  }

  /** What can happen next, in a fixed order. Timers fire by `advance` only. */
  choices(): Choice[] {
    const list: Choice[] = []
    if (this.server.unsynced > 0) list.push({ kind: 'sync', host: this.server.id })
    for (const device of this.devices) {
      for (const to of ['authority', 'replica'] as const) {
        if ((device.link?.frames[to].length ?? 0) > 0) list.push({ kind: 'frame', device: device.id, to })
      }
      if (device.unsynced > 0) list.push({ kind: 'sync', host: device.id })
      device.signals.forEach((_, index) => list.push({ kind: 'signal', device: device.id, index }))
      if (device.link === null) continue
      for (const { kind, index } of device.calls.ready()) list.push({ kind, device: device.id, index })
    }
    return list
  }

  /** Lets one thing happen. */
  happen(choice: Choice): void {
    switch (choice.kind) {
      case 'frame': return this.deliver(choice.device, choice.to)
      case 'sync': return this.sync(choice.host)
      case 'signal': {
        const device = this.device(choice.device)
        for (const signal of device.signals.splice(choice.index, 1)) device.node.signalled?.(signal.document, signal.version)
        return
      }
      case 'request': return this.device(choice.device).calls.send(choice.index, this.gateway)
      case 'answer': {
        const { calls, node } = this.device(choice.device)
        return calls.answer(choice.index, (durable, response) => node.answered?.(durable, response))
      }
    }
  }

  /** Lets something that `pick` chooses happen; false when nothing can. */
  step(pick: Pick): boolean {
    const choices = this.choices()
    const choice = choices[choices.length === 0 ? 0 : pick(choices.length)]
    if (choice !== undefined) this.happen(choice)
    return choice !== undefined
  }

  /** Steps, and fires foreground timers, until nothing is left; throws after `maxSteps` (a livelock). */
  drain(pick: Pick = () => 0, maxSteps = 100_000): void {
    for (let steps = 0; steps < maxSteps; steps++) {
      if (this.step(pick)) continue
      const due = this.hosts().flatMap((host) => host.timers.filter((timer) => !timer.background).map((timer) => timer.atMs))
      if (due.length === 0) return
      this.advance(Math.max(0, Math.min(...due) - this.clock.nowMs))
    }
    throw new Error(`not quiet after ${maxSteps} steps`)
  }

  /** Moves every clock on, firing timers in time order. */
  advance(ms: number): void {
    const untilMs = this.clock.nowMs + ms
    for (;;) {
      const due = this.hosts().flatMap((host) => host.timers.map((timer) => ({ host, timer })))
        .filter(({ timer }) => timer.atMs <= untilMs).sort((a, b) => a.timer.atMs - b.timer.atMs)[0]
      if (due === undefined) break
      this.clock.nowMs = Math.max(this.clock.nowMs, due.timer.atMs)
      due.host.fire(due.timer)
    }
    this.clock.nowMs = untilMs
  }

  private hosts(): readonly LoopbackHost<Node>[] { return [this.server, ...this.devices] }
  private host(id: HostId): LoopbackHost<Node> { return id === LOOPBACK_SERVER ? this.server : this.device(id) }
  private device(id: HostId): Device {
    const device = this.devices.find((one) => one.id === id)
    if (device === undefined) throw new Error(`no device ${id}`)
    return device
  }
  private end(device: Device, end: End): Node { return end === 'replica' ? device.node : this.server.node }
  private count(key: string): void { this.counts.set(key, (this.counts.get(key) ?? 0) + 1) }

  private disconnect(device: Device, why: CloseReason): void {
    const link = device.link
    if (link === null) return
    device.link = null
    this.server.node.closed(link.sessions.authority, why)
    device.node.closed(link.sessions.replica, why)
  }

  private bootAuthority(): void {
    const { strategy } = this.setup
    if (strategy.authority === undefined) throw new Error('the loopback needs a strategy with an authority')
    const publish = (document: DocumentId, version: Version): void => {
      for (const device of this.devices) if (device.opened.has(document)) device.signals.push({ document, version })
    }
    const context: AuthorityContext = { ...this.context(this.server, 0), options: this.strategyOptions, publish }
    this.server.node = strategy.authority(context)
  }

  private bootReplica(device: Device): void {
    const { calls } = device
    const recovered = calls.recover()
    device.signals.length = 0
    device.opened.clear()
    const base = this.context(device, this.setup.devices.indexOf(device.id) + 1)
    const context: ReplicaContext = {
      ...base, options: this.strategyOptions, recovered, tabs: soleTab((run) => { base.timer(0, run) }),
      request: (request, { durable }, done) => calls.request(request, durable, done),
      settle: (handle, outcome) => { this.settlements.get(handle)?.push(outcome) },
      notify: (handle, notice) => { this.notices.get(handle)?.push(notice) },
      invalidate: (document) => {
        calls.refetch(document, (body) => device.node.refetched?.(document, body))
      },
    }
    device.node = this.setup.strategy.replica(context)
    for (const document of this.setup.documents) {
      device.opened.add(document.id)
      device.node.open(document.id)
    }
  }

  private context(host: LoopbackHost<Node>, rank: number): Context {
    const place = this.strategyOptions.ids === 'ascending' ? rank : this.setup.devices.length - rank
    return host.context(this.setup.documents, place * 1000 + host.incarnation + 1, (document) => {
      const key = `${host.id}/${document}`
      this.changes.set(key, (this.changes.get(key) ?? 0) + 1)
    })
  }
}
