/** The verdict of one property, by name, as golden tests ask for it. */
import type { History } from '../../sim/history/events.ts'
import type { DataType } from '../../sim/values.ts'
import type { Verdict, VerdictName } from '../property.ts'
import { propertyNamed } from '../registry.ts'

export function check(property: string, history: History, type: DataType | 'any' = 'register'): Verdict {
  const found = propertyNamed(property)
  if (found === undefined) throw new Error(`there is no property ${property}`)
  return found.check(history, type)
}

export function verdictOf(property: string, history: History, type: DataType | 'any' = 'register'): VerdictName {
  return check(property, history, type).verdict
}
