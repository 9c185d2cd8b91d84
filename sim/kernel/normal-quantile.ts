/**
 * Logarithm, cube root and normal quantile from + - * / and square root only, which IEEE 754 rounds the same everywhere
 * (design D1); `Math.log` does not. For building tables: none is fast.
 */

/** Natural logarithm of a positive finite number, to about 1e-15: ln x = k ln 2 + 2 artanh((m - 1) / (m + 1)). */
export function naturalLog(x: number): number {
  if (!(x > 0 && x < Infinity)) throw new RangeError(`no logarithm of ${x}`)
  let mantissa = x
  let exponent = 0
  while (mantissa > Math.SQRT2) { mantissa /= 2; exponent++ }
  while (mantissa < Math.SQRT1_2) { mantissa *= 2; exponent-- }
  const ratio = (mantissa - 1) / (mantissa + 1)
  const square = ratio * ratio
  let term = ratio
  let sum = 0
  // |ratio| <= 0.172, so that 13 terms reach the last bit.
  for (let odd = 1; odd < 26; odd += 2) {
    sum += term / odd
    term *= square
  }
  return exponent * Math.LN2 + 2 * sum
}

/** Cube root of a positive finite number, to the last bit or two, by Newton's method from above. */
export function cubeRoot(x: number): number {
  if (!(x > 0 && x < Infinity)) throw new RangeError(`no cube root of ${x} here`)
  let root = Math.max(1, x)
  for (;;) {
    const next = (2 * root + x / (root * root)) / 3
    if (!(next < root)) return root // from above it falls until rounding stops it
    root = next
  }
}

/**
 * How many standard deviations below the mean a share `p` (0 < p <= 0.5) of a normal distribution begins, as
 * a positive number. Source: Wichura, "Algorithm AS 241: The Percentage Points of the Normal Distribution",
 * Applied Statistics 37 (3), 1988, routine PPND16 with its coefficients.
 */
export function normalTail(p: number): number {
  if (!(p > 0 && p <= 0.5)) throw new RangeError(`a tail is a share above 0 and at most 0.5, got ${p}`)
  const q = 0.5 - p
  if (q <= 0.425) return q * ratioAt(0.180625 - q * q, CENTRE)
  const r = Math.sqrt(-naturalLog(p))
  return r <= 5 ? ratioAt(r - 1.6, SHOULDER) : ratioAt(r - 5, TAIL)
}

interface Rational { readonly over: readonly number[]; readonly under: readonly number[] }

/** Highest power first. */
const CENTRE: Rational = {
  over: [
    2.5090809287301226727e+3, 3.3430575583588128105e+4, 6.7265770927008700853e+4, 4.5921953931549871457e+4,
    1.3731693765509461125e+4, 1.9715909503065514427e+3, 1.3314166789178437745e+2, 3.3871328727963666080e+0,
  ],
  under: [
    5.2264952788528545610e+3, 2.8729085735721942674e+4, 3.9307895800092710610e+4, 2.1213794301586595867e+4,
    5.3941960214247511077e+3, 6.8718700749205790830e+2, 4.2313330701600911252e+1, 1,
  ],
}
const SHOULDER: Rational = {
  over: [
    7.74545014278341407640e-4, 2.27238449892691845833e-2, 2.41780725177450611770e-1, 1.27045825245236838258e+0,
    3.64784832476320460504e+0, 5.76949722146069140550e+0, 4.63033784615654529590e+0, 1.42343711074968357734e+0,
  ],
  under: [
    1.05075007164441684324e-9, 5.47593808499534494600e-4, 1.51986665636164571966e-2, 1.48103976427480074590e-1,
    6.89767334985100004550e-1, 1.67638483018380384940e+0, 2.05319162663775882187e+0, 1,
  ],
}
const TAIL: Rational = {
  over: [
    2.01033439929228813265e-7, 2.71155556874348757815e-5, 1.24266094738807843860e-3, 2.65321895265761230930e-2,
    2.96560571828504891230e-1, 1.78482653991729133580e+0, 5.46378491116411436990e+0, 6.65790464350110377720e+0,
  ],
  under: [
    2.04426310338993978564e-15, 1.42151175831644588870e-7, 1.84631831751005468180e-5, 7.86869131145613259100e-4,
    1.48753612908506148525e-2, 1.36929880922735805310e-1, 5.99832206555887937690e-1, 1,
  ],
}

function ratioAt(r: number, rational: Rational): number {
  return polynomialAt(r, rational.over) / polynomialAt(r, rational.under)
}

function polynomialAt(r: number, coefficients: readonly number[]): number {
  return coefficients.reduce((sum, coefficient) => sum * r + coefficient, 0)
}
