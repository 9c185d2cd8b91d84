/**
 * What a header block costs on an HTTP/2 connection (RFC 7541): the first request names everything, and what is
 * repeated costs a byte. One table for each direction of a connection; both ends keep it alike, so only sizes
 * are worked out here and no block is ever encoded.
 *
 * Which fields enter the table follows Chromium's encoder (quiche `hpack_encoder.cc`): of the pseudo-header
 * fields only `:authority`, and every other field. Left out: changes of the table's size, fields that must never
 * be indexed, characters beyond printable ASCII (which no header here has).
 */

export type Field = readonly [name: string, value: string]

/** RFC 7541 appendix A, in order; the first entry has index 1. */
const STATIC_TABLE: readonly Field[] = [
  [':authority', ''], [':method', 'GET'], [':method', 'POST'], [':path', '/'], [':path', '/index.html'], [':scheme', 'http'],
  [':scheme', 'https'], [':status', '200'], [':status', '204'], [':status', '206'], [':status', '304'], [':status', '400'],
  [':status', '404'], [':status', '500'], ['accept-charset', ''], ['accept-encoding', 'gzip, deflate'],
  ...['accept-language', 'accept-ranges', 'accept', 'access-control-allow-origin', 'age', 'allow', 'authorization', 'cache-control',
    'content-disposition', 'content-encoding', 'content-language', 'content-length', 'content-location', 'content-range',
    'content-type', 'cookie', 'date', 'etag', 'expect', 'expires', 'from', 'host', 'if-match', 'if-modified-since', 'if-none-match',
    'if-range', 'if-unmodified-since', 'last-modified', 'link', 'location', 'max-forwards', 'proxy-authenticate',
    'proxy-authorization', 'range', 'referer', 'refresh', 'retry-after', 'server', 'set-cookie', 'strict-transport-security',
    'transfer-encoding', 'user-agent', 'vary', 'via', 'www-authenticate'].map((name): Field => [name, '']),
]

/** Lengths in bits of the Huffman codes of ASCII (RFC 7541 appendix B); what is not listed takes up to 28. */
const CODE_BITS: Readonly<Record<string, number>> = Object.fromEntries(Object.entries({
  5: '012aceiost', 6: ' %-./3456789=A_bdfghlmnpru', 7: ':BCDEFGHIJKLMNOPQRSTUVWYjkqvwxyz', 8: '&*,;XZ', 10: '!"()?',
  11: '\'+|', 12: '#>', 13: '$@[]~', 14: '^}', 15: '<`{', 19: '\\',
}).flatMap(([bits, characters]) => Array.from(characters, (character) => [character, Number(bits)] as const)))
const LONGEST_CODE_BITS = 28

/** RFC 7541 section 4.1: what an entry counts besides its octets. */
const ENTRY_OVERHEAD_BYTES = 32
/** SETTINGS_HEADER_TABLE_SIZE unless an end says otherwise (RFC 9113 section 6.5.2). */
const TABLE_BYTES = 4_096

export class HeaderTable {
  readonly #maxBytes: number
  readonly #isIndexed: (name: string) => boolean
  /** Newest first. */
  #entries: Field[] = []
  #bytes = 0

  constructor(maxBytes = TABLE_BYTES, isIndexed: (name: string) => boolean = indexedByChromium) {
    this.#maxBytes = maxBytes
    this.#isIndexed = isIndexed
  }

  /** Bytes of the block with these fields, which are known from now on. */
  blockBytes(fields: readonly Field[]): number {
    return fields.reduce((bytes, field) => bytes + this.#fieldBytes(field), 0)
  }

  #fieldBytes([name, value]: Field): number {
    const known = this.#indexOf((entry) => entry[0] === name && entry[1] === value)
    if (known > 0) return integerBytes(known, 7)
    const isIndexed = this.#isIndexed(name)
    const nameIndex = this.#indexOf((entry) => entry[0] === name)
    const nameBytes = nameIndex > 0 ? integerBytes(nameIndex, isIndexed ? 6 : 4) : 1 + stringBytes(name)
    if (isIndexed) this.#add([name, value])
    return nameBytes + stringBytes(value)
  }

  /** Index of the first entry that matches, the static table's before the newest ones (section 2.3.3); 0 if none. */
  #indexOf(matches: (entry: Field) => boolean): number {
    const fixed = STATIC_TABLE.findIndex(matches)
    if (fixed >= 0) return fixed + 1
    const own = this.#entries.findIndex(matches)
    return own < 0 ? 0 : STATIC_TABLE.length + 1 + own
  }

  #add(field: Field): void {
    this.#entries.unshift(field)
    this.#bytes += entryBytes(field)
    while (this.#bytes > this.#maxBytes) {
      const oldest = this.#entries.pop()
      if (oldest === undefined) break
      this.#bytes -= entryBytes(oldest)
    }
  }
}

function indexedByChromium(name: string): boolean { return !name.startsWith(':') || name === ':authority' }

function entryBytes([name, value]: Field): number { return name.length + value.length + ENTRY_OVERHEAD_BYTES }

/** Section 5.1: an integer that begins in so many bits of its first byte. */
function integerBytes(value: number, prefixBits: number): number {
  const most = (1 << prefixBits) - 1
  if (value < most) return 1
  let bytes = 2
  for (let left = value - most; left >= 128; left = Math.floor(left / 128)) bytes++
  return bytes
}

/** Section 5.2: a length, and the text in the shorter of its two forms. */
function stringBytes(text: string): number {
  const bits = Array.from(text).reduce((sum, character) => sum + (CODE_BITS[character] ?? LONGEST_CODE_BITS), 0)
  const length = Math.min(text.length, Math.ceil(bits / 8))
  return integerBytes(length, 7) + length
}
