/**
 * The strategy contract: what a conflict strategy is to the testbed (design section 5).
 *
 * A strategy is a pair of sans-I/O state machines, a replica on every device and an authority on the
 * server. They never touch a clock, a timer, a socket or a disk except through the context they are
 * handed, and everything they do is synchronous; loading a library is the only async step and happens
 * before the run. They see no oracle: no true time, no global edit id, no other host's state (R8).
 *
 * Composition: each responsibility of the client stack has exactly one owner. What a strategy lists in
 * `owns` it does itself, and the stack's part for it is absent. What it does not own, the stack does:
 *
 * - `resend`: the outbox keeps `request(..., { durable: handle })` on disk, sends them in order, one in
 *   flight, with an idempotency key, and again after timeouts and lost connections, until an answer comes;
 * - `dedup`: the gateway answers a repeated idempotency key with the first answer;
 * - `resume`: a session outlives its connections; both ends number, acknowledge and resend frames, so a
 *   node sees `closed` only when the gap could not be bridged (the retained window was exceeded);
 * - `order`: frames reach the node in the order they were sent (a session does that by itself here);
 * - `invalidation`: change signals are gated, debounced and turned into refetches;
 * - `persistence`: what must outlive a restart is written to `disk` by the stack (the outbox) only.
 */
import type {
  DataType, DocumentId, DocumentShape, EditChange, FieldName, MergeRule, SettleLevel, Version, View,
} from './values.ts'

export type * from './values.ts'

export type StackPart = 'resend' | 'order' | 'dedup' | 'resume' | 'persistence' | 'invalidation'
export type TransportName = 'websocket' | 'sse' | 'long-poll' | 'http' | 'datagram' | 'scripted'
/**
 * What the frames of a session can count on. `stream`: they arrive in order, or the session ends. `datagrams`: each
 * is a message that arrives once or not at all, in any order, and a large one more rarely, since it is cut into
 * packets; nobody is told of a loss.
 */
export type Delivery = 'stream' | 'datagrams'
export type Topology = 'server' | 'peer'

/** How a strategy treats a data type: merges inside the value, replaces the whole value, or not at all. */
export type TypeSupport = 'native' | 'whole-value' | 'none'

/** What a strategy promises, per property and data type (`any` where the property speaks of the whole run). */
export interface Claim {
  readonly property: string
  readonly type: DataType | 'any'
  readonly claim: 'holds' | 'holds-if' | 'violated' | 'not-applicable'
  /** Why, in one line. */
  readonly because: string
  /** For `holds-if`: the setting of the scenario under which it is claimed. */
  readonly condition?: ClaimCondition
  /** For `violated`: the scenario in which a campaign sees it, and the number of seeds that takes (95 %). */
  readonly witness?: { readonly scenario: string; readonly seeds: number }
}

/** A setting of the scenario, and the value that it must have; or a fault that its weather must be without. */
export type ClaimCondition =
  | { readonly setting: 'client.invalidation'; readonly is: 'debounced' | 'immediate' }
  | { readonly setting: 'weather'; readonly is: 'without bit-rot' }

/** One module per strategy; its default export. */
export interface StrategyModule {
  readonly name: string
  readonly summary: string
  readonly claims: readonly Claim[]
  readonly types: Readonly<Record<DataType, TypeSupport>>
  readonly topology: readonly Topology[]
  /** The level that the strategy's acknowledgement means; no-lost-write quantifies over edits at it. */
  readonly settles: SettleLevel
  readonly owns: ReadonlySet<StackPart>
  /**
   * The least that it needs; `stream` unless given. One that bears `datagrams` runs over every transport, others not
   * over `datagram`. It promises to say again what may have been lost, every second or oftener, until it knows that
   * it has arrived, with a foreground timer (what it waits for is not done); and it owns `resume`, since the
   * stack's part demands a stream.
   */
  readonly delivery?: Delivery
  /** Libraries the strategy needs, by package name, for messages and version stamps. */
  readonly libraries: readonly string[]
  load(libraries: LibraryResolver): Promise<Strategy>
}

/** Imports an optional library by package name; injected from above, so that versions can be chosen. */
export type LibraryResolver = (packageName: string) => Promise<unknown>

export interface Strategy {
  /** Makes a device's state machine. It boots from `context.disk.boot`, which is empty on a first start. */
  replica(context: ReplicaContext): Replica
  authority?(context: AuthorityContext): Authority
}

/** What replica and authority have in common. */
export interface Node {
  opened(session: Session): void
  received(session: Session, bytes: Uint8Array): void
  /** What the network did not take at once (`bufferedBytes` had grown beyond TCP's buffer) is under way now. */
  writable?(session: Session): void
  closed(session: Session, why: CloseReason): void
  lifecycle?(event: 'background' | 'foreground' | 'pagehide' | 'pageshow'): void
  /** What the user sees now, as plain data. Cheap enough to be asked after every change. */
  view(document: DocumentId): View
  /** Edits that are not yet settled at the strategy's level; zero when nothing is left to do. */
  pending(): number | 'unknown'
  dispose(): void
}

export interface Replica extends Node {
  /** The user opens a document; called once per document and incarnation, before any edit of it. */
  open(document: DocumentId): void
  /** Optimistic: when this returns, `view()` shows the edit. */
  edit(edit: LocalEdit): void
  /** A change signal arrived: `document` has reached `version`. Never state (requirement C06). */
  signalled?(document: DocumentId, version: Version): void
  /** The stack fetched the document for this replica: the authority's answer to `GET`. */
  refetched?(document: DocumentId, body: Uint8Array): void
  /** Another tab of this device has said this to all others (`context.tabs`). */
  broadcast?(bytes: Uint8Array): void
  /** The answer to a durable request of an earlier incarnation (one of `context.recovered`). */
  answered?(durable: DurableRequest, response: Response): void
}

export interface Authority extends Node {
  /**
   * Handles a request; `respond` is called exactly once, at once or later (say, when the disk has synced).
   *
   * `remember` gives the writes that record an answer under the request's idempotency key (none without a
   * key). Put them in the batch that makes the request's effect durable: then a crash leaves both or neither,
   * and a repetition gets the first answer from the next incarnation too. An answer that was not remembered is
   * recorded by the gateway before it is sent, in a batch of its own.
   */
  request(request: Request, respond: (response: Response) => void, remember?: (answer: Response) => Writes): void
}

/** A user's edit as the strategy sees it. */
export interface LocalEdit {
  readonly handle: EditHandle
  readonly document: DocumentId
  readonly field: FieldName
  readonly type: DataType
  readonly change: EditChange
}

declare const editHandle: unique symbol
/** Names an edit on the device that made it, for `settle` and `notify`. Means nothing on any other host. */
export type EditHandle = string & { readonly [editHandle]: true }

/**
 * Frames to and from a peer. With `delivery: 'stream'` they arrive in order or not at all; what was in flight when
 * a connection breaks is lost without notice at either end, unless the stack's resume part bridges it.
 */
export interface Session {
  readonly id: string
  /** The host at the other end, as the application knows it (authenticated device or server name). */
  readonly peer: string
  /** As the scenario has it; whoever has fallen back to another is not told (A16). */
  readonly transport: TransportName
  readonly delivery: Delivery
  /** Bytes sent and not yet acknowledged by the peer's machine; they grow while it does not read (A04). */
  readonly bufferedBytes: number
  /** Copies `bytes` and sends them. `control`: acknowledgements, heartbeats, presence (H3). */
  send(bytes: Uint8Array, traffic: 'data' | 'control'): void
  close(code: number): void
}

export type CloseReason =
  | { readonly kind: 'closed'; readonly code: number }
  | { readonly kind: 'lost' }

/** Sans-HTTP request. Bodies are bytes; `path` is for logs and routing. */
export interface Request {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly document: DocumentId
  readonly body: Uint8Array
  /** Set by the outbox for durable requests: stable across retries of one intent, distinct across intents. */
  readonly idempotencyKey?: string
  /** The client stack's access token, on the way to the server's edge only: strategies neither set nor see it. */
  readonly authorization?: string
}

export interface Response {
  /** HTTP status. 409 is the version-reject; 2xx is success. */
  readonly status: number
  readonly body: Uint8Array
  /** The document's version that the body shows or that the write made, where it has one (an ETag). */
  readonly version?: Version
  /** `Retry-After` (RFC 9110, 10.2.3): the client's stack sends nothing before. A strategy need not look at it. */
  readonly retryAfterMs?: number
}

export type RequestResult = Response | { readonly failed: 'network' | 'timeout' }

/** A request in the outbox, and the edit it carries. */
export interface DurableRequest {
  readonly request: Request
  readonly handle: EditHandle
}

export interface Rejected { readonly rejected: string }
export interface Merged { readonly merged: MergeRule }
export type Settlement = SettleLevel | Rejected | Merged

/** What the user is told about an edit. */
export interface Notice { readonly kind: 'rejected' | 'overwritten'; readonly message: string }

export type Cancel = () => void
/** Key to new content; null deletes the key. One batch is atomic. */
export type Writes = ReadonlyMap<string, Uint8Array | null>

export interface Disk {
  /** What survived the previous incarnation, in key order. Empty on a first start. */
  readonly boot: ReadonlyMap<string, Uint8Array>
  /** Queues an atomic batch; `synced` is called when it is durable. Nothing is durable before. */
  write(batch: Writes, synced: (problem?: 'quota' | 'io') => void): void
}

export interface Context {
  readonly identity: { readonly device: string; readonly incarnation: number; readonly user: string }
  /**
   * A small number unique to this (host, incarnation), rising with the hosts' order (D8): the seed of a
   * library's client, actor or peer id.
   */
  readonly replicaNumber: number
  readonly documents: readonly DocumentShape[]
  /** The device's wall clock and monotonic clock, in milliseconds; neither is true time (R6). */
  now(): number
  monotonic(): number
  /** Uniform in [0, 1), from the host's own stream. */
  random(): number
  /** Foreground timers keep the world from being quiet; background ones (heartbeats, polls) do not. */
  timer(delayMs: number, run: () => void, options?: { readonly background: true }): Cancel
  readonly disk: Disk
  /** Says that `view(document)` may show something new. The host looks once the current event is done. */
  changed(document: DocumentId): void
}

export interface ReplicaContext extends Context {
  /** Client configuration of the scenario that strategies may read (never the weather). */
  readonly options: StrategyOptions
  /**
   * Sends a request. A timed-out or failed one may have been executed (R2). With `durable` (the edit it
   * carries) the outbox owns it: it is kept on disk and repeated, in order, one in flight, until it is
   * answered with a status below 500, and `done` gets that answer only; after a restart there is no `done`
   * to call, and the answer goes to `Replica.answered`.
   */
  request(
    request: Request,
    options: { readonly timeoutMs?: number; readonly durable?: EditHandle },
    done: (result: RequestResult) => void,
  ): Cancel
  /** Durable requests that survived the previous incarnation, oldest first; the outbox sends them again. */
  readonly recovered: readonly DurableRequest[]
  /** The other tabs of this device, which share neither memory nor disk with this one. */
  readonly tabs: Tabs
  settle(handle: EditHandle, outcome: Settlement): void
  notify(handle: EditHandle, notice: Notice): void
  /**
   * Asks the invalidation part to bring `document` to at least `version`: it debounces, sends
   * `GET /documents/<id>` and hands the body to `refetched`. `initial` fetches at once, and is no refetch.
   */
  invalidate(document: DocumentId, version: Version, options?: { readonly initial: true }): void
}

/** What the tabs of one device can say to one another without the network; a device with one tab is alone. */
export interface Tabs {
  /**
   * Asks for a lock (as Web Locks): `run` is called later, when every tab that asked for `name` before has released it
   * or ended. Held until `release`, or until the process ends.
   */
  lock(name: string, run: (release: Cancel) => void): void
  /** Sends to all other tabs (as BroadcastChannel), which hear it in `Replica.broadcast` later, if they are awake now. */
  broadcast(bytes: Uint8Array): void
}

export interface AuthorityContext extends Context {
  readonly options: StrategyOptions
  /** Sends a change signal to every device that has `document` open, over the push bus (may reorder, R3). */
  publish(document: DocumentId, version: Version): void
}

/** Choices a scenario makes for strategies; each strategy documents which it reads. */
export interface StrategyOptions {
  /** `ot-text`: one operation in flight and the rest composed, or original Jupiter with many in flight. */
  readonly inFlight: 'one' | 'many'
  /** Order in which library ids follow the hosts' order (for tie-breaks in recorded sessions). */
  readonly ids: 'ascending' | 'descending'
}
