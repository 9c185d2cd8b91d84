/**
 * Tabs: several processes of one app on one device, each a host of its own in the plan.
 *
 * A device with `tabs: 3` and the id `A` becomes the hosts `A-1`, `A-2` and `A-3` of machine `A`; a device with one
 * tab is a host under its own id and names no machine. In a scenario `A` means all its tabs, as far as faults go,
 * and its user where a workload is concerned, who works in one tab at a time; `A-2` means that tab alone.
 */
import { exponential } from '../kernel/distributions.ts'
import type { RandomStream } from '../kernel/random-streams.ts'
import type { HostId } from '../values.ts'
import type { PlannedDevice } from './plan.ts'

interface TabbedDevice {
  readonly id: HostId
  readonly tabs?: number | undefined
}

/** The hosts of a scenario's device. */
export function tabIds({ id, tabs = 1 }: TabbedDevice): readonly HostId[] {
  return tabs === 1 ? [id] : Array.from({ length: tabs }, (_, index) => `${id}-${index + 1}`)
}

/** What a scenario may name: devices, and the tabs of those that have several. */
export function deviceAndTabIds(devices: readonly TabbedDevice[]): readonly HostId[] {
  return devices.flatMap((device) => tabIds(device).length === 1 ? [device.id] : [device.id, ...tabIds(device)])
}

/** Hosts for names: a device's tabs for the device, everything else for itself; each once. */
export function expandTabs(devices: readonly TabbedDevice[], names: readonly string[]): readonly HostId[] {
  const tabs = new Map(devices.map((device) => [device.id, tabIds(device)]))
  return [...new Set(names.flatMap((name) => tabs.get(name) ?? [name]))]
}

/** The machine that a planned host is, or is a tab of. */
export function machineOf({ id, machine }: Pick<PlannedDevice, 'id' | 'machine'>): HostId { return machine ?? id }

/** The hosts of a plan by machine, both in the plan's order. */
export function machinesOf(devices: readonly PlannedDevice[]): ReadonlyMap<HostId, readonly PlannedDevice[]> {
  const machines = new Map<HostId, PlannedDevice[]>()
  for (const device of devices) machines.set(machineOf(device), [...machines.get(machineOf(device)) ?? [], device])
  return machines
}

/** How long somebody stays in one tab, in the mean: short enough that runs of a minute see every tab used. */
const MEAN_STAY_US = 5_000_000

/**
 * The tab that a user works in, as a function of time: stays of exponential length, each in a tab drawn anew, so
 * that an edit more or less moves no other to another tab (D4). Ask in the order of time.
 */
export function usedTab(tabs: readonly HostId[], random: RandomStream): (atUs: number) => HostId {
  let untilUs = 0
  let tab = tabs[0]
  return (atUs) => {
    while (untilUs <= atUs) {
      untilUs += exponential(random.uint32(), MEAN_STAY_US)
      tab = random.pick(tabs)
    }
    return tab
  }
}
