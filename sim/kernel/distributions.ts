/**
 * Distributions from uniform 32-bit draws by inverse tables (design D1, as netem's): no logarithm at run time,
 * and every platform gives the same integers.
 *
 * A table holds a decreasing quantile function of a share p in (0, 1], in units of 2^-26. Each octave of p
 * (one halving) has 64 cells with linear interpolation, down to 2^-32, so the far tail is as fine as the
 * middle: an exponential reaches 22 times its mean, a normal 6.2 standard deviations.
 */
import { scaledBelow } from './keyed-random.ts'
import { cubeRoot, naturalLog, normalTail } from './normal-quantile.ts'

const OCTAVES = 32
const CELL_BITS = 6
const CELLS = 1 << CELL_BITS
const ONE = 0x400_0000
const TWO_31 = 0x8000_0000
const TWO_32 = 0x1_0000_0000
const TWO_48 = 0x1_0000_0000_0000

/** Exact powers of two, by doubling: `OCTAVE_SCALE[octave]` is 2^(octave - 32). */
const OCTAVE_SCALE = new Float64Array(OCTAVES)
for (let octave = 0, scale = 1 / TWO_32; octave < OCTAVES; octave++, scale *= 2) OCTAVE_SCALE[octave] = scale

/** Share of the point `cell` of `octave`: octave 0 runs from 1 down to 1/2, the last ends at 2^-32. */
function shareAt(octave: number, cell: number): number {
  return (1 + cell / CELLS) * OCTAVE_SCALE[OCTAVES - 1 - octave]
}

function buildTable(quantile: (share: number) => number): Int32Array {
  const table = new Int32Array(OCTAVES * (CELLS + 1))
  for (let octave = 0; octave < OCTAVES; octave++) {
    for (let cell = 0; cell <= CELLS; cell++) {
      table[octave * (CELLS + 1) + cell] = Math.floor(quantile(shareAt(octave, cell)) * ONE + 0.5)
    }
  }
  return table
}

const EXPONENTIAL = buildTable((share) => -naturalLog(share))
/** Only shares up to 1/2 are asked for: the other half is its mirror image. */
const NORMAL_TAIL = buildTable((share) => share > 0.5 ? 0 : normalTail(share))

/** The largest entry of a netem table, in units of sigma: 32,767 / NETEM_DIST_SCALE. */
const NETEM_MAX = 32_767 / 8192
/**
 * Shape 3, shifted and stretched as in iproute2's generator (netem/pareto.c): its mean of 1.5 becomes 0, and the
 * factor 4/3 stands for the exact 2/sqrt(3), so that the deviation is a little above sigma before the cut.
 */
const PARETO = buildTable((share) => Math.min(NETEM_MAX, (1 / cubeRoot(share) - 1.5) * (4 / 3)))

/** The quantile at share (draw + 1/2) / 2^32. */
function lookUp(table: Int32Array, draw: number): number {
  // Twice the draw plus one keeps the half; its leading one says which octave, the next six bits which cell.
  const odd = draw * 2 + 1
  const octave = draw === 0 ? OCTAVES - 1 : Math.min(OCTAVES - 1, Math.clz32(draw))
  const position = (odd * OCTAVE_SCALE[octave] - 1) * CELLS
  const cell = Math.max(0, Math.min(CELLS - 1, Math.floor(position)))
  const at = octave * (CELLS + 1) + cell
  return (table[at] + (table[at + 1] - table[at]) * (position - cell)) / ONE
}

/**
 * An exponentially distributed integer: waiting times between independent events.
 * @param uint32 a uniform draw of 32 bits
 * @param mean at least 0; of the real-valued distribution, which is then rounded to the nearest integer
 */
export function exponential(uint32: number, mean: number): number {
  if (!(mean >= 0 && mean <= TWO_48)) {
    throw new RangeError(`an exponential distribution needs a mean from 0 to 2^48, got ${mean}`)
  }
  return Math.floor(lookUp(EXPONENTIAL, uint32) * mean + 0.5)
}

/**
 * A uniform integer from lo to hi, both included.
 * @throws RangeError unless both are safe integers with lo <= hi, at most 2^32 values
 */
export function uniformBetween(uint32: number, lo: number, hi: number): number {
  if (!Number.isSafeInteger(lo) || !Number.isSafeInteger(hi) || hi < lo) {
    throw new RangeError(`a uniform distribution needs safe integers, the smaller one first, got ${lo} and ${hi}`)
  }
  return lo + scaledBelow(uint32, hi - lo + 1)
}

/** A normally distributed integer; may be negative, and lies within 6.3 standard deviations. */
export function normal(uint32: number, mean: number, sigma: number): number {
  checkScale('normal', mean, sigma)
  return Math.floor(mean + normalDeviations(uint32) * sigma + 0.5)
}

/**
 * An integer with netem's `pareto` distribution: a hard floor two thirds of sigma below the mean, a heavy tail
 * above it, cut at four sigma (1.1 % of the draws lie there), as netem's table cuts it.
 */
export function pareto(uint32: number, mean: number, sigma: number): number {
  checkScale('pareto', mean, sigma)
  return Math.floor(mean + paretoDeviations(uint32) * sigma + 0.5)
}

/** An integer with netem's `paretonormal` distribution: a quarter normal, three quarters pareto, of one draw. */
export function paretonormal(uint32: number, mean: number, sigma: number): number {
  checkScale('paretonormal', mean, sigma)
  const deviations = Math.min(NETEM_MAX, (normalDeviations(uint32) + 3 * paretoDeviations(uint32)) / 4)
  return Math.floor(mean + deviations * sigma + 0.5)
}

/** Rises with the draw. */
function normalDeviations(uint32: number): number {
  return uint32 >= TWO_31 ? lookUp(NORMAL_TAIL, TWO_32 - 1 - uint32) : -lookUp(NORMAL_TAIL, uint32)
}

/** Rises with the draw. */
function paretoDeviations(uint32: number): number {
  return lookUp(PARETO, TWO_32 - 1 - uint32)
}

function checkScale(name: string, mean: number, sigma: number): void {
  if (!(sigma >= 0 && sigma <= TWO_48) || !(mean >= -TWO_48 && mean <= TWO_48)) {
    throw new RangeError(`a ${name} distribution needs a standard deviation of at least 0, got mean ${mean}, sigma ${sigma}`)
  }
}
