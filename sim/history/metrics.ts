/**
 * Metrics that need no knowledge of merges: counts, bytes, times between recorded events. What became of
 * each edit (lost, superseded, ...) is the ledger's to say, in properties/.
 *
 * Byte figures include framing and handshakes of the transport (R7); the unique code points of generated
 * texts take 1 to 4 bytes in UTF-8, prose about 1.1.
 */
import type { Plan } from '../scenario/plan.ts'
import type { History, HistoryEvent } from './events.ts'
import { radioFigures, radiosOf } from './radio.ts'
import type { Metrics } from './run-record.ts'

type EventOf<K extends HistoryEvent['kind']> = Extract<HistoryEvent, { kind: K }>

export function eventsOf<K extends HistoryEvent['kind']>(history: History, kind: K): EventOf<K>[] {
  return history.events.filter((event): event is EventOf<K> => event.kind === kind)
}

/** The most edits that were unsettled at one moment, over all devices. */
function pendingMax(history: History): number {
  let pending = 0
  let most = 0
  const open = new Set<string>()
  for (const event of history.events) {
    if (event.kind === 'edit') open.add(event.edit)
    else if ((event.kind === 'settled' && event.level === history.header.settles) || event.kind === 'rejected' || event.kind === 'merged') open.delete(event.edit)
    else continue
    pending = open.size
    most = Math.max(most, pending)
  }
  return most
}

function finalText(history: History, host: string, field: { readonly document: string; readonly field: string }, initial: string): string {
  let text = initial
  for (const event of history.events) {
    if (event.kind !== 'view' || event.host !== host || event.document !== field.document || event.field !== field.field) continue
    const { change } = event
    text = change.op === 'set' ? change.value ?? ''
      : text.slice(0, change.at) + change.inserted + text.slice(change.at + change.removed.length)
  }
  return text
}

/** 1 if the authority and every replica ended with the recorded session's own text. */
function equalsEndContent(history: History, plan: Plan): Metrics {
  const { endContent } = plan
  if (endContent === undefined) return {}
  const initial = plan.documents.find(({ id }) => id === endContent.document)?.fields.find(({ name }) => name === endContent.field)?.initial ?? ''
  const hosts = [...history.header.devices, ...history.header.servers]
  return { equalsEndContent: hosts.every((host) => finalText(history, host, endContent, initial) === endContent.text) ? 1 : 0 }
}

export function metricsOf(history: History, plan: Plan): Metrics {
  const { header } = history
  const frames = eventsOf(history, 'frame').filter(({ state }) => state === 'sent')
  const bytes = (isUp: boolean): number => frames.filter(({ from }) => header.devices.includes(from) === isUp).reduce((sum, frame) => sum + frame.bytes, 0)
  const refetches = eventsOf(history, 'refetch').filter(({ initial }) => !initial)
  const connections = eventsOf(history, 'connection').filter(({ state }) => state === 'open').length
  const dials = eventsOf(history, 'connection').filter(({ state }) => state === 'connecting').length
  const lastChangeUs = eventsOf(history, 'view').at(-1)?.atUs ?? 0
  return {
    convergenceMs: Math.max(0, lastChangeUs - header.healedAtUs) / 1000,
    edits: eventsOf(history, 'edit').length,
    skipped: eventsOf(history, 'skipped').filter(({ reason }) => reason !== 'type-unsupported').length,
    rejected: eventsOf(history, 'rejected').length,
    refetches: refetches.length,
    refetchesPerDevice: Object.fromEntries(header.devices.map((device) => [device, refetches.filter((one) => one.device === device).length])),
    bytesUp: bytes(true),
    bytesDown: bytes(false),
    frames: frames.length,
    connections,
    retries: dials - connections,
    pendingMax: pendingMax(history),
    heldBytesMax: Math.max(0, ...eventsOf(history, 'lifecycle').map(({ heldBytes = 0 }) => heldBytes)),
    ...radioFigures(history, radiosOf(plan.devices), new Map(plan.faults.flatMap((fault) => fault.type === 'switch' ? [[fault.id, fault.link.radioTailUs ?? 0]] : []))),
    ...equalsEndContent(history, plan),
  }
}
