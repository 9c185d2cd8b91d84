/**
 * The frames of one direction of a stream, by number, as the history tells of them: each sent once, and delivered
 * or lost once, however often an exchange that brings it is repeated.
 */
import { type Frame, type FrameLog, type FrameTraffic } from '../frame-log.ts'

export class StreamFrames {
  readonly #log: FrameLog
  readonly #travelling = new Map<number, Frame>()
  #bufferedBytes = 0

  constructor(log: FrameLog) { this.#log = log }

  /** Accepted from the sender and not at the receiver. Goes on growing when nobody receives (R4). */
  get bufferedBytes(): number { return this.#bufferedBytes }

  /** @param sizeBytes what the frame takes on the wire when it is sent for the first time */
  send(number: number, content: Uint8Array, sizeBytes: number, traffic: FrameTraffic): Frame {
    const frame = this.#log.send(content, sizeBytes, traffic)
    this.#travelling.set(number, frame)
    this.#bufferedBytes += sizeBytes
    return frame
  }

  /**
   * The frame has come; null if it was lost before.
   * @throws for one that has come already: to hand over nothing twice is the stream's work, not the history's
   */
  arrived(number: number): Frame | null {
    const frame = this.#travelling.get(number)
    if (frame === undefined) throw new Error(`frame ${number} of a stream came twice`)
    if (!this.#log.deliver(frame)) return null
    this.#travelling.delete(number)
    this.#bufferedBytes -= frame.sizeBytes
    return frame
  }

  /** Nothing arrives any more: what is on its way is lost, and what is sent from now on. */
  end(): void { this.#log.end() }
}
