/**
 * netem's `duplicate`: a packet arrives twice. The copy is made behind the bottleneck (it takes no bandwidth),
 * has a delay of its own, and is never copied again.
 */
import { DRAW } from '../../kernel/draw-purposes.ts'
import { Chance, type ChanceOptions } from './chance.ts'
import type { Dice } from './dice.ts'

export function makeDuplication(dice: Dice, options: ChanceOptions): Chance {
  return new Chance(dice, 'duplicate', { packet: DRAW.duplicate, state: DRAW.duplicateState }, options)
}
