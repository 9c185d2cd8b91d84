/**
 * Binary encoding for what goes over the simulated wire and onto the simulated disk (R7: sizes are those of
 * the encoded messages): unsigned LEB128 varints, UTF-8 texts and byte strings, both with their length first.
 *
 * A reader throws on anything that its writer cannot have written: truncated input, a varint beyond the
 * safe integers, broken UTF-8, bytes left over. Left out: signed numbers, floats, optional fields.
 */

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * @example
 * new ByteWriter().varint(300).text('é').finish() // Uint8Array [0xac, 0x02, 0x02, 0xc3, 0xa9]
 */
export class ByteWriter {
  #buffer = new Uint8Array(64)
  #length = 0

  /** @throws RangeError unless `value` is a safe integer from 0 on. */
  varint(value: number): this {
    if (!Number.isSafeInteger(value) || value < 0) throw new RangeError(`a varint holds a safe integer from 0 on, got ${value}`)
    this.#reserve(8)
    let rest = value
    // Division instead of shifts: shifts would cut the number to 32 bits.
    while (rest >= 0x80) {
      this.#buffer[this.#length++] = (rest % 0x80) | 0x80
      rest = Math.floor(rest / 0x80)
    }
    this.#buffer[this.#length++] = rest
    return this
  }

  bytes(value: Uint8Array): this {
    this.varint(value.length)
    this.#reserve(value.length)
    this.#buffer.set(value, this.#length)
    this.#length += value.length
    return this
  }

  text(value: string): this { return this.bytes(encoder.encode(value)) }

  /** What was written, as a copy of its own. */
  finish(): Uint8Array { return this.#buffer.slice(0, this.#length) }

  #reserve(more: number): void {
    const needed = this.#length + more
    if (needed <= this.#buffer.length) return
    const grown = new Uint8Array(Math.max(needed, this.#buffer.length * 2))
    grown.set(this.#buffer.subarray(0, this.#length))
    this.#buffer = grown
  }
}

export class ByteReader {
  readonly #bytes: Uint8Array
  #at = 0

  constructor(bytes: Uint8Array) { this.#bytes = bytes }

  /** @throws RangeError when the input is truncated or the number is not a safe integer. */
  varint(): number {
    let value = 0
    for (let scale = 1; ; scale *= 0x80) {
      const byte = this.#bytes[this.#at]
      if (byte === undefined) throw new RangeError(`truncated varint at byte ${this.#at}`)
      this.#at += 1
      value += (byte & 0x7f) * scale
      if (!Number.isSafeInteger(value) || scale > 0x2_0000_0000_0000) throw new RangeError(`varint beyond the safe integers before byte ${this.#at}`)
      if (byte < 0x80) return value
    }
  }

  /** A copy, so that it may outlive the frame it came in. */
  bytes(): Uint8Array {
    const length = this.varint()
    if (length > this.#bytes.length - this.#at) {
      throw new RangeError(`${length} bytes announced at byte ${this.#at}, ${this.#bytes.length - this.#at} left`)
    }
    this.#at += length
    return this.#bytes.slice(this.#at - length, this.#at)
  }

  /** @throws TypeError on broken UTF-8. */
  text(): string { return decoder.decode(this.bytes()) }

  /** Asserts that everything was read. */
  end(): void {
    if (this.#at !== this.#bytes.length) throw new RangeError(`${this.#bytes.length - this.#at} bytes left over at byte ${this.#at}`)
  }
}
