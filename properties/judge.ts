/** Judges a history by every property: once per data type that the strategy works on, or once per run. */
import type { History } from '../sim/history/events.ts'
import type { Judgement, Property } from './property.ts'
import { properties } from './registry.ts'

export function judgeRun(history: History, by: readonly Property[] = properties): Judgement[] {
  return by.flatMap((property): Judgement[] => {
    const types = property.scope === 'run' ? ['any' as const] : history.header.types
    return types.map((type) => ({ property: property.name, type, ...property.check(history, type) }))
  })
}
