/**
 * What a plan's shape cannot say: names that must exist and be unique, times in order, unique characters.
 *
 * A place may name an intention that is not in the plan: shrinking takes intentions out, and `intentions.ts`
 * says what a device does then (as if none of its characters were visible).
 */
import { showValue } from '../bad-input.ts'
import { arrivalProblems, bufferProblems, fallbackProblems, type InputProblem, problem, proxyProblems, repeated, unknownName } from './input-problem.ts'
import { linkProblems, recordingReferenceProblems } from './link-plan.ts'
import { recordingProblems } from './link-recording.ts'
import { isInstant, strikesTabs, targetsOf } from './fault-traits.ts'
import { type Fault, hostsWith, type Plan, type PlannedDevice } from './plan.ts'
import { chainOf } from './proxy-policy.ts'
import { machineOf, machinesOf } from './tabs.ts'
import { shortestTokenLifeUs } from './transport-times.ts'
import type { HostId } from '../values.ts'

/** All problems of a plan of the right shape, in document order; none if it can be run. */
export function planProblems(plan: Plan): readonly InputProblem[] {
  return [
    ...topologyProblems(plan),
    ...configurationProblems(plan),
    ...intentionProblems(plan),
    ...faultProblems(plan),
    ...deliveryProblems(plan),
    ...(plan.distinctText ? distinctTextProblems(plan) : []),
    ...fieldReferenceProblems(plan),
  ]
}

function topologyProblems(plan: Plan): readonly InputProblem[] {
  const sources = (plan.recordings ?? []).map(({ source }) => source)
  return [
    ...repeated(plan.devices.map((device) => device.id), (index) => ['devices', index, 'id'], 'device id'),
    ...plan.devices.flatMap(({ link }, index) => [
      ...linkProblems(link, ['devices', index, 'link']), ...recordingReferenceProblems(link, sources, ['devices', index, 'link']),
    ]),
    ...repeated(sources, (index) => ['recordings', index, 'source'], 'source'),
    ...recordingProblems(plan.recordings ?? [], ['recordings']),
    ...machineProblems(plan),
    ...plan.servers.flatMap((server, index) => plan.devices.some((device) => device.id === server)
      ? [problem('contradiction', ['servers', index], 'an id that no device has', showValue(server))] : []),
    ...repeated(plan.documents.map((document) => document.id), (index) => ['documents', index, 'id'], 'document id'),
    ...plan.documents.flatMap((document, at) => [
      ...repeated(document.fields.map((field) => field.name), (index) => ['documents', at, 'fields', index, 'name'], 'field name'),
      ...document.fields.flatMap((field, index) => field.type === 'text' && field.initial === null
        ? [problem('contradiction', ['documents', at, 'fields', index, 'initial'], 'a text (the field is a text)', 'null')] : []),
    ]),
  ]
}

/** The tabs of a machine share what is the machine's; its name is no host's. */
function machineProblems({ devices, servers }: Plan): readonly InputProblem[] {
  const shared = ({ user, link, clockOffsetUs, clockDriftPpm = 0 }: Plan['devices'][number]): string => JSON.stringify([user, link, clockOffsetUs, clockDriftPpm])
  const firsts = new Map(devices.toReversed().map((device) => [machineOf(device), device]))
  const hosts = new Set([...devices.map(({ id }) => id), ...servers])
  return devices.flatMap((device, index) => {
    const first = firsts.get(machineOf(device)) ?? device
    const isTaken = device.machine !== undefined && hosts.has(device.machine)
    return [
      ...(isTaken ? [problem('contradiction', ['devices', index, 'machine'], 'a name that no host has', showValue(device.machine))] : []),
      ...(shared(device) === shared(first) ? [] : [problem('contradiction', ['devices', index], `the user, link and clock of ${first.id} (tabs of one machine)`, 'others')]),
    ]
  })
}

function configurationProblems(plan: Plan): readonly InputProblem[] {
  const { client, server } = plan
  const upsideDown = (name: 'serviceUs' | 'fanOutUs'): readonly InputProblem[] => server[name][0] <= server[name][1] ? []
    : [problem('contradiction', ['server', name, 1], `at least ${server[name][0]}`, String(server[name][1]))]
  return [
    ...(client.maxWaitUs < client.debounceUs
      ? [problem('contradiction', ['client', 'maxWaitUs'], `at least debounceUs (${client.debounceUs})`, String(client.maxWaitUs))] : []),
    ...(client.reconnect.capUs < client.reconnect.initialUs
      ? [problem('contradiction', ['client', 'reconnect', 'capUs'], `at least initialUs (${client.reconnect.initialUs})`, String(client.reconnect.capUs))] : []),
    ...fallbackProblems(plan.transport, client.fallback?.to ?? [], ['client', 'fallback', 'to']),
    ...plan.devices.flatMap(({ link }, index) => proxyProblems(link.proxy, chainOf(plan), ['devices', index, 'link', 'proxy'])),
    ...(server.tokenLifeUs !== undefined && server.tokenLifeUs < shortestTokenLifeUs(plan, plan.devices.length)
      ? [problem('contradiction', ['server', 'tokenLifeUs'], `at least ${shortestTokenLifeUs(plan, plan.devices.length)}: ${shortestTokenLifeUs(plan, 1) / 1_000_000} s for each device, over ${plan.transport}`, String(server.tokenLifeUs))] : []),
    ...upsideDown('serviceUs'),
    ...upsideDown('fanOutUs'),
  ]
}

function intentionProblems(plan: Plan): readonly InputProblem[] {
  const devices = plan.devices.map((device) => device.id)
  const isDevice = new Set(devices)
  const fields = new Map(plan.documents.map((document) => [document.id, new Map(document.fields.map((field) => [field.name, field.type]))]))
  const problems: InputProblem[] = [
    ...repeated(plan.intentions.map((intention) => intention.id), (index) => ['intentions', index, 'id'], 'intention id'),
    ...timeProblems(plan, 'intentions'),
  ]
  plan.intentions.forEach(({ device, document, field, action }, index) => {
    const path = ['intentions', index] as const
    if (!isDevice.has(device)) problems.push(...unknownName(device, devices, [...path, 'device']))
    const known = fields.get(document)
    if (known === undefined) {
      problems.push(...unknownName(document, [...fields.keys()], [...path, 'document']))
      return
    }
    const type = known.get(field)
    if (type === undefined) {
      problems.push(...unknownName(field, [...known.keys()], [...path, 'field']))
      return
    }
    const op = type === 'register' ? 'set' : 'replace'
    if (action.op !== op || (type !== 'register' && type !== 'text')) {
      problems.push(problem('contradiction', [...path, 'action', 'op'], type === 'register' || type === 'text'
        ? `"${op}" (the field is a ${type})` : 'a field of type register or text', `"${action.op}" on a ${type}`))
    }
  })
  return problems
}

/** Times within the duration, and in order. */
function timeProblems(plan: Plan, list: 'intentions' | 'faults' | 'deliveries'): readonly InputProblem[] {
  let previousUs = 0
  return (plan[list] ?? []).flatMap(({ atUs }, index) => {
    const earliestUs = previousUs
    previousUs = atUs
    if (atUs > plan.durationUs) return [problem('contradiction', [list, index, 'atUs'], `at most durationUs (${plan.durationUs})`, String(atUs))]
    if (atUs < earliestUs) return [problem('contradiction', [list, index, 'atUs'], `at least ${earliestUs} (time order)`, String(atUs))]
    return []
  })
}

function faultProblems(plan: Plan): readonly InputProblem[] {
  const devices = plan.devices.map((device) => device.id)
  const shared = [...machinesOf(plan.devices)].filter(([, tabs]) => tabs.length > 1)
  return [
    ...repeated(plan.faults.map((fault) => fault.id), (index) => ['faults', index, 'id'], 'fault id'),
    ...timeProblems(plan, 'faults'),
    ...plan.faults.flatMap((fault, index) => [
      ...fault.devices.flatMap((device, at) => unknownName(device, targetsOf(fault.type, devices, plan.servers), ['faults', index, 'devices', at])),
      ...repeated(fault.devices, (at) => ['faults', index, 'devices', at], 'device id'),
      ...forgottenTabs(fault, shared, index),
      ...untilProblems(plan, index),
      ...('link' in fault ? [...linkProblems(fault.link, ['faults', index, 'link']), ...arrivalProblems(fault.link.proxy, chainOf(plan), ['faults', index, 'link', 'proxy'])] : []),
      ...(fault.type === 'proxy-block' ? bufferProblems(fault, ['faults', index]) : []),
      ...(fault.when === undefined ? [] : unknownName(fault.when.host, hostsWith(fault.when.event, devices, plan.servers), ['faults', index, 'when', 'host'])),
    ]),
  ]
}

/** A fault of a machine strikes all its tabs. */
function forgottenTabs({ type, devices: hit }: Fault, machines: readonly (readonly [HostId, readonly PlannedDevice[]])[], index: number): readonly InputProblem[] {
  if (strikesTabs(type)) return []
  return machines.flatMap(([machine, tabs]) => {
    const missing = tabs.find(({ id }) => !hit.includes(id))
    return missing === undefined || !tabs.some(({ id }) => hit.includes(id)) ? []
      : [problem('contradiction', ['faults', index, 'devices'], `all tabs of ${machine}, ${missing.id} too (a ${type} strikes no tab alone)`, showValue(hit))]
  })
}

function untilProblems(plan: Plan, index: number): readonly InputProblem[] {
  const fault = plan.faults[index]
  if (fault === undefined) return []
  const path = ['faults', index, 'untilUs'] as const
  if (isInstant(fault.type)) {
    return fault.untilUs === fault.atUs ? [] : [problem('contradiction', path, `atUs (${fault.atUs}): a ${fault.type} takes no time`, String(fault.untilUs))]
  }
  if (fault.untilUs < fault.atUs) return [problem('contradiction', path, `at least atUs (${fault.atUs})`, String(fault.untilUs))]
  if (fault.untilUs > plan.durationUs) return [problem('contradiction', path, `at most durationUs (${plan.durationUs})`, String(fault.untilUs))]
  return []
}

function deliveryProblems(plan: Plan): readonly InputProblem[] {
  if (plan.transport !== 'scripted') {
    return plan.deliveries === undefined ? [] : [problem('contradiction', ['deliveries'], 'none unless transport is "scripted"', `${plan.deliveries.length} of them`)]
  }
  if (plan.deliveries === undefined) return [problem('contradiction', ['deliveries'], 'deliveries, for transport "scripted"', 'nothing')]
  const ids = new Set(plan.intentions.map((intention) => intention.id))
  const isDevice = new Set(plan.devices.map((device) => device.id))
  const isServer = new Set(plan.servers)
  return [
    ...timeProblems(plan, 'deliveries'),
    ...plan.deliveries.flatMap((delivery, index) => {
      const isWay = (isDevice.has(delivery.from) && isServer.has(delivery.to)) || (isServer.has(delivery.from) && isDevice.has(delivery.to))
      return [
        ...(isWay ? [] : [problem('unknown-name', ['deliveries', index], 'a way between a device and a server of this plan', `${delivery.from} -> ${delivery.to}`)]),
        ...(ids.has(delivery.through) ? [] : [problem('unknown-name', ['deliveries', index, 'through'], 'the id of an intention of this plan', showValue(delivery.through))]),
      ]
    }),
  ]
}

function distinctTextProblems(plan: Plan): readonly InputProblem[] {
  const seen = new Set(plan.documents.flatMap((document) => document.fields.flatMap((field) =>
    field.type === 'text' ? Array.from(field.initial ?? '') : [])))
  return plan.intentions.flatMap(({ action }, index) => {
    if (action.op !== 'replace') return []
    for (const point of action.insert) {
      if (seen.has(point)) {
        return [problem('contradiction', ['intentions', index, 'action', 'insert'],
          'characters that occur nowhere else in the plan (distinctText is true)', showValue(point))]
      }
      seen.add(point)
    }
    return []
  })
}

function fieldReferenceProblems(plan: Plan): readonly InputProblem[] {
  const type = (document: string, field: string): string | undefined =>
    plan.documents.find((candidate) => candidate.id === document)?.fields.find((candidate) => candidate.name === field)?.type
  const { endContent } = plan
  return [
    ...(endContent !== undefined && type(endContent.document, endContent.field) !== 'text'
      ? [problem('unknown-name', ['endContent', 'field'], 'a text field of this plan', `${endContent.document}/${endContent.field}`)] : []),
    ...plan.repeatedValues.flatMap((reference, index) => {
      const [document = '', field = ''] = reference.split('/')
      return type(document, field) === 'register' ? []
        : [problem('unknown-name', ['repeatedValues', index], 'a register field of this plan, as document/field', showValue(reference))]
    }),
  ]
}
