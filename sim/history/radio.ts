/**
 * Radio-on time (A14, F10), read from the history: a device's radio is on from when something leaves or reaches the
 * device until its tail has passed without another. What leaves or reaches it are frames, dials and opened connections.
 *
 * Left out: TCP's acknowledgements, retransmissions and probes, which histories do not tell of; a radio that is
 * switched off in its tail (offline, power failure).
 */
import type { HistoryEvent, History } from './events.ts'
import type { Metrics } from './run-record.ts'

export interface RadioTime {
  readonly onUs: number
  /** How often it went on. */
  readonly wakeUps: number
}

/** The device whose radio an event uses. */
function radioOf(event: HistoryEvent, devices: ReadonlySet<string>): string | undefined {
  switch (event.kind) {
    case 'frame':
      if (event.state === 'sent') return devices.has(event.from) ? event.from : undefined
      return event.state === 'delivered' && devices.has(event.to) ? event.to : undefined
    case 'connection': return event.state === 'connecting' || event.state === 'open' ? event.device : undefined
    default: return undefined
  }
}

/** Of each device that has a tail in `tailsUs`, until the history ends. */
export function radioTimes({ events }: History, tailsUs: ReadonlyMap<string, number>): ReadonlyMap<string, RadioTime> {
  const devices = new Set(tailsUs.keys())
  const endUs = events.at(-1)?.atUs ?? 0
  const times = new Map([...devices].map((device) => [device, { onUs: 0, wakeUps: 0, untilUs: -1 }]))
  for (const event of events) {
    const device = radioOf(event, devices)
    const time = device === undefined ? undefined : times.get(device)
    if (device === undefined || time === undefined) continue
    const untilUs = Math.min(endUs, event.atUs + (tailsUs.get(device) ?? 0))
    if (event.atUs > time.untilUs) time.wakeUps++
    time.onUs += untilUs - Math.min(untilUs, Math.max(event.atUs, time.untilUs))
    time.untilUs = Math.max(time.untilUs, untilUs)
  }
  return times
}

/** `radioOnMs` and `radioWakeUps` over all devices with a radio, and `radioOnMsPerDevice`; none without one. */
export function radioFigures(history: History, tailsUs: ReadonlyMap<string, number>): Metrics {
  if (tailsUs.size === 0) return {}
  const times = [...radioTimes(history, tailsUs)]
  return {
    radioOnMs: times.reduce((sum, [, { onUs }]) => sum + onUs, 0) / 1000,
    radioOnMsPerDevice: Object.fromEntries(times.map(([device, { onUs }]) => [device, onUs / 1000])),
    radioWakeUps: times.reduce((sum, [, { wakeUps }]) => sum + wakeUps, 0),
  }
}
