/**
 * A small language for hand-written histories: golden tests say line by line what happened, and nothing of
 * the simulator takes part. Times are milliseconds; `at` moves the clock, everything else stands at it.
 */
import type {
  ConnectionEvent, EditEvent, EditId, FaultEvent, History, HistoryEvent, HistoryHeader, LifecycleEvent, QuietEvent, StreamEvent,
} from '../../sim/history/events.ts'
import type { EditChange, FieldShape, FieldValue, HostId, MergeRule, SettleLevel, Version } from '../../sim/values.ts'

export interface GoldenSetup {
  readonly devices?: readonly HostId[]
  readonly servers?: readonly HostId[]
  readonly fields?: readonly FieldShape[]
  readonly header?: Partial<HistoryHeader>
}

const DOCUMENT = 'order'

export const register = (name: string, initial: FieldValue = null): FieldShape => ({ name, type: 'register', initial })
export const text = (name: string, initial = ''): FieldShape => ({ name, type: 'text', initial })

/** Starts a history: devices `a` and `b`, server `server`, register `price` and text `note`, unless told. */
export function goldenHistory(setup: GoldenSetup = {}): HistoryBuilder {
  return new HistoryBuilder(setup)
}

export class HistoryBuilder {
  readonly #header: HistoryHeader
  readonly #fields: readonly FieldShape[]
  readonly #events: HistoryEvent[] = []
  #atUs = 0

  constructor({ devices = ['a', 'b'], servers = ['server'], fields = [register('price'), text('note')], header = {} }: GoldenSetup) {
    this.#fields = fields
    this.#header = {
      scenario: 'golden', strategy: 'golden', devices, servers, documents: [{ id: DOCUMENT, fields }],
      types: [...new Set(fields.map((field) => field.type))], wholeValueTypes: [], settles: 'server-durable', invalidation: false, distinctText: true,
      healedAtUs: 0, bounds: { stalenessUs: 1_000_000, debounceUs: 100_000, maxWaitUs: 1_000_000, horizonUs: 60_000_000 },
      ...header,
    }
  }

  /** Moves the clock. */
  at(ms: number): this {
    this.#atUs = ms * 1000
    return this
  }

  /** A device sets a register, and shows it. */
  set(device: HostId, edit: EditId, field: string, value: string, incarnation = 0): this {
    return this.#edit(device, edit, field, { op: 'set', value }, incarnation).show(device, field, value)
  }

  /** A device splices a text, and shows it. Positions count code points, which for these tests are UTF-16 units too. */
  type(device: HostId, edit: EditId, field: string, at: number, removed: string, inserted: string): this {
    return this.#edit(device, edit, field, { op: 'splice', at, removed, inserted }, 0).splice(device, field, at, removed, inserted)
  }

  skip(device: HostId, edit: EditId, field: string): this {
    return this.#push({ kind: 'skipped', atUs: this.#atUs, edit, device, document: DOCUMENT, field, type: this.#type(field), reason: 'nothing-there' })
  }

  /** A host shows a new value. */
  show(host: HostId, field: string, value: FieldValue): this {
    return this.#push({ kind: 'view', atUs: this.#atUs, host, document: DOCUMENT, field, type: this.#type(field), change: { op: 'set', value } })
  }

  /** Several hosts show a new value. */
  showAll(hosts: readonly HostId[], field: string, value: FieldValue): this {
    for (const host of hosts) this.show(host, field, value)
    return this
  }

  /** A host's text changes. */
  splice(host: HostId, field: string, at: number, removed: string, inserted: string): this {
    return this.#push({
      kind: 'view', atUs: this.#atUs, host, document: DOCUMENT, field, type: this.#type(field), change: { op: 'splice', at, removed, inserted },
    })
  }

  settle(edit: EditId, level: SettleLevel = 'server-durable'): this {
    return this.#push({ kind: 'settled', atUs: this.#atUs, edit, device: this.#deviceOf(edit), level })
  }

  /** Rejected; the user is told unless `silently`. */
  reject(edit: EditId, silently?: 'silently'): this {
    this.#push({ kind: 'rejected', atUs: this.#atUs, edit, device: this.#deviceOf(edit), reason: 'stale-version' })
    return silently === undefined ? this.notify(edit, 'rejected') : this
  }

  merge(edit: EditId, rule: MergeRule): this {
    return this.#push({ kind: 'merged', atUs: this.#atUs, edit, device: this.#deviceOf(edit), rule })
  }

  notify(edit: EditId, notice: 'rejected' | 'overwritten'): this {
    return this.#push({ kind: 'notified', atUs: this.#atUs, edit, device: this.#deviceOf(edit), notice })
  }

  signal(device: HostId, version: Version): this {
    return this.#push({ kind: 'signal', atUs: this.#atUs, device, document: DOCUMENT, version })
  }

  /** A refetch that started `tookMs` ago ends now. */
  refetch(device: HostId, version: Version | null, tookMs: number, initial = false): this {
    return this.#push({
      kind: 'refetch', atUs: this.#atUs, startedAtUs: this.#atUs - tookMs * 1000, device, document: DOCUMENT, initial,
      result: version === null ? 'failed' : 'fetched', version,
    })
  }

  connection(device: HostId, state: ConnectionEvent['state']): this {
    return this.#push({ kind: 'connection', atUs: this.#atUs, device, state })
  }

  stream(device: HostId, state: StreamEvent['state']): this {
    return this.#push({ kind: 'stream', atUs: this.#atUs, device, state })
  }

  fault(fault: string, type: string, devices: readonly HostId[], phase: FaultEvent['phase'], hit = 1, direction?: 'up' | 'down'): this {
    return this.#push({ kind: 'fault', atUs: this.#atUs, fault, type, devices, phase, hit, ...(direction === undefined ? {} : { direction }) })
  }

  /** A host's process ends, begins anew, falls asleep, wakes, or is blocked. */
  life(host: HostId, state: LifecycleEvent['state'], incarnation = 1, heldBytes?: number): this {
    return this.#push({ kind: 'lifecycle', atUs: this.#atUs, host, incarnation, state, ...(heldBytes === undefined ? {} : { heldBytes }) })
  }

  quiet(result: QuietEvent['result'] = 'quiet', pending: readonly string[] = []): this {
    return this.#push({ kind: 'quiet', atUs: this.#atUs, result, pending })
  }

  build(): History {
    return { header: this.#header, events: [...this.#events] }
  }

  #edit(device: HostId, edit: EditId, field: string, change: EditChange, incarnation: number): this {
    return this.#push({ kind: 'edit', atUs: this.#atUs, edit, device, incarnation, document: DOCUMENT, field, type: this.#type(field), change })
  }

  #push(event: HistoryEvent): this {
    this.#events.push(event)
    return this
  }

  #type(field: string): FieldShape['type'] {
    const shape = this.#fields.find(({ name }) => name === field)
    if (shape === undefined) throw new Error(`the golden history has no field ${field}`)
    return shape.type
  }

  #deviceOf(edit: EditId): HostId {
    const made = this.#events.find((event): event is EditEvent => event.kind === 'edit' && event.edit === edit)
    if (made === undefined) throw new Error(`the golden history has no edit ${edit}`)
    return made.device
  }
}

/**
 * Forges one line (H6): the `nth` event (from 0) that `match` accepts is replaced by what `change` makes of
 * it; null takes the line out.
 */
export function forge(
  history: History, match: (event: HistoryEvent) => boolean, change: (event: HistoryEvent) => HistoryEvent | null, nth = 0,
): History {
  const matching = history.events.flatMap((event, index) => (match(event) ? [index] : []))
  const target = matching[nth]
  if (target === undefined) throw new Error(`there is no line number ${nth} to forge among ${matching.length}`)
  const events = history.events.flatMap((event, index) => {
    if (index !== target) return [event]
    const forged = change(event)
    return forged === null ? [] : [forged]
  })
  return { header: history.header, events }
}
