/** A device with a request channel to a server that records what it is asked, for tests of HTTP. */
import { expect } from 'vitest'
import type { Request, RequestResult } from '../contract.ts'
import { jitteredLink, type LinkPlan } from '../scenario/link-plan.ts'
import { DEFAULT_WIRE, type WireConfig } from '../scenario/wire-config.ts'
import { bytesOf, StreamHarness } from './stream-harness.ts'
import { makeTestWorld, type TestWorld } from './test-world.ts'
import { RequestChannel } from '../network/http/request-channel.ts'

export const LATENCY_US = 10_000
/** TCP and TLS, two round trips. */
export const CONNECT_US = 4 * LATENCY_US
export const WARM_US = 500_000

export interface HttpNet extends TestWorld {
  readonly channel: RequestChannel
  readonly harness: StreamHarness
  readonly results: { readonly name: string; readonly result: RequestResult; readonly atUs: number; readonly cause: string | null }[]
  /** A POST whose body is its name. */
  send(name: string, timeoutUs?: number): () => void
  /** Names of the requests that the server has got, in order. */
  arrived(): readonly string[]
  answer(index: number, body?: Uint8Array): void
}

export const post = (name: string): Request => ({ method: 'POST', path: '/documents/doc', document: 'doc', body: bytesOf(name) })

export function makeHttpNet(wire: Partial<WireConfig> = {}, link: LinkPlan = jitteredLink(LATENCY_US, 0), seed = '1'): HttpNet {
  const world = makeTestWorld({ link, seed })
  const [device, server] = world.hosts
  const harness = new StreamHarness(device)
  const channel = new RequestChannel({ device, server, link: world.link, listener: harness }, { ...DEFAULT_WIRE, ...wire })
  const results: HttpNet['results'] = []
  return {
    ...world, channel, harness, results,
    send: (name, timeoutUs = 60_000_000) => channel.send(post(name), timeoutUs,
      (result, cause) => { results.push({ name, result, atUs: world.kernel.nowUs, cause }) }),
    arrived: () => harness.requests.map(({ request }) => new TextDecoder().decode(request.body)),
    answer: (index, body = bytesOf('ok')) => harness.requests[index].respond({ status: 200, body, version: 1 }),
  }
}

/** A net whose device has one connection that has carried an answer, at time `WARM_US`, and has recorded nothing yet. */
export function makeWarmHttpNet(wire: Partial<WireConfig> = {}): HttpNet {
  const net = makeHttpNet(wire)
  net.send('warm')
  net.until(CONNECT_US + LATENCY_US)
  net.answer(0)
  net.until(WARM_US)
  net.results.splice(0)
  net.harness.requests.splice(0)
  return net
}

/** Nothing is open or on its way, and each frame sent has ended once. */
export function expectAllDone(net: HttpNet): void {
  expect(net.world.quiescence.pending()).toEqual([])
  const ended = [...net.frames('delivered'), ...net.frames('lost')].map(({ frame }) => frame).sort((a, b) => a - b)
  expect(ended).toEqual(net.frames('sent').map(({ frame }) => frame))
}
