/** The smallest useful plan, for tests: two devices, one server, one document with a register and a text. */
import { jitteredLink } from '../scenario/link-plan.ts'
import type { Plan } from '../scenario/plan.ts'
import { DEFAULT_WIRE } from '../scenario/wire-config.ts'

export const TINY_LINK = jitteredLink(20_000, 10_000)

/** One edit by each device in two seconds; `changes` replaces whole parts. */
export function tinyPlan(changes: Partial<Plan> = {}): Plan {
  return {
    schema: 'syncstorm.plan/1', scenario: 'tiny', seed: '1', durationUs: 2_000_000,
    devices: [
      { id: 'A', user: 'ann', link: TINY_LINK, clockOffsetUs: 0 },
      { id: 'B', user: 'ben', link: TINY_LINK, clockOffsetUs: 0 },
    ],
    servers: ['server'],
    documents: [{ id: 'doc', fields: [{ name: 'price', type: 'register', initial: 'free' }, { name: 'note', type: 'text', initial: '' }] }],
    transport: 'websocket',
    wire: DEFAULT_WIRE,
    client: {
      requestTimeoutUs: 1_000_000, reconnect: { initialUs: 200_000, multiplier: 2, capUs: 2_000_000, jitter: 0.1 },
      invalidation: 'debounced', debounceUs: 100_000, maxWaitUs: 500_000,
    },
    server: { serviceUs: [1_000, 5_000], fanOutUs: [1_000, 20_000], retainedFrames: 1_000 },
    strategy: { inFlight: 'one', ids: 'ascending' },
    intentions: [
      { id: 'set-a', atUs: 500_000, device: 'A', document: 'doc', field: 'price', action: { op: 'set', value: 'one' } },
      { id: 'set-b', atUs: 900_000, device: 'B', document: 'doc', field: 'price', action: { op: 'set', value: 'two' } },
    ],
    faults: [], distinctText: true, repeatedValues: [],
    ...changes,
  }
}
