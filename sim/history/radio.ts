/**
 * Radio-on time (A14, F10), read from the history: a device's radio is on from when something leaves or reaches the
 * device until its tail has passed without another. What leaves or reaches it are frames, dials and opened connections.
 * Tabs share their device's radio; a device that changes its network has the new one's.
 *
 * Left out: TCP's acknowledgements, retransmissions and probes, which histories do not tell of; a radio that is
 * switched off in its tail (offline, power failure).
 */
import type { PlannedDevice } from '../scenario/plan.ts'
import { machineOf } from '../scenario/tabs.ts'
import type { HostId } from '../values.ts'
import type { HistoryEvent, History } from './events.ts'
import type { Metrics } from './run-record.ts'

export interface RadioTime {
  readonly onUs: number
  /** How often it went on. */
  readonly wakeUps: number
}

/** Which radio a host uses, and for how long that stays on: 0 for a wire. The tabs of a device share one. */
export interface Radio {
  readonly device: HostId
  readonly tailUs: number
}

/** The radios of a plan's hosts, as they are at the beginning. */
export function radiosOf(devices: readonly PlannedDevice[]): ReadonlyMap<HostId, Radio> {
  return new Map(devices.map((device) => [device.id, { device: machineOf(device), tailUs: device.link.radioTailUs ?? 0 }]))
}

/** The host whose radio an event uses. */
function userOf(event: HistoryEvent, devices: ReadonlyMap<HostId, Radio>): HostId | undefined {
  switch (event.kind) {
    case 'frame':
      if (event.state === 'sent') return devices.has(event.from) ? event.from : undefined
      return event.state === 'delivered' && devices.has(event.to) ? event.to : undefined
    case 'connection': return event.state === 'connecting' || event.state === 'open' ? event.device : undefined
    default: return undefined
  }
}

/**
 * Of each device that has a radio at some time, until the history ends.
 * @param networks the tails in the networks that devices change to, by the fault's id
 */
export function radioTimes({ events }: History, radios: ReadonlyMap<HostId, Radio>, networks: ReadonlyMap<string, number> = new Map()): ReadonlyMap<HostId, RadioTime> {
  const endUs = events.at(-1)?.atUs ?? 0
  const current = new Map(radios)
  const times = new Map<HostId, RadioTime & { untilUs: number; onUs: number; wakeUps: number }>()
  const noticed = ({ device, tailUs }: Radio): void => { if (tailUs > 0 && !times.has(device)) times.set(device, { onUs: 0, wakeUps: 0, untilUs: -1 }) }
  for (const radio of current.values()) noticed(radio)
  for (const event of events) {
    const movedToUs = event.kind === 'fault' && event.phase === 'begin' ? networks.get(event.fault) : undefined
    if (event.kind === 'fault' && movedToUs !== undefined) {
      for (const host of event.devices) {
        const radio = { device: current.get(host)?.device ?? host, tailUs: movedToUs }
        current.set(host, radio)
        noticed(radio)
      }
    }
    const user = userOf(event, current)
    const radio = user === undefined ? undefined : current.get(user)
    const time = radio === undefined || radio.tailUs === 0 ? undefined : times.get(radio.device)
    if (radio === undefined || time === undefined) continue
    const untilUs = Math.min(endUs, event.atUs + radio.tailUs)
    if (event.atUs > time.untilUs) time.wakeUps++
    time.onUs += untilUs - Math.min(untilUs, Math.max(event.atUs, time.untilUs))
    time.untilUs = Math.max(time.untilUs, untilUs)
  }
  return times
}

/** `radioOnMs` and `radioWakeUps` over all devices with a radio, and `radioOnMsPerDevice`; none without one. */
export function radioFigures(history: History, radios: ReadonlyMap<HostId, Radio>, networks?: ReadonlyMap<string, number>): Metrics {
  const times = [...radioTimes(history, radios, networks)]
  if (times.length === 0) return {}
  return {
    radioOnMs: times.reduce((sum, [, { onUs }]) => sum + onUs, 0) / 1000,
    radioOnMsPerDevice: Object.fromEntries(times.map(([device, { onUs }]) => [device, onUs / 1000])),
    radioWakeUps: times.reduce((sum, [, { wakeUps }]) => sum + wakeUps, 0),
  }
}
