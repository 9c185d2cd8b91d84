/** Candidates with fewer parts: devices, intentions, faults, the devices of a fault, deliveries, fields. */
import type { Plan } from '../../sim/scenario/plan.ts'
import { chunks, withoutChunk } from './chunks.ts'
import { withDevices, withIntentions, withoutUnusedFields } from './restrict-plan.ts'

/** Devices go with everything that refers to them; one stays. */
export function* withFewerDevices(plan: Plan): Generator<Plan> {
  for (const chunk of chunks(plan.devices.length)) {
    const devices = withoutChunk(plan.devices, chunk)
    if (devices.length > 0) yield withDevices(plan, devices)
  }
}

export function* withFewerIntentions(plan: Plan): Generator<Plan> {
  for (const chunk of chunks(plan.intentions.length)) yield withIntentions(plan, withoutChunk(plan.intentions, chunk))
}

export function* withFewerFaults(plan: Plan): Generator<Plan> {
  for (const chunk of chunks(plan.faults.length)) yield { ...plan, faults: withoutChunk(plan.faults, chunk) }
  for (const [index, fault] of plan.faults.entries()) {
    if (fault.devices.length < 2) continue
    for (const chunk of chunks(fault.devices.length)) {
      const devices = withoutChunk(fault.devices, chunk)
      if (devices.length > 0) yield { ...plan, faults: plan.faults.with(index, { ...fault, devices }) }
    }
  }
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
