/**
 * A plan: scenario + seed, expanded into explicit data (design section 1).
 *
 * Everything that will happen to the users and the weather stands here with its time; a plan replays even
 * after the generator has changed, and shrinking edits plans directly. Plans are plain JSON. They never
 * depend on the strategy (D5). All times are integer microseconds of true virtual time from the start.
 */
import type { DocumentId, DocumentShape, FieldName, HostId } from '../values.ts'
import type { StrategyOptions, TransportName } from '../contract.ts'
import type { LinkPlan } from './link-plan.ts'
import type { LinkRecording } from './link-recording.ts'
import type { BlockableTransport, Blocking, StreamTransport } from './proxy-policy.ts'
import type { WireConfig } from './wire-config.ts'

export interface Plan {
  readonly schema: 'syncstorm.plan/1'
  /** Name of the scenario this plan was expanded from. */
  readonly scenario: string
  /** The user's seed in canonical text form; keys the weather's per-message draws. */
  readonly seed: string
  /** Intentions and faults lie within [0, durationUs]; after it the world heals and must become quiet. */
  readonly durationUs: number
  readonly devices: readonly PlannedDevice[]
  /** What links replay. */
  readonly recordings?: readonly LinkRecording[]
  readonly servers: readonly HostId[]
  readonly documents: readonly DocumentShape[]
  readonly transport: TransportName
  readonly wire: WireConfig
  readonly client: ClientConfig
  readonly server: ServerConfig
  readonly strategy: StrategyOptions
  /** In time order; ties in array order. */
  readonly intentions: readonly Intention[]
  readonly faults: readonly Fault[]
  /** Only for transport `scripted`: what is delivered when. In time order; ties in array order. */
  readonly deliveries?: readonly Delivery[]
  /** For recorded sessions replayed causally: what the text must be in the end. */
  readonly endContent?: { readonly document: DocumentId; readonly field: FieldName; readonly text: string }
  /** Whether every inserted code point is unique in the run (false when a recorded text is kept). */
  readonly distinctText: boolean
  /** Fields whose register values repeat on purpose (identical payloads), as `document/field`. */
  readonly repeatedValues: readonly string[]
}

/** A device, or one tab of a device that has several. */
export interface PlannedDevice {
  readonly id: HostId
  /** The machine that this host is a tab of, where several share one: link, sockets, clocks, power, browser. */
  readonly machine?: HostId
  readonly user: string
  /** The device's access to the network, shared by all its connections. */
  readonly link: LinkPlan
  /** Error of the device's wall clock: offset at the start (R6). */
  readonly clockOffsetUs: number
  /** Parts per million that its clocks run too fast; 0 unless given. */
  readonly clockDriftPpm?: number
}

export interface ClientConfig {
  readonly requestTimeoutUs: number
  readonly reconnect: {
    readonly initialUs: number; readonly multiplier: number; readonly capUs: number
    /** Share of the delay that is drawn: 0.1 means +-10 % (requirements B01). */
    readonly jitter: number
  }
  readonly invalidation: 'debounced' | 'immediate'
  /** What is sent waits so long for more (F10); 0 unless given. */
  readonly flushUs?: number
  readonly debounceUs: number
  readonly maxWaitUs: number
  /** What is tried when the plan's transport fails; without it, nothing else is. */
  readonly fallback?: FallbackConfig
}

export interface FallbackConfig {
  /** One after another. */
  readonly to: readonly StreamTransport[]
  /** An attempt that is not open by then counts as failed. */
  readonly connectTimeoutUs: number
  /** How long what worked is tried first. */
  readonly memoryUs: number
}

export interface ServerConfig {
  /** Parallel workers: each request takes a service time drawn from the range; order between requests is not kept. */
  readonly serviceUs: readonly [min: number, max: number]
  /** Delay of a change signal through the push bus; draws per (signal, device), so signals reorder (R3). */
  readonly fanOutUs: readonly [min: number, max: number]
  /** Frames a session retains for resume; beyond it the session is closed and reopened afresh (B10). */
  readonly retainedFrames: number
  /** How long an access token is good for; without it they are not used, or (with a fault that ends one) never expire. */
  readonly tokenLifeUs?: number
}

export interface Intention {
  readonly id: string
  readonly atUs: number
  readonly device: HostId
  readonly document: DocumentId
  readonly field: FieldName
  readonly action: IntentionAction
}

export type IntentionAction =
  | { readonly op: 'set'; readonly value: string }
  /** At `place`, take out `remove` code points and put in `insert`. */
  | { readonly op: 'replace'; readonly place: Place; readonly remove: number; readonly insert: string }

/** Where in a text; resolved on the device against its own view by the rule in `intentions.ts`. */
export type Place =
  | { readonly kind: 'start' }
  | { readonly kind: 'end' }
  /** At this code point, or at the end of a shorter text. */
  | { readonly kind: 'at'; readonly position: number }
  /** Right after the last code point that intention `intention` inserted. */
  | { readonly kind: 'after'; readonly intention: string }
  /** At the first code point that intention `intention` inserted (what a delete aims at). */
  | { readonly kind: 'of'; readonly intention: string }

/** Of a device's packets: to the servers, from them, or both. */
export type Direction = 'both' | 'up' | 'down'

/**
 * On the network, of these devices, or of a server with all devices where one is named:
 * - `partition`: packets in this direction do not arrive; connections stay open and what was sent is
 *   retransmitted after the end.
 * - `clog`: what would arrive is held, and arrives at once and in order at the end.
 * - `break`: connections are reset at `atUs`; in flight is lost. `untilUs` equals `atUs`.
 * - `offline`: a break, and no connection can be made until `untilUs`.
 * - `switch`: the device leaves its network for one with this link, for good (`untilUs` equals `atUs`); it has
 *   another address there, so it drops its connections, and nobody tells the servers.
 * - `reset`: a middlebox resets all connections, at both ends. `untilUs` equals `atUs`.
 * - `black-hole`: a middlebox forgets all connections, for good, and lets nothing through until `untilUs`.
 * - `slow-close`: FINs and resets are held until `untilUs`.
 * - `dns-failure`: the resolver is silent, so that no connection can be made.
 * - `proxy-block`: the proxies before these devices' links cut a transport and block it until `untilUs`.
 *
 * On processes, which start again at `untilUs` from what the disk has kept:
 * - `crash`: the host loses power. Memory and unsynced writes are gone, and no peer is told.
 * - `kill`: the process is killed. Its kernel keeps what was written and closes its sockets.
 * - `restart`: the process ends in order (a deployment, a reloaded tab): its streams are closed with a code.
 * - `torn-write`: the disk stalls at `atUs`; at `untilUs` the host loses power while writing what has gathered,
 *   and starts at once from what the log's checksums vouch for.
 * - `suspend`: the process sleeps; timers, sockets and the monotonic clock stand still.
 * - `hide`: a page goes to the back/forward cache: it closes its connection and stands still.
 * - `stall`: a page's main thread is blocked; its clocks go on, and what arrives waits in its memory.
 *
 * On disks: `quota` refuses writes that add something, `disk-error` refuses all. `bit-rot`: a stored byte changes at
 * `atUs`; at `untilUs` the process is restarted, and at its next boot a checksum finds the damage: what was written
 * before the damaged record is there, and nothing else.
 *
 * On wall clocks (R6): `step` sets one by `byUs` for good (`untilUs` equals `atUs`), `skew` by `byUs` until
 * `untilUs`, and under `drift` it runs `ppm` too fast, the monotonic clock and timers with it.
 *
 * On the address of a server:
 * - `failover`: the primary is gone without a word, and at `untilUs` a standby takes its address over. It has what the
 *   primary had synced, nothing of its memory or its connections, and a clock of its own, `byUs` from the primary's.
 *
 * On the requests of these devices that reach the server's edge meanwhile, or a `share` of them:
 * - `server-error`: answered with `status`; `executes` says whether the server had executed them (R2).
 * - `rate-limit`: beyond `perSecond` they are refused with 429.
 * - `overload`: `workers` take them, `slowdown` times as long as usual; `queue` of them wait, more are refused with 503.
 * - `lost-answer`: they are executed, and the connection is cut before the answer.
 * - `duplicate-request`: something on the way repeats them within `withinUs`: they arrive twice.
 * - `lag`: a GET gets the answer that the authority would have given `lagUs` ago.
 * - `token-expired`: every access token of these devices is void from `atUs` on (`untilUs` equals `atUs`).
 *
 * A fault with `when` waits for a moment of the protocol. Who can be hit, and what else is to be known of a type, stands in `fault-traits.ts`.
 */
export type Fault = NetworkFault | HostFault | RequestFault
export type FaultType = Fault['type']

/**
 * Moments of the protocol that a fault can wait for, each on a host:
 * - `edit`: its user has made an edit, and nothing of it is on disk or on the way;
 * - `write-unsynced`: it has written to its disk, and nothing of it is durable;
 * - `request-executed`: (a server) a request is executed and durable, and its answer is not sent;
 * - `answer-sent`: (a server) an answer is on its way;
 * - `frame-sent`: a frame with data is on its way;
 * - `handshake`: (a device) it has begun to open a stream;
 * - `stream-opened`: (a device) a stream is open, and nothing has passed.
 */
export const MOMENTS = ['edit', 'write-unsynced', 'request-executed', 'answer-sent', 'frame-sent', 'handshake', 'stream-opened'] as const
export type Moment = (typeof MOMENTS)[number]

/** A fault strikes at the `nth` such moment from its `atUs` on, for as long as from `atUs` to `untilUs` (`sim/host/strikes.ts`). */
export interface When {
  readonly event: Moment
  readonly host: HostId
  readonly nth: number
}

/** Where a moment can come. */
export function hostsWith(moment: Moment, devices: readonly HostId[], servers: readonly HostId[]): readonly HostId[] {
  switch (moment) {
    case 'edit': case 'handshake': case 'stream-opened': return devices
    case 'request-executed': case 'answer-sent': return servers
    case 'write-unsynced': case 'frame-sent': return [...devices, ...servers]
  }
}

/** `devices`: the hosts that are hit. */
interface FaultBase<T extends string> {
  readonly id: string
  readonly type: T
  readonly atUs: number
  readonly untilUs: number
  readonly devices: readonly HostId[]
  readonly when?: When
}
export type PathFault = FaultBase<'partition' | 'clog'> & { readonly direction?: Direction }
export type SwitchFault = FaultBase<'switch'> & { readonly link: LinkPlan }
export type ProxyBlockFault = FaultBase<'proxy-block'> & { readonly transport: BlockableTransport; readonly how: Blocking }
export type NetworkFault = PathFault | SwitchFault | ProxyBlockFault | FaultBase<'break' | 'offline' | 'reset' | 'black-hole' | 'slow-close' | 'dns-failure'>
export type ProcessFault = FaultBase<'crash' | 'kill' | 'restart' | 'torn-write' | 'suspend' | 'hide' | 'stall'>
export type DiskFault = FaultBase<'quota' | 'disk-error' | 'bit-rot'>
export type ClockSetFault = FaultBase<'step' | 'skew'> & { readonly byUs: number }
export type ClockRateFault = FaultBase<'drift'> & { readonly ppm: number }
export type FailoverFault = FaultBase<'failover'> & { readonly byUs: number }
export type HostFault = ProcessFault | DiskFault | ClockSetFault | ClockRateFault | FailoverFault

/** `share`: the part of the requests that meet it; all unless given. `retryAfterUs`: whole seconds, as HTTP says it. */
interface SharedFaultBase<T extends string> extends FaultBase<T> { readonly share?: number }
export type ServerErrorFault = SharedFaultBase<'server-error'> & { readonly status: 500 | 502 | 503 | 504; readonly executes: boolean; readonly retryAfterUs?: number }
export type RateLimitFault = SharedFaultBase<'rate-limit'> & { readonly perSecond: number; readonly retryAfterUs?: number }
export type OverloadFault = SharedFaultBase<'overload'> & {
  readonly slowdown: number; readonly workers: number; readonly queue: number; readonly retryAfterUs?: number
}
export type RequestFault = ServerErrorFault | RateLimitFault | OverloadFault | SharedFaultBase<'lost-answer'>
  | (SharedFaultBase<'duplicate-request'> & { readonly withinUs: number }) | (SharedFaultBase<'lag'> & { readonly lagUs: number })
  | FaultBase<'token-expired'>

const NETWORK_FAULTS: readonly string[] = [
  'partition', 'clog', 'break', 'offline', 'switch', 'reset', 'black-hole', 'slow-close', 'dns-failure', 'proxy-block',
] satisfies readonly NetworkFault['type'][]

const REQUEST_FAULTS: readonly string[] = [
  'server-error', 'rate-limit', 'overload', 'lost-answer', 'duplicate-request', 'lag', 'token-expired',
] satisfies readonly RequestFault['type'][]

export function isRequestFault(fault: Fault): fault is RequestFault { return REQUEST_FAULTS.includes(fault.type) }
export function isNetworkFault(fault: Fault): fault is NetworkFault { return isNetworkFaultType(fault.type) }
/** Every link that a device has at some time. */
export function networksOf({ devices, faults }: Pick<Plan, 'devices' | 'faults'>): readonly LinkPlan[] {
  return [...devices.map(({ link }) => link), ...faults.flatMap((fault) => fault.type === 'switch' ? [fault.link] : [])]
}
/** Takes any text, since histories hold types as text. */
export function isNetworkFaultType(type: string): boolean { return NETWORK_FAULTS.includes(type) }

/** Transport `scripted`: at `atUs`, deliver on the way from -> to everything held up to the last frame caused by `through`. */
export interface Delivery {
  readonly atUs: number
  readonly from: HostId
  readonly to: HostId
  readonly through: string
}
