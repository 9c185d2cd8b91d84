/** Small random plans with overlapping faults, for tests of the world: a fast-check arbitrary, in times of 1 ms. */
import fc from 'fast-check'
import { jitteredLink } from '../scenario/link-plan.ts'
import { canHitServers, isInstant } from '../scenario/fault-traits.ts'
import type { Fault, Intention, NetworkFault, Plan, ProcessFault } from '../scenario/plan.ts'
import { tinyPlan } from './tiny-plan.ts'

const DEVICES = ['A', 'B', 'C']
const DURATION_MS = 4_000
const NETWORK = ['partition', 'clog', 'offline', 'break', 'switch', 'reset', 'black-hole', 'slow-close', 'dns-failure', 'proxy-block'] as const satisfies readonly NetworkFault['type'][]
const PROCESSES = ['crash', 'kill', 'restart', 'torn-write', 'suspend', 'hide'] as const satisfies readonly ProcessFault['type'][]

const ingredients = (types: readonly (NetworkFault | ProcessFault)['type'][]) => fc.record({
  devices: fc.integer({ min: 1, max: DEVICES.length }),
  seed: fc.nat(1_000_000),
  latencyUs: fc.constantFrom(0, 1, 5_000, 60_000),
  jitterUs: fc.constantFrom(0, 3_000, 90_000),
  /** Beyond a request on a new connection, three round trips: a shorter timeout may never let one through. */
  patienceMs: fc.constantFrom(10, 150, 1_000),
  retainedFrames: fc.constantFrom(1, 3, 100),
  capMs: fc.constantFrom(200, 2_000),
  serviceUs: fc.constantFrom<readonly [number, number]>([0, 0], [0, 40_000]),
  edits: fc.array(fc.record({ atMs: fc.nat(DURATION_MS), device: fc.nat(2) }), { maxLength: 10 }),
  faults: fc.array(fc.record({
    type: fc.constantFrom(...types), atMs: fc.nat(DURATION_MS), lengthMs: fc.nat(1_500),
    devices: fc.subarray(DEVICES, { minLength: 1 }), isOfServer: fc.boolean(),
    direction: fc.constantFrom('both' as const, 'up' as const, 'down' as const), newLatencyUs: fc.constantFrom(1, 30_000, 120_000),
  }), { maxLength: 6 }),
})

type Ingredients = ReturnType<typeof ingredients> extends fc.Arbitrary<infer T> ? T : never

function planOf({ devices: count, seed, latencyUs, jitterUs, patienceMs, retainedFrames, capMs, serviceUs, edits, faults }: Ingredients): Plan {
  const ids = DEVICES.slice(0, count)
  const tiny = tinyPlan()
  const slowestUs = Math.max(latencyUs, ...faults.flatMap(({ type, newLatencyUs }) => type === 'switch' ? [newLatencyUs] : []))
  return {
    ...tiny, seed: String(seed), durationUs: DURATION_MS * 1_000,
    devices: ids.map((id) => ({ id, user: id, link: jitteredLink(latencyUs, jitterUs), clockOffsetUs: 0 })),
    client: { ...tiny.client, requestTimeoutUs: 6 * (slowestUs + jitterUs) + serviceUs[1] + patienceMs * 1_000, reconnect: { initialUs: 100_000, multiplier: 2, capUs: capMs * 1_000, jitter: 0.1 } },
    server: { ...tiny.server, serviceUs, retainedFrames },
    intentions: edits.sort((a, b) => a.atMs - b.atMs).map(({ atMs, device }, index): Intention => ({
      id: `e${index}`, atUs: atMs * 1_000, device: ids[device % count], document: 'doc', field: 'price', action: { op: 'set', value: `v${index}` },
    })),
    faults: faults.sort((a, b) => a.atMs - b.atMs).map(({ type, atMs, lengthMs, devices, isOfServer, direction, newLatencyUs }, index): Fault => {
      const known = devices.filter((id) => ids.includes(id))
      const base = {
        id: `f${index}`, atUs: atMs * 1_000, untilUs: isInstant(type) ? atMs * 1_000 : Math.min(DURATION_MS, atMs + lengthMs) * 1_000,
        devices: isOfServer && canHitServers(type) ? tiny.servers : known.length === 0 ? [ids[0]] : known,
      }
      switch (type) {
        case 'switch': return { ...base, type, link: jitteredLink(newLatencyUs, jitterUs) }
        case 'partition': case 'clog': return { ...base, type, direction }
        case 'proxy-block': return { ...base, type, transport: 'websocket', how: 'refuse' }
        default: return { ...base, type }
      }
    }),
  }
}

/** Faults of the network alone: no process ends, so that every edit can be settled. */
export const randomPlan = ingredients(NETWORK).map(planOf)
/** Faults of processes among them. */
export const stormyPlan = ingredients([...NETWORK, ...PROCESSES]).map(planOf)
