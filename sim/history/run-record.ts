/** What a run returns (design section 6), before the properties have judged it. */
import type { Plan } from '../scenario/plan.ts'
import type { History } from './events.ts'

/** Metric values; one number each, except those that are split by device. */
export type Metrics = Readonly<Record<string, number | Readonly<Record<string, number>>>>

export interface Run {
  readonly plan: Plan
  readonly strategy: string
  /** Hex digest over the run's whole trace (D1). */
  readonly digest: string
  readonly history: History
  readonly metrics: Metrics
  /** How often each situation worth reaching was reached, by name. */
  readonly coverage: Readonly<Record<string, number>>
  /** Virtual time at the end. */
  readonly simulatedUs: number
  /** Kernel events handled. */
  readonly events: number
  readonly quiescent: boolean
}
