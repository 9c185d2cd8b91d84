/**
 * The server: the strategy's authority behind a gateway that accepts streams and requests.
 *
 * Requests are served by parallel workers, each taking a drawn time, so they overtake one another (R3);
 * a repeated idempotency key gets the first answer (C08) unless the strategy dedups by itself. Change
 * signals go through a push bus that delivers at most once and in no order (like Redis pub/sub): a device
 * that is not connected misses them.
 *
 * Where access tokens are used, a stream begins with one and is closed when it is no good any more (B15); requests
 * have theirs checked before they come here.
 *
 * Authority, sessions, requests in work and pending signals are one process: when it ends they are gone, and
 * the next one boots from the disk (R5). The memory of answers is on that disk too (T22). Rate limits and overload
 * stand before it (`edge.ts`). Left out: several instances.
 */
import type {
  Authority, AuthorityContext, Cancel, CloseReason, Disk, Request, Response, Strategy, StrategyModule, Writes,
} from '../contract.ts'
import { CLOSE_UNAUTHORIZED } from '../session/access-tokens.ts'
import { SessionEnd } from '../session/session-end.ts'
import type { EditId } from '../history/events.ts'
import type { Host } from '../host/host.ts'
import type { Process } from '../host/machine.ts'
import { hostContext } from '../host/host-context.ts'
import { DRAW } from '../kernel/draw-purposes.ts'
import type { KeyedRandom } from '../kernel/keyed-random.ts'
import { SlotDraws } from '../kernel/slot-draws.ts'
import { readRequest } from '../session/read-request.ts'
import { decodeStackFrame, encodeSignal } from '../session/stack-frames.ts'
import type { Listener, StreamEnd, StreamEvents } from '../network/transport.ts'
import type { Plan } from '../scenario/plan.ts'
import type { DocumentId, HostId, Version } from '../values.ts'
import { IDEMPOTENCY_PREFIX, IdempotencyStore } from './idempotency.ts'
import { ReadReplica } from './read-replica.ts'
import type { TokenIssuer } from './token-issuer.ts'

const DISK_RETRY_US = 1_000_000

interface Attendance {
  readonly session: SessionEnd
  end: StreamEnd | null
}

/** Draws that belong to a device, whatever process serves it (D4). */
interface Draws {
  readonly service: SlotDraws
  readonly fanOut: SlotDraws
}

/** The parts of one process. */
interface Running {
  readonly authority: Authority
  readonly answers: IdempotencyStore
  readonly attendance: ReadonlyMap<HostId, Attendance>
  /** Requests that have arrived and are not answered. */
  inWork: number
}

export class Gateway implements Listener, Process {
  readonly #host: Host
  readonly #plan: Plan
  readonly #module: StrategyModule
  readonly #draws: ReadonlyMap<HostId, Draws>
  #running: Running | null = null
  readonly #tokens: TokenIssuer | null
  /** Only where the plan has a fault that reads from it. */
  readonly replica: ReadReplica | null

  constructor(host: Host, plan: Plan, module: StrategyModule, weather: KeyedRandom, tokens: TokenIssuer | null = null) {
    this.#tokens = tokens
    const lagsUs = plan.faults.flatMap((fault) => fault.type === 'lag' ? [fault.lagUs] : [])
    this.replica = lagsUs.length === 0 ? null : new ReadReplica(() => host.world.kernel.nowUs, Math.max(...lagsUs))
    this.#host = host
    this.#plan = plan
    this.#module = module
    this.#draws = new Map(plan.devices.map(({ id }, index) => {
      const draws = (purpose: number): SlotDraws => new SlotDraws(host.world.kernel, weather, purpose, index)
      return [id, { service: draws(DRAW.service), fanOut: draws(DRAW.fanOut) }]
    }))
  }

  boot(strategy: Strategy): void {
    this.#host.dispatch(null, () => {
      const host = this.#host
      const disk = host.openDisk()
      const own = new Map([...disk.boot].filter(([key]) => !key.startsWith(IDEMPOTENCY_PREFIX)))
      const context: AuthorityContext = {
        ...hostContext(host, this.#plan, { ...disk, boot: own }, { device: host.id, user: host.id }),
        options: this.#plan.strategy,
        publish: (document, version) => this.#publish(document, version),
      }
      const authority = strategy.authority?.(context)
      if (authority === undefined) throw new Error(`strategy ${this.#module.name} has no authority; topology server needs one`)
      host.shows((document) => authority.view(document))
      for (const { id } of this.#plan.documents) host.changed(id)
      const attendance = new Map(this.#plan.devices.map(({ id }): readonly [HostId, Attendance] => {
        const session = new SessionEnd({
          node: authority, name: `${host.id}/${host.incarnation}`, peer: id, transport: this.#plan.transport, isResumed: !this.#module.owns.has('resume'),
          retainedFrames: this.#plan.server.retainedFrames, timer: (delayUs, run, options) => host.timer(delayUs, run, options?.background),
        })
        return [id, { session, end: null }]
      }))
      const answers = new IdempotencyStore({ boot: disk.boot, write: (batch, durable) => this.#keep(disk, batch, durable) })
      this.#running = { authority, answers, attendance, inWork: 0 }
      for (const { id } of this.#plan.documents) this.#capture(id)
    })
  }

  accepted = (device: HostId, end: StreamEnd): StreamEvents => {
    const attendance = this.#running?.attendance.get(device)
    if (attendance === undefined) throw new Error(`${device} is no device of this plan, or the server does not run`)
    const tokens = this.#tokens
    return this.#host.dispatch(null, () => {
      let events: { writable(): void; closed(why: CloseReason): void } | null = null
      let forget: Cancel | null = null
      const begin = (): void => {
        attendance.end = end
        events = attendance.session.connected(end)
      }
      /** A stream begins when its token has been found good, and lasts as long as that. */
      const judge = (issuer: TokenIssuer, token: string): void => {
        const leftUs = issuer.leftUs(device, token)
        if (leftUs === 0) return end.close(CLOSE_UNAUTHORIZED)
        if (leftUs < Infinity) forget = this.#host.timer(leftUs, () => end.close(CLOSE_UNAUTHORIZED), true)
        begin()
      }
      if (tokens === null) begin()
      return {
        frame: (bytes: Uint8Array, cause: EditId | null) => this.#host.dispatch(cause, () => {
          const frame = decodeStackFrame(bytes)
          if (frame.type === 'signal') throw new Error(`${device} sent a change signal; only servers do`)
          if (frame.type === 'strategy') attendance.session.received(end, frame.payload)
          else if (tokens !== null) judge(tokens, frame.token)
        }),
        writable: () => this.#host.dispatch(null, () => events?.writable()),
        closed: (why: CloseReason) => this.#host.dispatch(null, () => {
          forget?.()
          if (attendance.end === end) attendance.end = null
          events?.closed(why)
        }),
      }
    })
  }

  /** The device's token is void: its stream is closed. */
  expel(device: HostId): void {
    const end = this.#running?.attendance.get(device)?.end ?? null
    if (end !== null) this.#host.dispatch(null, () => end.close(CLOSE_UNAUTHORIZED))
  }

  request = (device: HostId, request: Request, cause: EditId | null, respond: (response: Response) => void): void => {
    const running = this.#running
    const serviceUs = this.#draws.get(device)?.service.between(...this.#plan.server.serviceUs)
    if (running === null || serviceUs === undefined) throw new Error(`a request from ${device} before the server has started`)
    const { kernel, quiescence, strikes, cause: currentCause } = this.#host.world
    quiescence.begin(this.#host.index, 'request')
    running.inWork += 1
    const answer = (response: Response): void => {
      if (this.#running !== running) return
      running.inWork -= 1
      quiescence.end(this.#host.index, 'request')
      // Nothing durable is behind a 5xx, and a GET leaves nothing to lose.
      if (request.method === 'GET' || response.status >= 500 || !strikes.reached('request-executed', this.#host.id)) return respond(response)
      const answeredFor = currentCause.current
      kernel.next(() => { if (this.#running === running) this.#host.dispatch(answeredFor, () => respond(response)) })
    }
    kernel.after(serviceUs, () => {
      if (this.#running !== running) return
      const { authority, answers } = running
      this.#host.dispatch(cause, () => {
        if (this.#module.owns.has('dedup')) authority.request(request, answer)
        else answers.handle(request, answer, (admitted, respondFirst, remember) => authority.request(admitted, respondFirst, remember))
      })
    })
  }

  #capture(document: DocumentId): void {
    this.replica?.capture(document, (id, respond) => this.#running?.authority.request(readRequest(id), respond))
  }

  /** Writes until the disk takes it: an answer that could not be kept is not given. */
  #keep(disk: Disk, batch: Writes, durable: () => void): void {
    disk.write(batch, (problem) => {
      if (problem === undefined) durable()
      else this.#host.timer(DISK_RETRY_US, () => this.#keep(disk, batch, durable))
    })
  }

  /** Sends a change signal to every device, each after its own delay through the bus. */
  #publish(document: DocumentId, version: Version): void {
    const running = this.#running
    if (running === null) throw new Error('an authority published before it had started')
    this.#capture(document)
    const frame = encodeSignal(document, version)
    for (const [device, attendance] of running.attendance) {
      const delayUs = this.#draws.get(device)?.fanOut.between(...this.#plan.server.fanOutUs) ?? 0
      this.#host.timer(delayUs, () => attendance.end?.send(frame, 'data'))
    }
  }

  /** The process is gone (R5): sessions end without a word, and requests in work are never answered. */
  ended(): number {
    const running = this.#running
    this.#running = null
    if (running === null) return 0
    for (const { session } of running.attendance.values()) session.stop()
    for (let left = running.inWork; left > 0; left--) this.#host.world.quiescence.end(this.#host.index, 'request')
    return running.inWork
  }

  dispose(): void {
    const running = this.#running
    this.#running = null
    if (running === null) return
    for (const { session } of running.attendance.values()) session.stop()
    this.#host.dispatch(null, () => running.authority.dispose())
  }
}
