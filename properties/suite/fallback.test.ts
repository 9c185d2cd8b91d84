/**
 * Whole runs behind proxies that block transports (A11), with a chain to fall back to (A12): every device ends on the
 * best transport that its proxy lets through, sync converges as if nothing had been, and no claim is broken (A16).
 */
import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { findScenario, installAmbient, makePlan, runPlan, validateScenario, type Hasher, type Run } from '../../sim/index.ts'
import { eventsOf } from '../../sim/history/metrics.ts'
import { setPaths } from '../../sim/scenario/set-path.ts'
import { strategies } from '../../strategies/index.ts'
import { compareRun } from '../campaign/claims.ts'
import { judgeRun } from '../judge.ts'
import { storyLines } from '../story/story-lines.ts'

installAmbient() // before any strategy's library is imported (D3)

const createHasher = (): Hasher => {
  const hash = createHash('sha256')
  return { update: (bytes) => void hash.update(bytes), digestHex: () => hash.digest('hex') }
}

const loaded = await Promise.all(strategies.map(async (module) => [module.name, module, await module.load((library) => import(library))] as const))
const CHAIN = 'client.fallback.to=["sse","long-poll","http"]'
const SHORT = { durationMs: { min: 2_000, max: 15_000 } }

/** What carries a device's streams, in the order in which they were opened. */
const carriers = ({ history }: Run, device: string): readonly string[] =>
  eventsOf(history, 'connection').filter((event) => event.device === device && event.state === 'open').map(({ via = 'websocket' }) => via)

describe.each(loaded)('%s behind proxies (A11, A16)', (_name, module, strategy) => {
  const play = (scenario: string, seed: number, settings: readonly string[]): Run =>
    runPlan(makePlan(validateScenario(setPaths(findScenario(scenario), settings), scenario), seed), module, strategy, { createHasher })
  const expectAsClaimed = (run: Run): void => {
    const broken = compareRun(judgeRun(run.history), module.claims, run.plan).filter(({ asClaimed }) => asClaimed === false)
    expect({ seed: run.plan.seed, quiet: run.quiescent, broken }).toEqual({ seed: run.plan.seed, quiet: true, broken: [] })
  }

  it.each<[string, string, string]>([
    ['nothing is blocked: WebSockets', '{}', 'websocket'],
    ['the upgrade is refused: event streams', '{"websocket":"refuse"}', 'sse'],
    ['the upgrade is swallowed: event streams', '{"websocket":"swallow"}', 'sse'],
    ['event streams are buffered as well: long polls', '{"websocket":"refuse","sse":"buffer"}', 'long-poll'],
    ['all but plain polling is blocked: plain polling', '{"websocket":"swallow","sse":"refuse","long-poll":"refuse"}', 'http'],
  ])('A11: %s', (_what, proxy, ends) => {
    const run = play('order-desk', 1, [CHAIN, `link.proxy=${proxy}`])
    expectAsClaimed(run)
    for (const { id } of run.plan.devices) expect(carriers(run, id).at(-1), `${id} ends on`).toBe(ends)
    expect(run.coverage.fallbacks > 0).toBe(ends !== 'websocket')
    expect(run.coverage.settledEdits).toBeGreaterThan(0)
  })

  it('A11: one device behind a proxy falls back, the others do not', () => {
    const run = play('order-desk', 3, [CHAIN, 'devices[1].link.proxy.websocket=refuse'])
    expectAsClaimed(run)
    expect(storyLines(run.history).map(({ text }) => text)).toContain(`${run.plan.devices[1]?.id ?? ''} is connected over sse`)
    const [first, second, third] = run.plan.devices.map(({ id }) => new Set(carriers(run, id)))
    expect([[...first ?? []], [...second ?? []], [...third ?? []]]).toEqual([['websocket'], ['sse'], ['websocket']])
  })

  it('A11, L06: over HTTP/2 as well', () => {
    const run = play('order-desk', 1, [CHAIN, 'wire.httpVersion=2', 'link.proxy={"websocket":"refuse","sse":"buffer"}'])
    expectAsClaimed(run)
    for (const { id } of run.plan.devices) expect(carriers(run, id).at(-1)).toBe('long-poll')
  })

  it('A11, B14: a device in a network with another proxy falls back there', () => {
    const weather = JSON.stringify([{
      type: 'switch', name: 'office', devices: ['B'], count: 1, link: { profile: 'wpt-lte', proxy: { websocket: 'refuse' } }, untilMs: 60_000, durationMs: { min: 20_000, max: 40_000 },
    }])
    const run = play('order-desk', 1, [CHAIN, `weather=${weather}`])
    expectAsClaimed(run)
    expect(run.plan.devices.map(({ id }) => [...new Set(carriers(run, id))])).toEqual([['websocket'], ['websocket', 'sse'], ['websocket']])
  })

  // A stream that comes back by itself (sse, long-poll) outlives a block that only makes it wait.
  it.each([
    ['websocket', 'refuse', true, true], ['websocket', 'swallow', true, true], ['sse', 'refuse', true, true], ['sse', 'buffer', true, false],
    ['long-poll', 'swallow', true, false], ['websocket', 'refuse', false, false], ['websocket', 'swallow', false, false],
  ] as const)('A11: proxy-block of %s (%s) strikes, hits something and breaks no claim; with a chain: %s, which is used: %s', (transport, how, hasChain, falls) => {
    const others = ['websocket', 'sse', 'long-poll', 'http'].filter((one) => one !== transport)
    const weather = JSON.stringify([{ type: 'proxy-block', name: 'proxy', transport, how, count: 6, ...SHORT }])
    const run = play('crash-recovery', 1, [`transport=${transport}`, `weather=${weather}`, ...(hasChain ? [`client.fallback.to=${JSON.stringify(others)}`] : [])])
    expectAsClaimed(run)
    expect(run.coverage.faultsThatHit).toBeGreaterThan(0)
    expect(run.coverage.fallbacks > 0).toBe(falls)
  })
})
