/** Proxies and fallback from the scenario, as people write it, to the plan. */
import { describe, expect, it } from 'vitest'
import { BadInput } from '../bad-input.ts'
import { tinyPlan } from '../testing/tiny-plan.ts'
import { findScenario } from './catalogue/index.ts'
import { makePlan } from './generate.ts'
import type { Plan } from './plan.ts'
import { validatePlan } from './plan-schema.ts'
import { chainOf, letsThrough } from './proxy-policy.ts'
import { validateScenario } from './scenario-schema.ts'
import { setPaths } from './set-path.ts'

const planOf = (...settings: readonly string[]): Plan =>
  makePlan(validateScenario(setPaths(findScenario('order-desk'), settings), 'order-desk'), 1)
const refusal = (run: () => unknown): string => {
  try {
    run()
  } catch (error) {
    if (error instanceof BadInput) return error.message
    throw error
  }
  return 'nothing was refused'
}
const SWITCH = (link: string, more = ''): string => `weather=[{"type":"switch","name":"s","count":1,"link":${link}${more}}]`
const CHAIN = 'client.fallback.to=["sse","http"]'

describe('proxies and fallback in scenarios and plans (A11, A12)', () => {
  it('there are none unless asked for', () => {
    const plan = planOf()
    expect([plan.client.fallback, plan.devices.map(({ link }) => link.proxy)]).toEqual([undefined, plan.devices.map(() => undefined)])
  })

  it('a chain and proxies, of all devices or of one, stand in the plan, which validates', () => {
    const plan = planOf(CHAIN, 'client.fallback.memoryMs=60000', 'link.proxy.websocket=refuse', 'devices[0].link.proxy.sse=buffer')
    expect(plan.client.fallback).toEqual({ to: ['sse', 'http'], connectTimeoutUs: 10_000_000, memoryUs: 60_000_000 })
    expect(plan.devices.map(({ link }) => link.proxy)).toEqual([{ sse: 'buffer' }, ...plan.devices.slice(1).map(() => ({ websocket: 'refuse' }))])
    expect(validatePlan(JSON.parse(JSON.stringify(plan)), 'plan.json')).toEqual(plan)
  })

  it('a profile and a latency leave the proxy where it is', () => {
    for (const link of ['link.profile=wpt-3g', 'link.latencyMs=5']) {
      const plan = planOf(CHAIN, 'link.proxy.websocket=refuse', 'devices[1].link.proxy.sse=refuse', link)
      expect(plan.devices.map((device) => device.link.proxy)).toEqual([{ websocket: 'refuse' }, { sse: 'refuse' }, { websocket: 'refuse' }])
    }
  })

  it('B14: a network that is changed to has a proxy of its own, the scenario\'s or none', () => {
    const proxies = (link: string): unknown => planOf(CHAIN, 'link.proxy.websocket=refuse', 'devices[1].link.proxy.sse=refuse',
      `weather=[{"type":"switch","name":"s","devices":["B"],"count":1,"link":${link},"untilMs":9000,"durationMs":{"min":10,"max":10}}]`)
      .faults.map((fault) => fault.type === 'switch' ? fault.link.proxy : 'no switch')
    expect(proxies('{"proxy":{"sse":"refuse"}}')).toEqual([{ sse: 'refuse' }, { sse: 'refuse' }])
    expect(proxies('{"profile":"wpt-3g"}')).toEqual([{ websocket: 'refuse' }, { sse: 'refuse' }])
    expect(proxies('{"proxy":{}}')).toEqual([{}, { sse: 'refuse' }])
  })

  it('proxy-block becomes faults with a transport and a way to block it', () => {
    const { faults } = planOf('weather=[{"type":"proxy-block","name":"p","transport":"websocket","how":"swallow","count":2,"durationMs":{"min":100,"max":200}}]')
    expect(faults).toHaveLength(2)
    expect(faults[0]).toMatchObject({ id: 'p.1', type: 'proxy-block', transport: 'websocket', how: 'swallow' })
  })

  it.each([
    [['client.fallback.to=["websocket"]'], /client\.fallback\.to\[0\]: expected an unused transport, got "websocket"/],
    [['client.fallback.to=["sse","sse"]'], /client\.fallback\.to\[1\]: expected an unused transport, got "sse"/],
    [['client.fallback.to=["datagram"]'], /client\.fallback\.to\[0\]: expected one of websocket, sse, long-poll, http/],
    [['transport=datagram', CHAIN], /client\.fallback\.to: expected none: transport "datagram" is fallen back from by nothing/],
    [['link.proxy.websocket=refuse'], /link\.proxy: expected one of websocket left to connect with \(client\.fallback\.to names more\), got \{"websocket":"refuse"\}/],
    [['client.fallback.to=["sse"]', 'devices[1].link.proxy={"websocket":"refuse","sse":"buffer"}'], /devices\[1\]\.link\.proxy: expected one of websocket, sse left/],
    [['link.proxy.websocket=buffer'], /link\.proxy\.websocket: expected one of refuse, swallow/],
    [['link.proxy.http=refuse'], /link\.proxy.*http/],
    [['weather=[{"type":"proxy-block","name":"p","transport":"websocket","how":"buffer","count":1,"durationMs":{"min":1,"max":2}}]'], /weather\[0\]\.how: expected "refuse" or "swallow" \(only sse is buffered\)/],
    [[SWITCH('{"proxy":{"websocket":"refuse"}}')], /weather\[0\]\.link\.proxy: expected one of websocket left/],
    [[CHAIN, SWITCH('{"proxy":{"sse":"swallow"}}')], /weather\[0\]\.link\.proxy\.sse: expected "refuse" or nothing \(a stream that a device brings along would wait here without end\), got "swallow"/],
    [[CHAIN, 'link.proxy.sse=buffer', SWITCH('{"latencyMs":5}')], /weather\[0\]\.link\.proxy\.sse: expected "refuse" or nothing/],
    [[CHAIN, 'devices[1].link.proxy.sse=buffer', SWITCH('{}', ',"durationMs":{"min":1,"max":2}')], /weather\[0\]\.link\.proxy\.sse: expected "refuse" or nothing/],
  ])('refuses %j', (settings, message) => {
    expect(refusal(() => planOf(...settings))).toMatch(message)
  })

  it('a plan is held to the same', () => {
    const plan = tinyPlan()
    const fallback = { to: ['sse', 'sse'] as const, connectTimeoutUs: 1, memoryUs: 1 }
    expect(refusal(() => validatePlan({ ...plan, client: { ...plan.client, fallback } }, 'p'))).toMatch(/client\.fallback\.to\[1\]: expected an unused transport/)
    const blocked = plan.devices.map((device) => ({ ...device, link: { ...device.link, proxy: { websocket: 'swallow' } } }))
    expect(refusal(() => validatePlan({ ...plan, devices: blocked }, 'p'))).toMatch(/devices\[0\]\.link\.proxy: expected one of websocket left/)
    const fault = { id: 'f', type: 'proxy-block', atUs: 1, untilUs: 2, devices: ['A'], transport: 'long-poll', how: 'buffer' }
    expect(refusal(() => validatePlan({ ...plan, faults: [fault] }, 'p'))).toMatch(/faults\[0\]\.how: expected "refuse" or "swallow"/)
    expect(refusal(() => validatePlan({ ...plan, faults: [{ ...fault, how: 'swallow' }] }, 'p'))).toBe('nothing was refused')
    const away = { id: 'f', type: 'switch', atUs: 1, untilUs: 1, devices: ['A'], link: { ...plan.devices[0]?.link, proxy: { websocket: 'refuse' } } }
    expect(refusal(() => validatePlan({ ...plan, faults: [away] }, 'p'))).toMatch(/faults\[0\]\.link\.proxy: expected one of websocket left/)
  })

  it('what is tried, and whether anything gets through', () => {
    expect(chainOf(planOf(CHAIN))).toEqual(['websocket', 'sse', 'http'])
    expect(letsThrough({ websocket: 'refuse' }, ['websocket'])).toBe(false)
    expect(letsThrough({ websocket: 'refuse' }, ['websocket', 'http'])).toBe(true)
    expect(letsThrough(undefined, ['websocket'])).toBe(true)
  })
})
