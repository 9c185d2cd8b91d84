/**
 * When a device can be expected to hear from the server: its connection is open and no fault of the plan
 * names it. A history without connection events of a device (scripted deliveries) has it always connected.
 * A server that stops takes every connection with it, whatever the devices still believe; a fault of the network
 * that names a server is one of every device.
 */
import type { ConnectionEvent, FaultEvent, History, LifecycleEvent } from '../../sim/history/events.ts'
import { traitsOf } from '../../sim/scenario/fault-traits.ts'
import { isNetworkFaultType } from '../../sim/scenario/plan.ts'
import type { HostId } from '../../sim/values.ts'

export class Availability {
  readonly #connected = new Map<HostId, boolean>()
  readonly #faults = new Map<HostId, Set<string>>()

  constructor(history: History) {
    for (const device of history.header.devices) {
      this.#connected.set(device, true)
      this.#faults.set(device, new Set())
    }
    for (const event of history.events) if (event.kind === 'connection') this.#connected.set(event.device, false)
  }

  of(device: HostId): boolean {
    return this.#connected.get(device) === true && this.#faults.get(device)?.size === 0
  }

  /** Takes an event in; returns the devices it is about. */
  apply(event: ConnectionEvent | FaultEvent | LifecycleEvent): readonly HostId[] {
    if (event.kind === 'lifecycle') {
      if (event.state !== 'stopped') return []
      const stranded = this.#connected.has(event.host) ? [event.host] : [...this.#connected.keys()]
      for (const device of stranded) this.#connected.set(device, false)
      return stranded
    }
    if (event.kind === 'connection') {
      this.#connected.set(event.device, event.state === 'open')
      return [event.device]
    }
    if (traitsOf(event.type)?.lasts === false) return []
    const isOfAll = isNetworkFaultType(event.type) && event.devices.some((host) => !this.#connected.has(host))
    const devices = isOfAll ? [...this.#connected.keys()] : event.devices
    for (const device of devices) {
      if (event.phase === 'begin') this.#faults.get(device)?.add(event.fault)
      else this.#faults.get(device)?.delete(event.fault)
    }
    return devices
  }
}
