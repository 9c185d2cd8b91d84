/** The server's end of an HTTP/2 connection: what it works on, what it answers in turns, and its patience with silence. */
import type { EditId } from '../../history/events.ts'
import type { Kernel } from '../../kernel/kernel.ts'
import type { Frame, FrameLog } from '../frame-log.ts'
import { RestartableTimer } from '../tcp/restartable-timer.ts'
import type { HttpPart, HttpRequest, HttpServing } from './exchange.ts'
import { HeaderTable } from './hpack.ts'
import { account } from './http-connection.ts'
import { GOAWAY_BYTES, type Http2Message, PIECE, responseFields, RST_STREAM_BYTES, SERVER_PREFACE_BYTES } from './http2-messages.ts'
import { FRAME_HEADER_BYTES, Http2Writer, messageBytes } from './http2-writer.ts'

const EMPTY = new Uint8Array(0)

/** A stream that is not answered wholly. */
interface Served {
  readonly request: HttpRequest
  serving: HttpServing | null
  hasBegun: boolean
  wasRefused: boolean
}

/** What it needs of its connection. */
export interface Http2ServerPort {
  readonly kernel: Kernel
  readonly keepAliveUs: number
  readonly down: FrameLog
  send(message: Http2Message, sizeBytes: number): boolean
  close(): void
}

export class Http2ServerSide {
  readonly #port: Http2ServerPort
  readonly #answers: Http2Writer<Http2Message>
  readonly #fields = new HeaderTable()
  /** Runs while there is nothing to do. */
  readonly #idle: RestartableTimer
  readonly #served = new Map<number, Served>()
  /** The last one that was read. */
  #lastStream = 0
  #isShut = false
  #isDead = false

  constructor(port: Http2ServerPort) {
    this.#port = port
    this.#idle = new RestartableTimer(port.kernel, () => this.shut())
    this.#answers = new Http2Writer(PIECE, (message, sizeBytes) => port.send(message, sizeBytes), (stream) => this.#drained(stream))
  }

  /** It has said GOAWAY, and reads no more. */
  get isShut(): boolean { return this.#isShut }
  /** Requests of the application that are not answered. */
  get inWork(): number { return [...this.#served.values()].filter(({ request }) => request.traffic === 'request').length }

  flush(): void { this.#answers.flush() }

  begin(): void {
    if (!this.#isShut) this.#control(SERVER_PREFACE_BYTES, (frame) => ({ kind: 'settings', frame }))
  }

  /** A request is whole. */
  serve(stream: number, request: HttpRequest, cause: EditId | null): void {
    this.#lastStream = stream
    this.#idle.clear()
    const served: Served = { request, serving: null, hasBegun: false, wasRefused: false }
    this.#served.set(stream, served)
    const serving = request.serve(cause, {
      write: (part) => this.#write(stream, served, part),
      abort: () => {
        if (this.#served.get(stream) !== served) return
        this.#endStream(stream)
        this.#control(RST_STREAM_BYTES, (frame) => ({ kind: 'reset', stream, frame }))
      },
    })
    if (this.#served.get(stream) === served) served.serving = serving // an answer may have been given at once
  }

  #write(stream: number, served: Served, part: HttpPart): boolean {
    const { response, traffic, carriedBytes, isLast } = part
    if (this.#served.get(stream) !== served) return true // reset by the device: dropped here
    if (served.hasBegun && this.#answers.has(stream)) {
      served.wasRefused = true
      return false
    }
    const headBytes = served.hasBegun ? 0 : FRAME_HEADER_BYTES + this.#fields.blockBytes(responseFields(part))
    const frame = account(this.#port.down, response.body, messageBytes(headBytes, response.body.length) - carriedBytes, traffic)
    served.hasBegun = true
    if (isLast) this.#served.delete(stream)
    if (!this.#isDead) this.#answers.add(stream, headBytes, response.body.length, { kind: 'part', stream, part, frame })
    return true
  }

  #drained(stream: number): void {
    const served = this.#served.get(stream)
    if (served?.wasRefused === true) {
      served.wasRefused = false
      served.serving?.writable()
    }
    this.rest()
  }

  /** The device has reset a stream. */
  givenUp(stream: number): void {
    const serving = this.#served.get(stream)?.serving
    this.#endStream(stream)
    serving?.gone()
  }

  #endStream(stream: number): void {
    this.#served.delete(stream)
    this.#lose(this.#answers.drop(stream)?.message)
    this.rest()
  }

  #lose(message: Http2Message | undefined): void {
    if (message?.kind === 'part' && message.frame !== null) this.#port.down.lose(message.frame)
  }

  #control(sizeBytes: number, of: (frame: Frame) => Http2Message): void {
    this.#answers.control(of(this.#port.down.send(EMPTY, sizeBytes, 'control')), sizeBytes)
  }

  /** With nothing to do it waits for more, but not for ever. */
  rest(): void {
    if (this.#served.size === 0 && this.#answers.isEmpty && !this.#isShut && !this.#isDead) this.#idle.set(this.#port.keepAliveUs)
  }

  /** Ends the connection in order: up to which stream it has read, and a FIN. */
  shut(): void {
    this.#isShut = true
    this.endProcess()
    for (const message of this.#answers.clear()) this.#lose(message)
    this.#control(GOAWAY_BYTES, (frame) => ({ kind: 'goaway', lastStream: this.#lastStream, frame }))
    this.#port.close()
  }

  /** Nobody works on anything any more, and nobody is to be told. */
  endProcess(): void {
    this.#idle.clear()
    this.#served.clear()
  }

  /** The connection carries nothing any more. */
  die(): void {
    this.#isDead = true
    this.#idle.clear()
    this.#answers.clear()
  }

  /** Its kernel knows that the device has gone. */
  deviceGone(): void {
    const served = [...this.#served.values()]
    this.endProcess()
    for (const { serving } of served) serving?.gone()
  }
}
