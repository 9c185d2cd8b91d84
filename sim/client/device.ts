/**
 * A device: the user's replica of the strategy with the client stack around it.
 *
 * Wires the stack's parts to the host and to the network: connection manager, session (with the resume
 * part unless the strategy resumes by itself), outbox for durable requests, invalidation for change
 * signals, and the batch window through which all of them send. All of that is one process, made anew at every start from what the disk has kept (R5); only the book
 * of handles stays, which is the history's. Knows no strategy by name. The history is written here, from what passes by; edit ids never
 * reach the strategy, which sees handles that mean nothing elsewhere (R8).
 */
import type {
  Context, EditHandle, Notice, Replica, ReplicaContext, RequestResult, Settlement, Strategy, StrategyModule,
} from '../contract.ts'
import type { EditId } from '../history/events.ts'
import type { Host } from '../host/host.ts'
import type { Process } from '../host/machine.ts'
import { hostContext } from '../host/host-context.ts'
import { type TabAccess, TabGroup } from '../host/tab-group.ts'
import { readRequest } from '../session/read-request.ts'
import { decodeStackFrame } from '../session/stack-frames.ts'
import type { StreamEnd, Transport } from '../network/transport.ts'
import { usesTokens } from '../session/access-tokens.ts'
import { resolveIntention } from '../scenario/intentions.ts'
import type { Intention, Plan } from '../scenario/plan.ts'
import type { DocumentId, FieldShape } from '../values.ts'
import { BatchWindow, type SendRequest } from './batch-window.ts'
import { ConnectionManager } from './connection-manager.ts'
import { Invalidation } from './invalidation.ts'
import { Outbox } from './outbox.ts'
import { RequestGate } from './request-gate.ts'
import { SessionEnd } from '../session/session-end.ts'

/** The parts of one process. */
interface Running {
  readonly replica: Replica
  readonly session: SessionEnd
  readonly outbox: Outbox
  readonly invalidation: Invalidation
  readonly connections: ConnectionManager
  readonly tabs: TabAccess
  readonly batch: BatchWindow
}

export class Device implements Process {
  readonly #host: Host
  readonly #plan: Plan
  readonly #module: StrategyModule
  readonly #transport: Transport
  readonly #fields: ReadonlyMap<string, FieldShape>
  readonly #insertedBy: ReadonlyMap<string, string>
  readonly #tabs: TabGroup
  /** Handles of this device's edits; the strategy holds the keys, the history the values. */
  readonly #edits = new Map<EditHandle, EditId>()
  #running: Running | null = null
  #usesInvalidation = false
  /** What the user did while the page was blocked. */
  readonly #taps = new Set<Intention>()

  constructor(host: Host, plan: Plan, module: StrategyModule, transport: Transport, insertedBy: ReadonlyMap<string, string>, tabs = new TabGroup()) {
    this.#host = host
    this.#plan = plan
    this.#module = module
    this.#transport = transport
    this.#insertedBy = insertedBy
    this.#tabs = tabs
    this.#fields = new Map(plan.documents.flatMap(({ id, fields }) => fields.map((field) => [`${id}/${field.name}`, field] as const)))
  }

  /** Starts a process: boots the stack and the replica from the disk, opens every document, connects. */
  boot(strategy: Strategy): void {
    this.#host.dispatch(null, () => {
      const host = this.#host
      const { client } = this.#plan
      const timer = (delayUs: number, run: () => void, options?: { readonly background?: boolean }) => host.timer(delayUs, run, options?.background)
      const disk = host.openDisk()
      const random = (): number => host.random.unit()
      /** What is done later is done on behalf of what the device is at now. */
      const bind = (run: () => void): (() => void) => {
        const cause = host.world.cause.current
        return () => host.dispatch(cause, run)
      }
      const gate = new RequestGate({ retry: client.reconnect, requestTimeoutUs: client.requestTimeoutUs, usesTokens: usesTokens(this.#plan) }, {
        timer, random, nowUs: () => Math.round(host.monotonicMs() * 1000), bind,
        send: (asked, timeoutUs, done) => this.#transport.request(asked, host.clock.trueDelayUs(timeoutUs), (result, cause) => {
          host.whenAwake(() => host.dispatch(cause, () => done(result)))
        }),
      })
      const batch = new BatchWindow(client.flushUs ?? 0, { timer, carry: bind })
      const send: SendRequest = (asked, timeoutUs, done) => gate.send(asked, timeoutUs, done)
      const request = batch.prompt(send)
      const outbox: Outbox = new Outbox(
        { device: host.id, incarnation: host.incarnation, requestTimeoutUs: client.requestTimeoutUs, retry: client.reconnect },
        {
          disk, timer, random,
          send: batch.durable(send),
          answered: (entry, response, isRecovered) => finish(entry.handle, (done) => {
            if (isRecovered) replica.answered?.(entry, response)
            else done?.(response)
          }),
          refused: ({ handle }) => finish(handle, (done) => done?.({ failed: 'network' })),
        },
      )
      const answers = new Map<EditHandle, (result: RequestResult) => void>()
      const finish = (handle: EditHandle, tell: (done?: (result: RequestResult) => void) => void): void => {
        const done = answers.get(handle)
        answers.delete(handle)
        host.dispatch(this.#edits.get(handle) ?? null, () => tell(done))
      }
      const invalidation: Invalidation = new Invalidation({ ...client, retry: client.reconnect }, {
        timer, random,
        nowUs: () => host.world.kernel.nowUs,
        fetch: (document, done) => request(readRequest(document), client.requestTimeoutUs, done),
        deliver: (document, body) => replica.refetched?.(document, body),
        signalled: (document, version) => replica.signalled?.(document, version),
        observed: ({ endedAtUs, ...refetch }) => host.world.recorder.record({ kind: 'refetch', atUs: endedAtUs, device: host.id, ...refetch }),
      })
      const tabs = this.#tabs.join(host, (bytes) => replica.broadcast?.(bytes))
      const context: ReplicaContext = {
        ...this.#context(disk),
        options: this.#plan.strategy,
        recovered: outbox.recovered,
        tabs,
        request: (asked, options, done) => {
          if (options.durable === undefined) {
            const timeoutUs = options.timeoutMs === undefined ? client.requestTimeoutUs : Math.round(options.timeoutMs * 1000)
            return request(asked, timeoutUs, done)
          }
          answers.set(options.durable, done)
          outbox.enqueue(asked, options.durable)
          const handle = options.durable
          return () => { answers.delete(handle) }
        },
        settle: (handle, outcome) => this.#settle(handle, outcome),
        notify: (handle, notice) => this.#notify(handle, notice),
        invalidate: (document, version, options) => invalidation.invalidate(document, version, options),
      }
      const replica: Replica = strategy.replica(context)
      host.shows((document) => replica.view(document))
      const session = new SessionEnd({
        node: replica, name: `${host.id}/${host.incarnation}`, peer: this.#plan.servers[0], transport: this.#transport.name,
        isResumed: !this.#module.owns.has('resume'), retainedFrames: this.#plan.server.retainedFrames, timer,
      })
      const connections = new ConnectionManager(host, client.reconnect, this.#transport, gate)
      this.#running = { replica, session, outbox, invalidation, connections, tabs, batch }
      this.#usesInvalidation = replica.signalled !== undefined && !this.#module.owns.has('invalidation')
      for (const { id } of this.#plan.documents) {
        replica.open(id)
        host.changed(id)
      }
      outbox.start()
      connections.start({
        connected: (opened, isFirst) => {
          const end = batch.stream(opened)
          const events = session.connected(end)
          gate.connected()
          outbox.connected()
          invalidation.connected()
          if (!isFirst) invalidation.reconnected()
          return { frame: (bytes) => batch.received(() => this.#frame(end, bytes)), writable: () => events.writable(), closed: (why) => events.closed(why) }
        },
      })
    })
  }

  #context(disk: Context['disk']): Context {
    return hostContext(this.#host, this.#plan, disk, { device: this.#host.id, user: this.#plan.devices[this.#host.index].user })
  }

  #frame(end: StreamEnd, bytes: Uint8Array): void {
    const running = this.#running
    if (running === null) return
    const frame = decodeStackFrame(bytes)
    if (frame.type === 'strategy') return running.session.received(end, frame.payload)
    if (frame.type === 'token') throw new Error('a server sent a token; only devices do')
    const { world, id } = this.#host
    world.recorder.record({ kind: 'signal', atUs: world.kernel.nowUs, device: id, document: frame.document, version: frame.version })
    if (this.usesInvalidation) running.invalidation.signal(frame.document, frame.version)
    else running.replica.signalled?.(frame.document, frame.version)
  }

  get receiveBufferBytes(): number { return this.#plan.wire.receiveBufferBytes }

  /** Whether the strategy leaves change signals to the stack's invalidation part. */
  get usesInvalidation(): boolean { return this.#usesInvalidation }

  /** The user means to do something: resolves it against the view and lets the replica edit. */
  intend(intention: Intention): void {
    const { id, document, field: name, action } = intention
    const { world, id: device, incarnation } = this.#host
    const atUs = world.kernel.nowUs
    const field = this.#fields.get(`${document}/${name}`)
    if (field === undefined) throw new Error(`intention ${id}: the plan has no field ${document}/${name}`)
    const { type } = field
    const about = { atUs, edit: id, device, document, field: name, type }
    if (this.#module.types[type] === 'none') {
      return world.recorder.record({ kind: 'skipped', ...about, reason: 'type-unsupported' })
    }
    // Nobody taps on a screen that is dark.
    if (this.#running !== null && this.#host.isStalled) {
      this.#taps.add(intention)
      return this.#host.whenAwake(() => { if (this.#taps.delete(intention)) this.intend(intention) })
    }
    if (this.#running === null || !this.#host.isAwake) return world.recorder.record({ kind: 'skipped', ...about, reason: 'device-down' })
    const { replica } = this.#running
    const change = resolveIntention(action, type, world.views.shown(device, document, field), (other) => this.#insertedBy.get(other))
    if (change === null) return world.recorder.record({ kind: 'skipped', ...about, reason: 'nothing-there' })
    world.recorder.record({ kind: 'edit', ...about, incarnation, change })
    world.quiescence.disturbed()
    const handle = this.#newHandle(id)
    this.#host.dispatch(id, () => {
      replica.edit({ handle, document, field: name, type, change })
      this.#host.changed(document)
    })
  }

  #newHandle(edit: EditId): EditHandle {
    // Branding a fresh text: the one place where handles are made.
    const handle = `edit-${this.#host.incarnation}-${this.#edits.size + 1}` as EditHandle
    this.#edits.set(handle, edit)
    return handle
  }

  #editOf(handle: EditHandle): EditId {
    const edit = this.#edits.get(handle)
    if (edit === undefined) throw new Error(`${this.#host.id}: ${JSON.stringify(handle)} is not the handle of an edit of this device`)
    return edit
  }

  #settle(handle: EditHandle, outcome: Settlement): void {
    const { world, id: device } = this.#host
    const about = { atUs: world.kernel.nowUs, edit: this.#editOf(handle), device }
    world.quiescence.disturbed()
    if (typeof outcome === 'string') world.recorder.record({ kind: 'settled', ...about, level: outcome })
    else if ('rejected' in outcome) world.recorder.record({ kind: 'rejected', ...about, reason: outcome.rejected })
    else world.recorder.record({ kind: 'merged', ...about, rule: outcome.merged })
  }

  #notify(handle: EditHandle, notice: Notice): void {
    const { world, id: device } = this.#host
    world.recorder.record({ kind: 'notified', atUs: world.kernel.nowUs, edit: this.#editOf(handle), device, notice: notice.kind })
  }

  /** What the device has not finished, in words; empty when every queue has drained. */
  unsettled(): string[] {
    const running = this.#running
    if (running === null) return []
    const pending = running.replica.pending()
    const depth = running.outbox.depth
    return [
      ...(pending === 'unknown' || pending === 0 ? [] : [`${this.#host.id}: ${pending} edits not settled`]),
      ...(depth === 0 ? [] : [`${this.#host.id}: ${depth} requests in the outbox`]),
      ...running.invalidation.pending().map((document: DocumentId) => `${this.#host.id}: ${document} waits for a refetch`),
    ]
  }

  /** The process is gone (R5): the stack's parts are silenced, and the replica hears nothing. Returns what memory held. */
  ended(): number {
    const running = this.#running
    if (running === null) return 0
    const pending = running.replica.pending()
    this.#silence(running)
    this.#running = null
    for (const tap of [...this.#taps]) {
      this.#taps.delete(tap)
      this.intend(tap) // of nobody: skipped
    }
    return pending === 'unknown' ? 0 : pending
  }

  suspending(event: 'background' | 'pagehide'): number {
    const running = this.#running
    if (running === null) return 0
    return this.#host.dispatch(null, () => {
      running.replica.lifecycle?.(event)
      running.batch.flush()
      running.connections.suspending()
      return event === 'pagehide' ? running.connections.hide() : 0
    })
  }

  woke(event: 'foreground' | 'pageshow'): void {
    const running = this.#running
    if (running === null) return
    this.#host.dispatch(null, () => {
      if (event === 'pageshow') running.connections.show()
      else running.connections.woke()
      running.replica.lifecycle?.(event)
    })
  }

  #silence({ outbox, invalidation, session, connections, tabs, batch }: Running): void {
    tabs.leave()
    batch.stop()
    outbox.stop()
    invalidation.stop()
    session.stop()
    connections.stop()
  }

  dispose(): void {
    const running = this.#running
    this.#running = null
    if (running === null) return
    this.#silence(running)
    if (this.#host.isAwake) this.#host.dispatch(null, () => running.replica.dispose())
  }
}
