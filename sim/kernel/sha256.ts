/**
 * SHA-256 (FIPS 180-4) in plain JavaScript, for places without a native one, such as a browser's main thread
 * where the platform's hash is asynchronous. Several times slower than `node:crypto`, and agrees with it.
 */
import type { Hasher } from './trace-digest.ts'

const BLOCK_BYTES = 64

/** First 32 bits of the fractional parts of the square and cube roots of the first primes (FIPS 180-4, 4.2.2, 5.3.3). */
const PRIMES = primes(64)
const INITIAL = PRIMES.slice(0, 8).map((prime) => rootFraction(prime, 2n))
const ROUND = Int32Array.from(PRIMES, (prime) => rootFraction(prime, 3n))

export class Sha256 implements Hasher {
  readonly #state = Int32Array.from(INITIAL)
  readonly #schedule = new Int32Array(64)
  readonly #block = new Uint8Array(BLOCK_BYTES)
  #blockUsed = 0
  #length = 0
  #hex: string | null = null

  update(bytes: Uint8Array): void {
    if (this.#hex !== null) throw new Error('the hash has already been read')
    this.#length += bytes.length
    let at = 0
    if (this.#blockUsed > 0) {
      at = Math.min(bytes.length, BLOCK_BYTES - this.#blockUsed)
      this.#block.set(bytes.subarray(0, at), this.#blockUsed)
      this.#blockUsed += at
      if (this.#blockUsed < BLOCK_BYTES) return
      this.#compress(this.#block, 0)
      this.#blockUsed = 0
    }
    for (; at + BLOCK_BYTES <= bytes.length; at += BLOCK_BYTES) this.#compress(bytes, at)
    this.#block.set(bytes.subarray(at))
    this.#blockUsed = bytes.length - at
  }

  digestHex(): string {
    this.#hex ??= this.#finish()
    return this.#hex
  }

  #finish(): string {
    const bits = this.#length * 8
    const padding = new Uint8Array((this.#blockUsed < 56 ? BLOCK_BYTES : 2 * BLOCK_BYTES) - this.#blockUsed)
    padding[0] = 0x80
    const view = new DataView(padding.buffer)
    view.setUint32(padding.length - 8, Math.floor(bits / 0x1_0000_0000))
    view.setUint32(padding.length - 4, bits >>> 0)
    this.update(padding)
    return Array.from(this.#state, (word) => (word >>> 0).toString(16).padStart(8, '0')).join('')
  }

  #compress(bytes: Uint8Array, at: number): void {
    const w = this.#schedule
    const state = this.#state
    for (let i = 0, from = at; i < 16; i++, from += 4) {
      w[i] = (bytes[from] << 24) | (bytes[from + 1] << 16) | (bytes[from + 2] << 8) | bytes[from + 3]
    }
    for (let i = 16; i < 64; i++) {
      const x = w[i - 15]
      const y = w[i - 2]
      const s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3)
      const s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10)
      w[i] = w[i - 16] + s0 + w[i - 7] + s1
    }
    let [a, b, c, d, e, f, g, h] = state
    for (let i = 0; i < 64; i++) {
      const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7))
      const t1 = (h + s1 + ((e & f) ^ (~e & g)) + ROUND[i] + w[i]) | 0
      const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10))
      const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0
      h = g
      g = f
      f = e
      e = (d + t1) | 0
      d = c
      c = b
      b = a
      a = (t1 + t2) | 0
    }
    state[0] += a
    state[1] += b
    state[2] += c
    state[3] += d
    state[4] += e
    state[5] += f
    state[6] += g
    state[7] += h
  }
}

function primes(count: number): number[] {
  const found: number[] = []
  for (let n = 2; found.length < count; n++) if (found.every((prime) => n % prime !== 0)) found.push(n)
  return found
}

/** The first 32 bits of the fraction of the prime's square or cube root, by integer bisection. */
function rootFraction(prime: number, degree: 2n | 3n): number {
  const scaled = BigInt(prime) << (32n * degree)
  let low = 0n
  let high = 1n << 40n
  while (high - low > 1n) {
    const middle = (low + high) / 2n
    const power = middle * middle * (degree === 3n ? middle : 1n)
    if (power <= scaled) low = middle
    else high = middle
  }
  return Number(BigInt.asIntN(32, low))
}
