/** Reasons why a property has nothing to say on a history, shared by those that judge the end of a run. */
import type { DataType } from '../sim/values.ts'
import type { Analysis } from './analysis/analysis.ts'
import { isDistinct } from './analysis/ledger.ts'
import type { Verdict } from './property.ts'
import { notApplicable, vacuous } from './verdicts.ts'

/** Whether the strategy works on the type in this history. */
export function isWorkedOn(analysis: Analysis, type: DataType | 'any'): type is DataType {
  return type !== 'any' && analysis.history.header.types.includes(type)
}

export const notWorkedOn = (type: DataType | 'any'): Verdict => notApplicable(`the strategy does not work on the type ${type} here`)

/** A verdict if edits of the type cannot be told apart. */
export function unlessDistinct(analysis: Analysis, type: DataType): Verdict | null {
  if (isDistinct(analysis.history, type)) return null
  return notApplicable(`${type} edits cannot be told apart in this history`)
}

/** A verdict if the end is not quiet: what is missing may still be under way, and liveness judges that (H3). */
export function unlessQuiet(analysis: Analysis): Verdict | null {
  switch (analysis.end?.result) {
    case 'quiet': return null
    case 'budget': return vacuous('a budget ended the run before it was quiet')
    case 'horizon': return vacuous('the run did not become quiet (see liveness-after-heal)')
    case undefined: return vacuous('the history has no end')
  }
}
