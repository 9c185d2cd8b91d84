/**
 * When faults strike: at the time that the plan says, or (with `when`) at a moment of the protocol that no plan
 * can know beforehand, such as between the server's commit and its answer (D5).
 *
 * A fault with `when` is armed at its `atUs`. It strikes at the nth such moment from then on, as soon as the
 * handler in which the moment came has returned and before any other event, and lasts as long as the plan says,
 * but not beyond the plan's duration, when the world heals. If the moment has not come by then, the history says
 * so. Most moments are events of the history; the two that the history does not tell of call `reached`.
 *
 * Left out: moments inside a strategy (its journal's, its merges'), and conditions on what a message says.
 */
import type { HistoryEvent } from '../history/events.ts'
import type { Recorder } from '../history/recorder.ts'
import type { Kernel } from '../kernel/kernel.ts'
import type { Fault, Moment } from '../scenario/plan.ts'
import type { HostId } from '../values.ts'

interface Armed {
  readonly fault: Fault
  readonly strike: () => void
  /** Moments still to pass, this one included. */
  left: number
}

export class Strikes {
  readonly #kernel: Kernel
  readonly #recorder: Recorder
  readonly #durationUs: number
  /** In the order of the plan. */
  #armed: Armed[] = []

  constructor(kernel: Kernel, recorder: Recorder, durationUs: number) {
    this.#kernel = kernel
    this.#recorder = recorder
    this.#durationUs = durationUs
  }

  /** Runs `begin` when the fault strikes and `end` when it is over; neither, if its moment never comes. */
  schedule(fault: Fault, begin: () => void, end: () => void): void {
    const kernel = this.#kernel
    const { when, atUs, untilUs } = fault
    if (when === undefined) {
      kernel.at(atUs, begin)
      kernel.at(untilUs, end)
      return
    }
    const armed: Armed = {
      fault, left: when.nth,
      strike: () => {
        begin()
        kernel.at(Math.min(this.#durationUs, kernel.nowUs + untilUs - atUs), end)
      },
    }
    this.#recorder.watch = (event) => this.#observed(event)
    kernel.at(atUs, () => this.#armed.push(armed))
    kernel.at(this.#durationUs, () => {
      if (this.#take(armed)) this.#recorder.record({ kind: 'fault', atUs: kernel.nowUs, fault: fault.id, type: fault.type, devices: fault.devices, phase: 'missed', hit: 0 })
    })
  }

  /** A moment has come on a host. Returns whether a fault will strike now, so that the caller can leave the rest for later. */
  reached(moment: Moment, host: HostId): boolean {
    if (this.#armed.length === 0) return false
    const due = this.#armed.filter((one) => one.fault.when?.event === moment && one.fault.when.host === host && --one.left === 0)
    for (const one of due) {
      this.#take(one)
      this.#kernel.next(one.strike)
    }
    return due.length > 0
  }

  #take(armed: Armed): boolean {
    const wasArmed = this.#armed.includes(armed)
    this.#armed = this.#armed.filter((one) => one !== armed)
    return wasArmed
  }

  #observed(event: HistoryEvent): void {
    if (event.kind === 'edit') this.reached('edit', event.device)
    else if (event.kind === 'connection' && event.state === 'connecting') this.reached('handshake', event.device)
    else if (event.kind === 'connection' && event.state === 'open') this.reached('stream-opened', event.device)
    else if (event.kind === 'frame' && event.state === 'sent' && event.traffic === 'data') this.reached('frame-sent', event.from)
    else if (event.kind === 'frame' && event.state === 'sent' && event.traffic === 'response') this.reached('answer-sent', event.from)
  }
}
