/** Candidates with fewer parts: devices, intentions, faults, the devices of a fault, deliveries, fields. */
import { strikesTabs } from '../../sim/scenario/fault-traits.ts'
import type { Fault, Plan } from '../../sim/scenario/plan.ts'
import { machinesOf } from '../../sim/scenario/tabs.ts'
import type { HostId } from '../../sim/values.ts'
import { chunks, withoutChunk } from './chunks.ts'
import { withDevices, withIntentions, withoutUnusedFields } from './restrict-plan.ts'

/** Devices go with everything that refers to them, tab by tab; one stays. Or tabs become devices of their own. */
export function* withFewerDevices(plan: Plan): Generator<Plan> {
  for (const chunk of chunks(plan.devices.length)) {
    const devices = withoutChunk(plan.devices, chunk)
    if (devices.length > 0) yield withDevices(plan, devices)
  }
  const apart = plan.devices.map((device) => ({ ...device, machine: undefined }))
  if (plan.devices.some(({ machine }) => machine !== undefined)) yield { ...plan, devices: apart }
}

export function* withFewerIntentions(plan: Plan): Generator<Plan> {
  for (const chunk of chunks(plan.intentions.length)) yield withIntentions(plan, withoutChunk(plan.intentions, chunk))
}

export function* withFewerFaults(plan: Plan): Generator<Plan> {
  for (const chunk of chunks(plan.faults.length)) yield { ...plan, faults: withoutChunk(plan.faults, chunk) }
  for (const [index, fault] of plan.faults.entries()) {
    const struck = struckTogether(plan, fault)
    if (struck.length < 2) continue
    for (const chunk of chunks(struck.length)) {
      const devices = withoutChunk(struck, chunk).flat()
      if (devices.length > 0) yield { ...plan, faults: plan.faults.with(index, { ...fault, devices }) }
    }
  }
}

/** The hosts of a fault, with those that it can only strike together: the tabs of a machine. */
function struckTogether(plan: Plan, { type, devices }: Fault): readonly (readonly HostId[])[] {
  if (strikesTabs(type)) return devices.map((id) => [id])
  const machines = [...machinesOf(plan.devices).values()].map((tabs) => tabs.map(({ id }) => id))
  return [...machines, plan.servers].map((hosts) => hosts.filter((id) => devices.includes(id))).filter((hosts) => hosts.length > 0)
}

export function* withFewerDeliveries(plan: Plan): Generator<Plan> {
  const { deliveries } = plan
  if (deliveries === undefined) return
  for (const chunk of chunks(deliveries.length)) yield { ...plan, deliveries: withoutChunk(deliveries, chunk) }
}

export function* withFewerFields(plan: Plan): Generator<Plan> {
  const candidate = withoutUnusedFields(plan)
  const fields = (of: Plan): number => of.documents.reduce((sum, document) => sum + document.fields.length, 0)
  if (fields(candidate) < fields(plan)) yield candidate
  if (plan.endContent !== undefined) yield { ...plan, endContent: undefined }
}
