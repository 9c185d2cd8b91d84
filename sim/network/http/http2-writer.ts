/**
 * What waits to go out on one end of an HTTP/2 connection: control frames first, then the streams in turns, a DATA
 * frame each (RFC 9113 sections 4.1, 4.2 and 5.3.2: no priorities). So a short answer passes a long one, but not
 * what TCP has already taken; a stream's header block goes with its first DATA frame, in one write.
 *
 * Left out: flow control. Browsers grant 6 MiB a stream, which TCP's buffer here stays below; servers as little as
 * 65,535 bytes, which would cost a body larger than that a round trip more.
 */

export const FRAME_HEADER_BYTES = 9
/** SETTINGS_MAX_FRAME_SIZE unless an end says otherwise (RFC 9113 section 6.5.2). */
const FRAME_BYTES_MAX = 16_384

/** A body in DATA frames; an empty one is a frame, too. */
export function dataBytes(bodyBytes: number): number {
  return bodyBytes + Math.max(1, Math.ceil(bodyBytes / FRAME_BYTES_MAX)) * FRAME_HEADER_BYTES
}

/** A header block with its body; no DATA frame for none. */
export function messageBytes(headBytes: number, bodyBytes: number): number {
  return headBytes === 0 ? dataBytes(bodyBytes) : headBytes + (bodyBytes === 0 ? 0 : dataBytes(bodyBytes))
}

/** A header block and a body, or one of them, of one stream. */
interface Waiting<M> {
  headBytes: number
  bodyBytes: number
  /** Arrives with the last byte. */
  readonly message: M
  isBegun: boolean
}

export class Http2Writer<M> {
  readonly #control: { readonly message: M; readonly sizeBytes: number }[] = []
  /** In the order of their turns. */
  readonly #turns = new Map<number, Waiting<M>>()
  readonly #piece: M
  readonly #send: (message: M, sizeBytes: number) => boolean
  readonly #drained: (stream: number) => void

  /** @param piece what arrives with bytes that are not the last ones; @param drained everything of a stream has been taken */
  constructor(piece: M, send: (message: M, sizeBytes: number) => boolean, drained: (stream: number) => void) {
    this.#piece = piece
    this.#send = send
    this.#drained = drained
  }

  get isEmpty(): boolean { return this.#control.length === 0 && this.#turns.size === 0 }
  has(stream: number): boolean { return this.#turns.has(stream) }

  control(message: M, sizeBytes: number): void {
    this.#control.push({ message, sizeBytes })
    this.flush()
  }

  /** One at a time for each stream. */
  add(stream: number, headBytes: number, bodyBytes: number, message: M): void {
    this.#turns.set(stream, { headBytes, bodyBytes, message, isBegun: false })
    this.flush()
  }

  /** Forgets what waits of a stream. */
  drop(stream: number): { readonly message: M; readonly isBegun: boolean } | null {
    const waiting = this.#turns.get(stream) ?? null
    this.#turns.delete(stream)
    return waiting
  }

  /** Forgets everything that waits. */
  clear(): readonly M[] {
    const messages = [...this.#turns.values()].map(({ message }) => message)
    this.#turns.clear()
    this.#control.length = 0
    return messages
  }

  flush(): void {
    for (let next = this.#control[0]; next !== undefined; next = this.#control[0]) {
      if (!this.#send(next.message, next.sizeBytes)) return
      this.#control.shift()
    }
    for (;;) {
      const [turn] = this.#turns
      if (turn === undefined || !this.#takeTurn(...turn)) return
    }
  }

  #takeTurn(stream: number, waiting: Waiting<M>): boolean {
    const data = Math.min(waiting.bodyBytes, FRAME_BYTES_MAX)
    const isLast = data === waiting.bodyBytes
    if (!this.#send(isLast ? waiting.message : this.#piece, messageBytes(waiting.headBytes, data))) return false
    this.#turns.delete(stream)
    waiting.headBytes = 0
    waiting.bodyBytes -= data
    waiting.isBegun = true
    if (isLast) this.#drained(stream)
    else this.#turns.set(stream, waiting)
    return true
  }
}
