/**
 * Batching on a device (F10, A14): what may wait, waits until the window that the first of it opened has passed, and
 * then goes together, so that the radio wakes once for all of it.
 *
 * What waits: data frames and durable requests. What does not: control frames and other requests; each takes along
 * what waits, ahead of it, so that no order changes. When something is received the radio is on, so what waits goes,
 * and what is sent in reply does not wait; otherwise a protocol that awaits an answer would pay a window per message.
 * A process that is about to be suspended or hidden sends what waits. What waits when a process is killed is gone with
 * its memory: frames are then the session's or the strategy's to bring again, as after any lost connection, and durable
 * requests are on disk.
 *
 * Left out: windows that depend on the network or on the battery; batching at the server.
 */
import type { Cancel, Request, RequestResult } from '../contract.ts'
import type { StreamEnd } from '../network/transport.ts'
import type { StackTimer } from '../session/stack-timer.ts'

export type SendRequest = (request: Request, timeoutUs: number, done: (result: RequestResult) => void) => Cancel

export interface BatchWindowPorts {
  readonly timer: StackTimer
  /** Makes `run` run later as caused by what causes it now. */
  carry(run: () => void): () => void
}

export class BatchWindow {
  readonly #flushUs: number
  readonly #ports: BatchWindowPorts
  #waiting: (() => void)[] = []
  #cancelTimer: Cancel | null = null
  #isRadioOn = false

  /** @param flushUs 0: nothing ever waits */
  constructor(flushUs: number, ports: BatchWindowPorts) {
    this.#flushUs = flushUs
    this.#ports = ports
  }

  /** Sends when the window has passed, or at once if there is none. */
  hold(send: () => void): Cancel {
    if (this.#flushUs === 0 || this.#isRadioOn) {
      send()
      return () => undefined
    }
    const entry = this.#ports.carry(send)
    this.#waiting.push(entry)
    this.#cancelTimer ??= this.#ports.timer(this.#flushUs, () => this.flush())
    return () => {
      this.#waiting = this.#waiting.filter((other) => other !== entry)
      if (this.#waiting.length === 0) this.#close()
    }
  }

  /** Sends what waits, now. */
  flush(): void {
    this.#close()
    for (const send of this.#waiting.splice(0)) send()
  }

  /** Something has been received: sends what waits, and at once whatever `handle` sends. */
  received(handle: () => void): void {
    this.flush()
    this.#isRadioOn = true
    try {
      handle()
    } finally {
      this.#isRadioOn = false
    }
  }

  /** The process ends: what waits is never sent. */
  stop(): void {
    this.#close()
    this.#waiting = []
  }

  #close(): void {
    this.#cancelTimer?.()
    this.#cancelTimer = null
  }

  /** The stream as the session sees it. */
  stream(end: StreamEnd): StreamEnd {
    let heldBytes = 0
    const flush = (): void => this.flush()
    return {
      get bufferedBytes() { return heldBytes + end.bufferedBytes },
      send: (bytes, traffic) => {
        if (traffic === 'control') {
          flush()
          return end.send(bytes, traffic)
        }
        const copy = bytes.slice()
        heldBytes += copy.length
        this.hold(() => {
          heldBytes -= copy.length
          end.send(copy, traffic)
        })
      },
      close: (code) => {
        flush()
        end.close(code)
      },
    }
  }

  /** How the outbox sends. */
  durable(send: SendRequest): SendRequest {
    return (request, timeoutUs, done) => {
      let cancelSent: Cancel | null = null
      const cancelHeld = this.hold(() => { cancelSent = send(request, timeoutUs, this.#answered(done)) })
      return () => {
        cancelHeld()
        cancelSent?.()
      }
    }
  }

  /** How everything else is requested. */
  prompt(send: SendRequest): SendRequest {
    return (request, timeoutUs, done) => {
      this.flush()
      return send(request, timeoutUs, this.#answered(done))
    }
  }

  #answered(done: (result: RequestResult) => void): (result: RequestResult) => void {
    return (result) => {
      if ('failed' in result) done(result)
      else this.received(() => done(result))
    }
  }
}
