/**
 * What there is to know of each kind of fault besides its effect: one line for `list faults`, whom it can hit,
 * and what the rest of the world may conclude from it. An entry per type, held complete by the compiler.
 */
import type { FaultType } from './plan.ts'

export interface FaultTraits {
  readonly summary: string
  /** Who may stand in its `devices`. */
  readonly hits: 'devices' | 'servers' | 'devices and servers'
  /** False: it strikes at `atUs` and is over; `untilUs` equals `atUs`. */
  readonly lasts: boolean
  /** May strike one tab of a device alone; other faults strike the machine, with all its tabs. */
  readonly strikesTabs?: true
  /** Ends the host's process; the next one starts at `untilUs`. */
  readonly endsProcess?: true
  /** Packets may be lost or held while it lasts, so TCP's timers back off. */
  readonly cutsPackets?: true
  /** An end of a connection may afterwards believe in one that the other has forgotten, until a probe (H3). */
  readonly leavesHalfOpen?: true
  /** Connections may go on in silence after it, until TCP gives up or its keep-alive probes do. */
  readonly silences?: true
  /** Requests fail, are refused, or get an old answer while it lasts, and are made again after a backoff. */
  readonly delaysRequests?: true
  /** What its mark counts, in the words of a story. */
  readonly counts: 'frame' | 'packet' | 'connection' | 'request' | 'thing' | 'record'
}

const onDevices = { hits: 'devices', lasts: true, counts: 'thing' } as const
const onRequests = { hits: 'devices', lasts: true, strikesTabs: true, counts: 'request' } as const
const onHosts = { hits: 'devices and servers', lasts: true, counts: 'thing' } as const

export const FAULT_TRAITS: Readonly<Record<FaultType, FaultTraits>> = {
  partition: {
    ...onHosts, counts: 'frame', cutsPackets: true,
    summary: 'packets do not arrive for a while, in both directions or one; connections stay open and what was sent is sent again',
  },
  clog: {
    ...onHosts, counts: 'packet', cutsPackets: true,
    summary: 'packets are held for a while, in both directions or one, and then arrive all at once',
  },
  break: { ...onDevices, counts: 'frame', lasts: false, strikesTabs: true, summary: 'connections are reset; what is in flight is lost, and the reset may be' },
  'proxy-block': { ...onDevices, summary: 'a proxy cuts a transport and blocks it for a while: it refuses it, swallows it or buffers its events' },
  offline: { ...onDevices, counts: 'frame', cutsPackets: true, summary: 'connections are reset, and none can be made for a while' },
  switch: {
    ...onDevices, counts: 'frame', lasts: false,
    summary: 'a device changes its network and address (Wi-Fi, cellular): its connections are gone, and the server is not told',
  },
  reset: { ...onHosts, counts: 'connection', lasts: false, leavesHalfOpen: true, summary: 'a middlebox resets all connections, at both ends' },
  'black-hole': {
    ...onHosts, counts: 'connection', cutsPackets: true, silences: true,
    summary: 'a middlebox forgets all connections: nothing of them arrives any more, nobody is told; new ones work after a while',
  },
  'slow-close': { ...onHosts, counts: 'packet', summary: 'FINs and resets are held for a while: peers learn late that a connection is closed' },
  'dns-failure': { ...onDevices, counts: 'connection', summary: 'names are not resolved for a while: connections live on, and none can be made' },
  crash: {
    ...onHosts, endsProcess: true, cutsPackets: true, leavesHalfOpen: true,
    summary: 'a host loses power: memory and unsynced writes are gone, nobody is told; it starts again after a while',
  },
  kill: {
    ...onHosts, endsProcess: true, cutsPackets: true, strikesTabs: true,
    summary: 'a process is killed: written data is kept, its kernel closes the sockets; it starts again after a while',
  },
  restart: {
    ...onHosts, endsProcess: true, cutsPackets: true, strikesTabs: true,
    summary: 'a process ends in order (a deployment, a reloaded tab) and starts again after a while',
  },
  'torn-write': {
    ...onHosts, endsProcess: true, cutsPackets: true, leavesHalfOpen: true,
    summary: 'a disk stalls for a while, then power fails in the middle of the write that has gathered',
  },
  suspend: {
    ...onDevices, cutsPackets: true, leavesHalfOpen: true,
    summary: 'a device sleeps: timers, sockets and the monotonic clock stand still, the wall clock goes on',
  },
  hide: { ...onDevices, cutsPackets: true, strikesTabs: true, summary: 'a page is hidden in the back/forward cache: it closes its connection and stands still until it is shown' },
  stall: { ...onDevices, strikesTabs: true, summary: 'a page\'s main thread is blocked for a while: sockets go on receiving, no handler and no timer runs, nobody is told' },
  quota: { ...onHosts, summary: 'a disk is full for a while: writes that add something are refused' },
  'disk-error': { ...onHosts, summary: 'a disk refuses all writes for a while' },
  'bit-rot': {
    ...onDevices, counts: 'record', endsProcess: true, cutsPackets: true, strikesTabs: true,
    summary: 'a byte stored on a device\'s disk changes; at the restart a while later a checksum finds it, and what stands from there on is lost',
  },
  step: { ...onHosts, lasts: false, summary: 'a wall clock is set forward or back, for good' },
  skew: { ...onHosts, summary: 'a wall clock is wrong for a while, and is then corrected' },
  drift: { ...onHosts, summary: 'a host\'s clocks and timers run too fast or too slow for a while' },
  failover: {
    ...onHosts, hits: 'servers', endsProcess: true, cutsPackets: true, leavesHalfOpen: true,
    summary: 'a server is gone without a word; a standby with a clock of its own takes over what was synced',
  },
  'server-error': { ...onRequests, delaysRequests: true, summary: 'requests are answered with 500, 502, 503 or 504, executed or not' },
  'rate-limit': { ...onRequests, delaysRequests: true, summary: 'only so many requests a second are admitted; the rest get 429' },
  overload: { ...onRequests, delaysRequests: true, summary: 'requests are served slowly by few workers; what does not fit in the queue gets 503' },
  'lost-answer': { ...onRequests, delaysRequests: true, summary: 'requests are executed, and the connection is cut before the answer' },
  'duplicate-request': { ...onRequests, summary: 'a proxy repeats requests: they arrive twice' },
  lag: { ...onRequests, delaysRequests: true, summary: 'GETs are answered by a read replica, as it was a while ago' },
  'token-expired': { ...onRequests, lasts: false, summary: 'access tokens become void: 401 for requests, close code 4401 for streams' },
}

/** Which of these hosts a fault of this type can hit. */
export function targetsOf(type: FaultType, devices: readonly string[], servers: readonly string[]): readonly string[] {
  switch (FAULT_TRAITS[type].hits) {
    case 'devices': return devices
    case 'servers': return servers
    case 'devices and servers': return [...devices, ...servers]
  }
}
export function strikesTabs(type: FaultType): boolean { return FAULT_TRAITS[type].strikesTabs === true }
export function canHitServers(type: FaultType): boolean { return FAULT_TRAITS[type].hits !== 'devices' }
export function isInstant(type: FaultType): boolean { return !FAULT_TRAITS[type].lasts }
/** Takes any text, since histories hold types as text. */
export function traitsOf(type: string): FaultTraits | undefined { return FAULT_TRAITS[type as FaultType] }

/** What weather can also ask for: each becomes several faults of the types above, in the plan. */
export const FAULT_PATTERNS: Readonly<Record<'swizzle' | 'flap', string>> = {
  swizzle: 'clogs of several devices: begun one after another, and ended one after another in another order',
  flap: 'partitions, clogs or times offline in quick succession: a path is up and blocked in turn',
}
