import { describe, expect, it } from 'vitest'
import type { Authority, AuthorityContext, Request, Response, Session, StackPart } from '../contract.ts'
import { decodeStackFrame, encodeSignal, encodeStrategyFrame } from '../session/stack-frames.ts'
import type { StreamEvents } from '../network/transport.ts'
import { EchoReplica, echoModule } from '../testing/echo-strategy.ts'
import { bytesOf } from '../testing/stream-harness.ts'
import { makeTestWorld, type TestWorld } from '../testing/test-world.ts'
import { TINY_LINK, tinyPlan } from '../testing/tiny-plan.ts'
import { Gateway } from './gateway.ts'

const decoder = new TextDecoder()

/** An authority that notes requests and answers them with a number, so that two executions can be told apart. */
class Counting implements Authority {
  readonly context: AuthorityContext
  readonly requests: { readonly text: string; readonly cause: string | null; readonly atUs: number }[] = []
  readonly heard: string[] = []
  sessions: Session[] = []
  readonly #net: TestWorld
  constructor(context: AuthorityContext, net: TestWorld) {
    this.context = context
    this.#net = net
  }
  opened(session: Session): void {
    this.sessions.push(session)
    this.heard.push(`opened ${session.peer}`)
  }
  received(session: Session, bytes: Uint8Array): void { this.heard.push(`${session.peer}: ${decoder.decode(bytes)}`) }
  closed(session: Session, why: { readonly kind: string }): void { this.heard.push(`closed ${session.peer} ${why.kind}`) }
  request(request: Request, respond: (response: Response) => void): void {
    this.requests.push({ text: decoder.decode(request.body), cause: this.#net.world.cause.current, atUs: this.#net.kernel.nowUs })
    respond({ status: 200, body: bytesOf(String(this.requests.length)) })
  }
  view(): Record<string, never> { return {} }
  pending(): number { return 0 }
  dispose(): void { this.heard.push('disposed') }
}

const DEVICES = ['A', 'B', 'C']

function makeGateway(options: { readonly owns?: readonly StackPart[]; readonly serviceUs?: readonly [number, number]; readonly fanOutUs?: readonly [number, number] } = {}) {
  const net = makeTestWorld({ ids: [...DEVICES, 'server'] })
  const plan = tinyPlan({
    devices: DEVICES.map((id) => ({ id, user: id, link: TINY_LINK, clockOffsetUs: 0 })),
    server: { serviceUs: options.serviceUs ?? [1_000, 1_000], fanOutUs: options.fanOutUs ?? [1_000, 1_000], retainedFrames: 10 },
  })
  let made: Counting | null = null
  const strategy = {
    replica: (context: ConstructorParameters<typeof EchoReplica>[0]) => new EchoReplica(context),
    authority: (context: AuthorityContext) => (made = new Counting(context, net)),
  }
  const gateway = new Gateway(net.hosts[3], plan, echoModule(strategy, options.owns ?? ['resume']), net.weather)
  gateway.boot(strategy)
  if (made === null) throw new Error('the gateway made no authority')
  const authority: Counting = made
  const reboot = (): Counting => {
    gateway.boot(strategy)
    if (made === null) throw new Error('the gateway made no authority')
    return made
  }
  /** Connects a device; returns what its end receives. */
  const attend = (device: string): { readonly got: Uint8Array[]; readonly traffic: string[]; readonly events: StreamEvents } => {
    const got: Uint8Array[] = []
    const traffic: string[] = []
    const events = gateway.accepted(device, {
      bufferedBytes: 0, close: () => undefined,
      send: (bytes, kind) => {
        got.push(bytes.slice())
        traffic.push(kind)
      },
    })
    return { got, traffic, events }
  }
  return { net, gateway, authority, attend, reboot }
}

const post = (text: string, idempotencyKey?: string): Request => ({ method: 'POST', path: '/x', document: 'doc', body: bytesOf(text), idempotencyKey })

describe('Gateway: requests', () => {
  it('each takes its service time, keeps its cause, and keeps the server busy until it is answered (H3)', () => {
    const { net, gateway, authority } = makeGateway({ serviceUs: [2_000, 9_000] })
    const answers: number[] = []
    gateway.request('A', post('a'), 'edit-1', () => answers.push(net.kernel.nowUs))
    expect(net.world.quiescence.pending()).toEqual(['server: 1 x request in flight'])
    net.kernel.run()
    expect(authority.requests).toMatchObject([{ text: 'a', cause: 'edit-1' }])
    expect(answers[0]).toBeGreaterThanOrEqual(2_000)
    expect(answers[0]).toBeLessThanOrEqual(9_000)
    expect(net.world.quiescence.isIdle).toBe(true)
  })

  it('R3, C01: parallel workers let requests overtake one another', () => {
    const { net, gateway, authority } = makeGateway({ serviceUs: [0, 50_000] })
    for (let index = 0; index < 100; index++) net.kernel.at(index * 100, () => gateway.request('A', post(String(index)), null, () => undefined))
    net.kernel.run()
    const order = authority.requests.map(({ text }) => Number(text))
    expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, index) => index))
    expect(order.filter((value, index) => index > 0 && value < order[index - 1]).length).toBeGreaterThan(20)
  })

  it('D4: the service time of one device\'s requests does not depend on another\'s', () => {
    const served = (withB: boolean): number => {
      const { net, gateway, authority } = makeGateway({ serviceUs: [0, 50_000] })
      if (withB) for (let index = 0; index < 5; index++) gateway.request('B', post('b'), null, () => undefined)
      gateway.request('A', post('a'), null, () => undefined)
      net.kernel.run()
      return authority.requests.find(({ text }) => text === 'a')?.atUs ?? -1
    }
    expect(served(true)).toBe(served(false))
  })

  it('C08: a repeated idempotency key gets the first answer and takes no second effect', () => {
    const { net, gateway, authority } = makeGateway()
    const answers: string[] = []
    const hear = (response: Response): void => { answers.push(decoder.decode(response.body)) }
    gateway.request('A', post('a', 'key'), null, hear)
    net.kernel.run()
    gateway.request('A', post('a', 'key'), null, hear)
    gateway.request('A', post('a', 'other'), null, hear)
    net.kernel.run()
    expect([answers.sort(), authority.requests.length]).toEqual([['1', '1', '2'], 2])
  })

  it('a strategy that dedups by itself sees every repetition', () => {
    const { net, gateway, authority } = makeGateway({ owns: ['dedup'] })
    gateway.request('A', post('a', 'key'), null, () => undefined)
    gateway.request('A', post('a', 'key'), null, () => undefined)
    net.kernel.run()
    expect(authority.requests).toHaveLength(2)
  })
})

describe('Gateway: streams and signals', () => {
  it('gives the authority one session per device, with its peer, frames and end', () => {
    const { authority, attend, net } = makeGateway()
    const { events } = attend('B')
    net.world.cause.current = null
    events.frame(encodeStrategyFrame(bytesOf('hello')), 'edit-1')
    events.closed({ kind: 'lost' })
    expect(authority.heard).toEqual(['opened B', 'B: hello', 'closed B lost'])
  })

  it('a second stream of a device takes the place of the first; the late end of the first changes nothing', () => {
    const { authority, attend, net } = makeGateway()
    const first = attend('A')
    const second = attend('A')
    first.events.closed({ kind: 'lost' })
    authority.sessions.at(-1)?.send(bytesOf('news'), 'data')
    authority.context.publish('doc', 1)
    net.kernel.run()
    expect([first.got.length, second.got.map((bytes) => decodeStackFrame(bytes).type)]).toEqual([0, ['strategy', 'signal']])
    expect(authority.heard).toEqual(['opened A', 'closed A lost', 'opened A'])
  })

  it('R3: a change signal reaches every connected device, each after its own delay; signals overtake one another', () => {
    const { authority, attend, net } = makeGateway({ fanOutUs: [0, 100_000] })
    const devices = DEVICES.map(attend)
    for (let version = 1; version <= 50; version++) net.kernel.at(version * 1_000, () => authority.context.publish('doc', version))
    net.kernel.run()
    for (const { got } of devices) {
      const versions = got.map((bytes) => { const frame = decodeStackFrame(bytes); return frame.type === 'signal' ? frame.version : -1 })
      expect([...versions].sort((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, index) => index + 1))
      expect(versions.filter((version, index) => index > 0 && version < versions[index - 1]).length).toBeGreaterThan(10)
    }
    expect(new Set(devices.map(({ got }) => got.map(String).join())).size).toBe(3)
  })

  it('R3: the push bus delivers at most once: a device that is not connected when the signal comes misses it', () => {
    const { authority, attend, net } = makeGateway({ fanOutUs: [10_000, 10_000] })
    const [a, b] = ['A', 'B'].map(attend)
    authority.context.publish('doc', 1)
    net.kernel.at(5_000, () => a.events.closed({ kind: 'lost' }))
    net.kernel.run()
    const late = attend('A')
    net.kernel.run()
    expect([a.got.length, b.got.length, late.got.length]).toEqual([0, 1, 0])
    expect(net.world.quiescence.isIdle).toBe(true)
  })

  it('H3: a signal on its way through the bus keeps the world busy, and what caused it causes it', () => {
    const { authority, attend, net } = makeGateway()
    const { traffic } = attend('A')
    net.hosts[3].dispatch('edit-1', () => authority.context.publish('doc', 1))
    expect(net.world.quiescence.pending()).toEqual(['server: 3 x foreground timer armed'])
    net.kernel.run()
    expect([net.world.quiescence.isIdle, traffic]).toEqual([true, ['data']])
  })

  it('refuses what only a bug can send: a signal from a device, a device of no plan', () => {
    const { attend, gateway } = makeGateway()
    expect(() => attend('A').events.frame(encodeSignal('doc', 1), null)).toThrow(/only servers do/)
    expect(() => attend('Z')).toThrow(/Z is no device/)
    expect(() => gateway.request('Z', post('a'), null, () => undefined)).toThrow(/Z/)
  })

  it('dispose ends the authority and answers nobody after it', () => {
    const { gateway, authority } = makeGateway()
    gateway.dispose()
    expect(authority.heard).toEqual(['disposed'])
    expect(() => gateway.request('A', post('a'), null, () => undefined)).toThrow(/before the server has started/)
  })

  it('R5, T22: what was in work when the process ended is never answered; the next one has the answers, and not among the authority’s own', () => {
    const { net, gateway, authority, reboot } = makeGateway({ serviceUs: [1_000, 1_000] })
    const answers: string[] = []
    const hear = (name: string) => (response: Response): void => { answers.push(`${name} ${decoder.decode(response.body)}`) }
    gateway.request('A', post('done', 'k1'), null, hear('done'))
    net.kernel.run()
    gateway.request('A', post('lost', 'k2'), null, hear('lost'))
    expect(gateway.ended()).toBe(1)
    net.hosts[3].stop('lost')
    net.hosts[3].start()
    const next = reboot()
    net.kernel.run()
    expect([answers, authority.heard, [...next.context.disk.boot.keys()]]).toEqual([['done 1'], [], []])
    gateway.request('A', post('done', 'k1'), null, hear('again'))
    gateway.request('A', post('lost', 'k2'), null, hear('late'))
    net.kernel.run()
    expect(answers).toEqual(['done 1', 'again 1', 'late 1'])
    expect(net.world.quiescence.isIdle).toBe(true)
  })
})
