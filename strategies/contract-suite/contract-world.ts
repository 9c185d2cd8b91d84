/**
 * What the checks run on: documents of every type that the strategy has, random sessions over the loopback,
 * and small plans for the real world.
 */
import type { DocumentShape, EditChange, EditHandle, FieldShape, HostId, Strategy, StrategyModule } from '../../sim/contract.ts'
import { makePlan } from '../../sim/scenario/generate.ts'
import type { Plan } from '../../sim/scenario/plan.ts'
import { validateScenario } from '../../sim/scenario/scenario-schema.ts'
import { Loopback, picksFrom, type Pick } from '../loopback.ts'

export const SUITE_DEVICES: readonly HostId[] = ['a', 'b', 'c']

const FIELDS: readonly FieldShape[] = [
  { name: 'zeta', type: 'register', initial: 'free' }, { name: 'note', type: 'text', initial: 'a😀b' },
  { name: 'alpha', type: 'register', initial: null }, { name: 'memo', type: 'text', initial: '' },
]

/** Two documents with the same fields, so that mixing them up shows. */
export const SUITE_DOCUMENTS: readonly DocumentShape[] = ['first', 'second'].map((id) => ({ id, fields: FIELDS }))

/** The fields that the strategy has, in declared order. */
export function supportedFields(module: StrategyModule): readonly FieldShape[] {
  return FIELDS.filter(({ type }) => module.types[type] !== 'none')
}

export function connectedLoopback(strategy: Strategy): Loopback {
  const net = new Loopback({ strategy, documents: SUITE_DOCUMENTS, devices: SUITE_DEVICES })
  net.drain()
  return net
}

/** Naturals for `picksFrom`, the same for the same seed. A multiplicative generator modulo the prime 2^31 - 1. */
export function naturals(seed: number, count: number): readonly number[] {
  let state = seed * 2 + 1
  return Array.from({ length: count }, () => {
    state = (state * 48_271) % 2_147_483_647
    return state >> 8
  })
}

export interface Session {
  readonly net: Loopback
  readonly handles: readonly EditHandle[]
}

/**
 * A random session over the loopback: edits, deliveries, broken connections; then everybody is connected and
 * everything arrives.
 * @param documents which documents are edited
 */
export function playSession(module: StrategyModule, strategy: Strategy, seed: number, documents: readonly string[] = ['first', 'second']): Session {
  const net = connectedLoopback(strategy)
  const pick = picksFrom(naturals(seed, 400))
  const handles: EditHandle[] = []
  const fields = supportedFields(module)
  for (let step = 0; step < 60; step++) {
    const device = SUITE_DEVICES[pick(SUITE_DEVICES.length)]
    const kind = pick(8)
    if (kind < 3) {
      const document = documents[pick(documents.length)]
      const field = fields[pick(fields.length)]
      handles.push(net.edit(device, document, field.name, someChange(net, device, document, field, pick, handles.length)))
    } else if (kind < 7) net.step(pick)
    else if (net.connected(device)) net.drop(device)
    else net.reconnect(device)
  }
  settleDown(net)
  return { net, handles }
}

/** Connects everybody and lets everything arrive. */
export function settleDown(net: Loopback): void {
  for (const device of SUITE_DEVICES) if (!net.connected(device)) net.reconnect(device)
  net.drain()
}

function someChange(net: Loopback, device: HostId, document: string, field: FieldShape, pick: Pick, serial: number): EditChange {
  if (field.type === 'register') return { op: 'set', value: `value ${serial}` }
  const points = Array.from(net.view(device, document)[field.name] ?? '')
  const at = pick(points.length + 1)
  const removed = points.slice(at, at + pick(3)).join('')
  return { op: 'splice', at, removed, inserted: String.fromCodePoint((serial % 2 === 0 ? 0x4e00 : 0x20000) + serial) }
}

/** A small plan for the real world: every data type, two documents, all faults there are. */
export function suitePlan(seed: number, changes: { readonly retainedFrames?: number } = {}): Plan {
  const devices = SUITE_DEVICES.map((id) => ({ id, link: { latencyMs: 20, jitterMs: 60 } }))
  const streams = SUITE_DOCUMENTS.flatMap(({ id }) => [
    { kind: 'fields', name: `${id}-fields`, devices: SUITE_DEVICES, document: id, fields: ['zeta', 'alpha'], hotShare: 0.5, editsPerMinute: 40 },
    {
      kind: 'typing', name: `${id}-typing`, devices: SUITE_DEVICES, document: id, field: 'note',
      burstsPerMinute: 12, keysPerBurst: { min: 2, max: 3 }, keyMs: { min: 40, max: 200 },
    },
  ])
  const weather = [
    { type: 'offline', name: 'off', devices: ['a', 'b'], count: 1, durationMs: { min: 300, max: 3_000 } },
    { type: 'break', name: 'reset', devices: ['b', 'c'], count: 2 },
    { type: 'partition', name: 'cut', devices: ['a', 'c'], count: 1, durationMs: { min: 300, max: 3_000 } },
  ]
  const scenario = validateScenario({
    schema: 'syncstorm.scenario/1', name: 'contract-suite', simulatedMs: 15_000, devices, documents: SUITE_DOCUMENTS,
    client: { requestTimeoutMs: 1_500, debounceMs: 100, maxWaitMs: 500, reconnect: { initialMs: 200, capMs: 2_000 } },
    server: { serviceMs: { min: 1, max: 20 }, fanOutMs: { min: 1, max: 100 }, retainedFrames: changes.retainedFrames ?? 10_000 },
    workload: { streams }, weather,
  }, 'contract-suite')
  return makePlan(scenario, seed)
}
