/**
 * Turns the faults of a plan that concern requests into policies at the server's edge, and marks in the history
 * how many requests (and streams that were to be opened) they hit.
 *
 * They act on what passes while they last. Which requests a fault with a `share` picks, and how long it holds one
 * up, is drawn under the fault's own name, per device, in slots of time (D4): another fault more or less changes
 * nothing. A browser is not told why a stream could not be opened, so neither is the device.
 */
import type { Response } from '../contract.ts'
import type { Host } from '../host/host.ts'
import { DRAW } from '../kernel/draw-purposes.ts'
import { KeyedRandom } from '../kernel/keyed-random.ts'
import { SlotDraws } from '../kernel/slot-draws.ts'
import type { OverloadFault, Plan, RequestFault } from '../scenario/plan.ts'
import type { HostId } from '../values.ts'
import type { Edge, Passing, Policy } from './edge.ts'
import type { ReadReplica } from './read-replica.ts'
import { TokenBucket } from './token-bucket.ts'
import { WorkerPool } from './worker-pool.ts'

/** What a fault can reach of a server. */
export interface Site {
  readonly host: Host
  readonly edge: Edge
  readonly replica: ReadReplica | null
  /** What a request usually takes. */
  readonly serviceUs: readonly [min: number, max: number]
}

interface Injection extends Policy {
  /** The fault is over. */
  end?(): void
}

const MILLION = 1_000_000
const REFUSED = { body: new Uint8Array(0) }

export function scheduleRequestFault(fault: RequestFault, plan: Pick<Plan, 'devices'>, site: Site): void {
  const { world } = site.host
  let hits = 0
  const record = (phase: 'begin' | 'end'): void => {
    world.recorder.record({ kind: 'fault', atUs: world.kernel.nowUs, fault: fault.id, type: fault.type, devices: fault.devices, phase, hit: hits })
  }
  let remove = (): void => undefined
  let injection: Injection | null = null
  world.strikes.schedule(fault, () => {
    record('begin')
    if (fault.type === 'token-expired') hits += site.edge.revoke(fault.devices)
    else {
      const draws = drawsOf(fault, plan, site.host)
      injection = injectionOf(fault, site, draws, () => { hits += 1 })
      remove = site.edge.add(forSome(fault, injection, draws))
    }
  }, () => {
    remove()
    injection?.end?.()
    record('end')
  })
}

type Draws = (purpose: number, device: HostId) => SlotDraws

function drawsOf(fault: RequestFault, { devices }: Pick<Plan, 'devices'>, { world }: Host): Draws {
  const random = new KeyedRandom(`${world.masterKey} ${fault.id}`)
  const made = new Map<string, SlotDraws>()
  return (purpose, device) => {
    const key = `${purpose} ${device}`
    const draws = made.get(key) ?? new SlotDraws(world.kernel, random, purpose, devices.findIndex(({ id }) => id === device))
    made.set(key, draws)
    return draws
  }
}

/** Lets pass what the fault does not concern: other devices, and all but its share. */
function forSome(fault: RequestFault, policy: Policy, draws: Draws): Policy {
  const share = 'share' in fault ? fault.share ?? 1 : 1
  const isHit = (device: HostId): boolean =>
    fault.devices.includes(device) && (share === 1 || draws(DRAW.requestShare, device).between(0, MILLION - 1) < share * MILLION)
  return {
    pass: (passing, next) => {
      if (isHit(passing.device)) policy.pass(passing, next)
      else next(passing)
    },
    admits: (device) => policy.admits === undefined || !isHit(device) || policy.admits(device),
  }
}

function injectionOf(fault: Exclude<RequestFault, { readonly type: 'token-expired' }>, site: Site, draws: Draws, hit: () => void): Injection {
  const { serviceUs, host: { world: { kernel } } } = site
  switch (fault.type) {
    case 'server-error': {
      const answer = refusal(fault.status, fault.retryAfterUs)
      return {
        pass: (passing, next) => {
          hit()
          if (fault.executes) next({ ...passing, respond: () => passing.respond(answer) })
          else passing.respond(answer)
        },
        admits: () => refused(hit),
      }
    }
    case 'rate-limit': {
      const bucket = new TokenBucket(fault.perSecond, kernel.nowUs)
      const isAdmitted = (): boolean => bucket.take(kernel.nowUs) || refused(hit)
      return {
        pass: (passing, next) => {
          if (isAdmitted()) next(passing)
          else passing.respond(refusal(429, fault.retryAfterUs))
        },
        admits: isAdmitted,
      }
    }
    case 'overload': return overload(fault, site, draws, hit)
    case 'lost-answer': return {
      pass: (passing, next) => next({
        ...passing,
        respond: () => {
          hit()
          passing.cut()
        },
      }),
    }
    case 'duplicate-request': return {
      pass: (passing, next) => {
        hit()
        let isAnswered = false
        const first: Passing = {
          ...passing,
          respond: (response) => {
            // Whichever is answered first is the device's answer; the other goes to nobody.
            if (!isAnswered) passing.respond(response)
            isAnswered = true
          },
        }
        next(first)
        hold(site.host, draws(DRAW.requestDelay, passing.device).between(0, fault.withinUs), () => next(first))
      },
    }
    case 'lag': return {
      pass: (passing, next) => {
        const { device, request } = passing
        const read = request.method === 'GET' ? site.replica?.answer(request.document, fault.lagUs) ?? null : null
        if (read === null) return next(passing)
        if (read.isOld) hit()
        holdInProcess(site.host, draws(DRAW.requestDelay, device).between(...serviceUs), () => passing.respond(read.answer))
      },
    }
  }
}

/** A worker is busy until the request is answered, with the work itself `slowdown` times as long as usual. */
function overload(fault: OverloadFault, { host, serviceUs }: Site, draws: Draws, hit: () => void): Injection {
  // Workers and queue are the process's: the next one begins with empty hands.
  let incarnation = host.incarnation
  let pool = new WorkerPool(fault.workers, fault.queue)
  const current = (): WorkerPool => {
    if (host.incarnation !== incarnation) pool = new WorkerPool(fault.workers, fault.queue)
    incarnation = host.incarnation
    return pool
  }
  return {
    pass: (passing, next) => {
      hit()
      const usualUs = draws(DRAW.requestDelay, passing.device).between(...serviceUs)
      const isTaken = current().take((done) => holdInProcess(host, Math.round((fault.slowdown - 1) * usualUs), () => next({
        ...passing,
        respond: (response) => {
          done()
          passing.respond(response)
        },
      })))
      if (!isTaken) passing.respond(refusal(503, fault.retryAfterUs))
    },
    admits: () => !current().isFull || refused(hit),
    end: () => current().open(),
  }
}

function refusal(status: number, retryAfterUs?: number): Response {
  return { ...REFUSED, status, ...(retryAfterUs === undefined ? {} : { retryAfterMs: retryAfterUs / 1000 }) }
}

function refused(hit: () => void): false {
  hit()
  return false
}

/** Something before the server waits; the world is not quiet before it has gone on. */
function hold({ world: { kernel, quiescence }, index }: Host, delayUs: number, run: () => void): void {
  quiescence.begin(index, 'request')
  kernel.after(delayUs, () => {
    quiescence.end(index, 'request')
    run()
  })
}

/** The same in the server's process: what it has not done when it ends, it never does. */
function holdInProcess(host: Host, delayUs: number, run: () => void): void {
  const { incarnation } = host
  hold(host, delayUs, () => { if (host.isUp && host.incarnation === incarnation) run() })
}
