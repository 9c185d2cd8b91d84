/**
 * A virtual machine, device or server: its clock, timers, disk, random stream, and the one door through
 * which the outside world reaches the code that runs on it.
 *
 * Everything that happens on a host happens inside `dispatch`: the ambient clock and randomness belong to
 * the host then (D3), and when the handler has returned, the views it changed are looked at and recorded.
 * A second kind of process (unmodified client code) will live behind this same boundary.
 * Left out until hosts are modelled in full: drift, steps, suspend and wake, several tabs.
 */
import type { Cancel, Disk, Writes } from '../contract.ts'
import { withAmbient, type AmbientSource } from '../kernel/ambient.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { openStream, type RandomStream } from '../kernel/random-streams.ts'
import type { CurrentCause, Recorder } from '../history/recorder.ts'
import type { Quiescence } from '../history/quiescence.ts'
import type { ViewRecorder } from '../history/view-recorder.ts'
import type { DocumentId, HostId, View } from '../values.ts'
import { HostError } from './host-error.ts'
import { VirtualDisk } from './virtual-disk.ts'

/** What every host of a run shares. */
export interface World {
  readonly kernel: Kernel
  readonly masterKey: string
  readonly recorder: Recorder
  readonly quiescence: Quiescence
  readonly cause: CurrentCause
  readonly views: ViewRecorder
}

/** Wall clocks start here: 2024-01-01T00:00:00Z, in milliseconds since the Unix epoch. */
const EPOCH_MS = 1_704_067_200_000
/** From a write to its being durable; the order of an fsync on flash. */
const DISK_SYNC_US = 1_000

export class Host {
  readonly id: HostId
  readonly index: number
  readonly incarnation = 1
  readonly world: World
  readonly random: RandomStream
  readonly #disk: VirtualDisk
  readonly #clockOffsetUs: number
  readonly #ambient: AmbientSource
  readonly #changed = new Set<DocumentId>()
  #look: ((document: DocumentId) => View) | null = null

  constructor(world: World, id: HostId, index: number, clockOffsetUs: number) {
    this.world = world
    this.id = id
    this.index = index
    this.#clockOffsetUs = clockOffsetUs
    this.random = openStream(world.masterKey, `host ${id} ${this.incarnation}`)
    const library = openStream(world.masterKey, `library ${id} ${this.incarnation}`)
    this.#disk = new VirtualDisk((delayUs, run) => { world.kernel.after(delayUs, run) }, DISK_SYNC_US)
    this.#ambient = {
      nowMs: () => Math.floor(this.nowMs()),
      monotonicMs: () => this.monotonicMs(),
      random: () => library.unit(),
    }
  }

  nowMs(): number { return EPOCH_MS + (this.world.kernel.nowUs + this.#clockOffsetUs) / 1000 }
  monotonicMs(): number { return this.world.kernel.nowUs / 1000 }

  /** Where the host looks when a document has changed. */
  shows(look: (document: DocumentId) => View): void { this.#look = look }

  changed(document: DocumentId): void { this.#changed.add(document) }

  /**
   * Runs a handler on this host, under its clock and `cause`; records what it changed on screen.
   * @throws HostError when the handler throws
   */
  dispatch<T>(cause: string | null, handler: () => T): T {
    const { world } = this
    const outer = world.cause.current
    world.cause.current = cause
    try {
      const result = withAmbient(this.#ambient, handler)
      if (this.#changed.size > 0) this.#recordViews()
      return result
    } catch (error) {
      throw HostError.from(this.id, world.kernel.nowUs, error)
    } finally {
      world.cause.current = outer
    }
  }

  #recordViews(): void {
    const look = this.#look
    if (look === null) return
    for (const document of this.#changed) {
      const view = withAmbient(this.#ambient, () => look(document))
      if (this.world.views.record(this.id, document, view)) this.world.quiescence.disturbed()
    }
    this.#changed.clear()
  }

  /** Arms a timer that runs on this host; what caused it to be armed causes what it does. */
  timer(delayUs: number, run: () => void, background = false): Cancel {
    const { kernel, quiescence, cause } = this.world
    const armedBy = cause.current
    let armed = true
    const disarm = (): void => {
      armed = false
      if (!background) quiescence.end(this.index, 'timer')
    }
    if (!background) quiescence.begin(this.index, 'timer')
    const timer = kernel.after(Math.max(0, Math.round(delayUs)), () => {
      disarm()
      this.dispatch(armedBy, run)
    })
    return () => {
      if (!armed) return
      disarm()
      kernel.cancel(timer)
    }
  }

  /** The host's disk as its code sees it: boots from what is durable now. */
  openDisk(): Disk {
    const { quiescence, cause } = this.world
    return {
      boot: this.#disk.contents(),
      write: (batch: Writes, synced: (problem?: 'quota' | 'io') => void) => {
        const writtenBy = cause.current
        quiescence.begin(this.index, 'write')
        this.#disk.write(batch, () => {
          quiescence.end(this.index, 'write')
          this.dispatch(writtenBy, synced)
        })
      },
    }
  }
}
