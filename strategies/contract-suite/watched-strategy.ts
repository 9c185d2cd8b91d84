/**
 * A strategy as it is, with every border crossed under watch: what it sends, asks, settles and arms.
 *
 * The watcher renames handles on the way in and back on the way out: a strategy that puts a handle on the wire
 * then sends other bytes under another prefix (R8). Right after each edit it compares the view with the edit
 * (optimism). It keeps no copy of the strategy's state, and changes nothing a strategy could notice.
 */
import type {
  Authority, AuthorityContext, Context, DocumentId, EditHandle, FieldName, FieldValue, LocalEdit, Node, Replica,
  ReplicaContext, Session, Settlement, Strategy,
} from '../../sim/contract.ts'
import { applySplice } from '../../sim/values.ts'
import { mustEqual } from './contract-check.ts'

export interface Watch {
  /** Bytes of frames and request bodies, in order, with who sent them. */
  readonly sent: { readonly host: string; readonly bytes: Uint8Array }[]
  /** Settlements by handle, as the outside knows it. */
  readonly settlements: Map<EditHandle, Settlement[]>
  /** What disposed nodes did afterwards, and during it: nothing, if they keep to the contract. */
  readonly afterDispose: string[]
  readonly edits: number
  /** Every node that was made, in order. */
  readonly nodes: Node[]
}

interface MutableWatch extends Watch { edits: number }

/** @param prefix stands before every handle that the strategy sees */
export function watchStrategy(strategy: Strategy, prefix = ''): { readonly strategy: Strategy; readonly watch: Watch } {
  const watch: MutableWatch = { sent: [], settlements: new Map(), afterDispose: [], edits: 0, nodes: [] }
  const { authority } = strategy
  return {
    watch,
    strategy: {
      replica: (context) => {
        const border = new Border(context.identity.device, watch)
        const replica = new WatchedReplica(strategy.replica(replicaContext(context, border, prefix)), border, prefix)
        watch.nodes.push(replica)
        return replica
      },
      ...(authority === undefined ? {} : {
        authority: (context: AuthorityContext) => {
          const border = new Border(context.identity.device, watch)
          const node = watchedAuthority(authority.call(strategy, authorityContext(context, border)), border)
          watch.nodes.push(node)
          return node
        },
      }),
    },
  }
}

/** What one node does to the world outside. */
class Border {
  readonly watch: MutableWatch
  isDisposed = false
  readonly #host: string
  readonly #sessions = new WeakMap<Session, Session>()

  constructor(host: string, watch: MutableWatch) {
    this.#host = host
    this.watch = watch
  }

  /** Notes what crosses the border. */
  out(what: string): void { if (this.isDisposed) this.watch.afterDispose.push(`${this.#host}: ${what}`) }

  sends(bytes: Uint8Array): void { this.watch.sent.push({ host: this.#host, bytes: bytes.slice() }) }

  /** The same session every time, as the strategy knows it. */
  session(inner: Session): Session {
    const known = this.#sessions.get(inner)
    if (known !== undefined) return known
    const session: Session = {
      id: inner.id, peer: inner.peer, transport: inner.transport, delivery: inner.delivery,
      get bufferedBytes() { return inner.bufferedBytes },
      send: (bytes, traffic) => {
        this.out('sent a frame')
        this.sends(bytes)
        inner.send(bytes, traffic)
      },
      close: (code) => {
        this.out('closed a session')
        inner.close(code)
      },
    }
    this.#sessions.set(inner, session)
    return session
  }
}

function watchedContext(context: Context, border: Border): Context {
  return {
    ...context,
    timer: (delayMs, run, options) => {
      border.out('armed a timer')
      return context.timer(delayMs, run, options)
    },
    disk: {
      boot: context.disk.boot,
      write: (batch, synced) => {
        border.out('wrote to its disk')
        context.disk.write(batch, synced)
      },
    },
    changed: (document) => {
      border.out('changed a view')
      context.changed(document)
    },
  }
}

function authorityContext(context: AuthorityContext, border: Border): AuthorityContext {
  return {
    ...watchedContext(context, border), options: context.options,
    publish: (document, version) => {
      border.out('published')
      context.publish(document, version)
    },
  }
}

function replicaContext(context: ReplicaContext, border: Border, prefix: string): ReplicaContext {
  const outside = (handle: EditHandle): EditHandle => handle.slice(prefix.length) as EditHandle
  return {
    ...watchedContext(context, border), options: context.options,
    recovered: context.recovered.map(({ request, handle }) => ({ request, handle: `${prefix}${handle}` as EditHandle })),
    request: (request, options, done) => {
      border.out('made a request')
      border.sends(request.body)
      return context.request(request, options.durable === undefined ? options : { ...options, durable: outside(options.durable) }, done)
    },
    tabs: {
      lock: (name, run) => {
        border.out('asked for a lock')
        context.tabs.lock(name, run)
      },
      broadcast: (bytes) => {
        border.out('spoke to other tabs')
        border.sends(bytes)
        context.tabs.broadcast(bytes)
      },
    },
    settle: (handle, outcome) => {
      border.out('settled an edit')
      const known = border.watch.settlements.get(outside(handle)) ?? []
      border.watch.settlements.set(outside(handle), [...known, outcome])
      context.settle(outside(handle), outcome)
    },
    notify: (handle, notice) => {
      border.out('told its user')
      context.notify(outside(handle), notice)
    },
    invalidate: (document, version, options) => {
      border.out('asked for a refetch')
      context.invalidate(document, version, options)
    },
  }
}

function watchedNode(node: Node, border: Border): Node {
  return {
    opened: (session) => node.opened(border.session(session)),
    received: (session, bytes) => node.received(border.session(session), bytes),
    closed: (session, why) => node.closed(border.session(session), why),
    ...(node.writable === undefined ? {} : { writable: (session: Session) => node.writable?.(border.session(session)) }),
    ...(node.lifecycle === undefined ? {} : { lifecycle: (event: Parameters<NonNullable<Node['lifecycle']>>[0]) => node.lifecycle?.(event) }),
    view: (document) => node.view(document),
    pending: () => node.pending(),
    dispose: () => {
      border.isDisposed = true
      node.dispose()
    },
  }
}

function watchedAuthority(authority: Authority, border: Border): Authority {
  return { ...watchedNode(authority, border), request: (request, respond) => authority.request(request, respond) }
}

/** A class, since a replica has its optional methods or has them not. */
class WatchedReplica implements Replica {
  readonly opened: Node['opened']
  readonly received: Node['received']
  readonly closed: Node['closed']
  readonly writable?: Node['writable']
  readonly lifecycle?: Node['lifecycle']
  readonly view: Node['view']
  readonly pending: Node['pending']
  readonly dispose: Node['dispose']
  readonly signalled?: Replica['signalled']
  readonly refetched?: Replica['refetched']
  readonly answered?: Replica['answered']
  readonly broadcast?: Replica['broadcast']
  readonly #inner: Replica
  readonly #border: Border
  readonly #prefix: string

  constructor(inner: Replica, border: Border, prefix: string) {
    this.#inner = inner
    this.#border = border
    this.#prefix = prefix
    const node = watchedNode(inner, border)
    this.opened = node.opened
    this.received = node.received
    this.closed = node.closed
    this.view = node.view
    this.pending = node.pending
    this.dispose = node.dispose
    if (node.writable !== undefined) this.writable = node.writable
    if (node.lifecycle !== undefined) this.lifecycle = node.lifecycle
    if (inner.signalled !== undefined) this.signalled = (document, version) => inner.signalled?.(document, version)
    if (inner.refetched !== undefined) this.refetched = (document, body) => inner.refetched?.(document, body)
    if (inner.broadcast !== undefined) this.broadcast = (bytes) => inner.broadcast?.(bytes)
    if (inner.answered !== undefined) {
      this.answered = ({ request, handle }, response) => inner.answered?.({ request, handle: `${prefix}${handle}` as EditHandle }, response)
    }
  }

  open(document: DocumentId): void { this.#inner.open(document) }

  edit(edit: LocalEdit): void {
    const { document, field, change } = edit
    const before = shown(this.#inner, document, field)
    this.#border.watch.edits += 1
    this.#inner.edit({ ...edit, handle: `${this.#prefix}${edit.handle}` as EditHandle })
    const expected = change.op === 'set' ? change.value : applySplice(before ?? '', change.at, Array.from(change.removed).length, change.inserted)
    mustEqual(shown(this.#inner, document, field), expected, () => `the view of ${document}/${field} right after an edit`)
  }
}

function shown(node: Node, document: DocumentId, field: FieldName): FieldValue { return node.view(document)[field] ?? null }
