/**
 * What a property is: a pure function from one history to a verdict (design sections 1 and H6).
 *
 * Properties read histories only; they never import a strategy's merge code. A property that could not
 * have failed on a history says `vacuous` there (H1).
 */
import type { EditId, History } from '../sim/history/events.ts'
import type { DataType, HostId } from '../sim/values.ts'

export type VerdictName = 'holds' | 'violated' | 'vacuous' | 'not-applicable'

export interface Verdict {
  readonly verdict: VerdictName
  /** One line, with numbers: what was checked, or what went wrong. */
  readonly reason: string
  /** For `violated`: where to look, most telling first, at most ten. */
  readonly evidence?: readonly Evidence[]
}

export interface Evidence {
  readonly what: string
  readonly edit?: EditId
  readonly host?: HostId
  readonly atUs?: number
}

export interface Property {
  /** The name on the command line and in claims. */
  readonly name: string
  /** The id in the definitions, such as `P-NLW`. */
  readonly id: string
  readonly summary: string
  /** `type`: judged once per data type the strategy works on; `run`: once, under type `any`. */
  readonly scope: 'type' | 'run'
  check(history: History, type: DataType | 'any'): Verdict
}

/** A property's verdict on one run. */
export interface Judgement extends Verdict {
  readonly property: string
  readonly type: DataType | 'any'
}
