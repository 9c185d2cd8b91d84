/**
 * Candidates with a plainer world: links that only delay, no jitter, right clocks, equal and round latencies, no spread in the
 * server's times. What strategies are configured with stays: it is part of what is being judged.
 */
import type { LinkDescription } from '../../sim/scenario/link-plan.ts'
import type { Plan, PlannedDevice } from '../../sim/scenario/plan.ts'
import { chainOf, letsThrough } from '../../sim/scenario/proxy-policy.ts'
import { isLighter, planWeight } from './plan-weight.ts'

const ROUND_LATENCY_US = 10_000

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
  const calm = plan.devices.map(withoutImpairments).map(withoutJitter).map(withRightClock)
  yield { ...plan, devices: calm.map((device) => withLatency(device, () => leastUs)), server: still, client: steady }
  yield { ...plan, devices: calm, server: still, client: steady }
  yield { ...plan, server: { ...still, serviceUs: [0, 0], fanOutUs: [0, 0] } }
  yield { ...plan, server: still }
  yield { ...plan, server: { ...server, serviceUs: still.serviceUs } }
  yield { ...plan, server: { ...server, fanOutUs: still.fanOutUs } }
  yield { ...plan, client: steady }
  if (plan.transport !== 'scripted') yield* ifConnectable({ ...plan, transport: 'websocket' })
  yield* devices(plan, withoutImpairments)
  yield* devices(plan, withoutLoss)
  yield* devices(plan, ({ link: { up, down }, ...device }) => ({ ...device, link: { up, down } }))
  yield* withShorterChains(plan)
  yield* devices(plan, withoutJitter)
  yield* devices(plan, withRightClock)
  yield* devices(plan, (device) => withLatency(device, () => leastUs))
  yield* devices(plan, (device) => withLatency(device, (us) => us - us % ROUND_LATENCY_US))
}

/** The plan, if its chain holds each transport once and every device has one that its proxy lets through. */
function* ifConnectable(plan: Plan): Generator<Plan> {
  const chain = chainOf(plan)
  if (new Set(chain).size === chain.length && plan.devices.every(({ link }) => letsThrough(link.proxy, chain))) yield plan
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
  if (plan.devices.length < 2) return
  for (const [index, device] of plan.devices.entries()) yield { ...plan, devices: plan.devices.with(index, plain(device)) }
}

function withoutJitter(device: PlannedDevice): PlannedDevice {
  return withLink(device, ({ delay: { latencyUs }, ...link }) => ({ ...link, delay: { latencyUs } }))
}

function withRightClock(device: PlannedDevice): PlannedDevice {
  return { ...device, clockOffsetUs: 0, clockDriftPpm: undefined }
}

function withLatency(device: PlannedDevice, latency: (latencyUs: number) => number): PlannedDevice {
  return withLink(device, (link) => ({ ...link, delay: { ...link.delay, latencyUs: latency(link.delay.latencyUs) } }))
}

/** A link that only delays. */
function withoutImpairments(device: PlannedDevice): PlannedDevice {
  return withLink(device, ({ delay }) => ({ delay }))
}

function withoutLoss(device: PlannedDevice): PlannedDevice {
  return withLink(device, ({ delay, bottleneck, queue, keepsOrder }) => ({
    delay, ...(bottleneck === undefined ? {} : { bottleneck }), ...(queue === undefined ? {} : { queue }), ...(keepsOrder === undefined ? {} : { keepsOrder }),
  }))
}

function withLink(device: PlannedDevice, plainer: (link: LinkDescription) => LinkDescription): PlannedDevice {
  return { ...device, link: { ...device.link, up: plainer(device.link.up), down: plainer(device.link.down) } }
}
