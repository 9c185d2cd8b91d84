/**
 * The history of one run: the only input of the properties (design H6).
 *
 * One totally ordered list, index and true virtual time `atUs`. Device clocks never order anything here.
 * Views are recorded as plain data when they change: a register with its new value, a text with the one
 * splice that turns the old content into the new. `edit` ids are the plan's intention ids; they appear
 * in the history only and never inside a message.
 */
import type { TransportName } from '../contract.ts'
import type {
  DataType, DocumentId, DocumentShape, EditChange, FieldName, FieldValue, HostId, MergeRule, SettleLevel, Version,
} from '../values.ts'

export type EditId = string

export type HistoryEvent =
  | EditEvent | SkippedEvent | ViewEvent | SettledEvent | RejectedEvent | MergedEvent | NotifiedEvent
  | SignalEvent | RefetchEvent | ConnectionEvent | StreamEvent | FaultEvent | FrameEvent | QuietEvent | LifecycleEvent

/** A user's intention became an edit on its device. */
export interface EditEvent {
  readonly kind: 'edit'; readonly atUs: number; readonly edit: EditId
  readonly device: HostId; readonly incarnation: number
  readonly document: DocumentId; readonly field: FieldName; readonly type: DataType; readonly change: EditChange
}
/** The intention had no meaning on the device's view, or the strategy has no such type. */
export interface SkippedEvent {
  readonly kind: 'skipped'; readonly atUs: number; readonly edit: EditId; readonly device: HostId
  readonly document: DocumentId; readonly field: FieldName; readonly type: DataType
  readonly reason: 'nothing-there' | 'type-unsupported' | 'device-down'
}
/** What `host` (a device, or a server: the authority's view) shows of a field changed. */
export interface ViewEvent {
  readonly kind: 'view'; readonly atUs: number; readonly host: HostId
  readonly document: DocumentId; readonly field: FieldName; readonly type: DataType
  readonly change: ViewChange
}
/** `set`: the whole new value. `splice`: at UTF-16 unit `at`, `removed` became `inserted` (whole code points). */
export type ViewChange =
  | { readonly op: 'set'; readonly value: FieldValue }
  | { readonly op: 'splice'; readonly at: number; readonly removed: string; readonly inserted: string }
export interface SettledEvent {
  readonly kind: 'settled'; readonly atUs: number; readonly edit: EditId; readonly device: HostId; readonly level: SettleLevel
}
export interface RejectedEvent {
  readonly kind: 'rejected'; readonly atUs: number; readonly edit: EditId; readonly device: HostId; readonly reason: string
}
export interface MergedEvent {
  readonly kind: 'merged'; readonly atUs: number; readonly edit: EditId; readonly device: HostId; readonly rule: MergeRule
}
export interface NotifiedEvent {
  readonly kind: 'notified'; readonly atUs: number; readonly edit: EditId; readonly device: HostId
  readonly notice: 'rejected' | 'overwritten'
}
/** A change signal reached a device's stack. */
export interface SignalEvent {
  readonly kind: 'signal'; readonly atUs: number; readonly device: HostId
  readonly document: DocumentId; readonly version: Version
}
/** An authoritative refetch ended. The first load of a document is `initial` and counts as no refetch. */
export interface RefetchEvent {
  readonly kind: 'refetch'; readonly atUs: number; readonly startedAtUs: number; readonly device: HostId
  readonly document: DocumentId; readonly initial: boolean
  readonly result: 'fetched' | 'failed'; readonly version: Version | null
}
/** A device's connection to a server, as the device sees it. */
export interface ConnectionEvent {
  readonly kind: 'connection'; readonly atUs: number; readonly device: HostId
  readonly state: 'connecting' | 'open' | 'closed' | 'gave-up'
  /** `open`: over this transport, which the device has fallen back to. Without it, over the scenario's. */
  readonly via?: TransportName
}
/**
 * What became of a stream that a transport carries over one connection after another: it goes on where it was, or
 * could not, since the server no longer has what was missed, or does not know it (A08, A09).
 */
export interface StreamEvent {
  readonly kind: 'stream'; readonly atUs: number; readonly device: HostId; readonly state: 'resumed' | 'reset'
}
/**
 * A fault of the plan began or ended. `hit`: how many frames and requests were in flight through it. `missed`: the
 * moment that it waited for never came, and it did not strike.
 */
export interface FaultEvent {
  readonly kind: 'fault'; readonly atUs: number; readonly fault: string; readonly type: string
  readonly devices: readonly HostId[]; readonly phase: 'begin' | 'end' | 'missed'; readonly hit: number
  /** Of a fault of one direction: the device's way up, or down. */
  readonly direction?: 'up' | 'down'
}
/** A frame or request leg on the network. `causes`: the edits whose handling made the sender send it. */
export interface FrameEvent {
  readonly kind: 'frame'; readonly atUs: number; readonly frame: number
  readonly state: 'sent' | 'delivered' | 'lost'
  readonly from: HostId; readonly to: HostId; readonly bytes: number
  readonly traffic: 'data' | 'control' | 'request' | 'response'; readonly cause: EditId | null
}
/**
 * A host's process ended (`stopped`), began anew with a new incarnation (`started`; the first start is not
 * told), was frozen or went on, or is a page that was blocked (`stalled`), went on, or crashed under what it had
 * received and not read. `incarnation`: the one that ended, began, sleeps or is blocked.
 */
export interface LifecycleEvent {
  readonly kind: 'lifecycle'; readonly atUs: number; readonly host: HostId; readonly incarnation: number
  readonly state: 'stopped' | 'started' | 'asleep' | 'awake' | 'stalled' | 'resumed' | 'out-of-memory'
  /** Of `resumed` and `out-of-memory`: how much had arrived and waited in the page's memory. */
  readonly heldBytes?: number
}
/** The end of the run: quiet (H3), or not, with what was still pending and where. */
export interface QuietEvent {
  readonly kind: 'quiet'; readonly atUs: number
  readonly result: 'quiet' | 'horizon' | 'budget'
  readonly pending: readonly string[]
}

/** What a checker may know of the run besides its events: the plan's facts and the strategy's declarations. */
export interface HistoryHeader {
  readonly scenario: string
  readonly strategy: string
  readonly devices: readonly HostId[]
  readonly servers: readonly HostId[]
  readonly documents: readonly DocumentShape[]
  /** The data types the strategy works on in this scenario (declared support is not `none`). */
  readonly types: readonly DataType[]
  /** Those of `types` that the strategy replaces whole: a write carries its author's whole value, seen or not. */
  readonly wholeValueTypes: readonly DataType[]
  readonly settles: SettleLevel
  /** Whether the client stack's invalidation part serves this strategy. */
  readonly invalidation: boolean
  /** Whether inserted text is unique per code point, so that the ledger can tell edits apart. */
  readonly distinctText: boolean
  /** When the last fault ended and the last intention was due: from here on the world is healed. */
  readonly healedAtUs: number
  readonly bounds: HistoryBounds
}

/** Bounds computed from the configuration, never from the run. */
export interface HistoryBounds {
  /** A connected device shows an accepted write, or a successor, within this. */
  readonly stalenessUs: number
  readonly debounceUs: number
  readonly maxWaitUs: number
  /** Quiet must be reached within this after `healedAtUs`. */
  readonly horizonUs: number
}

export interface History {
  readonly header: HistoryHeader
  readonly events: readonly HistoryEvent[]
}
