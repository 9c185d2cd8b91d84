/**
 * The format of `text/event-stream` (WHATWG HTML, section 9.2): what a server writes, and a reader that does what
 * section 9.2.6 says with what arrives, in pieces cut anywhere.
 */

export interface ServerSentEvent {
  /** `message` unless named. */
  readonly event: string
  readonly data: string
  /** The last event ID in force when it was dispatched. */
  readonly id: string
}

const encoder = new TextEncoder()
/** A comment: no event, and yet a sign of life (section 9.2.7 advises one every 15 seconds or so). */
export const KEEP_ALIVE_COMMENT = encoder.encode(':\n\n')

/** Fields in the order in which they are written; one block, which `data` makes an event. `data` is one line. */
export function encodeEvent(fields: Readonly<Partial<Record<'event' | 'id' | 'retry' | 'data', string>>>): Uint8Array {
  return encoder.encode(`${Object.entries(fields).map(([name, value]) => `${name}: ${value}\n`).join('')}\n`)
}

/**
 * @example
 * const reader = new EventStreamReader()
 * reader.read(encodeEvent({ id: '7', data: 'x' })) // [{ event: 'message', data: 'x', id: '7' }]
 */
export class EventStreamReader {
  readonly #decoder = new TextDecoder() // drops one leading byte order mark
  #rest = ''
  #event = ''
  #data = ''
  #id = ''
  #lastEventId = ''
  #retryMs: number | null = null

  /** What a reconnection sends as `Last-Event-ID`. */
  get lastEventId(): string { return this.#lastEventId }
  /** The reconnection time that the server has set, in milliseconds. */
  get retryMs(): number | null { return this.#retryMs }

  read(bytes: Uint8Array): readonly ServerSentEvent[] {
    const text = this.#rest + this.#decoder.decode(bytes, { stream: true })
    // A CR at the end may be half a CRLF.
    const whole = text.endsWith('\r') ? text.slice(0, -1) : text
    const lines = whole.split(/\r\n|\n|\r/)
    this.#rest = (lines.pop() ?? '') + text.slice(whole.length)
    return lines.flatMap((line) => line === '' ? this.#dispatch() : this.#field(line))
  }

  #field(line: string): readonly [] {
    const colon = line.indexOf(':')
    const name = colon < 0 ? line : line.slice(0, colon)
    const value = colon < 0 ? '' : line.slice(line.startsWith(' ', colon + 1) ? colon + 2 : colon + 1)
    switch (name) {
      case 'event': this.#event = value; break
      case 'data': this.#data += `${value}\n`; break
      case 'id': if (!value.includes('\0')) this.#id = value; break
      case 'retry': if (/^[0-9]+$/.test(value)) this.#retryMs = Number(value); break
      default: // comments (no name) and what nobody knows
    }
    return []
  }

  #dispatch(): readonly ServerSentEvent[] {
    this.#lastEventId = this.#id
    const [event, data] = [this.#event, this.#data]
    this.#event = ''
    this.#data = ''
    return data === '' ? [] : [{ event: event === '' ? 'message' : event, data: data.slice(0, -1), id: this.#lastEventId }]
  }
}
