/** The seeds of a campaign, from `--seeds 1..200`, `--seeds 3,7,40..44` or `--runs 200`. */
import { BadInput } from '../../sim/bad-input.ts'

export const DEFAULT_RUNS = 50
const SEEDS_MAX = 1_000_000

export function campaignSeeds(options: { readonly seeds?: string; readonly runs?: string }): readonly string[] {
  if (options.seeds !== undefined && options.runs !== undefined) {
    throw badFlag('--runs', '--seeds or --runs, not both', `--seeds ${options.seeds} --runs ${options.runs}`)
  }
  if (options.seeds !== undefined) return parseSeeds(options.seeds)
  const runs = options.runs === undefined ? DEFAULT_RUNS : parseCount('--runs', options.runs, SEEDS_MAX)
  return Array.from({ length: runs }, (_, index) => String(index + 1))
}

/** Parses a positive whole number given to a flag. */
export function parseCount(flag: string, text: string, max: number): number {
  const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN
  if (!(value >= 1 && value <= max)) throw badFlag(flag, `a whole number from 1 to ${max}`, text)
  return value
}

function parseSeeds(text: string): readonly string[] {
  const expected = `a range such as 1..200, or seeds such as 3,7,40..44 (at most ${SEEDS_MAX})`
  const seeds = new Set<string>()
  for (const part of text.split(',')) {
    const range = /^\s*(-?\d{1,15})\.\.(-?\d{1,15})\s*$/.exec(part)
    if (range === null) {
      if (part.trim() === '' || part.includes('..')) throw badFlag('--seeds', expected, text)
      seeds.add(part.trim())
      continue
    }
    const [from, to] = [Number(range[1]), Number(range[2])]
    if (to < from || to - from >= SEEDS_MAX) throw badFlag('--seeds', expected, text)
    for (let seed = from; seed <= to; seed += 1) seeds.add(String(seed))
  }
  if (seeds.size > SEEDS_MAX) throw badFlag('--seeds', expected, text)
  return [...seeds]
}

function badFlag(flag: string, expected: string, got: string): BadInput {
  return new BadInput({ code: 'bad-value', where: flag, path: '', expected, got })
}
