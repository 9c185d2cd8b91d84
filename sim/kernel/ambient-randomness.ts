/** The shims of `Math.random` and of the random functions of Web Crypto (design D3). */
import type { AmbientSource } from './ambient-state.ts'
import { replaceMethod } from './ambient-shim.ts'

/** What Web Crypto hands out at most per call. */
const QUOTA_BYTES = 65_536

export function shimMathRandom(target: object): void {
  replaceMethod(Reflect.get(target, 'Math') as object, 'random', 'Math.random', (source) => source.random())
}

export function shimCrypto(target: object): void {
  const crypto: unknown = Reflect.get(target, 'crypto')
  if (typeof crypto !== 'object' || crypto === null) return
  replaceMethod(crypto, 'getRandomValues', 'crypto.getRandomValues', (source, args, real) => {
    const array = args[0]
    // What the real one refuses, it shall refuse in its own words.
    if (!isIntegerArray(array) || array.byteLength > QUOTA_BYTES) return real(...args)
    fill(source, new Uint8Array(array.buffer, array.byteOffset, array.byteLength))
    return array
  })
  replaceMethod(crypto, 'randomUUID', 'crypto.randomUUID', (source) => uuid(source))
}

function isIntegerArray(value: unknown): value is ArrayBufferView {
  return ArrayBuffer.isView(value) && !(value instanceof DataView)
    && !(value instanceof Float32Array) && !(value instanceof Float64Array)
}

function fill(source: AmbientSource, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; at += 4) {
    let word = Math.floor(source.random() * 0x1_0000_0000)
    for (let byte = at; byte < Math.min(at + 4, bytes.length); byte++, word >>>= 8) bytes[byte] = word
  }
}

/** Version 4, RFC 9562. */
function uuid(source: AmbientSource): string {
  const bytes = new Uint8Array(16)
  fill(source, bytes)
  bytes[6] = (bytes[6] & 0x0f) | 0x40
  bytes[8] = (bytes[8] & 0x3f) | 0x80
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
}
