/**
 * Takes parts out of a plan together with everything that refers to them, so that what is left is a valid
 * plan: a device goes with its intentions, its share of the faults and its deliveries; an intention goes with
 * the deliveries through it. Places that name a removed intention stay: `intentions.ts` says what they mean.
 */
import type { Fault, Intention, Plan, PlannedDevice } from '../../sim/scenario/plan.ts'
import { machineOf, machinesOf } from '../../sim/scenario/tabs.ts'

/** The plan with these devices only. A machine that is left with one tab is a device like any other. */
export function withDevices(plan: Plan, left: readonly PlannedDevice[]): Plan {
  const machines = machinesOf(left)
  const devices = left.map((device) => machines.get(machineOf(device))?.length === 1 ? { ...device, machine: undefined } : device)
  const kept = new Set(devices.map(({ id }) => id))
  const isThere = (id: string): boolean => kept.has(id) || plan.servers.includes(id)
  const faults = plan.faults.flatMap((fault): readonly Fault[] => {
    const hit = fault.devices.filter(isThere)
    return hit.length === 0 || (fault.when !== undefined && !isThere(fault.when.host)) ? [] : [{ ...fault, devices: hit }]
  })
  const deliveries = plan.deliveries?.filter(({ from, to }) => isThere(from) && isThere(to))
  return withIntentions({ ...plan, devices, faults, deliveries }, plan.intentions.filter(({ device }) => kept.has(device)))
}

/**
 * The plan with these intentions. A recorded session's end content goes, since it speaks of all of them.
 */
export function withIntentions(plan: Plan, intentions: readonly Intention[]): Plan {
  const kept = new Set(intentions.map(({ id }) => id))
  const deliveries = plan.deliveries?.filter(({ through }) => kept.has(through))
  return { ...plan, intentions, deliveries, endContent: undefined }
}

/** The plan without the fields (and documents) that no intention touches; at least one field stays. */
export function withoutUnusedFields(plan: Plan): Plan {
  const used = new Set(plan.intentions.map(({ document, field }) => `${document}/${field}`))
  const documents = plan.documents
    .map((document) => ({ ...document, fields: document.fields.filter(({ name }) => used.has(`${document.id}/${name}`)) }))
    .filter(({ fields }) => fields.length > 0)
  const left = documents.length > 0 ? documents : plan.documents.slice(0, 1).map((document) => ({ ...document, fields: document.fields.slice(0, 1) }))
  const fields = new Set(left.flatMap((document) => document.fields.map(({ name }) => `${document.id}/${name}`)))
  const { endContent } = plan
  return {
    ...plan,
    documents: left,
    repeatedValues: plan.repeatedValues.filter((reference) => fields.has(reference)),
    endContent: endContent !== undefined && fields.has(`${endContent.document}/${endContent.field}`) ? endContent : undefined,
  }
}

/** The plan without the recordings that no link plays any more. */
export function withoutUnusedRecordings(plan: Plan): Plan {
  if (plan.recordings === undefined) return plan
  const played = new Set(plan.devices.flatMap(({ link }) => [link.up, link.down]).flatMap(({ bottleneck }) =>
    bottleneck !== undefined && 'recording' in bottleneck ? [bottleneck.recording] : []))
  const recordings = plan.recordings.filter(({ source }) => played.has(source))
  return { ...plan, recordings: recordings.length === 0 ? undefined : recordings }
}
