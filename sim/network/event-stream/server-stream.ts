/**
 * The server's end of a stream made of exchanges: a mailbox for what goes down, the number of the last entry that
 * has come up, and a lease. It outlives its connections: whoever comes back with the number of the last entry it
 * has seen gets what it has missed, as long as the window has it (A08, A09).
 *
 * Without a word from the device for as long as the lease, the stream is lost. A held answer is a word for as long
 * as the server's kernel believes in its connection, as with a WebSocket (R4). All of it is memory: a server that
 * starts anew knows no streams.
 */
import type { Cancel, CloseReason } from '../../contract.ts'
import type { Host } from '../../host/host.ts'
import type { WireConfig } from '../../scenario/wire-config.ts'
import type { HttpAnswer, HttpServing } from '../http/exchange.ts'
import type { StreamEnd, StreamEvents } from '../transport.ts'
import { backgroundTimer } from './background-timer.ts'
import { type Carrier, type CarrierPort, EventStreamCarrier, PollCarrier } from './carriers.ts'
import type { Entry, EntryContent } from './entry.ts'
import { Mailbox } from './mailbox.ts'
import type { StreamFrames } from './stream-frames.ts'

export interface ServerStreamSetup {
  readonly server: Host
  readonly wire: WireConfig
  readonly up: StreamFrames
  readonly down: StreamFrames
  /** Bytes on the wire of an entry that goes down. */
  sizeOf(entry: Entry): number
  /** The stream is over, and the server forgets it. */
  over(): void
}

const NOTHING: HttpServing = { writable: () => undefined, gone: () => undefined }

export class ServerStream {
  /** `closing`: closed by its owner, and the device has not been told yet. */
  #state: 'open' | 'closing' | 'over' = 'open'
  #events: StreamEvents | null = null
  #why: CloseReason | null = null
  #received = 0
  #carrier: Carrier | null = null
  #cancelLease: Cancel = () => undefined
  /** Sizes of entries that the history counts as frames and that have not gone over the wire yet. */
  readonly #unsent = new Map<number, number>()
  readonly #mailbox: Mailbox
  readonly #setup: ServerStreamSetup

  constructor(setup: ServerStreamSetup) {
    this.#setup = setup
    this.#mailbox = new Mailbox(setup.wire.replayEvents)
  }

  /** Hands the end to its owner. */
  begin(accepted: (end: StreamEnd) => StreamEvents): void {
    const { down } = this.#setup
    const events = accepted({
      get bufferedBytes() { return down.bufferedBytes },
      send: (bytes, traffic) => this.#send(bytes.slice(), traffic),
      close: (code) => this.#close(code),
    })
    this.#events = events
    if (this.#why !== null) events.closed(this.#why) // whoever was handed the end has closed it at once
  }

  #send(content: Uint8Array, traffic: 'data' | 'control'): void {
    if (this.#state !== 'open') return
    const entry = this.#mailbox.append({ kind: 'frame', content })
    const sizeBytes = this.#setup.sizeOf(entry)
    this.#unsent.set(entry.number, sizeBytes)
    this.#setup.down.send(entry.number, content, sizeBytes, traffic)
    this.#carrier?.push()
  }

  #close(code: number): void {
    if (this.#state !== 'open') return
    this.#state = 'closing'
    this.#setup.up.end()
    this.#append({ kind: 'close', code })
    this.#tell({ kind: 'closed', code })
  }

  #append(content: EntryContent): void {
    this.#mailbox.append(content)
    this.#carrier?.push()
  }

  #tell(why: CloseReason): void {
    this.#why = why
    this.#events?.closed(why)
  }

  /** Whether the window has everything behind this number. */
  canResume(after: number): boolean { return this.#mailbox.after(after) !== null }

  /** The device wants what stands behind `after`. */
  carry(how: 'event-stream' | 'held' | 'at-once', answer: HttpAnswer, after: number): HttpServing {
    this.#detach(false)
    this.#cancelLease()
    const { wire } = this.#setup
    const port: CarrierPort = {
      after: (number) => this.#mailbox.after(number) ?? impossible(number),
      carriedBytes: ({ number }) => this.#unsent.get(number) ?? 0,
      sent: ({ number }) => {
        this.#unsent.delete(number)
        this.#mailbox.sent(number)
      },
      timer: (delayUs, run) => backgroundTimer(this.#setup.server, delayUs, run),
      done: () => this.#detach(true),
    }
    const carrier = how === 'event-stream' ? new EventStreamCarrier(answer, after, wire, port)
      : new PollCarrier(answer, after, how === 'held' ? wire.holdUs : 0, port)
    this.#carrier = carrier
    carrier.push()
    return this.#carrier !== carrier ? NOTHING : {
      writable: () => { if (this.#carrier === carrier) carrier.push() },
      gone: () => { if (this.#carrier === carrier) this.#detach(true) },
    }
  }

  #detach(isKnown: boolean): void {
    if (this.#carrier === null) return
    this.#carrier.drop(isKnown)
    this.#carrier = null
    this.#renewLease()
  }

  #renewLease(): void {
    this.#cancelLease()
    if (this.#state !== 'over') this.#cancelLease = backgroundTimer(this.#setup.server, this.#setup.wire.sessionUs, () => this.#lose())
  }

  /** Entries have come up; those that are here already came with a repetition. */
  receive(entries: readonly Entry[]): void {
    if (this.#carrier === null) this.#renewLease()
    for (const entry of entries) {
      if (entry.number <= this.#received) continue
      if (entry.number > this.#received + 1) throw new Error(`entry ${entry.number} came up after ${this.#received}`)
      this.#received = entry.number
      if (entry.kind === 'close') return this.#closedByDevice(entry.code)
      const frame = this.#setup.up.arrived(entry.number)
      if (frame !== null && this.#state === 'open') this.#events?.frame(entry.content, frame.cause)
    }
  }

  #closedByDevice(code: number): void {
    const wasOpen = this.#state === 'open'
    this.#end()
    if (wasOpen) this.#tell({ kind: 'closed', code })
  }

  /** The device has dialled anew, or is not expected back, or cannot be given what it has missed. */
  #lose(): void {
    const wasOpen = this.#state === 'open'
    this.#end()
    if (wasOpen) this.#tell({ kind: 'lost' })
  }

  supersede(): void { this.#lose() }

  /** The device knows that the stream is over: nobody will ask for the code any more. */
  deviceKnows(): void { if (this.#state === 'closing') this.#end() }

  #end(): void {
    if (this.#state === 'over') return
    this.#state = 'over'
    this.#carrier?.drop(false)
    this.#carrier = null
    this.#cancelLease()
    this.#setup.up.end()
    this.#setup.down.end()
    this.#setup.over()
  }

  /**
   * The server's process is gone, and hears nothing. One that ends in order tells the devices that hold a
   * connection open. Returns whether it had the stream.
   */
  processGone(heard: CloseReason | null): boolean {
    const hadEnd = this.#state === 'open'
    this.#state = 'over'
    this.#setup.up.end()
    const tells = heard?.kind === 'closed' && hadEnd && this.#carrier !== null
    if (tells) this.#append({ kind: 'close', code: heard.code })
    else this.#setup.down.end()
    return hadEnd
  }
}

function impossible(number: number): never { throw new Error(`a carrier wants what stands behind ${number}, which the window has let go`) }
