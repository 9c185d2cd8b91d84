import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Request, RequestResult } from '../contract.ts'
import { Kernel } from '../kernel/kernel.ts'
import { isTokenRequest } from '../session/access-tokens.ts'
import { RequestGate } from './request-gate.ts'

const retry = { initialUs: 1_000_000, multiplier: 2, capUs: 30_000_000, jitter: 0.1 }
const answer = (status: number, retryAfterMs?: number): RequestResult => ({ status, body: new Uint8Array(0), retryAfterMs })
const read = (path: string): Request => ({ method: 'GET', path, document: 'doc', body: new Uint8Array(0) })

interface Sent { readonly path: string; readonly atUs: number; readonly token: string | undefined; readonly done: (result: RequestResult) => void }

/** A gate before a network that answers when it is told to, and at once where `reply` knows an answer. */
function makeGate(options: { readonly usesTokens?: boolean; readonly random?: () => number; readonly reply?: (request: Request) => RequestResult | null } = {}) {
  const kernel = new Kernel()
  const sent: Sent[] = []
  const results: string[] = []
  const gate = new RequestGate({ retry, requestTimeoutUs: 5_000_000, usesTokens: options.usesTokens ?? false }, {
    nowUs: () => kernel.nowUs,
    timer: (delayUs, run) => {
      const timer = kernel.after(delayUs, run)
      return () => void kernel.cancel(timer)
    },
    random: options.random ?? (() => 0),
    bind: (run) => run,
    send: (request, _timeoutUs, done) => {
      let isOpen = true
      const once = (result: RequestResult): void => {
        if (isOpen) done(result)
        isOpen = false
      }
      sent.push({ path: request.path, atUs: kernel.nowUs, token: request.authorization, done: once })
      const reply = options.reply?.(request) ?? null
      if (reply !== null) kernel.after(20_000, () => once(reply))
      return () => { isOpen = false }
    },
  })
  const ask = (path: string): (() => void) => gate.send(read(path), 5_000_000, (result) => results.push(`${path} ${'failed' in result ? result.failed : result.status}`))
  return { kernel, gate, sent, results, ask, last: (): Sent => sent[sent.length - 1] }
}

describe('RequestGate: pauses', () => {
  it('B03: after 429s in a row the pauses are min(2^n * 100 ms, 30 s), and the first other answer sets n back', () => {
    const { kernel, sent, results, ask, last } = makeGate()
    ask('/a')
    const pausesMs: number[] = []
    for (let n = 0; n < 12; n++) {
      const beforeUs = kernel.nowUs
      last().done(answer(429))
      kernel.run()
      pausesMs.push((last().atUs - beforeUs) / 1000)
    }
    expect(pausesMs).toEqual([100, 200, 400, 800, 1600, 3200, 6400, 12_800, 25_600, 30_000, 30_000, 30_000])
    last().done(answer(200))
    expect([results, sent.length]).toEqual([['/a 200'], 13])
    ask('/b')
    const beforeUs = kernel.nowUs
    last().done(answer(429))
    kernel.run()
    expect(last().atUs - beforeUs).toBe(100_000)
  })

  it('B03: jitter lengthens a pause by at most its share, never shortens it', () => {
    for (const random of [0, 0.5, 0.999]) {
      const { kernel, ask, last } = makeGate({ random: () => random })
      ask('/a')
      last().done(answer(429))
      kernel.run()
      expect(last().atUs).toBe(Math.ceil(100_000 * (1 + 0.1 * random)))
    }
  })

  it('B04, T32: no request of the device leaves before Retry-After, whoever sends it, and they leave in order', () => {
    const { kernel, sent, ask } = makeGate()
    ask('/a')
    ask('/b')
    sent[0].done(answer(429, 7_000))
    sent[1].done(answer(429))
    kernel.at(1_000_000, () => ask('/c'))
    kernel.run()
    expect(sent.slice(2).map(({ path, atUs }) => [path, atUs])).toEqual([['/a', 7_000_000], ['/b', 7_000_000], ['/c', 7_000_000]])
  })

  it('B04: a 503 is handed on, and its Retry-After holds for what comes next', () => {
    const { kernel, results, ask, last, gate } = makeGate()
    ask('/a')
    last().done(answer(503, 2_000))
    expect(results).toEqual(['/a 503'])
    ask('/a')
    expect(gate.waiting).toBe(1)
    kernel.run()
    expect(last().atUs).toBe(2_000_000)
  })

  it('hands on everything else as it is, 401 too where no tokens are used', () => {
    const { results, ask, last, gate } = makeGate()
    for (const result of [answer(200), answer(401), answer(409), answer(500), { failed: 'network' }, { failed: 'timeout' }] as const) {
      ask('/a')
      last().done(result)
    }
    expect(results).toEqual(['/a 200', '/a 401', '/a 409', '/a 500', '/a network', '/a timeout'])
    expect(gate.waiting).toBe(0)
  })

  it('what is cancelled while it waits does not leave', () => {
    const { kernel, sent, ask } = makeGate()
    ask('/a')
    sent[0].done(answer(429))
    const cancel = ask('/b')
    cancel()
    kernel.run()
    expect(sent.map(({ path }) => path)).toEqual(['/a', '/a'])
  })
})

const token = (name: string): RequestResult => ({ status: 200, body: new TextEncoder().encode(name) })

describe('RequestGate: access tokens', () => {
  it('B15, T31: of any number of requests refused with one token, one refresh follows; they leave again in the order they were made', () => {
    let tokens = 0
    const { kernel, sent, results, ask } = makeGate({
      usesTokens: true,
      reply: (request) => isTokenRequest(request) ? token(`t${++tokens}`) : request.authorization === 't1' ? answer(401) : answer(200),
    })
    for (const path of ['/a', '/b', '/c']) ask(path)
    expect(sent.map(({ path }) => path)).toEqual(['/token'])
    kernel.at(30_000, () => ask('/d'))
    kernel.run()
    // The first token is refused as soon as it has come: the second is asked for after the backoff.
    expect(tokens).toBe(2)
    expect(sent.filter((one) => one.token === 't2').map(({ path }) => path)).toEqual(['/a', '/b', '/c', '/d'])
    expect(results).toEqual(['/a 200', '/b 200', '/c 200', '/d 200'])
    expect(sent.every(({ path, token: used }) => (path === '/token') === (used === undefined))).toBe(true)
  })

  it('B04: a token that has expired in use is refreshed at once; a refusal of the one before it changes nothing', () => {
    let tokens = 0
    const { kernel, sent, ask } = makeGate({ usesTokens: true, reply: (request) => isTokenRequest(request) ? token(`t${++tokens}`) : null })
    ask('/a')
    kernel.run()
    kernel.at(60_000_000, () => ask('/b'))
    kernel.run()
    const [first, second] = sent.filter(({ path }) => path !== '/token')
    first.done(answer(401))
    kernel.run()
    expect([tokens, sent.at(-1)?.path, sent.at(-1)?.token, sent.at(-1)?.atUs]).toEqual([2, '/a', 't2', 60_020_000])
    second.done(answer(401))
    expect([sent.at(-1)?.path, sent.at(-1)?.token, tokens]).toEqual(['/b', 't2', 2])
  })

  it('B04: a refresh that fails is tried again with the full backoff, and at once when the device is connected', () => {
    let fails = 2
    const { kernel, gate, sent, results, ask } = makeGate({
      usesTokens: true, reply: (request) => !isTokenRequest(request) ? answer(200) : fails-- > 0 ? answer(500) : token('t'),
    })
    ask('/a')
    kernel.at(1_000_000, () => gate.connected())
    kernel.run()
    expect(sent.filter(({ path }) => path === '/token').map(({ atUs }) => atUs)).toEqual([0, 920_000, 1_000_000])
    expect(results).toEqual(['/a 200'])
  })

  it('A16: streams are admitted with the current token, and wait for the next one when it was refused', () => {
    let tokens = 0
    const { kernel, gate, ask } = makeGate({ usesTokens: true, reply: (request) => isTokenRequest(request) ? token(`t${++tokens}`) : answer(200) })
    const admitted: (string | null)[] = []
    gate.whenAdmitted((one) => admitted.push(one))
    ask('/a')
    kernel.run()
    gate.whenAdmitted((one) => admitted.push(one))
    kernel.at(10_000_000, () => {
      gate.refused('t1')
      gate.refused('t1')
      gate.whenAdmitted((one) => admitted.push(one))
    })
    kernel.run()
    expect([admitted, tokens]).toEqual([['t1', 't1', 't2'], 2])
  })

  it('B03, B15: whatever a server refuses, nothing is lost, nothing answered twice, nothing sent in a pause, and requests of one pause keep their order', () => {
    const replies = fc.array(fc.constantFrom(200, 200, 401, 429, 503), { minLength: 40, maxLength: 80 })
    fc.assert(fc.property(replies, fc.array(fc.nat(3_000), { minLength: 1, maxLength: 12 }), (script, timesMs) => {
      const left = [...script]
      let tokens = 0
      let pausedUntilUs = 0
      const world = makeGate({
        usesTokens: true,
        reply: (request) => {
          expect(world.kernel.nowUs).toBeGreaterThanOrEqual(pausedUntilUs)
          if (isTokenRequest(request)) return token(`t${++tokens}`)
          const status = left.shift() ?? 200
          if (status === 429 || status === 503) world.kernel.after(20_000, () => { pausedUntilUs = Math.max(pausedUntilUs, world.kernel.nowUs + 500_000) })
          return status === 429 || status === 503 ? answer(status, 500) : answer(status)
        },
      })
      timesMs.forEach((atMs, index) => world.kernel.at(atMs * 1000, () => world.ask(`/${index}`)))
      world.kernel.run()
      expect(world.results).toHaveLength(timesMs.length)
      expect(new Set(world.results.map((line) => line.split(' ')[0])).size).toBe(timesMs.length)
      expect(world.gate.waiting).toBe(0)
    }), { numRuns: 200 })
  })
})
