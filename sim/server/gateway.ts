/**
 * The server: the strategy's authority behind a gateway that accepts streams and requests.
 *
 * Requests are served by parallel workers, each taking a drawn time, so they overtake one another (R3);
 * a repeated idempotency key gets the first answer (C08) unless the strategy dedups by itself. Change
 * signals go through a push bus that delivers at most once and in no order (like Redis pub/sub): a device
 * that is not connected misses them. Left out until servers are modelled in full: restarts, several
 * instances, rate limits, overload.
 */
import type {
  Authority, AuthorityContext, CloseReason, Request, Response, Strategy, StrategyModule,
} from '../contract.ts'
import { SessionEnd } from '../session/session-end.ts'
import type { EditId } from '../history/events.ts'
import type { Host } from '../host/host.ts'
import { hostContext } from '../host/host-context.ts'
import { DRAW } from '../kernel/draw-purposes.ts'
import type { KeyedRandom } from '../kernel/keyed-random.ts'
import { SlotDraws } from '../kernel/slot-draws.ts'
import { decodeStackFrame, encodeSignal } from '../session/stack-frames.ts'
import type { Listener, StreamEnd, StreamEvents } from '../network/transport.ts'
import type { Plan } from '../scenario/plan.ts'
import type { DocumentId, HostId, Version } from '../values.ts'
import { IdempotencyStore } from './idempotency.ts'

interface Attendance {
  readonly session: SessionEnd
  readonly service: SlotDraws
  readonly fanOut: SlotDraws
  end: StreamEnd | null
}

export class Gateway implements Listener {
  readonly #host: Host
  readonly #plan: Plan
  readonly #module: StrategyModule
  readonly #weather: KeyedRandom
  readonly #attendance = new Map<HostId, Attendance>()
  readonly #answers = new IdempotencyStore()
  #authority: Authority | null = null

  constructor(host: Host, plan: Plan, module: StrategyModule, weather: KeyedRandom) {
    this.#host = host
    this.#plan = plan
    this.#module = module
    this.#weather = weather
  }

  boot(strategy: Strategy): void {
    this.#host.dispatch(null, () => {
      const host = this.#host
      const context: AuthorityContext = {
        ...hostContext(host, this.#plan, host.openDisk(), { device: host.id, user: host.id }),
        options: this.#plan.strategy,
        publish: (document, version) => this.#publish(document, version),
      }
      const authority = strategy.authority?.(context)
      if (authority === undefined) throw new Error(`strategy ${this.#module.name} has no authority; topology server needs one`)
      this.#authority = authority
      host.shows((document) => authority.view(document))
      for (const { id } of this.#plan.documents) host.changed(id)
      this.#plan.devices.forEach(({ id }, index) => {
        const session = new SessionEnd({
          node: authority, name: `${host.id}/${host.incarnation}`, peer: id, transport: this.#plan.transport, isResumed: !this.#module.owns.has('resume'),
          retainedFrames: this.#plan.server.retainedFrames, timer: (delayUs, run, options) => host.timer(delayUs, run, options?.background),
        })
        const draws = (purpose: number): SlotDraws => new SlotDraws(host.world.kernel, this.#weather, purpose, index)
        this.#attendance.set(id, { session, service: draws(DRAW.service), fanOut: draws(DRAW.fanOut), end: null })
      })
    })
  }

  accepted = (device: HostId, end: StreamEnd): StreamEvents => {
    const attendance = this.#attendance.get(device)
    if (attendance === undefined) throw new Error(`${device} is no device of this plan`)
    return this.#host.dispatch(null, () => {
      attendance.end = end
      const events = attendance.session.connected(end)
      return {
        frame: (bytes: Uint8Array, cause: EditId | null) => this.#host.dispatch(cause, () => {
          const frame = decodeStackFrame(bytes)
          if (frame.type === 'signal') throw new Error(`${device} sent a change signal; only servers do`)
          attendance.session.received(end, frame.payload)
        }),
        closed: (why: CloseReason) => this.#host.dispatch(null, () => {
          if (attendance.end === end) attendance.end = null
          events.closed(why)
        }),
      }
    })
  }

  request = (device: HostId, request: Request, cause: EditId | null, respond: (response: Response) => void): void => {
    const authority = this.#authority
    const serviceUs = this.#attendance.get(device)?.service.between(...this.#plan.server.serviceUs)
    if (authority === null || serviceUs === undefined) throw new Error(`a request from ${device} before the server has started`)
    const { kernel, quiescence } = this.#host.world
    quiescence.begin(this.#host.index, 'request')
    const answer = (response: Response): void => {
      quiescence.end(this.#host.index, 'request')
      respond(response)
    }
    kernel.after(serviceUs, () => this.#host.dispatch(cause, () => {
      if (this.#module.owns.has('dedup')) authority.request(request, answer)
      else this.#answers.handle(request, answer, (admitted, respondFirst) => authority.request(admitted, respondFirst))
    }))
  }

  /** Sends a change signal to every device, each after its own delay through the bus. */
  #publish(document: DocumentId, version: Version): void {
    const frame = encodeSignal(document, version)
    for (const attendance of this.#attendance.values()) {
      this.#host.timer(attendance.fanOut.between(...this.#plan.server.fanOutUs), () => attendance.end?.send(frame, 'data'))
    }
  }

  dispose(): void {
    for (const { session } of this.#attendance.values()) session.stop()
    this.#host.dispatch(null, () => this.#authority?.dispose())
    this.#authority = null
  }
}
