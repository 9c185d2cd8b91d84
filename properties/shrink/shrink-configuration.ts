/**
 * Candidates with a plainer world: the wire's defaults, links that only delay, no jitter, right clocks, equal and round latencies, no spread in the
 * server's times. What strategies are configured with stays: it is part of what is being judged.
 */
import type { LinkDescription, LinkPlan } from '../../sim/scenario/link-plan.ts'
import { meanKbps } from '../../sim/network/delivery-trace.ts'
import { tracesOf } from '../../sim/scenario/link-recording.ts'
import { networksOf, type Plan, type PlannedDevice } from '../../sim/scenario/plan.ts'
import { chainOf, letsThrough } from '../../sim/scenario/proxy-policy.ts'
import { machineOf, machinesOf } from '../../sim/scenario/tabs.ts'
import { DEFAULT_WIRE, type WireConfig } from '../../sim/scenario/wire-config.ts'
import { isLighter, planWeight } from './plan-weight.ts'

const ROUND_LATENCY_US = 10_000
/** The times of streams made of exchanges depend on one another, and become the defaults together. */
const INDEPENDENT_SETTINGS = [
  'tcpKeepAliveUs', 'webSocketsPerOrigin', 'httpVersion', 'maxConcurrentStreams', 'requestHeaderBytes', 'httpKeepAliveUs', 'deflate',
  'backpressure', 'receiveBufferBytes', 'replayEvents',
] as const satisfies readonly (keyof WireConfig)[]

/** Everything plain at once, then setting by setting, each for all devices before one by one. */
export function* withPlainerConfiguration(plan: Plan): Generator<Plan> {
  const weight = planWeight(plan)
  for (const candidate of plainer(plan)) if (isLighter(planWeight(candidate), weight)) yield candidate
}

function* plainer(plan: Plan): Generator<Plan> {
  const { server, client } = plan
  const leastUs = Math.min(...plan.devices.flatMap(({ link }) => [link.up.delay.latencyUs, link.down.delay.latencyUs]))
  const still = { ...server, serviceUs: [server.serviceUs[0], server.serviceUs[0]], fanOutUs: [server.fanOutUs[0], server.fanOutUs[0]] } as const
  const steady = { ...client, reconnect: { ...client.reconnect, jitter: 0 } }
  const calm = plan.devices.map(linked(plainLink)).map(linked(withoutJitter)).map(withRightClock)
  yield { ...plan, devices: calm.map((device) => withLatency(device, () => leastUs)), server: still, client: steady }
  yield { ...plan, devices: calm, server: still, client: steady }
  yield { ...plan, server: { ...still, serviceUs: [0, 0], fanOutUs: [0, 0] } }
  yield { ...plan, server: still }
  yield { ...plan, server: { ...server, serviceUs: still.serviceUs } }
  yield { ...plan, server: { ...server, fanOutUs: still.fanOutUs } }
  yield { ...plan, client: steady }
  if (plan.transport !== 'scripted') yield* ifConnectable({ ...plan, transport: 'websocket' })
  yield { ...plan, wire: DEFAULT_WIRE }
  for (const setting of INDEPENDENT_SETTINGS) yield { ...plan, wire: { ...plan.wire, [setting]: DEFAULT_WIRE[setting] } }
  yield* devices(plan, linked(plainLink))
  yield* devices(plan, withoutLoss)
  yield* devices(plan, withSteadyRate(plan))
  yield* devices(plan, linked(withoutProxy))
  yield* withShorterChains(plan)
  yield* devices(plan, linked(withoutJitter))
  yield* devices(plan, withRightClock)
  yield* devices(plan, (device) => withLatency(device, () => leastUs))
  yield* devices(plan, (device) => withLatency(device, (us) => us - us % ROUND_LATENCY_US))
}

/** The plan, if its chain holds each transport once and every device has one that its proxy lets through. */
function* ifConnectable(plan: Plan): Generator<Plan> {
  const chain = chainOf(plan)
  if (new Set(chain).size === chain.length && networksOf(plan).every(({ proxy }) => letsThrough(proxy, chain))) yield plan
}

/** Fewer transports to fall back to, or none. */
function* withShorterChains(plan: Plan): Generator<Plan> {
  const { client: { fallback, ...client } } = plan
  if (fallback === undefined) return
  for (const to of [[], ...fallback.to.map((_, index) => fallback.to.toSpliced(index, 1))]) {
    const shorter: Plan = { ...plan, client: to.length === 0 ? client : { ...client, fallback: { ...fallback, to } } }
    yield* ifConnectable(shorter)
  }
}

function* devices(plan: Plan, plain: (device: PlannedDevice) => PlannedDevice): Generator<Plan> {
  yield { ...plan, devices: plan.devices.map(plain) }
  const machines = machinesOf(plan.devices)
  if (machines.size < 2) return
  for (const [machine] of machines) yield { ...plan, devices: plan.devices.map((device) => machineOf(device) === machine ? plain(device) : device) }
}

/** The link without jitter. */
export function withoutJitter(link: LinkPlan): LinkPlan {
  return each(link, ({ delay: { latencyUs }, ...rest }) => ({ ...rest, delay: { latencyUs } }))
}

/** The link without a proxy. */
export function withoutProxy(link: LinkPlan): LinkPlan { return { ...link, proxy: undefined } }

/** A link that only delays. */
export function plainLink(link: LinkPlan): LinkPlan {
  return each(link, ({ delay }) => ({ delay }))
}

function withRightClock(device: PlannedDevice): PlannedDevice {
  return { ...device, clockOffsetUs: 0, clockDriftPpm: undefined }
}

function withLatency(device: PlannedDevice, latency: (latencyUs: number) => number): PlannedDevice {
  return withLink(device, (link) => ({ ...link, delay: { ...link.delay, latencyUs: latency(link.delay.latencyUs) } }))
}

function withoutLoss(device: PlannedDevice): PlannedDevice {
  return withLink(device, ({ delay, bottleneck, queue, keepsOrder }) => ({
    delay, ...(bottleneck === undefined ? {} : { bottleneck }), ...(queue === undefined ? {} : { queue }), ...(keepsOrder === undefined ? {} : { keepsOrder }),
  }))
}

/** A recorded rate becomes its mean. */
function withSteadyRate({ recordings }: Plan): (device: PlannedDevice) => PlannedDevice {
  const traces = tracesOf(recordings)
  return (device) => withLink(device, (link) => {
    const { bottleneck } = link
    const trace = bottleneck !== undefined && 'recording' in bottleneck ? traces.get(bottleneck.recording) : undefined
    return trace === undefined ? link : { ...link, bottleneck: { rateKbps: meanKbps(trace) } }
  })
}

function withLink(device: PlannedDevice, plainer: (link: LinkDescription) => LinkDescription): PlannedDevice {
  return { ...device, link: each(device.link, plainer) }
}

function each(link: LinkPlan, plainer: (link: LinkDescription) => LinkDescription): LinkPlan {
  return { ...link, up: plainer(link.up), down: plainer(link.down) }
}

const linked = (plainer: (link: LinkPlan) => LinkPlan) => (device: PlannedDevice): PlannedDevice => ({ ...device, link: plainer(device.link) })
