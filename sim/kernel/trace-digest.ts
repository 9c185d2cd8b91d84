/**
 * The digest of a run's whole trace (design D1): fixed-width binary records, hashed buffer by buffer.
 *
 * The hashed stream is a sequence of 32-byte records, little-endian: kind (32 bits), host (32 bits), time, a, b
 * (64-bit floats, so that integers up to 2^53 are exact). A record of one of the two reserved kinds carries a
 * length in `a` and is followed by that many bytes: a content, or a text interned for the first time. So the
 * stream can be cut in one way only, and what is concatenated cannot be confused.
 *
 * Rendering is not done here: whoever wants to read a trace listens to its entries (design D7).
 */

/** A cryptographic hash, injected: `node:crypto` where there is one, else `Sha256`. Reads `bytes` at once. */
export interface Hasher {
  update(bytes: Uint8Array): void
  digestHex(): string
}

/** One thing that went into the digest. */
export type TraceEntry =
  | { readonly entry: 'record'; readonly kind: number; readonly atUs: number; readonly host: number; readonly a: number; readonly b: number }
  | { readonly entry: 'bytes'; readonly content: Uint8Array }
  | { readonly entry: 'text'; readonly id: number; readonly text: string }

const RECORD_BYTES = 32
const BUFFER_BYTES = 64 * 1024
/** Kinds from here on are the digest's own. */
const RESERVED_KIND = 0xffff_fff0
const BYTES_KIND = RESERVED_KIND
const TEXT_KIND = RESERVED_KIND + 1

export class TraceDigest {
  readonly #hasher: Hasher
  readonly #onRecord: ((entry: TraceEntry) => void) | undefined
  readonly #bytes = new Uint8Array(BUFFER_BYTES)
  readonly #view = new DataView(this.#bytes.buffer)
  readonly #texts = new Map<string, number>()
  #used = 0
  #hex: string | null = null

  /** @param onRecord hears of every entry, in order; contents are copies */
  constructor(hasher: Hasher, onRecord?: (entry: TraceEntry) => void) {
    this.#hasher = hasher
    this.#onRecord = onRecord
  }

  /**
   * Adds a record.
   * @param kind an integer from 0 to 2^32 - 17
   * @param host an integer of 32 bits without sign
   * @throws RangeError for anything else, and when `atUs`, `a` or `b` is not a number
   */
  record(kind: number, atUs: number, host: number, a: number, b: number): void {
    if (kind >>> 0 !== kind || kind >= RESERVED_KIND || host >>> 0 !== host || Number.isNaN(atUs + a + b)) {
      throw new RangeError(`not a trace record: kind ${kind}, atUs ${atUs}, host ${host}, a ${a}, b ${b}`)
    }
    this.#append(kind, atUs, host, a, b)
    this.#onRecord?.({ entry: 'record', kind, atUs, host, a, b })
  }

  /** Adds a content with its length. The bytes may be changed afterwards. */
  bytes(content: Uint8Array): void {
    this.#append(BYTES_KIND, 0, 0, content.length, 0)
    this.#appendBytes(content)
    this.#onRecord?.({ entry: 'bytes', content: content.slice() })
  }

  /** The id of a text, for use in records: 1, 2, ... A text not met before is added once, with its id. */
  text(text: string): number {
    const known = this.#texts.get(text)
    if (known !== undefined) return known
    const id = this.#texts.size + 1
    this.#texts.set(text, id)
    this.#append(TEXT_KIND, 0, 0, text.length * 2, id)
    this.#appendBytes(utf16Bytes(text))
    this.#onRecord?.({ entry: 'text', id, text })
    return id
  }

  /** The digest of everything added. Ends it: nothing can be added afterwards. */
  hex(): string {
    if (this.#hex === null) {
      this.#flush()
      this.#hex = this.#hasher.digestHex()
    }
    return this.#hex
  }

  #append(kind: number, atUs: number, host: number, a: number, b: number): void {
    if (this.#used + RECORD_BYTES > BUFFER_BYTES) this.#flush()
    if (this.#hex !== null) throw new Error('the trace digest has already been read')
    const at = this.#used
    const view = this.#view
    view.setUint32(at, kind, true)
    view.setUint32(at + 4, host, true)
    // Adding zero turns -0, which equals 0 but has other bits, into 0.
    view.setFloat64(at + 8, atUs + 0, true)
    view.setFloat64(at + 16, a + 0, true)
    view.setFloat64(at + 24, b + 0, true)
    this.#used = at + RECORD_BYTES
  }

  #appendBytes(content: Uint8Array): void {
    if (this.#used + content.length > BUFFER_BYTES) this.#flush()
    if (content.length > BUFFER_BYTES) {
      this.#hasher.update(content)
      return
    }
    this.#bytes.set(content, this.#used)
    this.#used += content.length
  }

  #flush(): void {
    if (this.#used > 0) this.#hasher.update(this.#bytes.subarray(0, this.#used))
    this.#used = 0
  }
}

/**
 * Where two traces part (design D7): the index of the first entry that differs, with both entries, one of
 * them undefined where a trace has ended; null when they are equal.
 */
export function firstTraceDifference(
  left: readonly TraceEntry[], right: readonly TraceEntry[],
): { readonly index: number; readonly left: TraceEntry | undefined; readonly right: TraceEntry | undefined } | null {
  const length = Math.max(left.length, right.length)
  for (let index = 0; index < length; index++) {
    if (!isSameEntry(left[index], right[index])) return { index, left: left[index], right: right[index] }
  }
  return null
}

function isSameEntry(left: TraceEntry | undefined, right: TraceEntry | undefined): boolean {
  if (left === undefined || right === undefined) return left === right
  switch (left.entry) {
    case 'record':
      return right.entry === 'record' && left.kind === right.kind && left.atUs === right.atUs && left.host === right.host
        && left.a === right.a && left.b === right.b
    case 'bytes':
      return right.entry === 'bytes' && left.content.length === right.content.length
        && left.content.every((byte, at) => byte === right.content[at])
    case 'text':
      return right.entry === 'text' && left.id === right.id && left.text === right.text
  }
}

/** Code units, low byte first: unlike UTF-8, exact for lone surrogates too. */
function utf16Bytes(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length * 2)
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at)
    bytes[at * 2] = unit & 0xff
    bytes[at * 2 + 1] = unit >> 8
  }
  return bytes
}
