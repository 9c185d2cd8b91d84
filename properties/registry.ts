/** All properties, in the order in which reports show them. */
import { boundedRefetches } from './bounded-refetches.ts'
import { boundedStaleness } from './bounded-staleness.ts'
import { convergence } from './convergence.ts'
import { livenessAfterHeal } from './liveness-after-heal.ts'
import { noLostWrite, noUnexplainedLoss } from './lost-writes.ts'
import { brokenAuditTrail, duplicateUpdate, inconsistentDevices, raceOverride, staleScreen } from './order-desk-symptoms.ts'
import { outcomeConservation } from './outcome-conservation.ts'
import type { Property } from './property.ts'

export const properties: readonly Property[] = [
  convergence, noLostWrite, noUnexplainedLoss, outcomeConservation, livenessAfterHeal, boundedStaleness, boundedRefetches,
  staleScreen, duplicateUpdate, raceOverride, brokenAuditTrail, inconsistentDevices,
]

/** The property of that name; undefined if there is none. */
export function propertyNamed(name: string): Property | undefined {
  return properties.find((property) => property.name === name)
}
