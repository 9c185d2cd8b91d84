/**
 * A virtual machine, device or server: its clock, timers, disk, random stream, and the one door through
 * which the outside world reaches the code that runs on it.
 *
 * Everything that happens on a host happens inside `dispatch`: the ambient clock and randomness belong to
 * the host then (D3), and when the handler has returned, the views it changed are looked at and recorded.
 * A second kind of process (unmodified client code) will live behind this same boundary.
 *
 * The host outlives its processes. When one ends, its timers, its unanswered disk writes and its random
 * streams end with it, and nothing of it runs any more (R5); the next incarnation boots from the disk. A
 * process that sleeps keeps everything: its timers stand still, with the time that they have left, and what
 * the network or the disk would tell it waits until it is awake. A page whose main thread is blocked has running
 * clocks, and all that it would hear waits: timers that come due, answers, frames. What has arrived takes memory,
 * without bound but for the page's end (A03). Each tab of a device is a host; what tabs share (`outage.ts`,
 * `tab-group.ts`, the access link) is handed to each.
 */
import type { Cancel, Disk, Writes } from '../contract.ts'
import { withAmbient, type AmbientSource } from '../kernel/ambient.ts'
import type { Kernel, Timer } from '../kernel/kernel.ts'
import { openStream, type RandomStream } from '../kernel/random-streams.ts'
import type { EditId } from '../history/events.ts'
import type { CurrentCause, Recorder } from '../history/recorder.ts'
import type { Quiescence } from '../history/quiescence.ts'
import type { ViewRecorder } from '../history/view-recorder.ts'
import type { DocumentId, HostId, View } from '../values.ts'
import { HeldBack, type ReceiveMemory } from './held-back.ts'
import { HostClock } from './host-clock.ts'
import { HostError } from './host-error.ts'
import type { Strikes } from './strikes.ts'
import { VirtualDisk, type DiskProblem } from './virtual-disk.ts'

/** What every host of a run shares. */
export interface World {
  readonly kernel: Kernel
  readonly masterKey: string
  readonly recorder: Recorder
  readonly quiescence: Quiescence
  readonly cause: CurrentCause
  readonly views: ViewRecorder
  readonly strikes: Strikes
}

/** From a write to its being durable; the order of an fsync on flash. */
const DISK_SYNC_US = 1_000

/** How a process may end, for what becomes of its disk writes. */
export type DiskFate = 'lost' | 'torn' | 'kept'

interface ArmedTimer {
  readonly run: () => void
  readonly background: boolean
  readonly armedBy: EditId | null
  dueUs: number
  handle: Timer
}

export class Host {
  readonly id: HostId
  readonly index: number
  readonly world: World
  readonly clock: HostClock
  readonly disk: VirtualDisk
  #incarnation = 0
  #state: 'up' | 'stalled' | 'asleep' | 'down' = 'up'
  #random: RandomStream
  #ambient: AmbientSource
  readonly #timers = new Set<ArmedTimer>()
  #writes = 0
  readonly #heldBack = new HeldBack()
  /** Of a blocked page. */
  #memory: ReceiveMemory | null = null
  readonly #changed = new Set<DocumentId>()
  #look: ((document: DocumentId) => View) | null = null

  constructor(world: World, id: HostId, index: number, clockOffsetUs: number, clockDriftPpm = 0) {
    this.world = world
    this.id = id
    this.index = index
    const { kernel } = world
    this.clock = new HostClock(() => kernel.nowUs, clockOffsetUs, clockDriftPpm)
    this.disk = new VirtualDisk((delayUs, run) => { kernel.after(delayUs, run) }, DISK_SYNC_US, () => kernel.nowUs)
    this.#random = this.#begin()
    this.#ambient = this.#ambientOf()
  }

  /** From 1, one more with every start. */
  get incarnation(): number { return this.#incarnation }
  get random(): RandomStream { return this.#random }
  /** Whether there is a process, awake or not. */
  get isUp(): boolean { return this.#state !== 'down' }
  /** Whether its code can run now. */
  get isAwake(): boolean { return this.#state === 'up' }
  get isStalled(): boolean { return this.#state === 'stalled' }

  #begin(): RandomStream {
    this.#incarnation += 1
    return openStream(this.world.masterKey, `host ${this.id} ${this.#incarnation}`)
  }

  #ambientOf(): AmbientSource {
    const library = openStream(this.world.masterKey, `library ${this.id} ${this.#incarnation}`)
    return { nowMs: () => Math.floor(this.nowMs()), monotonicMs: () => this.monotonicMs(), random: () => library.unit() }
  }

  nowMs(): number { return this.clock.wallMs() }
  monotonicMs(): number { return this.clock.monotonicMs() }

  /** The process ends, and nothing of it runs again. Returns how many disk writes were lost. */
  stop(fate: DiskFate): number {
    if (this.#state === 'down') throw new Error(`${this.id} has stopped already`)
    const { kernel, quiescence, recorder } = this.world
    if (this.#state !== 'up') quiescence.end(this.index, this.#state)
    this.#state = 'down'
    quiescence.begin(this.index, 'down')
    for (const { handle, background } of this.#timers) {
      kernel.cancel(handle)
      if (!background) quiescence.end(this.index, 'timer')
    }
    this.#timers.clear()
    for (; this.#writes > 0; this.#writes--) quiescence.end(this.index, 'write')
    this.#heldBack.forget()
    this.#changed.clear()
    this.#look = null
    recorder.record({ kind: 'lifecycle', atUs: kernel.nowUs, host: this.id, incarnation: this.#incarnation, state: 'stopped' })
    switch (fate) {
      case 'lost': return this.disk.crash()
      case 'kept':
        this.disk.keep()
        return 0
      case 'torn': {
        const torn = openStream(this.world.masterKey, `torn ${this.id} ${this.#incarnation}`)
        return this.disk.tear((totalBytes) => torn.between(0, totalBytes - 1))
      }
    }
  }

  /** Makes the host ready for its next incarnation. */
  start(): void {
    if (this.#state !== 'down') throw new Error(`${this.id} runs already`)
    const { kernel, quiescence, recorder } = this.world
    quiescence.end(this.index, 'down')
    this.#state = 'up'
    this.#random = this.#begin()
    this.#ambient = this.#ambientOf()
    this.clock.restart()
    recorder.record({ kind: 'lifecycle', atUs: kernel.nowUs, host: this.id, incarnation: this.#incarnation, state: 'started' })
  }

  /** Freezes the process. Returns how many timers stand still. */
  suspend(): number {
    if (this.#state !== 'up') throw new Error(`${this.id} is not awake`)
    const { kernel, quiescence, recorder } = this.world
    this.#state = 'asleep'
    quiescence.begin(this.index, 'asleep')
    this.clock.freeze()
    for (const timer of this.#timers) {
      kernel.cancel(timer.handle)
      timer.dueUs -= kernel.nowUs
    }
    recorder.record({ kind: 'lifecycle', atUs: kernel.nowUs, host: this.id, incarnation: this.#incarnation, state: 'asleep' })
    return this.#timers.size
  }

  /** The process goes on: timers run when the rest of their time has passed, and what waited is told. */
  wake(): void {
    if (this.#state !== 'asleep') throw new Error(`${this.id} is not asleep`)
    const { kernel, quiescence, recorder } = this.world
    this.#state = 'up'
    quiescence.end(this.index, 'asleep')
    this.clock.thaw()
    for (const timer of this.#timers) {
      timer.dueUs += kernel.nowUs
      timer.handle = this.#schedule(timer)
    }
    recorder.record({ kind: 'lifecycle', atUs: kernel.nowUs, host: this.id, incarnation: this.#incarnation, state: 'awake' })
    this.#heldBack.release()
  }

  /** Blocks the main thread of a page. */
  stall(memory: ReceiveMemory): void {
    if (this.#state !== 'up') throw new Error(`${this.id} is not awake`)
    this.#state = 'stalled'
    this.#memory = memory
    this.world.quiescence.begin(this.index, 'stalled')
    this.#recordLife('stalled')
  }

  /** The page goes on with what has gathered, in the order in which it came. Returns how many things that were. */
  resume(): number {
    if (this.#state !== 'stalled') throw new Error(`${this.id} is not stalled`)
    this.#state = 'up'
    this.world.quiescence.end(this.index, 'stalled')
    this.#recordLife('resumed', this.#heldBack.bytes)
    return this.#heldBack.release()
  }

  /** The blocked page has more in its memory than it can have, which is about to end it. */
  outOfMemory(): void { this.#recordLife('out-of-memory', this.#heldBack.bytes) }

  #recordLife(state: 'stalled' | 'resumed' | 'out-of-memory', heldBytes?: number): void {
    const { kernel, recorder } = this.world
    recorder.record({ kind: 'lifecycle', atUs: kernel.nowUs, host: this.id, incarnation: this.#incarnation, state, ...(heldBytes === undefined ? {} : { heldBytes }) })
  }

  /**
   * Runs `run` now, or when the process is awake again; never, if it ends before.
   * @param heldBytes what it keeps in the page's memory until then
   */
  whenAwake(run: () => void, heldBytes = 0): void {
    if (this.#state === 'up') run()
    else if (this.#state !== 'down') this.#heldBack.add(run, heldBytes, this.#state === 'stalled' ? this.#memory : null)
  }

  /** Where the host looks when a document has changed. */
  shows(look: (document: DocumentId) => View): void { this.#look = look }

  changed(document: DocumentId): void { this.#changed.add(document) }

  /**
   * Runs a handler on this host, under its clock and `cause`; records what it changed on screen.
   * @throws HostError when the handler throws
   */
  dispatch<T>(cause: string | null, handler: () => T): T {
    const { world } = this
    if (this.#state !== 'up') throw new HostError(this.id, world.kernel.nowUs, new Error(`a handler was called while the host is ${this.#state}`))
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

  /** Arms a timer that runs on this host, `delayUs` of its own clock from now; what caused it to be armed causes what it does. */
  timer(delayUs: number, run: () => void, background = false): Cancel {
    const { kernel, quiescence, cause } = this.world
    const dueUs = kernel.nowUs + this.clock.trueDelayUs(Math.max(0, delayUs))
    const timer: ArmedTimer = { run, background, armedBy: cause.current, dueUs, handle: 0 }
    timer.handle = this.#schedule(timer)
    this.#timers.add(timer)
    if (!background) quiescence.begin(this.index, 'timer')
    return () => {
      if (!this.#disarm(timer)) return
      kernel.cancel(timer.handle)
    }
  }

  #schedule(timer: ArmedTimer): Timer {
    const { kernel } = this.world
    return kernel.after(timer.dueUs - kernel.nowUs, () => {
      this.whenAwake(() => { if (this.#disarm(timer)) this.dispatch(timer.armedBy, timer.run) })
    })
  }

  #disarm(timer: ArmedTimer): boolean {
    const wasArmed = this.#timers.delete(timer)
    if (wasArmed && !timer.background) this.world.quiescence.end(this.index, 'timer')
    return wasArmed
  }

  /** The host's disk as its code sees it: boots from what is durable now. */
  openDisk(): Disk {
    const { quiescence, cause } = this.world
    const incarnation = this.#incarnation
    return {
      boot: this.disk.contents(),
      write: (batch: Writes, synced: (problem?: DiskProblem) => void) => {
        if (incarnation !== this.#incarnation || !this.isUp) throw new Error(`${this.id}/${incarnation} writes after its end`)
        const writtenBy = cause.current
        quiescence.begin(this.index, 'write')
        this.#writes += 1
        this.disk.write(batch, (problem) => {
          this.#writes -= 1
          quiescence.end(this.index, 'write')
          this.whenAwake(() => this.dispatch(writtenBy, () => synced(problem)))
        })
        this.world.strikes.reached('write-unsynced', this.id)
      },
    }
  }
}
