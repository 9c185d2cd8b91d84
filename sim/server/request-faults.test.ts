import { describe, expect, it } from 'vitest'
import type { Authority, AuthorityContext, Request, Response } from '../contract.ts'
import type { StreamEvents } from '../network/transport.ts'
import type { Plan, RequestFault } from '../scenario/plan.ts'
import { CLOSE_UNAUTHORIZED, tokenRequest } from '../session/access-tokens.ts'
import { encodeToken } from '../session/stack-frames.ts'
import { EchoReplica, echoModule } from '../testing/echo-strategy.ts'
import { bytesOf } from '../testing/stream-harness.ts'
import { makeTestWorld, type TestWorld } from '../testing/test-world.ts'
import { TINY_LINK, tinyPlan } from '../testing/tiny-plan.ts'
import { Edge } from './edge.ts'
import { Gateway } from './gateway.ts'
import { scheduleRequestFault } from './request-faults.ts'
import { TokenIssuer } from './token-issuer.ts'

const SERVICE_US = 2_000
const END_US = 10_000_000
const decoder = new TextDecoder()

/** Counts what it executes; a POST is a write that is published, a GET shows how many there were. */
class Counting implements Authority {
  readonly executed: string[] = []
  #writes = 0
  readonly #context: AuthorityContext
  constructor(context: AuthorityContext) { this.#context = context }
  request({ method, body }: Request, respond: (response: Response) => void): void {
    if (method === 'GET') return respond({ status: 200, body: bytesOf(String(this.#writes)), version: this.#writes })
    this.executed.push(decoder.decode(body))
    this.#writes += 1
    respond({ status: 200, body: bytesOf(`done ${this.executed.length}`) })
    this.#context.publish('doc', this.#writes)
  }
  opened(): void { /* silent */ }
  received(): void { /* silent */ }
  closed(): void { /* silent */ }
  view(): Record<string, never> { return {} }
  pending(): number { return 0 }
  dispose(): void { /* nothing is held */ }
}

interface Site extends TestWorld {
  readonly edge: Edge
  readonly authority: Counting
  /** What became of the requests, in order: text, status or `cut`, Retry-After, time. */
  readonly results: string[]
  at(atUs: number, run: () => void): void
  ask(device: string, text: string, request?: Partial<Request>): void
  hits(): readonly number[]
}

function makeSite(faults: readonly RequestFault[], options: { readonly seed?: string; readonly tokenLifeUs?: number } = {}): Site {
  const net = makeTestWorld({ ids: ['A', 'B', 'server'], seed: options.seed })
  const devices = ['A', 'B'].map((id) => ({ id, user: id, link: TINY_LINK, clockOffsetUs: 0 }))
  const server: Plan['server'] = { serviceUs: [SERVICE_US, SERVICE_US], fanOutUs: [0, 0], retainedFrames: 10, tokenLifeUs: options.tokenLifeUs }
  const plan = tinyPlan({ devices, server, faults, durationUs: END_US })
  let authority: Counting | null = null
  const strategy = {
    replica: (context: ConstructorParameters<typeof EchoReplica>[0]) => new EchoReplica(context),
    authority: (context: AuthorityContext) => (authority = new Counting(context)),
  }
  const host = net.hosts[2]
  const tokens = options.tokenLifeUs !== undefined || faults.some(({ type }) => type === 'token-expired') ? new TokenIssuer(host, options.tokenLifeUs ?? null) : null
  const gateway = new Gateway(host, plan, echoModule(strategy, ['resume']), net.weather, tokens)
  const edge = new Edge(host, gateway, tokens)
  gateway.boot(strategy)
  if (authority === null) throw new Error('the gateway made no authority')
  for (const fault of faults) scheduleRequestFault(fault, plan, { host, edge, replica: gateway.replica, serviceUs: plan.server.serviceUs })
  const results: string[] = []
  return {
    ...net, edge, authority, results,
    at: (atUs, run) => { net.kernel.at(atUs, run) },
    ask: (device, text, request) => {
      const tell = (what: string): void => { results.push(`${text} ${what} @${net.kernel.nowUs}`) }
      edge.request(device, { method: 'POST', path: '/x', document: 'doc', body: bytesOf(text), ...request }, null,
        ({ status, retryAfterMs, body }) => tell(`${status}${retryAfterMs === undefined ? '' : ` after ${retryAfterMs}`}${request?.method === 'GET' ? ` ${decoder.decode(body)}` : ''}`),
        () => tell('cut'))
    },
    hits: () => net.world.recorder.events.flatMap((event) => event.kind === 'fault' && event.phase === 'end' ? [event.hit] : []),
  }
}

const between = { id: 'f', atUs: 1_000_000, untilUs: 2_000_000, devices: ['A', 'B'] }

describe('faults on requests at the edge', () => {
  it.each([true, false])('R2: server-error answers with its status and Retry-After, executed: %s; before and after all is as usual', (executes) => {
    const site = makeSite([{ ...between, type: 'server-error', status: 502, executes, retryAfterUs: 3_000_000 }])
    site.at(500_000, () => site.ask('A', 'before'))
    site.at(1_500_000, () => site.ask('A', 'during'))
    site.at(2_500_000, () => site.ask('A', 'after'))
    site.kernel.run()
    expect(site.results).toEqual([
      'before 200 @502000', `during 502 after 3000 @${executes ? 1_502_000 : 1_500_000}`, 'after 200 @2502000',
    ])
    expect(site.authority.executed).toEqual(executes ? ['before', 'during', 'after'] : ['before', 'after'])
    expect(site.hits()).toEqual([1])
  })

  it('R2, C10: after an error behind which the request was executed, a repetition gets the first answer and executes nothing', () => {
    const site = makeSite([{ ...between, type: 'server-error', status: 504, executes: true }])
    for (const atUs of [1_500_000, 2_500_000]) site.at(atUs, () => site.ask('A', 'once', { idempotencyKey: 'k' }))
    site.kernel.run()
    expect([site.authority.executed, site.results.map((line) => line.split(' ')[1])]).toEqual([['once'], ['504', '200']])
  })

  it('hits only its devices and its share, and which requests those are depends on nobody else (D4)', () => {
    const refusedOf = (withB: boolean, faults = 1): readonly string[] => {
      const all = ['f', 'g'].slice(0, faults).map((id): RequestFault => ({ ...between, id, type: 'server-error', status: 500, executes: false, share: id === 'f' ? 0.4 : 0.0001 }))
      const site = makeSite(all)
      for (let index = 0; index < 200; index++) {
        site.at(1_000_000 + index * 4_000, () => {
          if (withB) site.ask('B', `b${index}`)
          site.ask('A', `a${index}`)
        })
      }
      site.kernel.run()
      return site.results.filter((line) => line.startsWith('a') && line.includes(' 500 ')).map((line) => line.split(' ')[0])
    }
    const alone = refusedOf(false)
    expect(alone.length).toBeGreaterThan(50)
    expect(alone.length).toBeLessThan(110)
    expect([refusedOf(true), refusedOf(false, 2)]).toEqual([alone, alone])
    const site = makeSite([{ ...between, devices: ['B'], type: 'server-error', status: 500, executes: false }])
    site.at(1_500_000, () => site.ask('A', 'a'))
    site.kernel.run()
    expect(site.results).toEqual(['a 200 @1502000'])
  })

  it('B03, F08: rate-limit admits as many requests a second as it says, and answers 429 to the rest', () => {
    const site = makeSite([{ ...between, untilUs: 6_000_000, type: 'rate-limit', perSecond: 4, retryAfterUs: 1_000_000 }])
    for (let index = 0; index < 500; index++) site.at(1_000_000 + index * 10_000, () => site.ask('A', 'x'))
    site.kernel.run()
    const admitted = site.results.filter((line) => line.includes(' 200 ')).length
    // A second's worth at once, and then the rate.
    expect(admitted).toBeGreaterThanOrEqual(4 + 4 * 4)
    expect(admitted).toBeLessThanOrEqual(4 + 4 * 5)
    expect(site.results.filter((line) => line.includes(' 429 after 1000 '))).toHaveLength(500 - admitted)
    expect(site.hits()).toEqual([500 - admitted])
  })

  it('F08: overload makes few workers slow; a full queue answers 503 with Retry-After, and what is in it is served in order', () => {
    const site = makeSite([{ ...between, type: 'overload', slowdown: 50, workers: 1, queue: 2, retryAfterUs: 2_000_000 }])
    site.at(1_000_000, () => { for (const text of ['1', '2', '3', '4', '5']) site.ask('A', text) })
    site.kernel.run()
    expect(site.results).toEqual([
      '4 503 after 2000 @1000000', '5 503 after 2000 @1000000', '1 200 @1100000', '2 200 @1200000', '3 200 @1300000',
    ])
    expect(site.authority.executed).toEqual(['1', '2', '3'])
  })

  it('overload that ends lets the queue through at once; a queue dies with its process (R5)', () => {
    const site = makeSite([{ ...between, untilUs: 1_100_000, type: 'overload', slowdown: 1_000, workers: 1, queue: 5 }])
    site.at(1_000_000, () => { for (const text of ['1', '2']) site.ask('A', text) })
    site.kernel.run()
    expect(site.results.map((line) => line.split('@')[1])).toEqual(['3000000', '3100000'])
    expect(site.world.quiescence.isIdle).toBe(true)
  })

  it('R2: lost-answer executes the request and cuts its connection', () => {
    const site = makeSite([{ ...between, type: 'lost-answer' }])
    site.at(1_500_000, () => site.ask('A', 'x'))
    site.kernel.run()
    expect([site.results, site.authority.executed, site.hits()]).toEqual([['x cut @1502000'], ['x'], [1]])
  })

  it('C10, K04: a repeated request arrives twice, is executed once under its key, and is answered once', () => {
    const site = makeSite([{ ...between, type: 'duplicate-request', withinUs: 400_000 }])
    site.at(1_500_000, () => site.ask('A', 'keyed', { idempotencyKey: 'k' }))
    site.at(1_500_000, () => site.ask('A', 'bare'))
    site.kernel.run()
    expect(site.results).toHaveLength(2)
    expect([...site.authority.executed].sort()).toEqual(['bare', 'bare', 'keyed'])
    expect(site.kernel.nowUs).toBeLessThan(2_500_000)
  })

  it('C07: lag answers GETs as they would have been answered then; writes pass, and afterwards reads are new again', () => {
    const site = makeSite([{ ...between, untilUs: 5_000_000, type: 'lag', lagUs: 1_500_000 }])
    site.at(1_000_000, () => site.ask('A', 'first'))
    site.at(2_000_000, () => site.ask('A', 'second'))
    for (const atUs of [900_000, 2_400_000, 2_700_000, 3_600_000, 5_100_000]) site.at(atUs, () => site.ask('B', `read ${atUs}`, { method: 'GET' }))
    site.kernel.run()
    expect(site.results.filter((line) => line.startsWith('read')).map((line) => line.replace(/ @.*/, ''))).toEqual([
      'read 900000 200 0', 'read 2400000 200 0', 'read 2700000 200 1', 'read 3600000 200 2', 'read 5100000 200 2',
    ])
    expect(site.hits()).toEqual([2])
  })

  it('a stream that is to be opened meets errors, limits and a full queue like a request (R2)', () => {
    const errors = makeSite([{ ...between, devices: ['A'], type: 'server-error', status: 503, executes: false }])
    const limit = makeSite([{ ...between, type: 'rate-limit', perSecond: 1 }])
    const seen: (readonly boolean[])[] = []
    for (const site of [errors, limit]) {
      for (const atUs of [500_000, 1_500_000, 2_500_000]) site.at(atUs, () => seen.push([site.edge.admits('A'), site.edge.admits('A'), site.edge.admits('B')]))
      site.kernel.run()
    }
    expect(seen).toEqual([[true, true, true], [false, false, true], [true, true, true], [true, true, true], [true, false, false], [true, true, true]])
  })
})

describe('access tokens at the edge', () => {
  const issue = (site: Site, device: string): string => {
    let token = ''
    site.edge.request(device, tokenRequest(), null, ({ body }) => { token = decoder.decode(body) }, () => undefined)
    return token
  }
  /** Opens a stream with a token; returns when and how it was closed. */
  const attend = (site: Site, device: string, token: string): { readonly closed: string[]; readonly events: StreamEvents } => {
    const closed: string[] = []
    let events: StreamEvents | null = null
    const begun = site.edge.accepted(device, {
      bufferedBytes: 0, send: () => undefined,
      close: (code) => {
        closed.push(`${code} @${site.kernel.nowUs}`)
        events?.closed({ kind: 'closed', code })
      },
    })
    events = begun
    begun.frame(encodeToken(token), null)
    return { closed, events: begun }
  }

  it('B15: a request without a good token gets 401 and is not executed; a token is good for its life, on its device', () => {
    const site = makeSite([], { tokenLifeUs: 60_000_000 })
    let [own, other] = ['', '']
    site.at(0, () => { [own, other] = [issue(site, 'A'), issue(site, 'B')] })
    site.at(1_000_000, () => {
      site.ask('A', 'none')
      site.ask('A', 'other', { authorization: other })
      site.ask('A', 'own', { authorization: own })
    })
    site.at(60_000_000, () => site.ask('A', 'late', { authorization: own }))
    site.kernel.run()
    expect(site.results).toEqual(['none 401 @1000000', 'other 401 @1000000', 'own 200 @1002000', 'late 401 @60000000'])
    expect(site.authority.executed).toEqual(['own'])
  })

  it('B15: a stream lasts as long as its token, and is closed with 4401', () => {
    const site = makeSite([], { tokenLifeUs: 60_000_000 })
    const logs: { readonly closed: readonly string[] }[] = []
    let token = ''
    site.at(0, () => { token = issue(site, 'A') })
    site.at(50_000_000, () => logs.push(attend(site, 'A', token)))
    site.at(70_000_000, () => logs.push(attend(site, 'A', token)))
    site.kernel.run()
    expect(logs.map(({ closed }) => closed)).toEqual([[`${CLOSE_UNAUTHORIZED} @60000000`], [`${CLOSE_UNAUTHORIZED} @70000000`]])
  })

  it('token-expired makes the tokens of its devices void and closes their streams; new ones are good', () => {
    const site = makeSite([{ ...between, devices: ['A'], untilUs: 1_000_000, type: 'token-expired' }])
    const logs: { readonly closed: readonly string[] }[] = []
    const tokens: string[] = []
    site.at(0, () => { for (const device of ['A', 'B']) tokens.push(issue(site, device)) })
    site.at(500_000, () => { for (const [index, device] of ['A', 'B'].entries()) logs.push(attend(site, device, tokens[index])) })
    site.at(2_000_000, () => {
      for (const [index, device] of ['A', 'B'].entries()) site.ask(device, device, { authorization: tokens[index] })
      site.ask('A', 'new', { authorization: issue(site, 'A') })
    })
    site.kernel.run()
    expect(logs.map(({ closed }) => closed)).toEqual([[`${CLOSE_UNAUTHORIZED} @1000000`], []])
    expect(site.results.map((line) => line.split(' ').slice(0, 2).join(' '))).toEqual(['A 401', 'B 200', 'new 200'])
    expect(site.hits()).toEqual([1])
  })
})

