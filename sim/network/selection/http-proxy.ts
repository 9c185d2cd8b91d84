/**
 * The proxy before a device's link, as far as it does not let through what it should (requirements A11): one that sees
 * HTTP, because it ends TLS itself (companies' proxies, virus scanners on the device) or is the server's own front.
 *
 * It knows transports by their first request: an upgrade, an `Accept: text/event-stream`, a poll that is held. Refused
 * or swallowed, none of it reaches the server. An event stream that is buffered does: the server writes into an answer
 * of which nothing comes out, and only the device's patience ends it.
 *
 * Its own place on the way is the far end of the link, so what it answers costs what the server's answers cost. Left
 * out: proxies that cut long answers after a while, that strip headers, that ask for a password.
 */
import type { TransportName } from '../../contract.ts'
import { type BlockableTransport, type Blocking, isBlockable, type ProxyPolicy } from '../../scenario/proxy-policy.ts'
import type { HttpAnswer, HttpPart, HttpRequest, HttpServing } from '../http/exchange.ts'

/** Status 403, header fields and a short page that says why. */
const REFUSAL_FIELD_BYTES = 600
const EMPTY = new Uint8Array(0)
const NOTHING: HttpServing = { writable: () => undefined, gone: () => undefined }

/** Bytes of the answer to an upgrade that is refused. */
export const REFUSAL_BYTES = 60 + REFUSAL_FIELD_BYTES

interface Passage {
  readonly transport: BlockableTransport
  readonly cut: () => void
}

export class HttpProxy {
  #attempts = 0
  #cuts = 0
  #policy: ProxyPolicy
  /** Blocks of faults; the latest one of a transport counts. */
  readonly #blocks: { readonly transport: BlockableTransport; readonly how: Blocking }[] = []
  /** What goes through it now, in the order in which it came. */
  readonly #passages = new Set<Passage>()

  constructor(policy: ProxyPolicy = {}) { this.#policy = policy }

  /** Streams that faults have cut, and attempts that met a block, so far. */
  get hits(): number { return this.#attempts + this.#cuts }

  /** Asked once for every attempt. Null: it passes. */
  meets(transport: BlockableTransport): Blocking | null {
    const how = this.#blocks.findLast((block) => block.transport === transport)?.how ?? this.#policy[transport] ?? null
    if (how !== null) this.#attempts++
    return how
  }

  /** The device has moved behind another one: what goes through the old one is not its any more. */
  change(policy: ProxyPolicy = {}): void {
    this.#policy = policy
    this.#passages.clear()
  }

  /** From now on the transport is blocked, and what goes through is cut. Returns what undoes the block. */
  block(transport: BlockableTransport, how: Blocking): () => void {
    const block = { transport, how }
    this.#blocks.push(block)
    for (const passage of [...this.#passages]) {
      if (passage.transport !== transport) continue
      this.#passages.delete(passage)
      this.#cuts++
      passage.cut()
    }
    return () => { this.#blocks.splice(this.#blocks.indexOf(block), 1) }
  }

  /** Something goes through until the result is called. */
  passes(transport: BlockableTransport, cut: () => void): () => void {
    const passage = { transport, cut }
    this.#passages.add(passage)
    return () => { this.#passages.delete(passage) }
  }

  /** A request for a stream on its way to the server, as the proxy lets it through, or does not. */
  forward(transport: TransportName, request: HttpRequest): HttpRequest {
    if (!isBlockable(transport)) return request
    return { ...request, serve: (cause, answer) => this.#serve(transport, request, cause, answer) }
  }

  #serve(transport: BlockableTransport, request: HttpRequest, cause: string | null, answer: HttpAnswer): HttpServing {
    const how = this.meets(transport)
    if (how === 'swallow') return NOTHING
    if (how === 'refuse') {
      answer.write({ response: { status: 403, body: EMPTY }, fieldBytes: REFUSAL_FIELD_BYTES, traffic: 'control', carriedBytes: 0, isLast: true })
      return NOTHING
    }
    let isOver = false
    let serving: HttpServing | null = null
    const ended = (): void => {
      isOver = true
      leave()
    }
    const leave = this.passes(transport, () => {
      isOver = true
      answer.abort()
      serving?.gone()
    })
    const write = how === 'buffer' ? heldBack(answer) : (part: HttpPart): boolean => answer.write(part)
    const theirs = request.serve(cause, {
      write: (part) => {
        const isTaken = write(part)
        if (isTaken && part.isLast) ended()
        return isTaken
      },
      abort: () => {
        ended()
        answer.abort()
      },
    })
    if (isOver) return theirs
    serving = theirs
    return {
      writable: () => theirs.writable(),
      gone: () => {
        if (isOver) return
        ended()
        theirs.gone()
      },
    }
  }
}

/** Takes everything and hands nothing on before the last part. */
function heldBack(answer: HttpAnswer): HttpAnswer['write'] {
  const held: HttpPart[] = []
  return (part) => {
    held.push(part)
    if (part.isLast) for (const one of held) answer.write(one)
    return true
  }
}
