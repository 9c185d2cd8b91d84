/** Base64 with padding (RFC 4648 section 4): what binary frames cost in a stream that carries text only. */

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
const VALUES: ReadonlyMap<string, number> = new Map(Array.from(ALPHABET, (character, value) => [character, value]))

export function encodeBase64(bytes: Uint8Array): string {
  let text = ''
  for (let at = 0; at < bytes.length; at += 3) {
    const left = bytes.length - at
    const group = (bytes[at] << 16) | ((left > 1 ? bytes[at + 1] : 0) << 8) | (left > 2 ? bytes[at + 2] : 0)
    text += ALPHABET.charAt(group >> 18) + ALPHABET.charAt((group >> 12) & 63)
      + (left > 1 ? ALPHABET.charAt((group >> 6) & 63) : '=') + (left > 2 ? ALPHABET.charAt(group & 63) : '=')
  }
  return text
}

/** @throws RangeError on what `encodeBase64` cannot have written */
export function decodeBase64(text: string): Uint8Array {
  if (text.length % 4 !== 0) throw new RangeError(`base64 comes in groups of four characters, got ${text.length}`)
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0
  const bytes = new Uint8Array((text.length / 4) * 3 - padding)
  for (let at = 0, to = 0; at < text.length; at += 4, to += 3) {
    let group = 0
    for (let index = 0; index < 4; index++) {
      const character = text.charAt(at + index)
      const isPadding = character === '=' && at + index >= text.length - padding
      const value = isPadding ? 0 : VALUES.get(character)
      if (value === undefined) throw new RangeError(`${JSON.stringify(character)} is no base64 character`)
      group = (group << 6) | value
    }
    if (to < bytes.length) bytes[to] = group >> 16
    if (to + 1 < bytes.length) bytes[to + 1] = (group >> 8) & 255
    if (to + 2 < bytes.length) bytes[to + 2] = group & 255
  }
  return bytes
}
