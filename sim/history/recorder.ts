/**
 * Writes the history of a run and feeds its trace digest (D1), one fixed-width record per event.
 *
 * Events are plain data in the order in which they happened. Everything a property could see is digested,
 * and beyond it the bytes of every frame, so that two runs that differ anywhere differ in the digest.
 */
import type { TraceDigest } from '../kernel/trace-digest.ts'
import type { EditChange, HostId } from '../values.ts'
import type { EditId, FrameEvent, HistoryEvent, ViewChange } from './events.ts'

/** Record kinds in the trace. Numbers are part of every golden digest: never reused, never reordered. */
const KIND: Readonly<Record<HistoryEvent['kind'], number>> = {
  edit: 1, skipped: 2, view: 3, settled: 4, rejected: 5, merged: 6, notified: 7,
  signal: 8, refetch: 9, connection: 10, fault: 11, frame: 12, quiet: 13,
  lifecycle: 14, stream: 20,
}

export class Recorder {
  readonly events: HistoryEvent[] = []
  /** Hears of every event, after it was recorded. */
  watch: ((event: HistoryEvent) => void) | undefined
  #frames = 0
  readonly #lost = new Map<HostId, number>()
  readonly #digest: TraceDigest
  readonly #hosts: ReadonlyMap<HostId, number>

  constructor(digest: TraceDigest, hosts: readonly HostId[]) {
    this.#digest = digest
    this.#hosts = new Map(hosts.map((host, index) => [host, index + 1]))
  }

  record(event: HistoryEvent): void {
    this.events.push(event)
    if (event.kind === 'frame' && event.state === 'lost') {
      for (const host of [event.from, event.to]) this.#lost.set(host, this.framesLost(host) + 1)
    }
    this.#digestEvent(event)
    this.watch?.(event)
  }

  /** Frames lost so far on the way from or to a host. */
  framesLost(host: HostId): number { return this.#lost.get(host) ?? 0 }

  /** Records that a frame was put on the wire, digests its bytes and gives it a number. */
  frameSent(frame: Omit<FrameEvent, 'kind' | 'state' | 'frame'>, content: Uint8Array): number {
    const number = ++this.#frames
    this.record({ kind: 'frame', state: 'sent', frame: number, ...frame })
    this.#digest.bytes(content)
    return number
  }

  /** Hosts count from 1; 0 is the world itself. */
  #host(id: HostId): number { return this.#hosts.get(id) ?? 0 }

  /** One text per change; the length in front keeps what was removed apart from what was put in. */
  #change(change: EditChange | ViewChange): number {
    if (change.op === 'splice') return this.#digest.text(`${change.at} ${change.removed.length} ${change.removed}${change.inserted}`)
    return change.value === null ? 0 : this.#digest.text(`=${change.value}`)
  }

  #digestEvent(event: HistoryEvent): void {
    const digest = this.#digest
    const text = (content: string): number => digest.text(content)
    // JSON keeps the parts apart, whatever stands in them.
    const texts = (...parts: readonly unknown[]): number => digest.text(JSON.stringify(parts))
    const write = (host: HostId, a: number, b: number): void => {
      digest.record(KIND[event.kind], event.atUs, this.#host(host), a, b)
    }
    switch (event.kind) {
      case 'edit': return write(event.device, texts(event.edit, event.incarnation, event.document, event.field, event.type), this.#change(event.change))
      case 'skipped': return write(event.device, texts(event.edit, event.document, event.field, event.type), text(event.reason))
      case 'view': return write(event.host, texts(event.document, event.field, event.type), this.#change(event.change))
      case 'settled': return write(event.device, text(event.edit), text(event.level))
      case 'rejected': return write(event.device, text(event.edit), text(event.reason))
      case 'merged': return write(event.device, text(event.edit), text(event.rule))
      case 'notified': return write(event.device, text(event.edit), text(event.notice))
      case 'signal': return write(event.device, text(event.document), event.version)
      case 'refetch': return write(event.device, texts(event.document, event.result, event.initial, event.startedAtUs), event.version === null ? 0 : event.version + 1)
      case 'connection': return write(event.device, text(event.via === undefined ? event.state : `${event.state} ${event.via}`), 0)
      case 'stream': return write(event.device, text(event.state), 0)
      case 'fault': return write(event.devices[0] ?? '', texts(event.fault, event.type, event.phase, event.devices, ...(event.direction === undefined ? [] : [event.direction])), event.hit)
      case 'frame': {
        // Most events are frames: what can hold any character stands last, so that nothing need be quoted.
        const cause = event.cause === null ? '' : `+${event.cause}`
        return write(event.from, event.frame, text(`${event.state} ${event.traffic} ${event.bytes} ${this.#host(event.to)} ${cause}`))
      }
      case 'quiet': return write('', text(event.result), texts(...event.pending))
      case 'lifecycle': return write(event.host, event.heldBytes === undefined ? text(event.state) : texts(event.state, event.heldBytes), event.incarnation)
      default: return event satisfies never
    }
  }
}

/** The edit whose handling is going on; frames and timers made meanwhile inherit it (history only, R8). */
export interface CurrentCause {
  current: EditId | null
}
