/**
 * One run: a plan under a strategy, from the first boot to quiet (design sections 1 and 6).
 *
 * Reads top to bottom: build the world, schedule everything the plan says, let virtual time run, stop when
 * the world is quiet or its horizon has passed, and hand back the history with its digest and metrics.
 */
import { Device } from './client/device.ts'
import type { Strategy, StrategyModule } from './contract.ts'
import { boundsOf, healedAtUs } from './history/bounds.ts'
import { coverageOf } from './history/coverage.ts'
import type { History, HistoryHeader, QuietEvent } from './history/events.ts'
import { metricsOf } from './history/metrics.ts'
import { Quiescence } from './history/quiescence.ts'
import { Recorder } from './history/recorder.ts'
import type { Run } from './history/run-record.ts'
import { ViewRecorder } from './history/view-recorder.ts'
import { Host, type World } from './host/host.ts'
import { scheduleHostFault } from './host/host-faults.ts'
import { Machine } from './host/machine.ts'
import { Outage } from './host/outage.ts'
import { Strikes } from './host/strikes.ts'
import { TabGroup } from './host/tab-group.ts'
import { Kernel } from './kernel/kernel.ts'
import { KeyedRandom } from './kernel/keyed-random.ts'
import { masterKey } from './kernel/seed.ts'
import { TraceDigest, type Hasher, type TraceEntry } from './kernel/trace-digest.ts'
import { AccessLink } from './network/access-link.ts'
import { bears } from './network/delivery.ts'
import { scheduleFault } from './network/faults/network-faults.ts'
import { makeTransport } from './network/make-transport.ts'
import { ScriptedTransport } from './network/scripted-transport.ts'
import { tracesOf } from './scenario/link-recording.ts'
import { isNetworkFault, isRequestFault, type Plan, type PlannedDevice } from './scenario/plan.ts'
import { machineOf } from './scenario/tabs.ts'
import { settleWindowUs } from './scenario/transport-times.ts'
import { Edge } from './server/edge.ts'
import { Gateway } from './server/gateway.ts'
import { scheduleRequestFault } from './server/request-faults.ts'
import { TokenIssuer } from './server/token-issuer.ts'
import { usesTokens } from './session/access-tokens.ts'
import { DATA_TYPES, type HostId } from './values.ts'

export interface RunOptions {
  /** Makes the hash behind the trace digest (sha256; injected, D1). */
  readonly createHasher: () => Hasher
  /** The kernel handles at most this many events (P-TERM); a run cut by it is inconclusive. */
  readonly maxEvents?: number
  /** Hears of every trace entry, in order: for naming the first difference between two runs (D7). */
  readonly onRecord?: (entry: TraceEntry) => void
}

const DEFAULT_MAX_EVENTS = 100_000_000

/** Runs `plan` under a loaded strategy. Pure: the same arguments give the same digest (D1). */
export function runPlan(plan: Plan, module: StrategyModule, strategy: Strategy, options: RunOptions): Run {
  if (!bears(module, plan.transport)) throw new Error(`strategy ${module.name} needs ordered streams; transport ${plan.transport} gives none`)
  const hostIds = [...plan.devices.map(({ id }) => id), ...plan.servers]
  const kernel = new Kernel()
  const nowUs = (): number => kernel.nowUs
  const digest = new TraceDigest(options.createHasher(), options.onRecord)
  const recorder = new Recorder(digest, hostIds)
  const quiescence = new Quiescence(hostIds, nowUs)
  const key = masterKey(plan.seed)
  const world: World = {
    kernel, masterKey: key, recorder, quiescence, cause: { current: null },
    views: new ViewRecorder(plan.documents, recorder, nowUs), strikes: new Strikes(kernel, recorder, plan.durationUs),
  }
  const weather = new KeyedRandom(key)
  const traces = tracesOf(plan.recordings)
  const insertedBy = new Map(plan.intentions.flatMap(({ id, action }) => (action.op === 'replace' ? [[id, action.insert] as const] : [])))

  const serverHost = new Host(world, plan.servers[0], plan.devices.length, 0)
  const tokens = usesTokens(plan) ? new TokenIssuer(serverHost, plan.server.tokenLifeUs ?? null) : null
  const gateway = new Gateway(serverHost, plan, module, weather, tokens)
  const edge = new Edge(serverHost, gateway, tokens)
  /** What the tabs of a machine share; a device with one tab has it for itself. */
  const shared = new Map<HostId, { readonly link: AccessLink; readonly tabs: TabGroup; readonly outage: Outage }>()
  const sharedOf = (planned: PlannedDevice, index: number) => {
    const link = new AccessLink(index, planned.link, kernel, weather, traces)
    const own = shared.get(machineOf(planned)) ?? { link, tabs: new TabGroup(), outage: new Outage([link]) }
    shared.set(machineOf(planned), own)
    return own
  }
  const devices = new Map(plan.devices.map((planned, index) => {
    const host = new Host(world, planned.id, index, planned.clockOffsetUs, planned.clockDriftPpm)
    const { link, tabs, outage } = sharedOf(planned, index)
    const transport = makeTransport(plan, { device: host, server: serverHost, link, listener: edge })
    return [planned.id, { host, device: new Device(host, plan, module, transport, insertedBy, tabs), link, transport, outage }]
  }))

  gateway.boot(strategy)
  for (const { device } of devices.values()) device.boot(strategy)
  for (const intention of plan.intentions) {
    kernel.at(intention.atUs, () => devices.get(intention.device)?.device.intend(intention))
  }
  const machines = new Map([
    ...[...devices.values()].map(({ host, device, link, transport, outage }) => new Machine(host, 'device', [{ link, transport }], device, strategy, outage)),
    new Machine(serverHost, 'server', [...devices.values()], gateway, strategy),
  ].map((machine) => [machine.host.id, machine] as const))
  for (const fault of plan.faults) {
    if (isNetworkFault(fault)) scheduleFault(world, fault, { devices, servers: plan.servers, wire: plan.wire })
    else if (isRequestFault(fault)) scheduleRequestFault(fault, plan, { host: serverHost, edge, replica: gateway.replica, serviceUs: plan.server.serviceUs })
    else scheduleHostFault(world, fault, machines)
  }
  for (const { atUs, from, to, through } of plan.deliveries ?? []) {
    const [direction, id] = devices.has(from) ? ['up' as const, from] : ['down' as const, to]
    const transport = devices.get(id)?.transport
    if (transport instanceof ScriptedTransport) kernel.at(atUs, () => transport.deliver(direction, through))
  }

  const healedUs = healedAtUs(plan)
  const usesInvalidation = [...devices.values()].some(({ device }) => device.usesInvalidation)
  const bounds = boundsOf(plan, usesInvalidation)
  const settleUs = settleWindowUs(plan)
  const unsettled = (): string[] => [...devices.values()].flatMap(({ device }) => device.unsettled())
  const finish = (result: QuietEvent['result']): void => {
    recorder.record({ kind: 'quiet', atUs: kernel.nowUs, result, pending: result === 'quiet' ? [] : [...quiescence.pending(), ...unsettled()] })
    kernel.stop()
  }
  const look = (): void => {
    const quietSinceUs = quiescence.lastDisturbanceUs
    const isQuiet = quiescence.isIdle && kernel.nowUs - quietSinceUs >= settleUs
    // What a background timer may still bring home has until the horizon to come.
    if (isQuiet && unsettled().length === 0) return finish('quiet')
    if (kernel.nowUs >= healedUs + bounds.horizonUs) return finish('horizon')
    const nextUs = Math.max(kernel.nowUs + settleUs / 5, quiescence.isIdle ? quietSinceUs + settleUs : 0)
    kernel.at(Math.min(nextUs, healedUs + bounds.horizonUs), look)
  }
  kernel.at(healedUs, () => {
    for (const { transport } of devices.values()) if (transport instanceof ScriptedTransport) transport.free()
    look()
  })

  const end = kernel.run({ maxEvents: options.maxEvents ?? DEFAULT_MAX_EVENTS })
  if (end === 'events') finish('budget')
  for (const { device } of devices.values()) device.dispose()
  gateway.dispose()

  const types = DATA_TYPES.filter((type) => module.types[type] !== 'none'
    && plan.documents.some(({ fields }) => fields.some((field) => field.type === type)))
  const header: HistoryHeader = {
    scenario: plan.scenario, strategy: module.name, devices: plan.devices.map(({ id }) => id), servers: plan.servers,
    documents: plan.documents, types,
    wholeValueTypes: types.filter((type) => module.types[type] === 'whole-value'), settles: module.settles, invalidation: usesInvalidation,
    distinctText: plan.distinctText, healedAtUs: healedUs, bounds,
  }
  const history: History = { header, events: recorder.events }
  const quiescent = recorder.events.some((event) => event.kind === 'quiet' && event.result === 'quiet')
  return {
    plan, strategy: module.name, digest: digest.hex(), history, metrics: metricsOf(history, plan), coverage: coverageOf(history),
    simulatedUs: kernel.nowUs, events: kernel.handled, quiescent,
  }
}
