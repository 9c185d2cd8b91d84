/**
 * netem's `corrupt`: a bit flips on the way. TCP and UDP both carry a checksum, so that the receiver drops the
 * packet; it differs from a loss in that it has used the whole path, and in the counters. What a 16-bit checksum
 * lets through (about 1 in 65,000 of random damage) is not modelled.
 */
import { DRAW } from '../../kernel/draw-purposes.ts'
import { Chance, type ChanceOptions } from './chance.ts'
import type { Dice } from './dice.ts'

export function makeCorruption(dice: Dice, options: ChanceOptions): Chance {
  return new Chance(dice, 'corrupt', { packet: DRAW.corrupt, state: DRAW.corruptState }, options)
}
