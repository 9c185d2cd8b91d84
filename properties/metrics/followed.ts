import type { DataType } from '../../sim/values.ts'
import type { Analysis } from '../analysis/analysis.ts'
import { isDistinct } from '../analysis/ledger.ts'

/** Whether a type's edits can be followed in the history: the strategy works on it, and they are distinct. */
export function isFollowed(analysis: Analysis, type: DataType): boolean {
  return analysis.history.header.types.includes(type) && isDistinct(analysis.history, type)
}
