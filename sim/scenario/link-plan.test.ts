import { describe, expect, it } from 'vitest'
import { Kernel } from '../kernel/kernel.ts'
import { KeyedRandom } from '../kernel/keyed-random.ts'
import { PacketLink } from '../network/packet-link.ts'
import { linksOf, networkProfiles } from '../network/profiles/index.ts'
import { tinyPlan } from '../testing/tiny-plan.ts'
import { findScenario } from './catalogue/index.ts'
import { makePlan } from './generate.ts'
import { jitteredLink, type LinkPlan, packetLinkOptions } from './link-plan.ts'
import { validatePlan } from './plan-schema.ts'
import { validateScenario } from './scenario-schema.ts'
import { setPaths } from './set-path.ts'

const linksFor = (...settings: readonly string[]): readonly LinkPlan[] =>
  makePlan(validateScenario(setPaths(findScenario('order-desk'), settings), 'test'), 1).devices.map(({ link }) => link)
const LTE = { radioTailUs: 11_576_000 }
const profilesByName = (): ReadonlyMap<string, LinkPlan> => new Map(networkProfiles().map((profile) => [profile.name, linksOf(profile)]))
const planOver = (link: unknown): unknown => JSON.parse(JSON.stringify({ ...tinyPlan(), devices: [{ ...tinyPlan().devices[0], link }], intentions: [] }))

describe('links of plans (A13)', () => {
  it('a latency with jitter is a uniform draw from the latency up, the same both ways', () => {
    expect(jitteredLink(40_000, 20_000)).toEqual({ up: { delay: { latencyUs: 50_000, jitterUs: 10_000 } }, down: { delay: { latencyUs: 50_000, jitterUs: 10_000 } } })
    expect(jitteredLink(40_000, 0).up).toEqual({ delay: { latencyUs: 40_000 } })
    const kernel = new Kernel()
    const link = new PacketLink(0, packetLinkOptions({ ...jitteredLink(40_000, 20_000).up, keepsOrder: false }), kernel, new KeyedRandom('jitter'))
    const tookUs: number[] = []
    for (let packet = 0; packet < 5_000; packet++) link.send({ sizeBytes: 100 }, () => { tookUs.push(kernel.nowUs) })
    kernel.run()
    expect(Math.min(...tookUs)).toBeLessThan(40_100)
    expect(Math.min(...tookUs)).toBeGreaterThanOrEqual(40_000)
    expect(Math.max(...tookUs)).toBeGreaterThan(59_900)
    expect(Math.max(...tookUs)).toBeLessThanOrEqual(60_000)
  })

  it('the scenario\'s profile is the link of every device that does not say otherwise, worked out in the plan', () => {
    const profiles = profilesByName()
    expect(linksFor('link.profile=atc-edge-lossy')).toEqual(Array.from({ length: 3 }, () => profiles.get('atc-edge-lossy')))
    expect(linksFor('link.profile=atc-edge-lossy', 'devices[1].link.profile=wpt-fios', 'devices[2].link.latencyMs=5')).toEqual(
      [profiles.get('atc-edge-lossy'), profiles.get('wpt-fios'), { ...jitteredLink(5_000, 20_000), ...LTE }])
    expect(linksFor()[0]).toEqual({ ...jitteredLink(45_000, 30_000), ...LTE })
  })

  it('A14: a device has its profile\'s radio, what it is told, or LTE; nothing is counted of a wire', () => {
    const tails = (...settings: readonly string[]): readonly (number | undefined)[] => linksFor(...settings).map(({ radioTailUs }) => radioTailUs)
    expect(tails()).toEqual([11_576_000, 11_576_000, 11_576_000])
    expect(tails('link.profile=wpt-3g', 'devices[1].link.profile=nlc-wifi-avg', 'devices[2].link.profile=satellite')).toEqual([17_000_000, 238_000, undefined])
    expect(tails('link.radio=wifi', 'devices[1].link.profile=wpt-edge', 'devices[2].link.radio=none')).toEqual([238_000, 6_000_000, undefined])
    expect(linksFor('link.profile=wpt-lte', 'link.radio=3g')[0]).toEqual({ ...profilesByName().get('wpt-lte'), radioTailUs: 17_000_000 })
    expect(() => linksFor('link.radio=5g')).toThrow(/link\.radio: expected one of none, wifi, lte, 3g, 2g/)
  })

  it('every profile makes a valid plan, which JSON keeps', () => {
    for (const profile of networkProfiles()) {
      const plan = { ...tinyPlan(), devices: tinyPlan().devices.map((device) => ({ ...device, link: linksOf(profile) })) }
      expect(validatePlan(JSON.parse(JSON.stringify(plan)), profile.name)).toEqual(plan)
    }
  })

  it.each([
    ['a fraction of a microsecond', { up: { delay: { latencyUs: 1.5 } }, down: { delay: { latencyUs: 1 } } }, /devices\[0\]\.link\.up\.delay\.latencyUs: expected a whole number/],
    ['only one direction', { up: { delay: { latencyUs: 1 } } }, /devices\[0\]\.link\.down/],
    ['a probability above 1', { ...jitteredLink(1, 0), down: { delay: { latencyUs: 1 }, loss: { model: 'random', probability: 1.2 } } }, /link\.down\.loss\.probability: expected a number, at most 1/],
    ['an unknown model of loss', { ...jitteredLink(1, 0), down: { delay: { latencyUs: 1 }, loss: { model: 'rondom', probability: 1 } } }, /link\.down\.loss\.model: .*random/],
    ['no rate', { ...jitteredLink(1, 0), up: { delay: { latencyUs: 1 }, bottleneck: { rateKbps: 0 } } }, /link\.up\.bottleneck\.rateKbps/],
    ['a queue that takes no packet', { ...jitteredLink(1, 0), up: { delay: { latencyUs: 1 }, queue: { maxPackets: 0 } } }, /link\.up\.queue\.maxPackets/],
    ['exits of a state that add up to more than 1', { ...jitteredLink(1, 0), up: { delay: { latencyUs: 1 }, loss: { model: 'four-state', p13: 0.7, p14: 0.5, p31: 0, p32: 0, p23: 0 } } },
      /link\.up\.loss\.p14: expected at most 1 - p13/],
  ])('refuses %s', (_, link, message) => {
    expect(() => validatePlan(planOver(link), 'plan.json')).toThrow(message)
  })
})
