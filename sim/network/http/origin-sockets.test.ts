/** One browser, several tabs: their requests and WebSockets share the sockets to an origin (A06). */
import { describe, expect, it } from 'vitest'
import type { RequestResult } from '../../contract.ts'
import { DEFAULT_WIRE } from '../../scenario/wire-config.ts'
import { bytesOf, StreamHarness } from '../../testing/stream-harness.ts'
import { makeTestWorld, type TestWorld } from '../../testing/test-world.ts'
import { EventStreamTransport } from '../event-stream/event-stream-transport.ts'
import type { Transport } from '../transport.ts'
import { WebSocketTransport } from '../websocket/websocket-transport.ts'

const MS = 1000
/** TCP, TLS and the upgrade, over 10 ms each way. */
const OPEN_US = 60 * MS

interface Tab {
  readonly transport: Transport
  readonly harness: StreamHarness
  readonly results: { readonly name: string; readonly result: RequestResult; readonly atUs: number }[]
  send(name: string): void
}

function makeBrowser(count: number, webSocketsPerOrigin = 255): TestWorld & { readonly tabs: readonly Tab[] } {
  const ids = Array.from({ length: count }, (_, index) => `A-${index + 1}`)
  const world = makeTestWorld({ ids: [...ids, 'server'] })
  const server = world.hosts[count]
  const tabs = ids.map((_, index): Tab => {
    const device = world.hosts[index]
    const harness = new StreamHarness(device)
    const transport = new WebSocketTransport({ device, server, link: world.link, listener: harness }, { ...DEFAULT_WIRE, webSocketsPerOrigin })
    const results: Tab['results'] = []
    const send = (name: string): void => {
      transport.request({ method: 'POST', path: '/', document: 'd', body: bytesOf(name) }, 60_000 * MS, (result) => results.push({ name, result, atUs: world.kernel.nowUs }))
    }
    return { transport, harness, results, send }
  })
  return { ...world, tabs }
}
const arrived = ({ tabs }: { readonly tabs: readonly Tab[] }): readonly string[] => tabs
  .flatMap(({ harness }) => harness.requests).map(({ atUs, request }) => ({ atUs, name: new TextDecoder().decode(request.body) }))
  .sort((a, b) => a.atUs - b.atUs).map(({ name }) => name)
const answer = (tab: Tab, name: string): void => {
  tab.harness.requests.find(({ request }) => new TextDecoder().decode(request.body) === name)?.respond({ status: 200, body: bytesOf('ok') })
}

describe('requests of several tabs (A06)', () => {
  it('six connections over all tabs: the seventh request waits, whoever sends it, and goes first to the tab that has waited longest', () => {
    const browser = makeBrowser(4)
    const [one, two, three, four] = browser.tabs
    for (let index = 0; index < 3; index++) {
      one.send(`one-${index}`)
      two.send(`two-${index}`)
    }
    browser.until(MS)
    three.send('three-0')
    browser.until(2 * MS)
    four.send('four-0')
    one.send('one-3')
    browser.until(500 * MS)
    expect([...arrived(browser)].sort()).toEqual(['one-0', 'one-1', 'one-2', 'two-0', 'two-1', 'two-2'])
    expect(browser.link.sockets.requestConnections).toHaveLength(6)
    answer(one, 'one-1')
    browser.until(600 * MS)
    expect(arrived(browser).at(-1)).toBe('three-0')
    answer(two, 'two-2')
    browser.until(700 * MS)
    expect(arrived(browser).at(-1)).toBe('four-0')
    answer(three, 'three-0')
    browser.until(800 * MS)
    expect(arrived(browser).at(-1)).toBe('one-3')
    expect(browser.link.sockets.requestConnections).toHaveLength(6)
    // On its way through another tab's connection a request still is its own tab's.
    expect(browser.frames('delivered').filter(({ traffic }) => traffic === 'request').map(({ from }) => from).sort())
      .toEqual(['A-1', 'A-1', 'A-1', 'A-1', 'A-2', 'A-2', 'A-2', 'A-3', 'A-4'])
  })

  it('a connection that one tab has left idle carries the next request of another without a handshake', () => {
    const browser = makeBrowser(2)
    const [one, two] = browser.tabs
    one.send('warm')
    browser.until(100 * MS)
    answer(one, 'warm')
    browser.until(200 * MS)
    two.send('quick')
    browser.until(210 * MS)
    expect(two.harness.requests).toMatchObject([{ atUs: 210 * MS }])
    answer(two, 'quick')
    browser.until(300 * MS)
    expect([one.results.length, two.results.map(({ atUs }) => atUs)]).toEqual([1, [220 * MS]])
    expect(browser.link.sockets.requestConnections).toHaveLength(1)
    // The connection is the second tab's now: it ends with that tab, and the first opens another.
    two.transport.deviceGone({ kind: 'lost' })
    expect(browser.link.sockets.requestConnections).toHaveLength(0)
    one.send('again')
    browser.until(400 * MS)
    expect(one.harness.requests).toHaveLength(2)
    expect(browser.world.quiescence.pending().filter((line) => line.startsWith('A-2'))).toEqual([])
  })

  it('the sockets of a tab that ends or is reset are free for the others', () => {
    for (const end of [(tab: Tab): unknown => tab.transport.deviceGone({ kind: 'lost' }), (tab: Tab): unknown => tab.transport.reset(true)]) {
      const browser = makeBrowser(2)
      const [greedy, starved] = browser.tabs
      for (let index = 0; index < 6; index++) greedy.send(`greedy-${index}`)
      starved.send('starved')
      browser.until(5_000 * MS)
      expect(starved.harness.requests).toEqual([])
      end(greedy)
      browser.until(5_100 * MS)
      expect(starved.harness.requests).toHaveLength(1)
    }
  })
})

describe('WebSockets of several tabs (A06)', () => {
  it('have a limit of their own: the dial beyond it fails at once, and succeeds when another tab has closed its own', () => {
    const browser = makeBrowser(3, 2)
    for (const { harness, transport } of browser.tabs) harness.dial(transport)
    browser.until(OPEN_US)
    expect(browser.tabs.map(({ harness }) => [harness.clients.length, harness.failedAtUs])).toEqual([[1, []], [1, []], [0, [0]]])
    browser.tabs[0].send('not of that limit')
    browser.until(200 * MS)
    expect(arrived(browser)).toEqual(['not of that limit'])
    browser.tabs[1].harness.clients[0].end.close(1000)
    browser.tabs[2].harness.dial(browser.tabs[2].transport)
    browser.until(200 * MS + OPEN_US)
    expect(browser.tabs[2].harness.clients).toHaveLength(1)
    browser.tabs[0].transport.deviceGone(null)
    expect(browser.link.sockets.streams).toBe(1)
  })

  it('share the link: what one tab sends holds up another', () => {
    const opened = (busy: boolean): number => {
      const world = makeTestWorld({ ids: ['A-1', 'A-2', 'server'], link: { up: { delay: { latencyUs: 10_000 }, bottleneck: { rateKbps: 1_000 } }, down: { delay: { latencyUs: 10_000 } } } })
      const [one, two, server] = world.hosts
      const dial = (device: typeof one): StreamHarness => {
        const harness = new StreamHarness(device)
        harness.dial(new WebSocketTransport({ device, server, link: world.link, listener: harness }, DEFAULT_WIRE))
        return harness
      }
      const first = dial(one)
      world.until(200 * MS)
      if (busy) first.clients[0].end.send(new Uint8Array(20_000), 'data')
      const second = dial(two)
      world.until(10_000 * MS)
      expect(second.clients).toHaveLength(1)
      return second.clients[0].openedAtUs
    }
    expect(opened(true) - opened(false)).toBeGreaterThan(50 * MS)
  })
})

describe('event streams of several tabs (A06, A08)', () => {
  /** Tabs whose transport is `sse`: each stream that is open keeps one of the six connections. */
  const makeStreamingBrowser = (count: number): ReturnType<typeof makeBrowser> => {
    const browser = makeBrowser(count)
    const server = browser.hosts[count]
    return {
      ...browser,
      tabs: browser.tabs.map((tab, index) => {
        const transport = new EventStreamTransport('sse', { device: browser.hosts[index], server, link: browser.link, listener: tab.harness }, DEFAULT_WIRE)
        return { ...tab, transport, send: (name: string) => {
          transport.request({ method: 'POST', path: '/', document: 'd', body: bytesOf(name) }, 60_000 * MS, (result) => tab.results.push({ name, result, atUs: browser.world.kernel.nowUs }))
        } }
      }),
    }
  }

  it('the famous one: with six tabs listening no request gets out, and the seventh tab hangs; one that closes frees them', () => {
    const browser = makeStreamingBrowser(7)
    for (const { harness, transport } of browser.tabs.slice(0, 6)) harness.dial(transport)
    browser.until(1_000 * MS)
    expect(browser.tabs.map(({ harness }) => harness.clients.length)).toEqual([1, 1, 1, 1, 1, 1, 0])
    const [first, second, , , , , seventh] = browser.tabs
    seventh.harness.dial(seventh.transport)
    first.send('save')
    second.harness.clients[0].end.send(bytesOf('typed'), 'data')
    browser.until(14_000 * MS)
    expect([arrived(browser), second.harness.servers[0].frames, seventh.harness.clients]).toEqual([[], [], []])
    // The other way is open: what the server says arrives.
    first.harness.servers[0].end.send(bytesOf('news'), 'data')
    browser.until(14_100 * MS)
    expect(first.harness.clients[0].frames.map(({ text }) => text)).toEqual(['news'])
    expect(browser.world.quiescence.pending().filter((line) => line.includes('request in flight')).map((line) => line.slice(0, 3))).toEqual(['A-1', 'A-2', 'A-7'])
    browser.tabs[5].transport.deviceGone({ kind: 'lost' })
    browser.until(14_200 * MS)
    // The seventh asked first, and listens: nobody else gets out, until another tab is closed.
    expect([seventh.harness.clients.length, arrived(browser)]).toEqual([1, []])
    browser.tabs[4].transport.deviceGone({ kind: 'lost' })
    browser.until(14_500 * MS)
    expect(arrived(browser)).toEqual(['save'])
    answer(first, 'save')
    browser.until(15_000 * MS)
    expect(second.harness.servers[0].frames.map(({ text }) => text)).toEqual(['typed'])
  })

  it('five tabs that listen leave one connection, over which the requests of all go in turn', () => {
    const browser = makeStreamingBrowser(5)
    for (const { harness, transport } of browser.tabs) harness.dial(transport)
    browser.until(1_000 * MS)
    for (const [index, tab] of browser.tabs.entries()) tab.send(`r${index}`)
    browser.until(2_000 * MS)
    for (let index = 0; index < 5; index++) {
      expect(arrived(browser)).toEqual(Array.from({ length: index + 1 }, (_, at) => `r${at}`))
      answer(browser.tabs[index], `r${index}`)
      browser.until((2_000 + 100 * (index + 1)) * MS)
    }
    expect(browser.tabs.map(({ results }) => results.length)).toEqual([1, 1, 1, 1, 1])
  })
})
